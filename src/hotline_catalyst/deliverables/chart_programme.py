"""Charts of the second phase: when help by offering would fall, by the partner's choice."""

from __future__ import annotations

from collections.abc import Sequence

from ..assessment.programme import Offer
from ..results import Results
from . import look
from .charts import Axis, Canvas, shorten, time_grid

CHOICES = ("yes", "later", "open", "no")
CHOICE_WORDS = {"yes": "chosen", "later": "later", "open": "not decided", "no": "declined"}
CHOICE_FILL = {"yes": look.NIGHT, "later": look.LEVELS[2], "open": "#FFFFFF"}
LANE = 7.0


def offers_by_offering(results: Results) -> list[tuple[str, list[Offer]]]:
    """Return the dated and undated offers by offering, in the engagement's order; each group by start."""
    known = dict.fromkeys([*results.facts.offerings, *(o.offering for o in results.offers)])
    groups = [(name, [o for o in results.offers if o.offering == name]) for name in known]
    return [(name, sorted(own, key=_by_start)) for name, own in groups if own]


def _by_start(offer: Offer) -> tuple[str, str]:
    return (offer.start.isoformat() if offer.start else "9999", offer.recommendation)


def offers_chart(results: Results) -> str:
    """Draw each offer as a thin bar from its first to its last activity, by offering."""
    canvas, groups = Canvas("offers", 760), offers_by_offering(results)
    days = [d for _, own in groups for o in own for d in (o.start, o.end) if d]
    axis = Axis(results.roadmap.start, max([results.roadmap.start, *days]), 300, 752)
    stripes, top = canvas.hatch(), 84.0
    heights = [max(26.0, 10 + LANE * len([o for o in own if o.start])) for _, own in groups]
    bottom = top + sum(heights)
    _key(canvas, stripes)
    time_grid(canvas, axis, top, bottom)
    y = top
    for (name, own), height in zip(groups, heights, strict=True):
        canvas.line(0, y, canvas.width, y, look.LINE)
        canvas.text(0, y + 17, shorten(results.domain_title(name), 250, 12.5), 12.5)
        canvas.text(285, y + 17, str(len(own)), 12.5, look.INK, "end", bold=True)
        _lanes(canvas, own, axis, y + 5, stripes)
        y += height
    spoken = "; ".join(f"{results.domain_title(name)}: {len(own)} offers{_span(own)}" for name, own in groups)
    return canvas.svg(bottom + 8, "When would help fall, by offering?", f"{spoken}.")


def _key(canvas: Canvas, stripes: str) -> None:
    x = 0.0
    for choice in CHOICES:
        canvas.rect(x, 34, 22, 10, CHOICE_FILL.get(choice, stripes), _edge(choice), 0)
        canvas.text(x + 28, 44, CHOICE_WORDS[choice], 12)
        x += 110
    canvas.text(285, 76, "offers", 11, look.QUIET, "end")


def _lanes(canvas: Canvas, own: Sequence[Offer], axis: Axis, y: float, stripes: str) -> None:
    for offer in own:
        if offer.start and offer.end:
            x = axis.x(offer.start)
            wide = max(3, axis.x(offer.end) - x)
            canvas.rect(x, y, wide, LANE - 2, CHOICE_FILL.get(offer.choice, stripes), _edge(offer.choice), 0)
            y += LANE


def _edge(choice: str) -> str:
    return look.QUIET if choice in ("open", "no") else look.NIGHT


def _span(own: Sequence[Offer]) -> str:
    starts, ends = [o.start for o in own if o.start], [o.end for o in own if o.end]
    return f", {look.day(min(starts))} to {look.day(max(ends))}" if starts and ends else ""
