"""Charts of what was found: the readiness ladder, the gate board, and what there is to build on."""

from __future__ import annotations

from ..assessment.gates import GateResult
from ..assessment.instrument import TOP_LEVEL
from ..assessment.inventory import KINDS
from ..assessment.readiness import DomainReadiness
from ..results import Results
from . import look
from .charts import Canvas, shorten, wrap

VERDICT_ORDER = ("not met", "not shown", "met")
STANDINGS = ("shown", "said", "to improve", "not known")
STANDING_FILL = {"shown": look.LEVELS[4], "said": look.LEVELS[2], "to improve": "#FFFFFF"}


def by_attention(results: Results) -> list[DomainReadiness]:
    """Return the domains, those that surely need attention first: lowest best case, then lowest worst case."""
    return sorted(results.readiness.domains, key=lambda d: (d.high, d.low, d.level))


def level_words(domain: DomainReadiness) -> str:
    """Write a domain's level with its interval, or that it is not assessed or not settled."""
    if not domain.assessed:
        return "not assessed"
    if not domain.settled:
        return f"not settled ({domain.low} to {domain.high})"
    return f"{domain.level}" if domain.low == domain.high else f"{domain.level} ({domain.low} to {domain.high})"


def readiness_ladder(results: Results, row: float = 27.0) -> str:
    """Draw the domains' levels with their intervals; what is not settled is striped and has no number.

    ``row`` is a domain's height; below 30 its title stands on one line.
    """
    canvas, domains = Canvas("ladder", 720), by_attention(results)
    stripes, left, step, top = canvas.hatch(), 300.0, 72.0, 66.0
    bottom = top + row * len(domains)
    for level in results.instrument.meta.levels:
        x = left + step * level.n
        canvas.text(x, 40, str(level.n), 13, look.INK, "middle", bold=True)
        canvas.text(x, 55, level.name, 11, look.QUIET, "middle")
        canvas.line(x, top - 4, x, bottom, look.LINE)
    for index, domain in enumerate(domains):
        y = top + row * index + row / 2
        title = results.domain_title(domain.id)
        lines = wrap(title, left - 40, 13) if row >= 30 else [shorten(title, left - 24, 13)]
        for line, text in enumerate(lines):
            canvas.text(0, y + 4.5 + 14.5 * line - 7.25 * (len(lines) - 1), text, 13)
        _rung(canvas, domain, (left, step), y, min(10, row / 2 - 1), stripes)
        canvas.text(left + step * TOP_LEVEL + 24, y + 4.5, _beside(domain), 11.5, look.INK)
    canvas.text(
        0,
        bottom + 18,
        "Box: level. Line: interval. Stripes: not settled, the level lies somewhere in there.",
        11.5,
        look.QUIET,
    )
    spoken = "; ".join(f"{results.domain_title(d.id)}: {level_words(d)}" for d in domains)
    return canvas.svg(bottom + 26, "Which domains need attention first?", f"Level 0 to 4 by domain. {spoken}.")


def _beside(domain: DomainReadiness) -> str:
    interval = f"{domain.low} to {domain.high}"
    if not domain.assessed:
        return "not assessed"
    if not domain.settled:
        return f"not settled, {interval}"
    return "" if domain.low == domain.high else interval


def _rung(
    canvas: Canvas, domain: DomainReadiness, scale: tuple[float, float], y: float, half: float, stripes: str
) -> None:
    left, step = scale
    low, high = left + step * domain.low, left + step * domain.high
    if not domain.assessed:
        return
    if not domain.settled:
        canvas.rect(low - 13, y - half + 1, high - low + 26, 2 * half - 2, stripes, look.QUIET)
        return
    if domain.low != domain.high:
        canvas.line(low, y, high, y, look.INK, 2)
        for end in (low, high):
            canvas.line(end, y - half + 3, end, y + half - 3, look.INK, 2)
    x = left + step * domain.level
    canvas.rect(x - 13, y - half, 26, 2 * half, look.LEVELS[domain.level], look.INK, 3)
    ink = "#FFFFFF" if domain.level == TOP_LEVEL else look.INK
    canvas.text(x, y + 4.5, str(domain.level), 13, ink, "middle", bold=True)


def gate_groups(results: Results) -> list[tuple[str, list[GateResult]]]:
    """Return gates by kind in the order of gates.yaml; within a kind, what is closed comes first."""
    kinds = results.instrument.gates_file.kinds
    groups = [(kind, [g for g in results.gates if g.kind == kind]) for kind in kinds]
    return [(kind, sorted(gates, key=lambda g: VERDICT_ORDER.index(g.verdict))) for kind, gates in groups if gates]


def counts_words(counts: dict[str, int]) -> str:
    """Write gate counts as words, what is closed first.

    >>> counts_words({"met": 4, "not met": 15, "not shown": 0})
    '15 not met, 4 met'
    """
    return ", ".join(f"{counts[v]} {v}" for v in VERDICT_ORDER if counts[v])


def gate_board(results: Results) -> str:
    """Draw every gate with its verdict as symbol and word, by what it keeps closed."""
    canvas = Canvas("gates", 720)
    stripes, y = canvas.hatch(), 36.0
    for kind, gates in gate_groups(results):
        canvas.line(0, y, 720, y, look.LINE)
        heading = results.instrument.gates_file.kinds[kind]
        canvas.text(0, y + 20, heading, 14, look.NIGHT, bold=True)
        canvas.text(720, y + 20, counts_words(results.gate_counts(kind)), 12.5, look.INK, "end")
        y += 30
        for gate in gates:
            y = _gate_row(canvas, gate, y, stripes)
        y += 8
    verdicts = [g.verdict for g in results.gates]
    spoken = counts_words({v: verdicts.count(v) for v in VERDICT_ORDER})  # type: ignore[arg-type]
    each = "; ".join(f"{g.id} {g.title}: {g.verdict}" for g in results.gates)
    return canvas.svg(y, "Which gates are not met or not shown yet?", f"{len(verdicts)} gates: {spoken}. {each}.")


def _gate_row(canvas: Canvas, gate: GateResult, y: float, stripes: str) -> float:
    colour, shown = look.VERDICT_COLOUR[gate.verdict], gate.verdict != "not shown"
    canvas.rect(0, y, 20, 18, colour if shown else stripes, colour)
    if not shown:
        canvas.rect(4, y + 2, 12, 14, "#FFFFFF", rx=1)
    sign = look.VERDICT_SIGN[gate.verdict]
    canvas.text(10, y + 14, sign, 13, "#FFFFFF" if shown else look.INK, "middle", bold=True)
    canvas.text(28, y + 13.5, gate.verdict, 12.5, colour if shown else look.INK, bold=True)
    canvas.text(100, y + 13.5, gate.id, 12.5, look.QUIET)
    lines = wrap(gate.title, 570, 13)
    for index, line in enumerate(lines):
        canvas.text(150, y + 13.5 + 16 * index, line, 13)
    return y + 24 + 16 * (len(lines) - 1)


def standing_counts(results: Results, kind: str) -> dict[str, int]:
    """Count a kind's assets by standing."""
    own = [a.standing for a in results.inventory if a.kind == kind]
    return {s: own.count(s) for s in STANDINGS}  # type: ignore[arg-type]


def assets_chart(results: Results, titles: dict[str, str]) -> str:
    """Draw each kind of asset as one bar: shown, only said, to improve, not known; the counts stand in the bars."""
    canvas, left, right, top, row = Canvas("assets", 720), 205.0, 715.0, 64.0, 34.0
    stripes = canvas.hatch()
    counts = {kind: standing_counts(results, kind) for kind in KINDS}
    most = max(1, *(sum(c.values()) for c in counts.values()))
    x = 0.0
    for standing in STANDINGS:
        canvas.rect(x, 32, 14, 14, STANDING_FILL.get(standing, stripes), look.INK)
        canvas.text(x + 20, 44, standing, 12.5)
        x += 110
    for index, kind in enumerate(KINDS):
        y = top + row * index
        canvas.text(0, y + 17, titles[kind], 13)
        x = left
        for standing, count in counts[kind].items():
            wide = (right - left) * count / most
            if count:
                canvas.rect(x, y, wide, 24, STANDING_FILL.get(standing, stripes), look.INK, 0)
                _count(canvas, x + wide / 2, y, count, standing, wide)
            x += wide
    spoken = "; ".join(f"{titles[k]}: {', '.join(f'{n} {s}' for s, n in c.items())}" for k, c in counts.items())
    question = "What is there to build on, and what is only said?"
    return canvas.svg(top + row * len(KINDS), question, f"Questions by kind and standing. {spoken}.")


def _count(canvas: Canvas, x: float, y: float, count: int, standing: str, wide: float) -> None:
    if wide < 14:
        return
    if standing == "not known":
        canvas.rect(x - 12, y + 4, 24, 16, "#FFFFFF")
    canvas.text(x, y + 17, str(count), 12.5, "#FFFFFF" if standing == "shown" else look.INK, "middle", bold=True)
