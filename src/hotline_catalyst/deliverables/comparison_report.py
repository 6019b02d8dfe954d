"""The comparison of two waves as one HTML page for the consultant: verdicts, what they rest on, and the method.

Lays out what a `Comparison` holds; figures that too few people stand behind are kept back.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from .. import archive
from ..assessment.comparison import Comparison, DomainComparison, ItemComparison, load_constants
from ..assessment.instrument import TOP_LEVEL, Instrument
from ..library import content_root, read_yaml
from . import look
from .charts import Canvas, wrap

ORDER = ("lower", "higher", "unknown", "none")
COLOUR = {"higher": look.MET, "lower": look.NOT_MET, "none": look.INK, "unknown": look.QUIET}


def write(
    comparison: Comparison, instrument: Instrument, folder: Path, *, name: str, notice: str = "", language: str = "en"
) -> Path:
    """Write consultant/comparison.html into ``folder`` and return it.

    Parameters
    ----------
    name, notice
        The engagement's, as in engagement.yaml; escaped.
    language
        Of the page's words; it decides the reading direction.
    """
    return archive.write_text(
        folder / "consultant" / "comparison.html", page(comparison, instrument, name, notice, language)
    )


def page(comparison: Comparison, instrument: Instrument, name: str, notice: str, language: str) -> str:
    """Return the page as text."""
    from babel import Locale
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    w, templates = words(), content_root() / "templates" / "documents"
    rtl = Locale.parse(language, sep="-").text_direction == "rtl"
    days = {"since": look.day(comparison.since), "as_of": look.day(comparison.as_of)}
    domains = sorted(comparison.domains, key=lambda d: ORDER.index(d.verdict))
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("comparison.html.j2").render(
        w=w,
        language=language,
        direction="rtl" if rtl else "ltr",
        created=comparison.as_of.isoformat(),
        name=name,
        notice=notice,
        faces=look.font_faces(look.FONT, arabic=rtl or look.has_arabic(name + notice)),
        title=w["title"].format(**days),
        period=w["period"].format(**days),
        lead=_lead(comparison),
        summary=_summary(comparison),
        chart=dumbbells(domains, instrument, rtl=rtl),
        domains=[_domain_row(d, instrument) for d in domains],
        hidden_note="" if all(d.shown for d in domains) else _small(instrument, w["domains"]["hidden_note"]),
        items=[_item_row(i, instrument) for i in _changed(comparison)],
        items_intro=w["items"]["intro"].format(certain=look.percent(load_constants().certain_item.value)),
        items_small=_small(instrument, w["items"]["small"]),
        signs=look.VERDICT_SIGN,
        **_gates(comparison),
        method=[line.format(**_figures()) for line in w["method"]["text"]],
    )


@cache
def words() -> Any:
    """Return the page's own sentences."""
    return read_yaml(content_root() / "templates" / "documents" / "comparison_words.yaml")


def _small(instrument: Instrument, text: str) -> str:
    return text.format(n=f"{instrument.scoring.smallest_group.value:g}")


def _lead(comparison: Comparison) -> str:
    counted = []
    for verdict, said in words()["summary"]["verdicts"].items():
        n = comparison.count(verdict)
        if n:
            counted.append(said["one" if n == 1 else "other"].format(n=n))
    text = "; ".join(counted)
    return f"{text[:1].upper()}{text[1:]}."


def _summary(comparison: Comparison) -> list[str]:
    said, c = words()["summary"], comparison
    lines = [said["people"].format(before=c.people_before, after=c.people_after, shared=c.shared)]
    for key, n in (("not_agreed", c.not_agreed), ("other_role", c.other_role)):
        lines += [said[key].format(n=n)] if n else []
    lines.append(said["covered"].format(covered=c.items_covered, asked=c.items_asked))
    lines += [said["carried"].format(n=c.items_carried)] if c.items_carried else []
    return lines + ([said["next"]] if c.count("unknown") else [])


def _figures() -> dict[str, str]:
    """Return the constants that the words name."""
    constants = load_constants()
    return {
        "smallest": f"{constants.smallest_change.value:g}",
        "certain": look.percent(constants.certain.value),
        "people": f"{constants.shared_people.value:g}",
    }


# --- Rows --------------------------------------------------------------------------------------------------------


def signed(levels: float) -> str:
    """Write a difference with its sign, and none where it rounds to nothing.

    >>> signed(-0.26), signed(0.04), signed(1)
    ('−0.3', '0.0', '+1.0')
    """
    text = f"{levels:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", "−")


def _domain_row(domain: DomainComparison, instrument: Instrument) -> dict[str, str]:
    w, parts = words()["domains"], domain.parts
    row = {
        "title": next(d.title for d in instrument.domains if d.id == domain.id),
        "covers": w["covers"].format(covered=domain.covered, items=domain.items),
        "then": f"{domain.before.value:.1f}" if domain.before else w["absent"],
        "now": f"{domain.after.value:.1f}" if domain.after else w["absent"],
        "verdict": domain.verdict,
        "why": _why(domain),
    }
    for name in ("change", "evidence", "respondents", "once"):
        row[name] = signed(getattr(parts, name)) if parts else w["absent"]
    if parts and not domain.shown:
        row |= {"change": w["hidden"], "respondents": w["hidden"]}
    return row


def _why(domain: DomainComparison) -> str:
    said = [words()["reason"][domain.reason].format(**_figures())]
    if domain.mainly:
        said.append(words()["mainly"][domain.mainly])
    return " ".join(s for s in said if s)


def _changed(comparison: Comparison) -> list[ItemComparison]:
    """Return the items called changed that enough people stand behind."""
    called = [i for i in comparison.items if i.verdict in ("higher", "lower") and i.shown]
    return sorted(called, key=lambda i: ORDER.index(i.verdict))


def _item_row(item: ItemComparison, instrument: Instrument) -> dict[str, str]:
    return {
        "id": item.id,
        "title": instrument.items[item.id].title,
        "domain": next(d.title for d in instrument.domains if d.id == item.domain),
        "then": f"{item.before:.1f}",
        "now": f"{item.after:.1f}",
        "verdict": item.verdict,
    }


def _gates(comparison: Comparison) -> dict[str, Any]:
    w = words()["gates"]
    differ = [g for g in comparison.gates if g.reason != "same"]
    rows = [
        {
            "id": g.id,
            "title": g.title,
            "before": g.before,
            "after": g.after,
            "reason": g.reason,
            "learnt": w["learnt"].format(verdict=g.learnt) if g.learnt not in (g.before, g.after) else "",
        }
        for g in differ
    ]
    intro = w["intro"].format(same=len(comparison.gates) - len(differ), all=len(comparison.gates))
    return {"gates": rows, "gates_intro": intro}


# --- The drawing -------------------------------------------------------------------------------------------------


TITLE_HEIGHT = 30


class _Untitled(Canvas):
    """A canvas whose question stands outside it, as text that wraps where a drawing would be cut."""

    def svg(self, height: float, question: str, description: str) -> str:
        """Return the drawing without its visible title; a screen reader still hears it."""
        drawn = re.sub(r'<text x="0" y="18".*?</text>\n', "", super().svg(height, question, description), count=1)
        whole = f'viewBox="0 0 {self.width:g} {height:g}"'
        return drawn.replace(whole, f'viewBox="0 {TITLE_HEIGHT} {self.width:g} {height - TITLE_HEIGHT:g}"', 1)


class _Mirrored(_Untitled):
    """A canvas read from the right: places and anchors mirror, digits and words do not."""

    def _x(self, x: float) -> float:
        return self.width - x

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1, dash: str = "") -> None:
        """Draw a straight line."""
        super().line(self._x(x1), y1, self._x(x2), y2, colour, width, dash)

    def circle(self, x: float, y: float, r: float, fill: str, stroke: str) -> None:
        """Draw a disc."""
        super().circle(self._x(x), y, r, fill, stroke)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 13,
        fill: str = look.INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Write one line of text, escaped; left-to-right words that begin at the right."""
        anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
        super().text(self._x(x), y, text, size, fill, anchor, bold)


def dumbbells(domains: list[DomainComparison], instrument: Instrument, *, rtl: bool) -> str:
    """Draw each domain's score then and now, with intervals, and its verdict in words."""
    w, titles = words(), {d.id: d.title for d in instrument.domains}
    canvas: Canvas = (_Mirrored if rtl else _Untitled)("dumbbells", 720)
    left, step, top, row = 240.0, 84.0, 62.0, 36.0
    bottom = top + row * len(domains)
    for level in range(TOP_LEVEL + 1):
        canvas.text(left + step * level, 50, str(level), 13, look.INK, "middle", bold=True)
        canvas.line(left + step * level, top - 4, left + step * level, bottom, look.LINE)
    for index, domain in enumerate(domains):
        y = top + row * index + row / 2
        lines = wrap(titles[domain.id], left - 30, 13)
        for line, text in enumerate(lines):
            canvas.text(0, y + 4.5 + 14.5 * line - 7.25 * (len(lines) - 1), text, 13)
        _dumbbell(canvas, domain, left, step, y)
        sure = domain.verdict in ("higher", "lower")
        canvas.text(
            left + step * TOP_LEVEL + 18, y + 4.5, w["verdict"][domain.verdict], 12, COLOUR[domain.verdict], bold=sure
        )
    key = w["chart"]["key"].format(interval=look.percent(instrument.scoring.interval.value))
    canvas.text(0, bottom + 20, key, 11.5, look.QUIET)
    return canvas.svg(bottom + 28, w["chart"]["question"], " ".join(_spoken(d, titles[d.id]) for d in domains))


def _dumbbell(canvas: Canvas, domain: DomainComparison, left: float, step: float, y: float) -> None:
    if domain.before is None or domain.after is None:
        canvas.text(left + 6, y + 4.5, words()["chart"]["unasked"], 12, look.QUIET)
        return
    then, now = left + step * domain.before.value, left + step * domain.after.value
    colour = COLOUR[domain.verdict]
    for score, offset in ((domain.before, -6), (domain.after, 6)):
        canvas.line(left + step * score.low, y + offset, left + step * score.high, y + offset, look.QUIET, 1.5)
    canvas.line(then, y - 6, now, y + 6, colour, 3, "3 3" if domain.verdict == "unknown" else "")
    canvas.circle(then, y - 6, 5, "#FFFFFF", colour)
    canvas.circle(now, y + 6, 5, colour, colour)


def _spoken(domain: DomainComparison, title: str) -> str:
    w = words()
    verdict = w["verdict"][domain.verdict]
    if domain.before is None or domain.after is None:
        return str(w["chart"]["undescribed"].format(domain=title, verdict=verdict))
    before, after = f"{domain.before.value:.1f}", f"{domain.after.value:.1f}"
    return str(w["chart"]["described"].format(domain=title, before=before, after=after, verdict=verdict))
