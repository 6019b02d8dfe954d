"""Every door by which answers come in, told apart by the file's name and heads; all lead to the same submissions."""

from __future__ import annotations

from pathlib import Path

from ..errors import AnswerError
from .exchange import is_tidy, read_csv, read_json
from .instrument import Instrument
from .kobo import read_kobo_csv
from .paper import read_paper
from .questionnaire_reading import read_questionnaire
from .responses import Response
from .tables import read_table

DOORS = {
    ".xlsx": "a questionnaire workbook",
    ".json": "a download of the form, or an export",
    ".csv": "a table of answers, or an export of Kobo or ODK",
    ".txt": "a paper form typed as lines",
}


def read_answers(instrument: Instrument, path: Path, stage: str) -> list[Response]:
    """Return the submissions in a file, whichever door it came through; ``stage`` says what a paper form asked.

    Raises
    ------
    AnswerError
        When no door takes this kind of file, or with every problem in it; nothing of it is to be stored then.
    """
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return [read_questionnaire(instrument, path)]
    if suffix == ".json":
        return read_json(instrument, path)
    if suffix == ".csv":
        return (read_csv if is_tidy(read_table(path).heads) else read_kobo_csv)(instrument, path)
    if suffix == ".txt":
        return [read_paper(instrument, path, stage)]
    kinds = "; ".join(f"{ending} ({what})" for ending, what in DOORS.items())
    raise AnswerError(path.name, [f"answers come in as {kinds}; save it as one of these"])
