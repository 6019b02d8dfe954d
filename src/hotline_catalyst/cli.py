"""The command line: a thin door onto the walk. Each verb parses its words, calls one function, says what to do next."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .cli_pages import add_to as add_pages_to
from .cli_plan import add_to
from .cli_roster import add_to as add_roster_to
from .cli_update import add_to as add_update_to
from .errors import AnswerError, CatalystError
from .terminal import progress, say, say_built

app = typer.Typer(
    help="From filled scoping questionnaires to a national hotline's whole toolkit.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)

WAVE_WORDS = {"higher": "higher", "lower": "lower", "none": "no change shown", "unknown": "cannot tell"}
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The engagement's folder.")]


@app.command()
def new(
    folder: Folder,
    country: Annotated[str, typer.Option(help="Country code of two letters, such as MX.")],
    stage: Annotated[str, typer.Option(help="inception, new or existing.")] = "new",
    language: Annotated[str, typer.Option(help="Language of the outputs.")] = "en",
) -> None:
    """Start an engagement: a folder with everything to fill in."""
    from datetime import date

    from .starting import new_engagement

    for path in new_engagement(folder, country.upper(), stage, language, date.today()):
        say(f"wrote {path}")
    if (folder / "country.yaml").exists():
        say(f"Complete {folder / 'country.yaml'} (population, exchange rate, income): a build needs it.")
    say(
        f"Next: read {folder / 'engagement.yaml'}, then catalyst kit {folder} for the consultant's papers, and "
        f"catalyst questionnaire {folder} --role operator --respondent OPR-1 --out OPR-1.xlsx"
    )


@app.command()
def questionnaire(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="The file to write: .xlsx is a workbook, .html an offline form.")],
    role: Annotated[str | None, typer.Option(help="Ask only what this role can answer.")] = None,
    respondent: Annotated[str, typer.Option(help="The respondent's code, such as NGO-1. Never a name.")] = "",
    organisation: Annotated[str, typer.Option(help="The respondent's organisation.")] = "",
    language: Annotated[str, typer.Option(help="Language of the words around the questions: en, ar, es, fr.")] = "en",
    core: Annotated[bool, typer.Option("--core", help="Only the short set of a first visit.")] = False,
    everything: Annotated[
        bool, typer.Option("--everything", help="All questions of the stage, whatever the role (a desk review).")
    ] = False,
    xlsform: Annotated[bool, typer.Option("--xlsform", help="A survey form of this role for Kobo or ODK.")] = False,
) -> None:
    """Write one respondent's questionnaire: a workbook, an offline form, or a survey form."""
    from .assessment.instrument import load_instrument
    from .collecting import make_questionnaire

    asked = make_questionnaire(
        folder,
        out,
        role=role,
        respondent=respondent,
        organisation=organisation,
        core=core,
        everything=everything,
        xlsform=xlsform,
        language=language,
    )
    say(f"{out}: {asked} questions for {role or 'every role'}.")
    if xlsform:
        say("Next: upload it to Kobo or ODK. Export the answers as CSV with values, not labels.")
    else:
        say("Next: send it.")
    if role and load_instrument().meta.roles[role].protected:
        say("This role is meant for a conversation, with its guide in the kit. Send it alone only if they chose that.")
    say(f"When answers come back: catalyst collect {folder} FILE")


@app.command()
def collect(
    folder: Folder,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Workbooks, form downloads, CSV, paper.")],
    reviewed: Annotated[
        bool, typer.Option("--reviewed", help="A person has read what was flagged and it points at nobody.")
    ] = False,
) -> None:
    """Take returned answers in. Each file is taken whole or not at all."""
    from .collecting import collect_files

    problems = 0
    for path, outcome in collect_files(folder, files, reviewed=reviewed):
        if isinstance(outcome, CatalystError):
            problems += 1
            typer.echo(str(outcome), err=True)
        else:
            say(f"saved {path.name}: {outcome}")
    if problems:
        others = f"; {len(files) - problems} were saved" if problems < len(files) else ""
        raise CatalystError(f"Nothing was stored from {problems} of {len(files)} files{others}.")
    say(f"Next: catalyst score {folder}")


@app.command()
def enter(
    folder: Folder,
    notes: Annotated[Path, typer.Option(help="Where to keep what is typed if you stop; read again if it is there.")],
    template: Annotated[str | None, typer.Option(help="Only write the lines to fill for this role, then end.")] = None,
    reviewed: Annotated[
        bool, typer.Option("--reviewed", help="What is flagged was read; it points at nobody.")
    ] = False,
) -> None:
    """Type a paper form back, question by question, and save it."""
    from . import archive
    from .assessment.enter import begin, prompt, saved, submission, typed
    from .assessment.instrument import load_instrument
    from .assessment.paper import MAX_FILE, entry_template
    from .assessment.tables import read_text
    from .collecting import engagement_file, known_role, take_in

    instrument, stage = load_instrument(), engagement_file(folder).stage
    if template is not None:
        known_role(instrument, template)
        if notes.exists():
            raise CatalystError(f"{notes} is there already; take another name, so that no answers are lost.")
        archive.write_text(notes, entry_template(instrument, template, stage))
        say(f"{notes}: fill it in any editor, then: catalyst collect {folder} {notes}")
        return
    lines = read_text(notes, MAX_FILE).splitlines() if notes.exists() else []
    state = begin(instrument, stage, lines, notes.name)
    while state.step is not None and not state.stopped:
        state, reply = typed(state, typer.prompt(prompt(state), default="", show_default=False, prompt_suffix="\n> "))
        if reply:
            say(reply)
        archive.write_text(notes, saved(state))
    if state.stopped:
        say(f"Kept in {notes}. Go on with: catalyst enter {folder} --notes {notes}")
        return
    response, problems = submission(state)
    if response is None:
        raise AnswerError(notes.name, problems)
    take_in(folder, instrument, [response], notes.name, reviewed=reviewed)
    say(f"saved {response.respondent}. Destroy {notes} and the paper as agreed.")


@app.command()
def export(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="The file to write: .csv (one row an answer) or .json.")],
) -> None:
    """Write all stored answers as a table or JSON. It holds codes and notes: for the consultant alone."""
    from .collecting import export_answers

    say(f"{out}: {export_answers(folder, out)} submissions. It holds codes and notes; keep it to yourself.")


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="The engagement's folder.")] = None,
    content: Annotated[bool, typer.Option("--content", help="Check the toolkit's own content instead.")] = False,
) -> None:
    """Check everything in the engagement, or with --content the toolkit's content, and name every problem."""
    if content:
        _check_content()
    if folder is not None:
        _check_engagement(folder)
    if folder is None and not content:
        raise CatalystError("Name an engagement's folder, or say --content.")


def _check_content() -> None:
    from .walk import check_content

    report = check_content()
    for line in report.lines():
        say(line)
    if not report.clean:
        raise CatalystError("The content needs the corrections above.")


def _check_engagement(folder: Path) -> None:
    from .collecting import unasked
    from .engagement import read_engagement

    engagement = read_engagement(folder)
    respondents = len({r.respondent for r in engagement.testimony.responses})
    say(
        f"OK: {respondents} respondents, {len(engagement.testimony.evidence)} pieces of evidence, "
        f"{len(engagement.instrument.items)} items, {len(engagement.instrument.gates)} gates."
    )
    if engagement.file.notice:
        say(engagement.file.notice)
    _say_too_late(engagement)
    if respondents and (left := unasked(engagement)):
        say(f"Nobody was asked {len(left)} items: {', '.join(left)}")
    for change in engagement.carried:
        say(f"carried over: {change.respondent}, {change.question}: {change.text}")
    say(f"Next: catalyst build {folder}")


def _say_too_late(engagement: Any) -> None:
    for line in engagement.testimony.too_late():
        say(f"{line}. Move as_of in engagement.yaml, or correct the date.")


@app.command()
def migrate(
    folder: Folder,
    apply: Annotated[bool, typer.Option("--apply", help="Make the move, not only say what would change.")] = False,
) -> None:
    """Move an engagement to this toolkit's instrument version. Stored answers stay as they came in."""
    from .collecting import migrate_engagement

    for line in migrate_engagement(folder, apply=apply):
        say(line)
    say(f"Next: catalyst check {folder}" if apply else f"To make the move: catalyst migrate {folder} --apply")


@app.command()
def withdraw(
    folder: Folder, code: Annotated[str, typer.Argument(metavar="CODE", help="The respondent's code.")]
) -> None:
    """Erase a person's answers, notes and every output that shows them, and list the copies to recall."""
    from datetime import date

    from .custody.withdrawal import withdraw as erase

    done = erase(folder, code, date.today())
    for title, names in (
        ("erased", done.erased),
        ("erased this person's part of", done.trimmed),
        ("erased output", done.outputs),
        ("it had been edited by hand", done.edited),
        ("amend by hand", done.amend),
        ("could not be searched", done.unreadable),
        ("recall", done.recall),
    ):
        for name in names:
            say(f"{title}: {name}")
    say(f"Next: catalyst build {folder}" if done.rebuild else "Nothing has to be built again.")
    say(
        "Not in this folder, and yours to erase: the file or message the person sent, typed notes and the paper form, "
        "the line in your list of codes, a Kobo or ODK server, exports, packs and backups."
    )
    say(
        "Write this list down now: the answers are erased, so it cannot be made again. Tell the person when it is done."
    )
    if not done.finished:
        raise CatalystError("Some places above are left for you: amend or look into them, then run this again.")


@app.command()
def handover(
    folder: Folder,
    to: Annotated[str, typer.Option(help="Who received it.")],
    what: Annotated[str, typer.Option(help="What was handed over, such as: partner edition.")],
) -> None:
    """Note down that a copy was handed over, so that it can be recalled when somebody withdraws."""
    from datetime import date

    from .custody.handovers import add_handover

    entry = add_handover(folder, date.today(), to, what)
    say(f"Noted in {folder / 'handovers.yaml'}: {entry.what} to {entry.to}.")


@app.command()
def pack(
    folder: Folder,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The encrypted file to write.")],
    to: Annotated[
        list[str] | None, typer.Option(help="Public key (age1…) of who may open it; can be repeated.")
    ] = None,
    with_build: Annotated[bool, typer.Option("--with-build", help="Take the built files along.")] = False,
) -> None:
    """Put an engagement into one encrypted, verified file. Without --to it asks for a passphrase."""
    from .custody.packing import pack as seal

    phrase = None if to else typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    report = seal(folder, out, phrase, to or [], with_build=with_build)
    for name in report.left_out:
        say(f"left out: {name}")
    say(f"{out}: {report.files} files, {report.size_bytes:,} bytes. It was opened again to be sure.")
    say(f"Tell the receiver, by another way than the file: sha256 {report.digest}")
    say(f"When you hand it over: catalyst handover {folder} --to NAME --what pack")


@app.command()
def key(out: Annotated[Path, typer.Argument(metavar="FILE", help="Where to keep your secret key.")]) -> None:
    """Make a key pair: others pack for your public key, only your secret key opens what they packed."""
    from . import archive
    from .custody.locks import new_key

    if out.exists():
        raise CatalystError(f"{out} is there already; a key is never overwritten.")
    secret, public = new_key()
    archive.write_text(out, f"# public key: {public}\n{secret}\n")
    out.chmod(0o600)
    say(f"Keep {out} to yourself and copy it to a safe place. Others pack for you with --to {public}")


@app.command()
def unpack(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What catalyst pack made.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    key: Annotated[Path | None, typer.Option(help="File with your secret key (AGE-SECRET-KEY-…).")] = None,
) -> None:
    """Open a pack into a new folder, all of it or nothing."""
    from .assessment.paper import MAX_FILE
    from .assessment.tables import read_text
    from .custody.packing import unpack as unseal

    identities = [read_text(key, MAX_FILE)] if key else []
    phrase = None if key else typer.prompt("Passphrase", hide_input=True, err=True)
    say(f"{len(unseal(file, folder, phrase, identities))} files in {folder}, each as it was packed.")
    say(f"Next: catalyst check {folder}")


@app.command()
def kit(
    folder: Folder, out: Annotated[Path | None, typer.Option(help="Where to write; default DIR/build.")] = None
) -> None:
    """Write the consultant's papers: invitations, consent, guides, agendas, checklists."""
    from .walk import build as build_all

    report = build_all(folder, out, ["consultant_kit"], progress())
    say_built(report)
    say(f"Open {report.out / 'consultant' / 'kit' / 'index.html'}")


@app.command()
def compare(
    folder: Folder,
    since: Annotated[str, typer.Option(help="Last day of the earlier wave, such as 2027-06-01.")],
) -> None:
    """Say what changed since an earlier wave: really, in what is known, or only in who answered."""
    from datetime import date

    from .walk import compare_waves

    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise CatalystError(f"'{since}' is not a day; write it as 2027-06-01.") from None
    page, found = compare_waves(folder, day)
    for word in ("higher", "lower", "none", "unknown"):
        say(f"{found.count(word):>3} domains: {WAVE_WORDS[word]}")
    say(f"Open {page}")


@app.command()
def score(
    folder: Folder, json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False
) -> None:
    """Judge readiness and gates from the answers."""
    from .engagement import read_engagement
    from .judgement import judge_everything

    engagement = read_engagement(folder)
    if not json:
        _say_too_late(engagement)
    judged = judge_everything(engagement)
    readiness, gates = judged.readiness, judged.gates
    if json:
        import json as json_module

        data = {
            "domains": [
                {
                    "id": d.id,
                    "level": d.level,
                    "low": d.low,
                    "high": d.high,
                    "settled": d.settled,
                    "assessed": d.assessed,
                    "score": [d.score_low, d.score, d.score_high],
                }
                for d in readiness.domains
            ],
            "gates": [{"id": g.id, "verdict": g.verdict, "probability": g.probability} for g in gates],
            "agenda": [{"item": x.item, "method": x.method, "days": x.days, "value": x.value} for x in judged.agenda],
        }
        say(json_module.dumps(data, indent=1))
        return
    titles = {d.id: d.title for d in engagement.instrument.domains}
    for d in readiness.domains:
        level = f"level {d.level} ({d.low} to {d.high})" if d.settled else f"not settled ({d.low} to {d.high})"
        level = level if d.assessed else "not assessed"
        say(f"{titles[d.id]:<45} {level}")
    say("")
    for gate in gates:
        say(f"{gate.id:<6} {gate.verdict:<9} {gate.title}")
    looks = judged.agenda[: int(engagement.instrument.scoring.agenda_length.value)]
    say("\nWhere to look next (what it would settle, person-days)")
    for look in looks:
        title = engagement.instrument.items[look.item].title
        say(f"{look.item:<6} {', '.join(look.gates) or look.domain or '':<14} {look.days:<5g} {title}: {look.method}")
    say(f"Next: catalyst build {folder}")


@app.command()
def build(
    folder: Folder,
    out: Annotated[Path | None, typer.Option(help="Where to write; default DIR/build.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Write only this deliverable; may be given again.")] = None,
) -> None:
    """Turn the answers into every deliverable."""
    from .walk import build as build_all

    report = build_all(folder, out, only or None, progress())
    say_built(report)


@app.command()
def explain(folder: Folder, ident: Annotated[str, typer.Argument(metavar="ID", help="An id of results.json.")]) -> None:
    """Trace a gate, an activity, an item or a number down to answers, evidence and sources."""
    from .explain import explain as trace

    say(trace(folder, ident))


@app.command()
def demo(
    example: Annotated[str, typer.Argument(help="ruritania, mexico or mauritania.")] = "ruritania",
    out: Annotated[Path | None, typer.Option(help="Folder to make; default ./EXAMPLE.")] = None,
) -> None:
    """Build an example from its filled questionnaires."""
    from .collecting import collect_files
    from .starting import copy_example
    from .walk import build as build_all

    folder = copy_example(example, out or Path(example))
    workbooks = sorted((folder / "questionnaires").glob("*.xlsx"))
    for path, outcome in collect_files(folder, workbooks):
        if isinstance(outcome, CatalystError):
            raise outcome
        say(f"saved {path.name}: {outcome}")
    say_built(build_all(folder, None, None, progress()))


add_to(app)
add_pages_to(app)
add_roster_to(app)
add_update_to(app)


def main() -> None:
    """Run the command line: exit 0 done, 1 our bug, 2 the user's to fix."""
    try:
        app(standalone_mode=False)
    except CatalystError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except typer.Abort:
        sys.exit(2)
    except Exception as error:
        # Click's own usage errors name the option and the fix; everything else keeps its traceback: it is our bug.
        if hasattr(error, "show") and hasattr(error, "exit_code"):
            error.show()
            sys.exit(2)
        raise


if __name__ == "__main__":
    main()
