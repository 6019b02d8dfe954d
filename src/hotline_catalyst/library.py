"""Finds the content folders and reads their files: strict, every problem at once, with file and line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from math import inf, isfinite
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import ContentError

FOLDERS = ("assessment", "playbooks", "templates", "site")
Loc = tuple[int | str, ...]
M = TypeVar("M", bound="Content")

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
# Controls, halves of characters and non-characters break documents; overrides turn the words after them around.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufeff\ufffe\uffff]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Content(BaseModel):
    """A record a person writes in a file: unknown keys are refused, values never change later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@cache
def content_root() -> Path:
    """Return the folder that holds assessment/, playbooks/, templates/ and site/ (wheel or checkout)."""
    packaged = Path(__file__).parent / "content"
    if packaged.is_dir():
        return packaged
    checkout = Path(__file__).parents[2]
    if all((checkout / name).is_dir() for name in FOLDERS):
        return checkout
    raise ContentError(str(checkout), ["the content folders are missing; install the package again"])


def read_yaml(path: Path) -> Any:
    """Return a YAML file's data, read the way an author means it.

    ``No`` stays a word, ``20:00`` stays a time, a key written twice is an error. YAML 1.1, which most
    readers follow, would make these false, 1200 and silence.
    """
    return read_document(path)[0]


def read_document(path: Path) -> tuple[Any, yaml.Node | None]:
    """Return a file's data and its parsed nodes (for line numbers).

    Raises
    ------
    ContentError
        When the file cannot be read as YAML, or a key is written twice.
    """
    try:
        text = path.read_text("utf-8")
    except (UnicodeDecodeError, OSError) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise ContentError(shown(path), [f"{what}; the file cannot be read as YAML"]) from error
    return parse(text, path)


def parse(text: str, path: Path) -> tuple[Any, yaml.Node | None]:
    """Return the data and nodes of YAML ``text`` that stands in ``path``, as `read_document` does for a whole file."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ContentError(shown(path), [f"{line}{what}; the file cannot be read as YAML"]) from error
    problems: list[str] = []
    try:
        data = _plain(node, problems) if node else None
    except RecursionError as error:
        raise ContentError(shown(path), ["a part of it contains itself; write it out"]) from error
    if problems:
        raise ContentError(shown(path), problems)
    return data, node


def _plain(node: yaml.Node, problems: list[str]) -> Any:
    if isinstance(node, yaml.ScalarNode):
        if strange := _NO_TEXT.search(node.value):
            line = node.start_mark.line + 1
            problems.append(f"line {line}: the character U+{ord(strange[0]):04X} has no place in a text; take it out")
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, problems) for child in node.value]
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = _plain(key_node, problems)
        if not isinstance(key, str | int | float):
            problems.append(f"line {key_node.start_mark.line + 1}: a key must be a word or a number")
            continue
        if key in result:
            problems.append(f"line {key_node.start_mark.line + 1}: '{key}' is written twice; keep one")
        result[key] = _plain(value_node, problems)
    return result


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def line_of(node: yaml.Node | None, loc: Loc) -> int:
    """Return the line (from 1) of the place ``loc`` points at, or of the nearest thing above it."""
    line = node.start_mark.line if node else 0
    for step in loc:
        found = next((child for key, child in _children(node) if key == step), None)
        if found is None:
            break
        node, line = found, found.start_mark.line
    return line + 1


def _children(node: yaml.Node | None) -> Iterator[tuple[int | str, yaml.Node]]:
    if isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            plain = _scalar(key) if isinstance(key, yaml.ScalarNode) else ""
            yield plain, value


def read(path: Path, model: type[M]) -> M:
    """Return a content file as a record of ``model``, or name every problem in it with its line."""
    data, node = read_document(path)
    return validate(data, model, path, node)


def validate(data: Any, model: type[M], path: Path, node: yaml.Node | None = None) -> M:
    """Return ``data`` as a record of ``model``; problems carry the file's name and, given nodes, lines."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = []
        for problem in error.errors(include_url=False):
            place = ".".join(str(step) for step in problem["loc"]) or "the file"
            line = f"line {line_of(node, problem['loc'])}: " if node else ""
            problems.append(f"{line}{place}: {_say(problem['type'], problem['msg'], problem['input'])}")
        raise ContentError(shown(path), problems) from error


def _say(kind: str, message: str, given: object) -> str:
    if given is None:
        return "this is empty; fill it in"
    if kind == "extra_forbidden":
        return "this key is not known here; remove it or correct its spelling"
    if kind == "missing":
        return "this key is missing; add it"
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")


def shown(path: Path) -> str:
    """Return a path as a person would say it: from the content root or the working folder on."""
    for base in (content_root(), Path.cwd()):
        if path.is_absolute() and path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return path.as_posix()


def did_you_mean(word: str, known: list[str]) -> str:
    """Return '; did you mean ...?' when a known word is near, else an empty text."""
    import difflib

    near = difflib.get_close_matches(word, known, 1)
    return f"; did you mean '{near[0]}'?" if near else ""


class Measured(Content):
    """A planning figure without a default: only a line's own counts, people's answers or the country's file give it."""

    title: str
    unit: str
    reason: str


class Figure(Content):
    """A number nobody knows exactly: low, likely, high, its unit, and where it comes from.

    Exactly one of ``source`` and ``assumption`` is given; an assumption lands in every output's list. ``least`` and
    ``most`` are what an engagement may put in its place; with ``above`` it must be more than ``least``. A share is
    at most 1 unless ``most`` says otherwise.
    """

    title: str
    unit: str
    low: float
    likely: float
    high: float
    least: float = 0.0
    most: float | None = None
    above: bool = False
    source: str | None = None
    assumption: str | None = None

    @property
    def highest(self) -> float:
        """The most that may stand in its place."""
        return self.most if self.most is not None else 1.0 if self.unit == "share" else inf

    def within(self, value: float) -> float:
        """Return a value that people answered as far as a plan can use it: nobody can promise all calls in time."""
        return min(max(value, self.least), self.highest)

    def outside(self, value: float) -> str:
        """Say what a value must be when it is not, in words that follow "must be"; empty when it may stand."""
        if not isfinite(value) or value < self.least or (self.above and value == self.least):
            return f"{'more than' if self.above else 'at least'} {self.least:g}"
        return f"at most {self.highest:g}" if value > self.highest else ""

    def model_post_init(self, context: Any, /) -> None:
        """Refuse a range out of order or out of bounds, or a figure without an origin."""
        if not self.low <= self.likely <= self.high:
            raise ValueError("low <= likely <= high must hold")
        if wrong := self.outside(self.low) or self.outside(self.high):
            raise ValueError(f"low, likely and high must be {wrong}")
        if (self.source is None) == (self.assumption is None):
            raise ValueError("name a source, or say why it is an assumption: one of the two")


class Source(Content):
    """A publication that figures and rules rest on."""

    title: str
    url: str | None = None


class _SourcesFile(Content):
    sources: dict[str, Source]


def load_sources() -> dict[str, Source]:
    """Return the publications behind the keys in square brackets, by key."""
    return read(content_root() / "assessment" / "sources.yaml", _SourcesFile).sources


class DatedValue(Content):
    """A rule's value from one day on, with the law or agreement that set it."""

    value: float | str
    source: str


class DatedRule(Content):
    """A rule whose value changes with the law: old lines stay, so old engagements keep their answer.

    A rule that stands over another file's sets only what differs: what it leaves out, it takes from there.

    Parameters
    ----------
    hard, weight
        Whether it may never be broken, or what a unit beyond it costs.
    waivable
        Whether a person may agree to less protection, as the law says.
    better
        Which way is stricter: "more" for hours of rest, "less" for hours of work.
    because
        Why it stands although the rule under it protects more. Without a reason the stricter one stands.
    """

    title: str = ""
    unit: str = ""
    hard: bool = True
    weight: int = 1
    waivable: bool = False
    better: Literal["more", "less"] = "less"
    because: str = ""
    values: dict[date, DatedValue]

    def on(self, day: date) -> DatedValue | None:
        """Return the value in force on ``day``, or None before the first."""
        past = [start for start in self.values if start <= day]
        return self.values[max(past)] if past else None


def as_of_environment(as_of: date) -> None:
    """Tell every tool that stamps files that today is ``as_of``, so that bytes repeat."""
    from datetime import UTC, datetime

    stamp = int(datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC).timestamp())
    os.environ["SOURCE_DATE_EPOCH"] = str(stamp)
