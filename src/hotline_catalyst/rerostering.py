"""The roster while it is worked: signed, checked when it comes back edited, repaired, swapped, and gone on from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from . import archive
from .engagement import Engagement, EngagementFile, read_engagement
from .errors import AnswerError, CatalystError
from .library import did_you_mean, parse, validate
from .planning.rostering.after_change import said_day
from .planning.rostering.breaks import place_breaks
from .planning.rostering.checking import check
from .planning.rostering.codes import codes_of
from .planning.rostering.dates import days_said
from .planning.rostering.explaining import explain
from .planning.rostering.prices import load_prices
from .planning.rostering.published import (
    Why,
    changes,
    list_rosters,
    load_past,
    load_published,
    load_roster,
    roster_on,
    save_changes,
    save_published,
)
from .planning.rostering.reading_back import read_roster
from .planning.rostering.records import Advocate, Roster, Session, Violation
from .planning.rostering.repair import Absence, Repair, compared, plan_on, question_of, repair
from .planning.rostering.sessions import academy_of
from .planning.rostering.staff_file import advocates_of
from .planning.rostering.stand_ins import StandIn, who_could
from .planning.rostering.swaps import gaps_between, swap
from .planning.rostering.words import say as words

Draft = Callable[[Engagement], Roster]
SECTION = "life"


@dataclass(frozen=True)
class Outcome:
    """What a verb says, and the files it wrote."""

    lines: tuple[str, ...]
    written: tuple[Path, ...] = ()


def say(name: str, **figures: object) -> str:
    """Return one of this room's sentences."""
    return words(SECTION, name, None, **figures)


# Signing a roster, and reading an edited one.


def publish(
    folder: Path, draft: Draft, on: date, *, read: Path | None = None, again: bool = False, despite: str = ""
) -> Outcome:
    """Sign the roster as planned, or as an edited workbook says, and keep it in the engagement's folder.

    Raises
    ------
    CatalystError
        When it was published before and ``again`` is not set, when it plans posts that nobody holds, or when it breaks
        hard rules and ``despite`` gives no reason.
    AnswerError
        Naming every cell of the workbook that cannot be understood.
    """
    engagement = read_engagement(folder)
    roster = _in_hand(folder, engagement, draft) if read is not None else draft(engagement)
    lines: list[str] = []
    if read is not None:
        roster, lines = _edited(read, roster, engagement)
    if roster.anonymous:
        raise CatalystError(say("posts"))
    roster = replace(roster, violations=tuple(check(roster, engagement.limits)))
    hard = [v for v in roster.violations if v.hard]
    if hard and not despite:
        raise CatalystError("\n".join([say("breaks_rules", count=len(hard)), *_indented(_ordered(hard))]))
    path = save_published(folder, roster, on, again=again, despite=despite if hard else "")
    if hard:
        lines.append(say("despite", count=len(hard), reason=despite))
    return Outcome((*lines, *_judgement(roster.violations)), (path,))


def _in_hand(folder: Path, engagement: Engagement, draft: Draft) -> Roster:
    """Return the roster that a workbook was made from: the published one where there is one, else the draft."""
    known = load_roster(folder, engagement.roster_start)
    return draft(engagement) if known is None else known


def _edited(workbook: Path, roster: Roster, engagement: Engagement) -> tuple[Roster, list[str]]:
    found = read_roster(workbook, roster)
    if found.problems:
        raise AnswerError(workbook.name, list(found.problems))
    if not found.changes:
        return found.roster, [say("unchanged")]
    # Whoever works other shifts has other breaks: all are placed anew.
    roster = replace(found.roster, breaks=place_breaks(found.roster, None, engagement.limits))
    return roster, [say("changed", count=len(found.changes)), *_indented(found.changes)]


def check_workbook(folder: Path, draft: Draft, workbook: Path) -> Outcome:
    """Say what an edited roster.xlsx changes and which rules it then breaks, by person and date; nothing is written."""
    engagement = read_engagement(folder)
    roster, lines = _edited(workbook, _in_hand(folder, engagement, draft), engagement)
    return Outcome((*lines, *_judgement(check(roster, engagement.limits))))


def _judgement(violations: Iterable[Violation]) -> Iterator[str]:
    """Yield broken rules in words: hard ones each, by person and date; of soft ones how often, and the first."""
    found = list(violations)
    if hard := [v for v in found if v.hard]:
        yield say("hard", count=len(hard))
        yield from _indented(_ordered(hard))
    soft: dict[str, list[Violation]] = {}
    for violation in found:
        if not violation.hard:
            soft.setdefault(violation.rule, []).append(violation)
    if soft:
        yield say("soft_most", count=sum(map(len, soft.values())))
    for some in sorted(soft.values(), key=len, reverse=True):
        yield f"  {say('soft_rule', count=len(some), first=_ordered(some)[0])}"
    if not found:
        yield say("no_violation")


def _ordered(violations: Iterable[Violation]) -> list[str]:
    return [v.text for v in sorted(violations, key=lambda v: (v.person, v.day or date.min, v.rule, v.text))]


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


# What happens to a published roster.


def ill(folder: Path, person: str, first: date, last: date, today: date, *, apply: bool = False) -> Outcome:
    """Cover somebody's absence with the fewest people moved; written only with ``apply``.

    Raises
    ------
    CatalystError
        When no published roster holds these days, or nobody of this code.
    """
    if last < first:
        raise CatalystError(say("backwards", first=first, last=last))
    engagement = read_engagement(folder)
    lines: list[str] = [say("over", day=said_day(first), today=said_day(today))] if first < today else []
    written: list[Path] = []
    for roster in _holding(folder, first, last):
        _known(roster, person)
        leads = next(p.supervisor for p in roster.people if p.code == person) and bool(roster.supervisor_shifts)
        asked = question_of(roster, engagement.limits, people=_people(engagement, roster), supervisors=leads)
        found = repair(asked, roster, [Absence(person, first, last)], from_day=max(first, today))
        lines += [*_absence_said(roster, person, first, last, today), *_repair_said(folder, engagement, roster, found)]
        lines += _also(found, roster, engagement, person, first, last, today)
        if apply:
            written.append(_write(folder, found.roster, today, "absence"))
            lines.append(_send_again(folder, roster, found.roster, [person]))
    return Outcome((*lines, *([] if apply else [say("nothing_written")])), tuple(written))


def _holding(folder: Path, first: date, last: date) -> list[Roster]:
    """Return the published rosters in force on some of these days."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    starts = dict.fromkeys(r.start for day in days[:1] + days[7:-1:7] + days[-1:] if (r := roster_on(folder, day)))
    rosters = [r for start in starts if (r := load_roster(folder, start))]
    if not rosters:
        raise CatalystError(say("none_published", day=said_day(first), folder=folder))
    return rosters


def _known(roster: Roster, person: str) -> None:
    codes = [p.code for p in roster.people]
    if person not in codes:
        raise CatalystError(say("no_person", person=person, start=roster.start, hint=did_you_mean(person, codes)))


def _people(engagement: Engagement, roster: Roster) -> list[Advocate]:
    """Return the roster's people as they were signed, and after them who has joined since."""
    codes = {p.code for p in roster.people}
    now = advocates_of(engagement.staff, engagement.limits) if engagement.staff else []
    return [*roster.people, *(p for p in now if p.code not in codes)]


def _absence_said(roster: Roster, person: str, first: date, last: date, today: date) -> Iterator[str]:
    days = [day for day in roster.days if max(first, today) <= day <= last]
    shifts = sum(a.person == person and a.day in days for a in roster.assignments)
    name = "absent" if shifts else "no_shift_falls"
    yield say(name, person=person, days=days_said(days), shifts=shifts)


def _repair_said(folder: Path, engagement: Engagement, before: Roster, found: Repair) -> Iterator[str]:
    yield from _indented(found.changes)
    codes = ", ".join(found.moved)
    yield say("moved", people=len(found.moved), codes=codes) if codes else say("nobody_moved")
    if not found.proved:
        yield say("not_proved")
    hours = round(found.uncovered_hours, 2)
    yield say("uncovered", hours=f"{hours:g}") if hours else say("uncovered_all")
    yield from _indented(gaps_between(before, found.roster))
    old = {v.text for v in before.violations}
    yield from _indented(_ordered(v for v in found.roster.violations if v.hard and v.text not in old))
    yield from _breaks_after(folder, engagement, found.roster)


def _breaks_after(folder: Path, engagement: Engagement, changed: Roster) -> Iterator[str]:
    """Yield hard rules that the next published roster breaks once this one is changed."""
    for start in [s for s in list_rosters(folder) if s > changed.start][:1]:
        if following := load_roster(folder, start):
            old = {v.text for v in check(following, engagement.limits)}
            then = replace(following, past=load_past(folder, start, instead=changed))
            broken = [v for v in check(then, engagement.limits) if v.hard and v.text not in old]
            yield from (say("breaks_after", start=start, text=text) for text in _ordered(broken))


def _also(
    found: Repair, roster: Roster, engagement: Engagement, person: str, first: date, last: date, today: date
) -> Iterator[str]:
    """Yield whom else to call for each shift that somebody cannot take, with the repaired roster as it stands."""
    codes = codes_of(roster.shifts)
    lost = [a for a in roster.assignments if a.person == person and max(first, today) <= a.day <= last]
    for a in lost:
        others = [x.person for x in who_could(found.roster, engagement.limits, a.day, a.shift) if x.person != person]
        name = "also" if others else "nobody_else"
        yield say(name, day=said_day(a.day), shift=codes[a.shift], codes=", ".join(others))


def _write(folder: Path, roster: Roster, on: date, why: Why) -> Path:
    path, _ = save_changes(folder, roster, on, why)
    return path


def _send_again(folder: Path, before: Roster, after: Roster, also: Sequence[str] = ()) -> str:
    moved = {c.person for c in changes(before, after, after.start, "edit")}
    calls = {x for day, x in after.on_call.items() if before.on_call.get(day) != x}
    return say("send_again", folder=folder, codes=", ".join(sorted({*moved, *calls, *also})))


def exchange(
    folder: Path, person: str, day: date, other: str, other_day: date | None, today: date, *, apply: bool = False
) -> Outcome:
    """Judge a swap, or a shift given away, and take it over with ``apply`` when it breaks no hard rule.

    Raises
    ------
    CatalystError
        When a day is over, a person or shift is not there, or an illegal swap is to be taken over.
    """
    if gone := [d for d in (day, other_day) if d is not None and d < today]:
        raise CatalystError(say("past_day", day=said_day(gone[0])))
    engagement, roster = read_engagement(folder), _in_force(folder, day)
    found = swap(roster, engagement.limits, (person, day), (other, other_day))
    after = replace(found.roster, violations=tuple(check(found.roster, engagement.limits)))
    lines = [
        *(say("legal" if found.legal else "not_legal"), *_indented(found.problems)),
        *(say("cover_holds" if found.cover_holds else "cover_lost"), *_indented(found.gaps)),
        *([say("soft", count=len(found.cautions)), *_indented(found.cautions)] if found.cautions else []),
        *_breaks_after(folder, engagement, after),
        say("others", codes=", ".join(found.others)) if found.others else say("nobody_other"),
    ]
    if not apply:
        return Outcome((*lines, *([say("nothing_written")] if found.legal else [])))
    if not found.legal:
        raise CatalystError("\n".join([say("not_applied"), *_indented(found.problems)]))
    return Outcome((*lines, _send_again(folder, roster, after)), (_write(folder, after, today, "swap"),))


def _in_force(folder: Path, day: date) -> Roster:
    roster = roster_on(folder, day)
    if roster is None:
        raise CatalystError(say("none_published", day=said_day(day), folder=folder))
    return roster


def who(folder: Path, day: date, shift: str) -> Outcome:
    """Say who could step in for a shift, whom to ask first at the top: fewest nights and extra hours lately.

    Raises
    ------
    CatalystError
        When no published roster holds the day, or there is no such shift.
    """
    engagement, roster = read_engagement(folder), _in_force(folder, day)
    codes = codes_of(roster.shifts)
    ident = next((i for i, code in codes.items() if shift.upper() in (code, i.upper())), None)
    if ident is None:
        known = ", ".join(f"{codes[s.id]} ({s.text})" for s in roster.shifts)
        raise CatalystError(say("no_shift", shift=shift, start=roster.start, known=known))
    found = who_could(roster, engagement.limits, day, ident)
    lines = [_stand_in_said(x) for x in found] or [
        say("nobody", shift=codes[ident], day=said_day(day), first=day, folder=folder)
    ]
    return Outcome(tuple(lines))


def _stand_in_said(one: StandIn) -> str:
    if one.last_resort:
        return say("who_call", person=one.person)
    side = "over" if one.extra_hours > 0 else "under"
    text = say("who", person=one.person, hours=f"{abs(round(one.extra_hours, 1)):g}", side=side, nights=one.nights)
    marks = (("who_silent", not one.speaks), ("who_wish", one.wished_free))
    return text + "".join(say(name) for name, true in marks if true)


def renew(folder: Path, first: date, today: date, *, apply: bool = False) -> Outcome:
    """Plan a published roster on from a day for staff.yaml as it is now: who joined, who left, new leave, holidays.

    Raises
    ------
    CatalystError
        When no published roster holds the day, or no plan keeps every hard rule.
    """
    engagement, roster = read_engagement(folder), _in_force(folder, first)
    people, from_day = _people_now(engagement, roster), max(first, today)
    found = _planned_on(engagement, roster, people, from_day)
    if found is None:
        raise CatalystError(say("no_plan", day=said_day(from_day), folder=folder))
    joined = sorted({p.code for p in people} - {p.code for p in roster.people})
    gone = sorted({p.code for p in roster.people} - {p.code for p in people})
    lines = [say(name, codes=", ".join(codes)) for name, codes in (("joined", joined), ("gone", gone)) if codes]
    lines += _repair_said(folder, engagement, roster, found) if found.changes else [say("no_change")]
    if not apply:
        return Outcome((*lines, say("nothing_written")))
    known = {v.text for v in check(roster, engagement.limits)}
    if broken := [v for v in check(found.roster, engagement.limits) if v.hard and v.text not in known]:
        raise CatalystError("\n".join([say("renewal_breaks", count=len(broken)), *_indented(_ordered(broken))]))
    why: Why = "new starter" if joined else "left" if gone else "leave"
    return Outcome((*lines, _send_again(folder, roster, found.roster)), (_write(folder, found.roster, today, why),))


def _planned_on(engagement: Engagement, roster: Roster, people: Sequence[Advocate], from_day: date) -> Repair | None:
    """Return the roster planned on for these people, advocates first and then supervisors; None without a plan."""
    codes, proved = {p.code for p in people}, True
    share = engagement.parameters["staffing.off_queue_share"].likely
    holidays = engagement.country.public_holidays(roster.start, roster.days[-1])
    stay = tuple(a for a in roster.assignments if a.person in codes or a.day < from_day)
    last = from_day - timedelta(days=1)
    there = tuple(p if p.code in codes else replace(p, last_day=min(last, p.last_day or last)) for p in roster.people)
    sessions = _sessions_now(engagement, roster, codes, from_day)
    after = replace(roster, assignments=stay, sessions=sessions, holidays=holidays, people=there)
    for leads in (False, True) if roster.supervisor_shifts else (False,):
        found = plan_on(
            question_of(after, engagement.limits, share, people, supervisors=leads), after, from_day=from_day
        )
        if found is None:
            return None
        after, proved = found.roster, proved and found.proved
    return compared(roster, after, frozenset(), proved)


def _sessions_now(engagement: Engagement, roster: Roster, codes: set[str], from_day: date) -> tuple[Session, ...]:
    """Return the roster's sessions without those who have left, and the training of those who joined."""
    kept = [replace(s, people=tuple(p for p in s.people if p in codes or s.day < from_day)) for s in roster.sessions]
    rules, joined = load_prices().sessions, codes - {p.code for p in roster.people}
    training = academy_of(engagement.staff, rules, engagement.country) if engagement.staff and rules else ()
    new = [replace(s, people=tuple(p for p in s.people if p in joined)) for s in training]
    inside = [s for s in new if from_day <= s.day <= roster.days[-1]]
    return tuple(s for s in (*kept, *inside) if s.people)


def _people_now(engagement: Engagement, roster: Roster) -> list[Advocate]:
    """Return the people of staff.yaml, absences noted since publication kept."""
    if engagement.staff is None:
        return list(roster.people)
    before = {p.code: p.leave for p in roster.people}
    now = advocates_of(engagement.staff, engagement.limits)
    return [replace(p, leave=p.leave | before.get(p.code, frozenset())) for p in now]


def why(folder: Path, draft: Draft) -> Outcome:
    """Say why the roster in hand falls short, and what would help."""
    engagement = read_engagement(folder)
    roster = _in_hand(folder, engagement, draft)
    share = engagement.parameters["staffing.off_queue_share"].likely
    found = explain(question_of(roster, engagement.limits, share), roster, load_prices())
    sentences = [found.sentence] if found.sentence else []
    return Outcome((*found.shortfalls, *sentences, *_indented(w.say for w in found.ways_out), found.gap))


def go_on(folder: Path) -> Outcome:
    """Let the next roster start where the last published one ends: `roster_start` in engagement.yaml is set to it.

    Raises
    ------
    CatalystError
        When no roster is published yet.
    """
    starts = list_rosters(folder)
    last = load_published(folder, starts[-1]) if starts else None
    if last is None:
        raise CatalystError(say("none_at_all", folder=folder))
    start = last.start + timedelta(days=len(last.needed))
    past = load_past(folder, start)
    lines = [
        say("next", last=said_day(start - timedelta(days=1)), start=said_day(start)),
        say("next_history", shifts=len(past.assignments), first=said_day(past.first or start)),
    ]
    path = folder / "engagement.yaml"
    text = path.read_text("utf-8")
    after = _with_start(text, start)
    if after == text:
        return Outcome((*lines, say("next_done")))
    data, node = parse(after, path)
    validate(data, EngagementFile, path, node)
    return Outcome(tuple(lines), (archive.write_text(path, after),))


def _with_start(text: str, start: date) -> str:
    """Return engagement.yaml with the roster's first day set; comments stay."""
    line = f"roster_start: {start}"
    if re.search(r"^roster_start:", text, re.MULTILINE):
        return re.sub(r"^roster_start:[ \t]*[\w-]*", line, text, count=1, flags=re.MULTILINE)
    return re.sub(r"^(start:.*)$", rf"\1\n{line}", text, count=1, flags=re.MULTILINE)
