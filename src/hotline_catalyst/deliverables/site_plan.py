"""The plan in the playbook site: when what happens, how many signals and how many people, as drawings and tables.

The partner's edition says how many people are employed, never how many are there at which hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..planning.calendar import DAYS
from ..planning.demand import Span
from ..planning.roadmap import Scheduled
from ..results import Results
from . import charts, gantt, look
from .chart_parts import Bar, bars, sheets
from .chart_week import HOURS, day_steps, heat_strip, tightest
from .playbooks import Edition, plain
from .report_blocks import role, words
from .report_staffing import promise_words
from .site_words import start_words

# What a screen shows at most of one drawing: a figure for wide screens and paper, and one for a phone.
Drawing = tuple[str, str]


def roadmap_page(results: Results) -> str:
    """Return the roadmap: the launch with its doubt, what is closed yet, the bars, and every activity."""
    return "\n\n".join(_roadmap(results)) + "\n"


def _roadmap(results: Results) -> Iterator[str]:
    say, plan = start_words().roadmap, results.roadmap
    yield f"# {say.title}"
    yield f"{plain(charts.launch_words(results))}\n{{ .summary }}"
    closed = charts.unmet_gates(results)[1]
    yield f"{say.gates.format(ids=', '.join(closed)) if closed else say.gates_met} {say.promise}"
    if not plan.activities:
        yield say.none
        return
    yield f"## {say.bars}"
    for _, wide, phone in gantt.figures(results):
        yield _figure((wide, phone))
    yield say.reading
    yield f"## {say.table}"
    for phase, activities in charts.phases_of(plan, results.phase_titles):
        rows = [_activity(results, a) for a in activities]
        yield f"### {plain(results.phase_titles[phase])}\n\n{_table(say.columns, rows)}"
    yield say.money


def _activity(results: Results, a: Scheduled) -> Sequence[str]:
    say = start_words().roadmap
    state = {"done": say.done, "running": say.running}.get(a.state, say.most).format(day=look.day(a.p80))
    return (
        f"**{a.task.id} {plain(a.task.title)}**",
        f"{look.day(a.start)} to {look.day(a.end)}<br>*{state}*",
        plain(role(results, a.task.owner)),
    )


def staffing_page(results: Results, edition: Edition) -> str:
    """Return the staffing plan: people and signals for all, the week on shift for the operator alone."""
    return "\n\n".join(_staffing(results, edition)) + "\n"


def _staffing(results: Results, edition: Edition) -> Iterator[str]:
    say, hours = start_words().staffing, results.facts.hours.text
    yield f"# {say.title}"
    hours = plain(hours[0].upper() + hours[1:])
    yield f"{say.intro.format(hours=hours, basis=plain(_basis(results)))}\n{{ .summary }}"
    yield from _people(results)
    yield from _demand(results)
    yield f"## {say.promise}\n\n{plain(promise_words(results))}."
    if edition == "operator":
        yield from _week(results)
    else:
        yield say.withheld


def _basis(results: Results) -> str:
    basis = results.demand.basis.rstrip(".")
    return f"{basis[0].lower()}{basis[1:]}."


def _people(results: Results) -> Iterator[str]:
    say, plan = start_words().staffing, results.staffing
    yield f"## {say.people}\n\n{say.people_text}"
    rows = [
        (year, *(str(n) for n in (people.advocates, people.supervisors, people.support, people.total)))
        for year, people in zip(words()["staffing"]["years"], plan.people_by_year, strict=True)
    ]
    yield _table(say.people_columns, rows)
    people = plan.people
    ranged = say.people_range.format(low=people.advocates_low, high=people.advocates_high)
    hiring = plan.hiring_refused or say.hiring.format(hires=people.hires_first_year)
    yield plain(f"{ranged if people.advocates_low < people.advocates_high else ''} {hiring}")


def _demand(results: Results) -> Iterator[str]:
    say, named = start_words().staffing, words()["staffing"]
    years = list(zip(named["years"], results.demand.years, strict=True))
    marks = [Bar(title, span, _ranged(named["charts"]["year_range"], span)) for title, span in years]
    question = named["charts"]["demand_question"]
    wide, phone = (bars("signals", question, marks, sheet) for sheet in sheets(False))
    yield f"## {say.demand}"
    yield _figure((wide, phone))
    yield _table(say.demand_columns, [(title, *_numbers(span)) for title, span in years])


def _numbers(span: Span) -> Sequence[str]:
    return [look.number(end) for end in (span.likely, span.low, span.high)]


def _ranged(text: str, span: Span) -> str:
    likely, low, high = _numbers(span)
    return text.format(likely=likely, low=low, high=high)


def _week(results: Results) -> Iterator[str]:
    say, plan, named = start_words().staffing, results.staffing, words()["staffing"]["charts"]
    cover, need = plan.shift_plan.covered.tolist(), plan.need.on_shift.tolist()
    yield f'## {say.week}\n\n!!! danger "{say.week_warning}"\n    {say.week_text}'
    wide, phone = sheets(False)
    yield _figure((heat_strip(cover, need, wide), heat_strip(cover, need, phone)))
    weekend = results.facts.country.weekend
    yield _figure((day_steps(cover, need, weekend, wide), day_steps(cover, need, weekend, phone)))
    hours = tightest(cover, need)
    rows = [(f"{h:02d}", *(_pair(hours[d * HOURS + h], say.closed) for d in range(len(DAYS)))) for h in range(HOURS)]
    yield _table((say.hour, *named["days_short"]), rows)
    yield say.more


def _pair(pair: tuple[int, int], closed: str) -> str:
    return f"{pair[0]} / {pair[1]}" if any(pair) else closed


def _figure(drawing: Drawing) -> str:
    """Return a drawing as it stands in Markdown; search finds words of the text, not of the drawing."""
    wide, phone = (" ".join(svg.split("\n")) for svg in drawing)
    return (
        f'<figure class="chart wide" tabindex="0" data-search-exclude>{wide}</figure>\n'
        f'<figure class="chart phone" data-search-exclude>{phone}</figure>'
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
