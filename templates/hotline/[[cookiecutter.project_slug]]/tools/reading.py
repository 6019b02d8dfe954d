"""Reads the files that people edit. Each problem is one sentence: which file, which line, what to do."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from pathlib import Path
from typing import Any

from .escape import clean

Table = dict[str, Any]


class FactsError(Exception):
    """A file cannot be used; the text says where and what to do."""


def read_text(project: Path, where: str, error: type[Exception] = FactsError) -> str:
    """Return a text file of the project, without the mark that some programs put before the first letter.

    Raises
    ------
    FactsError
        When it is missing or no UTF-8 text; a part has an error of its own raised.
    """
    try:
        return (project / where).read_text("utf-8-sig")
    except FileNotFoundError:
        raise error(f"{where}: the file is missing; put it back from your last copy of this folder.") from None
    except UnicodeDecodeError:
        table = ", in a spreadsheet program as 'CSV UTF-8'" if where.endswith(".csv") else ""
        raise error(f"{where}: it is not UTF-8 text; save it again with the encoding UTF-8{table}.") from None
    except OSError as reason:
        raise error(f"{where}: the file cannot be read ({clean(reason)}); put it back from your last copy.") from None


def read_toml(project: Path, where: str, error: type[Exception] = FactsError) -> Table:
    """Return a TOML file of the project with its dates as text; it raises what `read_text` raises."""
    return parse_toml(read_text(project, where, error), where, error)


def parse_toml(text: str, where: str, error: type[Exception] = FactsError) -> Table:
    """Return what a TOML text says, with dates as text."""
    try:
        return {key: _dates_as_text(value) for key, value in tomllib.loads(text).items()}
    except tomllib.TOMLDecodeError as reason:
        raise error(f"{where}: {_unparsed(text, reason)}.") from None


def _unparsed(text: str, reason: Exception) -> str:
    """Say in which line a TOML text goes wrong, what stands there, and how such lines are written."""
    place = re.search(r"line (\d+)", str(reason))
    lines = text.splitlines()
    line = lines[int(place[1]) - 1].strip() if place and int(place[1]) <= len(lines) else ""
    stands = f"; there stands: {clean(line, 60)}" if line else ""
    do = 'write it like name = "text" with straight quotation marks, name = 12, or name = true'
    return f"the file does not parse ({clean(reason)}){stands}; {do}"


def _dates_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _dates_as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def read_rows(project: Path, where: str, error: type[Exception] = FactsError) -> list[list[str]]:
    """Return the rows of a CSV file; a spreadsheet program may have saved its commas as semicolons or tabs."""
    text = read_text(project, where, error)
    first = text.split("\n", 1)[0]
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count)))
    except csv.Error as reason:
        raise error(f"{where}: the table cannot be read ({clean(reason)}); put it back.") from None


def read_json(project: Path, where: str) -> Table:
    """Return a JSON file of the toolkit's own; it raises what `read_text` raises."""
    text = read_text(project, where)
    try:
        found = json.loads(text)
    except ValueError as reason:
        raise FactsError(f"{where}: it cannot be read ({clean(reason)}); put it back from your last copy.") from None
    return found if isinstance(found, dict) else {}
