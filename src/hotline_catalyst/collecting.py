"""How questions go out and answers come in: questionnaires, forms, paper and survey exports, through one gate."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from . import archive
from .assessment.doors import read_answers
from .assessment.exchange import export_csv, export_json
from .assessment.form import write_form
from .assessment.instrument import Instrument, load_instrument
from .assessment.migration import load_migrations, migrate, preview
from .assessment.privacy import flags
from .assessment.questionnaire import write_questionnaire
from .assessment.responses import CODE, Response, Testimony, clean_text, read_responses, store
from .assessment.xlsform import write_xlsform
from .custody.withdrawal import is_withdrawn
from .engagement import Engagement, EngagementFile
from .errors import AnswerError, CatalystError, ContentError
from .library import did_you_mean, read, shown

MOST_DIGITS = 6  # more are a telephone or identity number


def make_questionnaire(
    folder: Path,
    out: Path,
    *,
    role: str | None,
    respondent: str,
    organisation: str,
    core: bool = False,
    everything: bool = False,
    xlsform: bool = False,
    language: str = "en",
) -> int:
    """Write one respondent's questionnaire, with what they answered before, and return how many questions it asks.

    The name's ending chooses the door: .xlsx is a workbook (or, with ``xlsform``, a form for Kobo or ODK), .html a
    form for any browser without a network.
    """
    instrument, file = load_instrument(), engagement_file(folder)
    known_role(instrument, role)
    if out.exists():
        raise CatalystError(f"{out} is there already; take another name, so that no answers are lost.")
    if xlsform:
        if role is None or out.suffix.lower() != ".xlsx":
            raise CatalystError("A survey form is for one role and ends in .xlsx: add --role, and name OUT.xlsx.")
        return write_xlsform(
            instrument, out, stage=file.stage, role=role, as_of=file.as_of, language=language, core=core
        )
    if out.suffix.lower() not in (".xlsx", ".html"):
        raise CatalystError(f"{out}: end the name with .xlsx for a workbook or .html for an offline form.")
    migrations = load_migrations(instrument)
    if not respondent:
        raise CatalystError("Whose is it? Give the person's code: --respondent NGO-1")
    held = [migrate(r, instrument, migrations)[0] for r in read_responses(folder) if r.respondent == respondent]
    _own_code(folder, respondent, role, organisation, held)
    write = write_questionnaire if out.suffix.lower() == ".xlsx" else write_form
    return write(
        instrument,
        out,
        stage=file.stage,
        role=role,
        respondent=respondent,
        organisation=organisation,
        as_of=file.as_of,
        language=language,
        earlier=Testimony(tuple(held), (), (), max([file.as_of, *(r.given_on for r in held)])),
        core=core,
        everything=everything,
    )


def _own_code(folder: Path, code: str, role: str | None, organisation: str, held: Sequence[Response]) -> None:
    """Refuse a code that is a name or a number to call, that has withdrawn, or that is somebody else's."""
    if not re.match(CODE, code) or sum(c.isdigit() for c in code) > MOST_DIGITS:
        raise CatalystError(
            "This is not a code. Use up to 20 letters, digits, - and _, such as NGO-1; no names, no telephone numbers."
        )
    if is_withdrawn(folder, code):
        raise CatalystError(f"{code} has withdrawn; a person who joins again gets a new code.")
    if held and role not in (None, held[-1].role):
        raise CatalystError(f"{code} answers as {held[-1].role} here; give another person a code of their own.")
    if held and organisation and clean_text(organisation) != held[-1].organisation:
        raise CatalystError(f"{code} speaks for another organisation here; give another person a code of their own.")


def known_role(instrument: Instrument, role: str | None) -> None:
    """Refuse a role that the instrument does not know."""
    roles = instrument.meta.roles
    if role is not None and role not in roles:
        raise CatalystError(f"'{role}' is not a role{did_you_mean(role, list(roles))}; there are {', '.join(roles)}.")


def collect_files(
    folder: Path, files: Iterable[Path], *, reviewed: bool = False
) -> Iterator[tuple[Path, str | CatalystError]]:
    """Take files in, each whole or not at all; yield each with what was saved or why it was not.

    ``reviewed`` says that a person has read what the privacy screen points at and found no one in it.
    When a file is yielded as saved, its answers are on disk.
    """
    instrument, stage = load_instrument(), engagement_file(folder).stage
    archive.sweep(folder / "responses")
    for path in files:
        try:
            responses = read_answers(instrument, path, stage)
            take_in(folder, instrument, responses, path.name, reviewed=reviewed)
        except CatalystError as error:
            yield path, error
            continue
        yield path, "; ".join(_counted(r) for r in responses)


def take_in(
    folder: Path, instrument: Instrument, responses: Sequence[Response], where: str, *, reviewed: bool = False
) -> None:
    """Store submissions, all of them or none.

    Raises
    ------
    AnswerError
        When somebody did not agree to the assessment, has withdrawn, or wrote what may point at a person.
    """
    problems = [problem for r in responses for problem in _unfit(folder, instrument, r, reviewed=reviewed)]
    numbers = Counter((r.respondent, r.given_on, r.submission) for r in {r.file_name: r for r in responses}.values())
    problems += [
        f"{who}: two submissions of {day} have the number {n}" for (who, day, n), c in numbers.items() if c > 1
    ]
    if problems:
        raise AnswerError(where, problems)
    store(folder, responses)


def _unfit(folder: Path, instrument: Instrument, response: Response, *, reviewed: bool) -> Iterator[str]:
    who = response.respondent
    if sum(c.isdigit() for c in who) > MOST_DIGITS:
        yield "the code looks like a number to call; give the person a code such as NGO-1"
        return
    if is_withdrawn(folder, who):
        yield f"{who} has withdrawn; nothing of this person is stored. Give a new code to a person who joins again."
        return
    first = next(iter(instrument.meta.consent))
    if first not in response.consent:
        yield (
            f"{who} has not agreed to this: {instrument.meta.consent[first]} Nothing is stored. "
            "Delete the file; if the line was left empty, ask once whether by mistake"
        )
    yield from _unfit_version(instrument, response)
    yield from _clashes(folder, response)
    if not reviewed and (found := flags(response)):
        yield from found
        yield "take out what points at a person; if a person has read these places and nothing does, add --reviewed"


def _unfit_version(instrument: Instrument, response: Response) -> Iterator[str]:
    try:
        migrate(response, instrument, load_migrations(instrument))
    except AnswerError as error:
        yield from error.problems


def _clashes(folder: Path, response: Response) -> Iterator[str]:
    """Yield what is stored for the same person, day and number with other answers: which is later cannot be told."""
    who, day, number = key = (response.respondent, response.given_on, response.submission)
    for held in read_responses(folder):
        if (held.respondent, held.given_on, held.submission) == key and held.file_name != response.file_name:
            yield (
                f"{who}: other answers of {day}, submission {number}, are stored already; "
                f"if these correct them, write submission {number + 1} on the cover and collect again"
            )


def _counted(response: Response) -> str:
    states = [a.state for a in response.answers.values()]
    answered, unknown = states.count("answered"), states.count("dont_know")
    rest = len(states) - answered - unknown
    return f"{response.respondent}, {answered} answers, {unknown} don't know, {rest} left empty or not given"


def engagement_file(folder: Path) -> EngagementFile:
    """Return engagement.yaml alone, for what needs no answers."""
    path = folder / "engagement.yaml"
    if not path.exists():
        raise ContentError(shown(folder), ["there is no engagement.yaml; make one with: catalyst new DIR --country CC"])
    return read(path, EngagementFile)


def export_answers(folder: Path, out: Path) -> int:
    """Write all stored submissions as a tidy table (.csv) or as JSON (.json) and return how many there are."""
    writers = {".csv": export_csv, ".json": export_json}
    if out.suffix.lower() not in writers:
        raise CatalystError(f"{out}: end the name with .csv or .json.")
    responses = read_responses(folder)
    archive.write_bytes(out, writers[out.suffix.lower()](responses))
    return len(responses)


def migrate_engagement(folder: Path, *, apply: bool) -> list[str]:
    """Return what an engagement's move to this toolkit's instrument changes; ``apply`` makes it.

    Only the line in engagement.yaml changes: stored answers stay as they came in and are carried over when read.
    """
    instrument, file = load_instrument(), engagement_file(folder)
    expected = f"{instrument.meta.id}@{instrument.meta.version}"
    lines = preview(read_responses(folder), instrument, load_migrations(instrument))
    if file.instrument == expected:
        return [f"engagement.yaml asks for {expected} already.", *lines]
    if apply:
        path = folder / "engagement.yaml"
        text = re.sub(r"(?m)^instrument:.*$", f"instrument: {expected}", path.read_text("utf-8"), count=1)
        archive.write_text(path, text)
    return [f"{file.instrument} becomes {expected}.", *lines]


def unasked(engagement: Engagement) -> list[str]:
    """Return the items of the stage that nobody so far was asked."""
    asked = {q for r in engagement.testimony.responses for q, a in r.answers.items() if a.state != "not_asked"}
    return [i.id for i in engagement.instrument.items_for(None, engagement.file.stage) if i.id not in asked]
