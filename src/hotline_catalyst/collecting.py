"""How questions go out and answers come in: questionnaires, forms, paper and survey exports, through one gate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from . import archive
from .assessment.doors import read_answers
from .assessment.exchange import export_csv, export_json
from .assessment.form import write_form
from .assessment.instrument import Instrument, load_instrument
from .assessment.migration import load_migrations, preview
from .assessment.privacy import flags
from .assessment.questionnaire import write_questionnaire
from .assessment.responses import Response, read_responses, store
from .assessment.xlsform import write_xlsform
from .custody.withdrawal import is_withdrawn
from .engagement import Engagement, EngagementFile, read_engagement
from .errors import AnswerError, CatalystError, ContentError
from .library import did_you_mean, read, shown


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
    engagement = read_engagement(folder)
    instrument, file = engagement.instrument, engagement.file
    _known_role(instrument, role)
    if xlsform:
        if role is None or out.suffix.lower() != ".xlsx":
            raise CatalystError("A survey form is for one role and ends in .xlsx: add --role, and name OUT.xlsx.")
        return write_xlsform(
            instrument, out, stage=file.stage, role=role, as_of=file.as_of, language=language, core=core
        )
    if out.suffix.lower() not in (".xlsx", ".html"):
        raise CatalystError(f"{out}: end the name with .xlsx for a workbook or .html for an offline form.")
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
        earlier=engagement.testimony,
        core=core,
        everything=everything,
    )


def _known_role(instrument: Instrument, role: str | None) -> None:
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
    if problems:
        raise AnswerError(where, problems)
    store(folder, responses)


def _unfit(folder: Path, instrument: Instrument, response: Response, *, reviewed: bool) -> Iterator[str]:
    who = response.respondent
    if is_withdrawn(folder, who):
        yield f"{who} has withdrawn; nothing of this person is stored. Give a new code to a person who joins again."
        return
    first = next(iter(instrument.meta.consent))
    if first not in response.consent:
        words = instrument.meta.consent[first]
        yield f"{who} has not agreed to this: {words} Ask the person; until then nothing is stored"
    if not reviewed and (found := flags(response)):
        yield from found
        yield "take out what points at a person; if a person has read these places and nothing does, add --reviewed"


def _counted(response: Response) -> str:
    states = [a.state for a in response.answers.values()]
    return f"{response.respondent}, {states.count('answered')} answers, {states.count('dont_know')} don't know"


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
