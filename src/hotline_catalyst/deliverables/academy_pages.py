"""The academy as pages of the playbook sites, in Markdown. Words stand in templates/academy/.

Role-plays are in the operator's edition alone. The mock conversations and the answers to the tests are on no page:
trainees read the site too. They go to the assessors (academy_files.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from math import ceil
from types import SimpleNamespace
from typing import Any

from ..library import content_root
from ..results import Results
from . import look
from .academy import Academy, Day, Question, Quiz, RolePlay, Session, questions, session
from .playbook_pages import reference
from .playbooks import REFERENCE, Edition, Selection, load_pages, plain, select

FOLDER = "academy"
ACTIVITY = "R19"  # the roadmap's activity that runs the academy
TRAINED = "GL-05"  # the gate that asks for signed-off staff
DAY_LIMIT = "shift_hours_limit"
ROLE_PLAY = re.compile(r"\bRP-\d{2}\b")
SLOTS = {"block": "Block", "break": "Break", "lunch": "Lunch", "debrief": "Debrief, homework"}


def academy_pages(
    academy: Academy, results: Results, edition: Edition, selection: Selection | None = None
) -> dict[str, str]:
    """Return the pages of an edition as Markdown, by their place under docs/.

    Pages of the playbook that ``selection`` holds are linked; a partner's page says of the others that they are the
    operator's. The tests leave out questions that stand on pages the edition does not have.
    """
    chosen = selection or select(load_pages(results.instrument), results, edition)
    writer = _Writer(academy, results, chosen)
    days = writer.days()
    pages = {"index.md": writer.index(days)}
    pages |= {f"day-{day.day:02}.md": writer.day(day, days) for day in days}
    pages |= {"questions.md": writer.questions(), "sign-off.md": writer.sign_off(), "year.md": writer.year()}
    if edition == "operator":
        pages |= writer.role_plays()
    return {f"{FOLDER}/{name}": text for name, text in pages.items()}


def environment(*, autoescape: bool = False) -> Any:
    """Return the reader of the academy's templates."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(content_root() / "templates" / "academy"),
        undefined=jinja2.StrictUndefined,
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=None if autoescape else _markdown,
    )


def _markdown(value: Any) -> Any:
    """Let no text of an author become HTML: the pages hold Markdown only."""
    return escape(value, quote=False) if isinstance(value, str) and not value.startswith("!!! draft") else value


def stage_of(results: Results) -> str:
    """Return whether the line is new or existing."""
    return "existing" if results.facts.stage == "existing" else "new"


def practised(academy: Academy, channels: Sequence[str], stage: str) -> list[RolePlay]:
    """Return the role-plays a class practises at a hotline with these channels, in order."""
    used = {
        ident
        for day in academy.curriculum.days
        for block in day.blocks
        for ident in session(block, channels, stage).role_plays
    }
    return [play for ident, play in sorted(academy.role_plays.items()) if play.use == "practice" and ident in used]


def mocks(academy: Academy) -> list[RolePlay]:
    """Return the role-plays kept for the observed mock conversations."""
    return [play for _, play in sorted(academy.role_plays.items()) if play.use == "mock"]


class _Writer:
    """Fills the templates for one engagement and edition."""

    def __init__(self, academy: Academy, results: Results, selection: Selection) -> None:
        self.academy, self.results, self.selection = academy, results, selection
        self.channels, self.stage = results.facts.channels, stage_of(results)
        self.operator = selection.edition == "operator"
        self.plays = practised(academy, self.channels, self.stage)
        self._templates = environment()

    def _fill(self, template: str, own: str = "", **values: Any) -> str:
        text = self._templates.get_template(template).render(draft=self._draft(), **values)
        return self._linked(re.sub(r"\n{3,}", "\n\n", text).strip(), own) + "\n"

    def _draft(self) -> str:
        return self._templates.get_template("draft.md.j2").render() if self.academy.draft else ""

    def _linked(self, text: str, own: str) -> str:
        text = REFERENCE.sub(lambda match: reference(match[0], self.selection), text)
        shown = {play.id for play in self.plays} - {own} if self.operator else set()
        return ROLE_PLAY.sub(lambda m: f"[{m[0]}]({m[0].lower()}.md)" if m[0] in shown else m[0], text)

    def _gate(self, ident: str) -> SimpleNamespace | None:
        """Return a gate that is not met, as the protocol pages see it: nobody showed one that was not asked about."""
        if not ident:
            return None
        title = next(g.title for g in self.results.instrument.gates if g.id == ident)
        verdict = self.results.gate[ident].verdict if ident in self.results.gate else "not shown"
        return None if verdict == "met" else SimpleNamespace(id=ident, title=title, verdict=verdict)

    def days(self) -> list[SimpleNamespace]:
        """Return the days with what happens here: times, sessions, gates that are not met."""
        return [self._day(day) for day in self.academy.curriculum.days]

    def _day(self, day: Day) -> SimpleNamespace:
        found = [session(block, self.channels, self.stage) for block in day.blocks]
        items = [self._session(s, *times) for s, times in zip(found, self._block_times(), strict=True)]
        materials = list(dict.fromkeys(m for s in found for m in s.materials))
        return SimpleNamespace(
            day=day.day,
            theme=day.theme,
            sessions=items,
            materials=materials,
            debrief=day.debrief,
            homework=day.homework,
        )

    def _block_times(self) -> Iterator[tuple[str, str, str]]:
        """Yield begin and end of each block, and what follows it."""
        clock = self.academy.curriculum.clock
        for slot, after in zip(clock, [*clock[1:], None], strict=True):
            if slot.kind == "block":
                pause = after is not None and after.kind in ("break", "lunch")
                yield slot.starts, slot.ends, f"{SLOTS[after.kind]} until {after.ends}." if pause and after else ""

    def _session(self, found: Session, starts: str, ends: str, after: str) -> SimpleNamespace:
        plays = [self.academy.role_plays[ident] for ident in found.role_plays] if self.operator else []
        return SimpleNamespace(
            session=found,
            starts=starts,
            ends=ends,
            after=after,
            plays=[f"{p.id} {p.title}" for p in plays if p.use == "practice"],
            sealed=[p.id for p in plays if p.use == "mock"],
            gate=self._gate(found.gate),
        )

    def index(self, days: Sequence[SimpleNamespace]) -> str:
        """Return the first page: what to do now, the clock, the days, the topics."""
        curriculum, clock = self.academy.curriculum, self.academy.curriculum.clock
        limit = self.results.limits.get(DAY_LIMIT)
        return self._fill(
            "index.md.j2",
            academy=self.academy,
            operator=self.operator,
            days=days,
            planned=self._planned(),
            open_gates=self._open_gates(days),
            day_limit=float(limit.value) if limit else None,
            day_hours=self.academy.hours / len(curriculum.days),
            clock=[SimpleNamespace(starts=s.starts, ends=s.ends, label=SLOTS[s.kind]) for s in clock],
            topics=[
                SimpleNamespace(title=topic.title, source=topic.source, days=self._taught(ident, days))
                for ident, topic in curriculum.topics.items()
            ],
        )

    def _taught(self, topic: str, days: Sequence[SimpleNamespace]) -> str:
        found = [f"{d.day}.{n}" for d in days for n, i in enumerate(d.sessions, 1) if topic in i.session.covers]
        return ", ".join(found)

    def _planned(self) -> SimpleNamespace | None:
        found = next((a for a in self.results.roadmap.activities if a.task.id == ACTIVITY), None)
        if found is None:
            return None
        return SimpleNamespace(title=plain(found.task.title), start=look.day(found.start), end=look.day(found.end))

    def _open_gates(self, days: Sequence[SimpleNamespace]) -> list[tuple[SimpleNamespace, list[str]]]:
        found: dict[str, tuple[SimpleNamespace, list[str]]] = {}
        for day in days:
            for number, item in enumerate(day.sessions, 1):
                if item.gate:
                    found.setdefault(item.gate.id, (item.gate, []))[1].append(f"day {day.day}, block {number}")
        return [found[ident] for ident in sorted(found)]

    def day(self, day: SimpleNamespace, days: Sequence[SimpleNamespace]) -> str:
        """Return one day's page."""
        debrief = next(s for s in self.academy.curriculum.clock if s.kind == "debrief")
        quiz = f"day-{day.day:02}"
        return self._fill(
            "day.md.j2",
            day=day,
            debrief=debrief,
            quiz=quiz if any(q.id == quiz for q in self.academy.quizzes) else "",
            before=day.day - 1 if day.day > 1 else None,
            next=day.day + 1 if day.day < len(days) else None,
        )

    def questions(self) -> str:
        """Return the page of quizzes with answers and tests without."""
        return self._fill(
            "questions.md.j2",
            sign_off=self.academy.sign_off,
            quizzes=[self._quiz(quiz) for quiz in self.academy.quizzes],
        )

    def _quiz(self, quiz: Quiz) -> SimpleNamespace:
        asked = questions(quiz, self.channels)
        shown = [q for q in asked if self._may_show(q)]
        return SimpleNamespace(
            id=quiz.id, title=quiz.title, marked=quiz.marked, questions=shown, hidden=len(asked) - len(shown)
        )

    def _may_show(self, question: Question) -> bool:
        page = self.selection.left_out_by_id.get(question.page)
        return self.operator or page is None or page.front.audience != "operator"

    def sign_off(self) -> str:
        """Return the page of marks."""
        sign_off = self.academy.sign_off
        least = ceil(sign_off.safety_share * sign_off.mocks)
        return self._fill(
            "sign_off.md.j2", academy=self.academy, sign_off=sign_off, least=least, gate=self._gate(TRAINED)
        )

    def year(self) -> str:
        """Return the page of the twelve sessions."""
        calendar, launch = self.academy.calendar, self.results.roadmap.launch
        return self._fill(
            "year.md.j2",
            calendar=calendar,
            hours=sum(m.hours for m in calendar.months),
            stage=self.stage,
            launch=look.day(launch.p50) if launch and self.stage == "new" else "",
        )

    def role_plays(self) -> dict[str, str]:
        """Return the list of practice role-plays and a page for each."""
        sign_off, sealed = self.academy.sign_off, [play.id for play in mocks(self.academy)]
        pages = {"role-plays.md": self._fill("role_plays.md.j2", plays=self.plays, sealed=sealed, sign_off=sign_off)}
        for play in self.plays:
            name = f"{play.id.lower()}.md"
            pages[name] = self._fill("role_play.md.j2", own=play.id, play=play, card=sign_off.card, sign_off=sign_off)
        return pages
