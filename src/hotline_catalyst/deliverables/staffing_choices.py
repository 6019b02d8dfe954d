"""The sheets Options and Stress: what the toolkit worked out on the day of planning, as values that do not follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..planning.staffing_words import language_name
from . import look
from .sheets import FIRST_ROW
from .staffing_pages import SIDES, Model, block

OPTION_PEOPLE, OPTION_SERVED = 5, 6


def options(model: Model) -> None:
    """Add the sheet of launch options."""
    plan, titles = model.plan, model.results.instrument.meta.channels
    say = "Values of the day this was planned: they do not follow Inputs, as each needs shifts of its own."
    widths = (36, 22, 16, 10, 11, 9, 11, 16, 16, 16, 10, 11, 58, 58)
    sheet = model.book.sheet("Options", "Which hours, channels and languages could be chosen?", say, widths, wide=True)
    unit = f"{plan.currency}, year 1"
    headings = (
        "Choice", "Channels", "Languages", "Calls in time", "Advocates", "People", "Signals served", f"Low, {unit}",
        f"Likely, {unit}", f"High, {unit}", "Asked for", "Best for its people", "In a sentence", "Outside its hours",
    )  # fmt: skip
    text, whole = model.book.text(), model.book.text(num_format="#,##0", align="center")
    money, share = model.book.text(num_format="#,##0"), model.book.text(num_format="0%", align="center")
    rows = (
        (
            o.title,
            ", ".join(titles.get(c, c) for c in o.channels),
            ", ".join(language_name(x) for x in o.languages),
            o.voice_share,
            o.advocates,
            o.people,
            o.share_served,
            *(look.rounded(getattr(o.annual_cost, side), 3) for side in SIDES),
            "yes" if o.chosen else "",
            "yes" if o.frontier else "",
            o.sentence,
            o.outside,
        )
        for o in plan.options
    )
    styles = [text, text, text, share, whole, whole, share, money, money, money, whole, whole, text, text]
    after = model.book.table(sheet, headings, rows, styles)
    last = after - 1
    for name, column in (("option_people", OPTION_PEOPLE), ("option_served", OPTION_SERVED)):
        model.name(name, block("Options", (FIRST_ROW + 1, column), (max(last, FIRST_ROW + 1), column)))


def stress(model: Model) -> None:
    """Add the sheet of simulated weeks."""
    strain = model.plan.stress
    say = (
        f"{strain.weeks} simulated weeks of the plan with absence, breaks, busy days and call-backs. Values of the day "
        "this was planned: they do not follow Inputs."
    )
    sheet = model.sheet("Stress", "What breaks the promise, and how often?", say, (54, 14, 14, 96))
    model.book.headings(
        sheet,
        FIRST_ROW,
        ("", "Share", "Plus or minus", "In words"),
        styles=[model.label, *[model.figure] * 2, model.note],
    )
    share = model.book.text(num_format="0.0%")
    row = FIRST_ROW + 1
    for title, lines in _stress_parts(model):
        model.subtitle(sheet, row, title)
        for label, value, error, words in lines:
            row += 1
            look.put(sheet, row, 0, label, model.label)
            look.put(sheet, row, 1, value, share)
            look.put(sheet, row, 2, error, share)
            look.put(sheet, row, 3, words, model.note)
            model.book.fit(sheet, row, (label, None, None, words))
        row += 2
    sheet.freeze_panes(FIRST_ROW + 1, 1)
    sheet.repeat_rows(FIRST_ROW)
    sheet.print_area(0, 0, row - 2, 3)


def _stress_parts(model: Model) -> Iterator[tuple[str, list[tuple[str, Any, Any, str]]]]:
    """Yield the sheet's parts: label, share, standard error and words of each line."""
    plan, strain = model.plan, model.plan.stress
    weeks, periods = strain.weekly, strain.four_weeks
    first = strain.sentences[0] if strain.sentences else ""
    yield (
        "Answered as promised",
        [
            ("All weeks together", strain.service, None, first),
            ("What is promised, channels together", strain.promise, None, ""),
            ("Weeks that keep the promise", strain.kept_weeks, None, ""),
            ("Four-week periods that keep it", strain.kept_four_weeks, None, ""),
            ("A week: one in twenty is below", weeks.low, None, ""),
            ("A week: half are below", weeks.median, None, ""),
            ("Four weeks: one in twenty is below", periods.low, None, ""),
            ("Four weeks: half are below", periods.median, None, ""),
        ],
    )
    if strain.weakest:
        yield (
            "Where it is weakest",
            [(w.label, w.service, None, f"{w.offered_per_week:.1f} signals a week") for w in strain.weakest],
        )
    if strain.causes:
        yield "What each cause takes away", [(c.title, c.drop, c.error, c.sentence) for c in strain.causes]
    yield (
        "One person more or fewer",
        [
            ("One advocate more in the weakest hours", strain.one_more, None, ""),
            ("One advocate more at every hour", strain.one_more_everywhere, None, ""),
            ("One advocate fewer at every hour", strain.one_fewer, None, ""),
            ("A campaign fortnight", strain.campaign, None, ""),
        ],
    )
    confirmed = plan.confirmed
    yield (
        "The simulated week and the need",
        [
            ("The need alone, before anything was added", confirmed.before, None, ""),
            ("With what was added", confirmed.reached, None, ""),
            (
                "The exact solution of the week as it goes on",
                plan.service_level_exact,
                None,
                "No absence, no breaks, likely demand.",
            ),
        ],
    )
    if plan.triggers:
        yield "When to grow", [(t.title, None, None, t.sentence) for t in plan.triggers]
