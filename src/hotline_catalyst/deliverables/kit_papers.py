"""Papers of the consultant's kit: read from templates/kit, filled with the engagement's own facts, laid out as parts.

A paper is one list of blocks; the web page and the Word file are made from the same parts, so their texts cannot
differ. Strings are Jinja templates; what they are filled with is only ever text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from ..errors import ContentError
from ..library import Content, content_root, read, shown

TEXTS = ("h2", "h3", "p", "say", "care")
LISTS = ("bullets", "steps", "ticks", "fields")
KINDS = (*TEXTS, *LISTS, "table", "page", "each", "include", "questions")


class Column(Content):
    """A table's column: ``field`` names what fills it; without one it is left blank to write in.

    ``tick`` puts a box before each line of a cell; ``strong`` sets the first line apart.
    """

    title: str
    field: str | None = None
    width: float = Field(default=10, gt=0)
    tick: bool = False
    strong: bool = False


class Table(Content):
    """A table with rows written here, or one row for each entry of a list of the engagement, or blank rows."""

    columns: list[Column] = Field(min_length=1)
    rows: list[list[str]] = []
    rows_from: str | None = None
    take: int | None = Field(default=None, gt=0)
    blank: int = Field(default=0, ge=0)
    empty: str = ""
    more: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Table:
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells; the table has {len(self.columns)} columns")
        if self.rows_from and not self.empty:
            raise ValueError(f"say what stands here when '{self.rows_from}' is empty: empty: ...")
        return self


class Block(Content):
    """One thing on a paper; exactly one kind each.

    ``only`` keeps it to engagements of these stages; with ``keep``, what ``each`` makes of one entry, or what is
    included, is not torn apart by a page's end where it fits on one.
    """

    h2: str | None = None
    h3: str | None = None
    p: str | None = None
    say: str | None = None
    care: str | None = None
    bullets: list[str] | None = None
    steps: list[str] | None = None
    ticks: list[str] | None = None
    fields: list[str] | None = None
    table: Table | None = None
    page: bool | None = None
    each: str | None = None
    include: str | None = None
    questions: bool | None = None
    blocks: list[Block] = []
    keep: bool = False
    only: list[str] = []

    @property
    def kind(self) -> str:
        """Which kind of block this is."""
        return next(k for k in KINDS if getattr(self, k) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> Block:
        given = [k for k in KINDS if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(f"a block is exactly one of: {', '.join(KINDS)}")
        if bool(self.blocks) != (self.each is not None):
            raise ValueError("'each' needs blocks, and only 'each' has them")
        return self


class Paper(Content):
    """One paper of the kit: what it is for, who may have it, whether it is also written for Word."""

    id: str = Field(pattern=r"^[a-z][a-z-]*$")
    title: str
    use: str
    who: str
    team_only: bool
    word: bool = False
    blocks: list[Block] = Field(min_length=1)


class Step(Content):
    """A step of the assessment with the papers it needs, in order."""

    title: str
    say: str
    papers: list[str]
    guides: bool = False


class Kit(Content):
    """kit.yaml: the order of work, the papers' language, the words around them, and blocks that several share."""

    title: str
    language: str
    intro: list[str]
    words: dict[str, str]
    stages: dict[str, str]
    doing: dict[str, str]
    kinds: dict[str, str]
    proofs: dict[str, str]
    verdicts: dict[str, str]
    roles: dict[str, str]
    never_asked_for_papers: dict[str, str]
    guide_for: dict[str, str]
    steps: list[Step]
    shared: dict[str, list[Block]]


@dataclass(frozen=True)
class Cell:
    """A cell's lines; with ``tick`` each has a box before it, with ``strong`` the first stands out."""

    lines: tuple[str, ...]
    tick: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Part:
    """A block with every word in place: the thing that page and Word file lay out."""

    kind: str
    text: str = ""
    items: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    widths: tuple[float, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


def folder() -> Path:
    """Return the folder of the kit's words and page templates."""
    return content_root() / "templates" / "kit"


def load_kit() -> tuple[Kit, dict[str, Paper]]:
    """Read kit.yaml and every paper.

    Raises
    ------
    ContentError
        With every problem of the first file that has any, or naming papers that no step holds.
    """
    kit = read(folder() / "kit.yaml", Kit)
    papers = {path.stem: read(path, Paper) for path in sorted((folder() / "papers").glob("*.yaml"))}
    held = [*(p for step in kit.steps for p in step.papers), *kit.guide_for.values()]
    problems = [
        f"papers/{name}.yaml: its id is '{p.id}'; make both the same" for name, p in papers.items() if p.id != name
    ]
    problems += [f"kit.yaml names the paper '{p}', which does not exist" for p in held if p not in papers]
    problems += [f"papers/{name}.yaml: no step of kit.yaml holds it" for name in papers if name not in held]
    if problems:
        raise ContentError(shown(folder()), problems)
    return kit, papers


class Filler:
    """Fills blocks with the facts of one engagement."""

    def __init__(self, kit: Kit, stage: str):
        self.kit = kit
        self.stage = stage
        self._compiled: dict[str, Any] = {}

    @cached_property
    def _environment(self) -> Any:
        from jinja2 import Environment, StrictUndefined

        return Environment(undefined=StrictUndefined)

    def text(self, template: str, context: Mapping[str, Any], where: str) -> str:
        """Return one string with its braces filled.

        Raises
        ------
        ContentError
            Naming the paper and what in it cannot be filled.
        """
        from jinja2 import TemplateError

        if "{" not in template:
            return template
        try:
            if template not in self._compiled:
                self._compiled[template] = self._environment.from_string(template)
            return str(self._compiled[template].render(context))
        except TemplateError as error:
            raise ContentError(f"templates/kit ({where})", [f"'{template[:60]}': {error}"]) from error

    def lay(self, blocks: Sequence[Block], context: Mapping[str, Any], where: str) -> Iterator[Part]:
        """Yield the parts of ``blocks`` that belong to this engagement's stage."""
        for block in blocks:
            if not block.only or self.stage in block.only:
                yield from self._part(block, context, where)

    def _part(self, block: Block, context: Mapping[str, Any], where: str) -> Iterator[Part]:
        kind = block.kind
        value = getattr(block, kind)
        if kind == "each":
            for entry in self._list(value, context, where):
                parts = self.lay(block.blocks, {**context, **entry}, where)
                yield from (Part("open"), *parts, Part("close")) if block.keep else parts
        elif kind == "include":
            if value not in self.kit.shared:
                raise ContentError(f"templates/kit ({where})", [f"kit.yaml shares no blocks named '{value}'"])
            parts = self.lay(self.kit.shared[value], context, where)
            yield from (Part("open"), *parts, Part("close")) if block.keep else parts
        elif kind == "table":
            yield from self._table(value, context, where)
        elif kind in LISTS:
            yield Part(kind, items=tuple(self.text(t, context, where) for t in value))
        else:
            yield Part(kind, text=self.text(value, context, where) if kind in TEXTS else "")

    def _table(self, table: Table, context: Mapping[str, Any], where: str) -> Iterator[Part]:
        entries = self._list(table.rows_from, context, where) if table.rows_from else []
        rows = [tuple(Cell((self.text(t, context, where),)) for t in row) for row in table.rows]
        rows += [tuple(_cell(c, e, where) for c in table.columns) for e in entries[: table.take]]
        rows += [tuple(Cell(()) for _ in table.columns)] * table.blank
        if table.rows_from and not entries:
            yield Part("p", text=self.text(table.empty, context, where))
        if rows:
            titles = tuple(self.text(c.title, context, where) for c in table.columns)
            total = sum(c.width for c in table.columns)
            yield Part("table", columns=titles, widths=tuple(c.width / total for c in table.columns), rows=tuple(rows))
        left = len(entries) - len(entries[: table.take])
        if left and table.more:
            yield Part("p", text=self.text(table.more, {**context, "left": left, "count": len(entries)}, where))

    def _list(self, name: str, context: Mapping[str, Any], where: str) -> list[Mapping[str, Any]]:
        if name not in context:
            raise ContentError(f"templates/kit ({where})", [f"there is no list named '{name}'"])
        return list(context[name])


def _cell(column: Column, entry: Mapping[str, Any], where: str) -> Cell:
    if column.field is None:
        return Cell(())
    if column.field not in entry:
        raise ContentError(f"templates/kit ({where})", [f"column '{column.title}': there is no '{column.field}'"])
    value = entry[column.field]
    lines = [value] if isinstance(value, str | int) else value
    return Cell(tuple(str(line) for line in lines), column.tick, column.strong)
