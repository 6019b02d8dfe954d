"""What the operator's staffing page says of demand, the week, people and hiring: each number with range and rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ..planning.demand import CATEGORIES, Span
from ..planning.staffing_words import language_name, load_staffing_words
from ..results import Results
from . import chart_people, chart_week, look
from .chart_options import share_words
from .chart_parts import Bar, Sheet, bars, sheets
from .report_blocks import Block, cell, chance, table, words
from .report_staffing import bound_shares, heads_words, promise_words, signal_words

ALL_HOURS = 168


@dataclass(frozen=True)
class Page:
    """What the parts are made from; ``rtl`` draws the charts from the right."""

    results: Results
    rtl: bool

    def say(self, part: str) -> Any:
        """Return a part's words."""
        return words()["staffing"]["page"][part]

    @property
    def running(self) -> bool:
        """Whether the line is open already: then there is no launch to count from."""
        return self.results.facts.stage == "existing"

    @property
    def charts(self) -> Any:
        """The words inside charts."""
        return words()["staffing"]["charts"]

    def heading(self, part: str) -> Block:
        """Return a part's heading."""
        return Block("h2", self.say(part)["heading"], id=part)

    def figure(self, name: str, draw: Callable[[Sheet], str]) -> Iterator[Block]:
        """Yield a drawing for desk and paper, and one for a phone."""
        wide, phone = sheets(self.rtl)
        yield Block("figure", svg=draw(wide), id=name)
        yield Block("phone", svg=draw(phone), id=f"{name}-phone")


def short(page: Page) -> Iterator[Block]:
    """Say the plan in five lines, with the rule that binds most."""
    say, results, plan = page.say("short"), page.results, page.results.staffing
    hours, bounds = results.facts.hours.text, bound_shares(results)
    cover = [int(c) for c, n in zip(plan.shift_plan.covered, plan.need.on_shift, strict=True) if n]
    yield page.heading("short")
    if plan.hiring_refused:
        yield Block("p", plan.hiring_refused, strong=words()["staffing"]["refused"])
    yield Block(
        "p",
        say["lead"].format(
            hours=hours[0].upper() + hours[1:],
            total=plan.people.total,
            advocates=heads_words(plan.people),
            annual=look.span(results.demand.years[0]),
            cost=look.span(plan.annual_cost),
            currency=plan.currency,
        ),
    )
    lines = [
        say[_on_shift(page, min(cover, default=0))].format(
            fewest=min(cover, default=0), most=plan.peak_on_shift, night=plan.night_on_shift
        ),
        say["service"].format(
            promise=promise_words(results),
            weeks=share_words(plan.stress.kept_weeks),
            simulated=share_words(plan.stress.service),
        ),
        *filter(None, [signal_words(plan)]),
        *(say["rule"].format(text=_rule(rule), share=look.percent(share)) for rule, share in bounds[:1]),
        *([say["lines"].format(lines=plan.lines)] if plan.lines else []),
        say["edit"],
    ]
    yield Block("bullets", items=tuple(lines))


def _on_shift(page: Page, fewest: int) -> str:
    """Name the sentence on numbers on shift: a line that closes is not told of all its nights."""
    plan = page.results.staffing
    always = plan.open_hours_per_week >= ALL_HOURS
    if fewest == plan.peak_on_shift:
        return "on_shift_same" if always else "on_shift_same_closed"
    return "on_shift" if plan.night_on_shift else "on_shift_closed"


def _rule(rule: str) -> str:
    text = load_staffing_words().bounds[rule]
    return text[0].lower() + text[1:].rstrip(".")


# --- what we expect ----------------------------------------------------------------------------------------------


def expect(page: Page) -> Iterator[Block]:
    """Show three years of signals with their range, and how they divide."""
    say, demand = page.say("expect"), page.results.demand
    yield page.heading("expect")
    yield Block("p", say["intro"].format(basis=demand.basis))
    years = [
        Bar(title, span, _ranged(page.charts["year_range"], span))
        for title, span in zip(words()["staffing"]["years"], demand.years, strict=True)
    ]
    yield from page.figure("demand", lambda sheet: bars("demand", page.charts["demand_question"], years, sheet))
    mixed = say["mix"].format(
        live=look.number(demand.live_per_week, 2),
        minutes=look.number(demand.handle_time_s / 60, 2),
        busy=look.number(demand.busy_day_factor),
        redial=look.number(demand.redial_factor),
    )
    waiting = say["messages"].format(written=look.number(demand.written_per_week, 2)) if demand.written_per_week else ""
    yield Block("p", f"{mixed} {waiting}".strip())
    if demand.observed is not None:
        yield Block("p", say["own"])
        yield Block("bullets", items=tuple(note.text for note in demand.observed.notes))
    mix = _mix(page)
    yield from page.figure("mix", lambda sheet: bars("mix", page.charts["mix_question"], mix, sheet))


def _ranged(text: str, span: Span) -> str:
    low, likely, high = (look.number(end) for end in (span.low, span.likely, span.high))
    return text.format(low=low, likely=likely, high=high)


def _mix(page: Page) -> list[Bar]:
    say, demand, results = page.say("expect"), page.results.demand, page.results
    channels = {results.instrument.meta.channels.get(c, c): share for c, share in demand.shares.items()}
    known = [results.parameters[f"demand.mix_{c}"] for c in CATEGORIES if f"demand.mix_{c}" in results.parameters]
    categories = {p.title.removeprefix("Share of ").capitalize(): p.likely for p in known}
    languages = {language_name(c) if c else say["main_language"]: share for c, share in demand.languages.items()}
    listed = (("channels", channels), ("categories", categories), ("languages", languages))
    return [bar for key, shares in listed for bar in _shares(say[key], shares)]


def _shares(title: str, shares: Mapping[str, float]) -> Iterator[Bar]:
    for n, (name, share) in enumerate(sorted(shares.items(), key=lambda s: -s[1])):
        yield Bar(name, Span(share, share, share), look.percent(share), heading="" if n else title)


# --- the week ----------------------------------------------------------------------------------------------------


def week(page: Page) -> Iterator[Block]:
    """Show need and cover hour by hour, and which rule set each number."""
    say, results, plan = page.say("week"), page.results, page.results.staffing
    cover, need = plan.shift_plan.covered.tolist(), plan.need.on_shift.tolist()
    under = sum(c < n for c, n in zip(cover, need, strict=True))
    yield page.heading("week")
    enough = say["short"].format(count=under) if under else say["enough"]
    yield Block("p", f"{say['intro']} {enough} {say['breaks']}")
    yield from page.figure("week-strip", lambda sheet: chart_week.heat_strip(cover, need, sheet))
    weekend = results.facts.country.weekend
    yield from page.figure("days", lambda sheet: chart_week.day_steps(cover, need, weekend, sheet))
    yield Block("h3", say["binds"])
    yield Block("p", say["binds_intro"])
    bounds, bind = load_staffing_words().bounds, words()["staffing"]["bind"]
    shares = [bind.format(share=look.percent(s), text=bounds[rule]) for rule, s in bound_shares(results)]
    yield Block("bullets", items=tuple(shares))
    yield Block("p", f"{_confirmed(page)} {_written(page)}".strip())
    if len(plan.need.speakers) > 1:
        yield Block("h3", say["languages"])
        yield Block("bullets", items=tuple(_speakers(page)))


def _speakers(page: Page) -> Iterator[str]:
    """Say for each language how many on shift speak it; everybody speaks the first."""
    say, plan = page.say("week"), page.results.staffing
    for number, (code, week) in enumerate(plan.need.speakers.items()):
        counts = [int(n) for n, on_shift in zip(week, plan.need.on_shift, strict=True) if on_shift]
        fewest, most = min(counts, default=0), max(counts, default=0)
        name = language_name(code) if code else page.say("expect")["main_language"]
        language = name[:1].upper() + name[1:]
        if number == 0:
            kind = "speaks_all"
        elif fewest:
            kind = "speaks" if fewest < most else "speaks_same"
        else:
            kind = "speaks_some" if most else "speaks_none"
        yield say[kind].format(language=language, count=most, most=most, fewest=fewest)
    if plan.interpreted > 0:
        yield say["interpreted"].format(share=chance(plan.interpreted))


def _confirmed(page: Page) -> str:
    found = page.results.staffing.confirmed
    text = page.say("week")["simulated" if found.added.any() else "confirmed"]
    figures = {k: share_words(getattr(found, k)) for k in ("before", "reached", "promise")}
    return str(text.format(**figures))


def _written(page: Page) -> str:
    """Say what becomes of messages; nothing where none come."""
    say, plan = page.say("week"), page.results.staffing
    if not page.results.demand.written_per_week:
        return ""
    oldest = float(plan.written.oldest_business_days)
    if not isfinite(oldest):
        return str(say["written_never"].format(missing=look.number(float(plan.written.hours_missing_per_week), 2)))
    late = look.percent(float(plan.written.late_share))
    return str(say["written"].format(oldest=f"{oldest:.1f}", days=f"{plan.targets.written_days:g}", late=late))


# --- people and hiring -------------------------------------------------------------------------------------------


def people(page: Page) -> Iterator[Block]:
    """Show where paid time goes, and every post with its reason."""
    say, plan = page.say("people"), page.results.staffing
    first, second, third = plan.people_by_year
    away = first.shrinkage
    yield page.heading("people")
    yield Block(
        "p",
        say["intro"].format(
            paid=look.number(away.paid_hours, 4),
            productive=look.number(first.productive_hours),
            share=look.percent(away.share.likely),
            low=look.percent(away.share.low),
            high=look.percent(away.share.high),
        ),
    )
    if first.advocates_low < first.advocates_high:
        yield Block("p", say["range"].format(low=first.advocates_low, high=first.advocates_high))
    ordered = sorted(away.parts, key=lambda p: -p.hours.likely)
    rows = [Bar(p.title, p.hours, _hours(page.charts["away_says"], p.hours)) for p in ordered if p.hours.high]
    yield from page.figure("away", lambda sheet: bars("away", page.charts["away_question"], rows, sheet))
    yield Block("h3", say["posts"])
    posts = [
        (cell(p.title, "strong"), cell(str(p.heads)), cell(f"{p.full_time:.2f}"), cell(p.because)) for p in first.posts
    ]
    yield table("posts", say["columns"], posts)
    yield Block("p", say["part_time"])
    yield Block("p", say["later"].format(second=second.total, third=third.total))


def _hours(text: str, span: Span) -> str:
    low, likely, high = (f"{h:.0f}" if h >= 10 else f"{h:.1f}" for h in (span.low, span.likely, span.high))
    return text.format(low=low, likely=likely, high=high)


def hiring(page: Page) -> Iterator[Block]:
    """Show productive against needed advocates by month, and the classes."""
    say, plan = page.say("hiring"), page.results.staffing
    yield page.heading("hiring")
    if plan.hiring is None:
        yield Block("p", plan.hiring_refused)
        return
    found = plan.hiring
    if plan.from_nobody:
        yield Block("p", words()["staffing"]["from_nobody"])
    yield Block("p", found.because)
    yield from page.figure("hiring-chart", lambda sheet: chart_people.hiring_chart(found, sheet, page.running))
    if not found.cohorts:
        yield Block("p", say["none"])
        return
    rows = [(cell(_when(page, c.month)), cell(str(c.entrants)), cell(f"{c.graduates:.1f}")) for c in found.cohorts]
    passed = look.percent(page.results.parameters["staffing.academy_pass_rate"].likely)
    yield table("classes", [title.format(share=passed) for title in say["columns"]], rows)


def _when(page: Page, month: int) -> str:
    side = "before" if month < 0 else "after" if month else "at"
    text = page.say("hiring")[f"{side}_start" if page.running else {"at": "at_launch"}.get(side, side)]
    return str(text.format(months=abs(month)))
