"""The scorecard workbook: every level, gate, item, answer and ruling, for the consultant alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..assessment.instrument import Instrument
from ..assessment.readiness import DomainReadiness
from ..results import Results
from . import look, scorecard_next
from .sheets import FIRST_ROW, Book, Row, assumptions

AUDIENCE = "consultant's edition, not to be passed on"
STATES = {
    "answered": "answered",
    "dont_know": "does not know",
    "not_applicable": "does not apply",
    "declined": "would rather not say",
}


def write(results: Results, folder: Path) -> list[Path]:
    """Write consultant/scorecard.xlsx."""
    book = Book(results, f"Scorecard: {results.facts.name}", AUDIENCE)
    _read_me(book)
    _domains(book)
    _gates(book)
    scorecard_next.look_next(book)
    _items(book)
    _answers(book)
    _findings(book)
    scorecard_next.assets(book)
    scorecard_next.programme(book)
    _seen_and_ruled(book)
    scorecard_next.sensitivity(book)
    assumptions(book)
    return [book.write(folder / "consultant" / "scorecard.xlsx")]


def _read_me(book: Book) -> None:
    facts, meta = book.results.facts, book.results.instrument.meta
    sheet = book.sheet(
        "Read me",
        f"Scorecard: {facts.name}",
        f"As of {look.day(facts.as_of)}. Instrument {facts.instrument}.",
        (26, 92),
    )
    interval = book.results.instrument.scoring.interval.value
    lines = [
        ("What it is for", "To see, for every item, what was said, what was seen and what the toolkit makes of it."),
        (
            "Who may have it",
            "The consultant's team only. It holds respondent codes, notes, evidence and rulings. "
            "Give the partner the report instead.",
        ),
        (
            "Where to begin",
            "Gates: what is not met, and what is not shown. Then Look next: what would settle most for a day's work. "
            "Then Domains: what is not settled, and Items, sorted by consensus, for what people see differently.",
        ),
        ("Respondents", str(len({r.respondent for r in book.results.testimony.responses}))),
        (
            "Not settled",
            "The answers leave more than one level open, or the model and the plain median disagree. "
            "Read the interval, not the level.",
        ),
        (
            "Interval and bounds",
            f"The interval is the model's, and holds with a chance of at least {look.percent(interval)}. "
            "Bounds assume nothing: lowest to highest answer, a don't-know counting as 0 below and as 4 above.",
        ),
        ("Consensus", "1 when all agree, 0 when half say 0 and half say 4. Empty with fewer than two answers."),
        ("Gate verdicts", f"{_verdict('met')}, {_verdict('not met')}, {_verdict('not shown')}. Not shown is no “no”."),
    ]
    bold, text = book.style(bold=True), book.style(text_wrap=True)
    for row, (label, say) in enumerate(lines, FIRST_ROW):
        look.put(sheet, row, 0, label, bold)
        look.put(sheet, row, 1, say, text)
        book.fit(sheet, row, (label, say))
    row = FIRST_ROW + len(lines) + 1
    book.headings(sheet, row, ("Level", "What it means"))
    for level in meta.levels:
        row += 1
        look.put(sheet, row, 0, f"{level.n} {level.name}", _level_style(book, level.n, align="left"))
        look.put(sheet, row, 1, level.means, book.text())
    sheet.print_area(0, 0, row, 1)


def _level_style(book: Book, level: int, **properties: Any) -> Any:
    colour = "#FFFFFF" if level == len(look.LEVELS) - 1 else look.INK
    ramp = {"bg_color": look.LEVELS[level], "font_color": colour, "bold": True, "align": "center"}
    return book.text(**(ramp | properties))


def _level(book: Book, level: int | None) -> Any:
    """Return a level's number on its colour; where there is none, an empty cell."""
    return (level, _level_style(book, level)) if level is not None else (None, book.text())


def _verdict(verdict: str) -> str:
    return f"{look.VERDICT_SIGN[verdict]} {verdict}"


def _verdict_cell(book: Book, verdict: str) -> tuple[str, Any]:
    return _verdict(verdict), book.text(bold=True, font_color=look.VERDICT_COLOUR[verdict])


def _domains(book: Book) -> None:
    results = book.results
    say = (
        "Level with its interval, and bounds that assume nothing. Trust a level only where it is settled. "
        "The score shows movement; it opens nothing."
    )
    widths = (34, 11, 8, 7, 7, 14, 9, 9, 9, 11, 8, 8, 8, 12)
    sheet = book.sheet("Domains", "How ready is each domain?", say, widths)
    kinds = {d.id: d.kind for d in results.instrument.domains}
    number, share = book.text(align="center"), book.text(align="center", num_format="0%")
    decimal = book.text(align="center", num_format="0.0")
    rows = (
        (
            results.domain_title(d.id),
            "axis" if kinds.get(d.id) == "axis" else "offering",
            *_domain_figures(book, d),
            d.share_answered,
        )
        for d in results.readiness.domains
    )
    headings = (
        "Domain", "Kind", "Level", "From", "To", "Settled", "Bound low", "Bound high", "Role median", "Among weakest",
        "Score", "Score from", "Score to", "Answered",
    )  # fmt: skip
    text = book.text()
    styles = [text, text, *[number] * 3, text, *[number] * 3, share, *[decimal] * 3, share]
    book.table(sheet, headings, rows, styles)


def _domain_figures(book: Book, domain: DomainReadiness) -> Row:
    """Return a domain's level, score and bounds; where nobody spoke about it, that and nothing else."""
    if not domain.assessed:
        return *[None] * 3, "not assessed", *[None] * 7
    return (
        _level(book, domain.level),
        domain.low,
        domain.high,
        "settled" if domain.settled else "not settled",
        domain.bound_low,
        domain.bound_high,
        domain.role_median,
        domain.weakest,
        domain.score,
        domain.score_low,
        domain.score_high,
    )


def _gates(book: Book) -> None:
    say = "One row a condition. A gate is met when its conditions are; an average never outvotes it."
    widths = (9, 44, 36, 15, 10, 52, 15, 11, 36, 50, 26)
    sheet = book.sheet("Gates", "What stays closed, and why?", say, widths, wide=True)
    text, share = book.text(), book.text(num_format="0%", align="center")
    headings = (
        "Gate", "What must be so", "It keeps closed", "Verdict", "Chance", "Condition", "Its verdict", "Its chance",
        "What is missing", "Why it matters", "Source",
    )  # fmt: skip
    styles = [text, text, text, text, share, text, text, share, text, text, text]
    book.table(sheet, headings, _gate_rows(book), styles, frozen=2)


def _gate_rows(book: Book) -> Iterator[Row]:
    """Yield each gate's conditions; after the first row the gate itself is repeated quietly, for the filter's sake."""
    kinds = book.results.instrument.gates_file.kinds
    quiet = book.text(font_color=look.QUIET)
    for gate in book.results.gates:
        for index, condition in enumerate(gate.conditions):
            style = quiet if index else book.text(bold=True)
            yield (
                (gate.id, style),
                (gate.title, style),
                (kinds[gate.kind], quiet if index else book.text()),
                (_verdict(gate.verdict), quiet) if index else _verdict_cell(book, gate.verdict),
                gate.probability,
                condition.text,
                _verdict_cell(book, condition.verdict),
                condition.probability,
                condition.missing,
                "" if index else gate.why,
                "" if index else gate.source,
            )


def _items(book: Book) -> None:
    say = "The chance of each level, then what was said without any model. Darker is likelier; the number is printed."
    widths = (8, 34, 34, *[7] * 5, 8, 8, 8, 8, 9, 9, 13, 9, 11, 12, 15, 26)
    sheet = book.sheet("Items", "What is known about each item?", say, widths, wide=True)
    chance = book.text(num_format="0%", align="center")
    number, decimal = book.text(align="center"), book.text(align="center", num_format="0.00")
    headings = (
        "Item", "What it is", "Domain", "P(0)", "P(1)", "P(2)", "P(3)", "P(4)", "Likely", "Target", "Bound low",
        "Bound high", "Role median", "Answers", "Organisations", "Don't know", "Consensus", "Best proof",
        "Below target or not shown", "By group (mean)",
    )  # fmt: skip
    text = book.text()
    styles = [text, text, text, *[chance] * 5, *[number] * 8, decimal, text, text, text]
    end = book.table(sheet, headings, _item_rows(book), styles, frozen=2)
    scale = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
    colours = {"min_color": "#FFFFFF", "max_color": look.LEVELS[3]}
    sheet.conditional_format(FIRST_ROW + 1, 3, max(end - 1, FIRST_ROW + 1), 7, scale | colours)


def _item_rows(book: Book) -> Iterator[Row]:
    results = book.results
    for found in results.readiness.items.values():
        item = results.instrument.items[found.id]
        groups = "; ".join(f"{group} {mean:.1f}" for group, mean in found.groups.items())
        standing = "yes" if found.id in results.below else ""
        yield (
            found.id,
            item.title,
            results.domain_title(results.instrument.domain_of[found.id]),
            *found.probability,
            _level(book, found.likely),
            results.targets[found.id],
            found.low,
            found.high,
            found.role_median,
            found.answered,
            found.organisations,
            found.dont_know,
            found.consensus,
            found.best_proof,
            standing if found.applies else "does not apply",
            groups,
        )


def _answers(book: Book) -> None:
    say = (
        "Each person's latest answer to each question, as given. Notes are testimony: they stand here and nowhere else."
    )
    widths = (9, 34, 12, 44, 28, 18, 10, 10, 50, 36, 12, 10)
    sheet = book.sheet("Answers", "Who said what?", say, widths, wide=True)
    headings = (
        "Question", "What it is", "Respondent", "Role", "Organisation", "State", "Answer", "Certainty", "Note",
        "Evidence named", "Given on", "May be quoted",
    )  # fmt: skip
    text = book.text()
    styles = [*[text] * 6, book.text(align="center"), *[text] * 5]
    book.table(sheet, headings, _answer_rows(book), styles, frozen=3)


def _answer_rows(book: Book) -> Iterator[Row]:
    instrument = book.results.instrument
    for question, title in _titles(instrument).items():
        for response, answer in book.results.testimony.answers_to(question):
            yield (
                question,
                title,
                response.respondent,
                instrument.role_title(response.role),
                response.organisation,
                STATES.get(answer.state, answer.state),
                " ".join(answer.chosen) or _figure(book, answer.value),
                answer.sure if answer.state == "answered" else "",
                answer.note,
                answer.evidence,
                look.day(response.given_on),
                "yes" if "quote" in response.consent else "no",
            )


def _titles(instrument: Instrument) -> dict[str, str]:
    """Return what each question is about, by its id."""
    items = {ident: item.title for ident, item in instrument.items.items()}
    return items | {ident: quantity.title for ident, quantity in instrument.quantities.items()}


def _figure(book: Book, value: float | None) -> tuple[float | None, Any]:
    """Return a level or a quantity with a format that shows no empty decimals."""
    whole = value is None or value == int(value)
    return value, book.text(align="center", num_format="#,##0" if whole else "#,##0.00")


def _findings(book: Book) -> None:
    results = book.results
    say = "What the answers and gates add up to, and which recommendation answers it."
    sheet = book.sheet("Findings", "What was found?", say, (14, 20, 10, 28, 84, 12, 50))
    raised: dict[str, list[str]] = {}
    for advice in results.raised:
        for finding in advice.because:
            raised.setdefault(finding, []).append(f"{advice.recommendation.id} {advice.recommendation.title}")
    text, chance = book.text(), book.text(num_format="0%", align="center")
    rows = (
        (
            f.id,
            f.kind,
            f.subject,
            results.domain_title(f.domain) if f.domain else "",
            f.text,
            f.probability,
            "; ".join(raised.get(f.id, ())),
        )
        for f in results.findings
    )
    headings = ("Finding", "Kind", "About", "Domain", "What was found", "Chance", "Recommendation")
    book.table(sheet, headings, rows, [text, text, text, text, text, chance, text])


def _seen_and_ruled(book: Book) -> None:
    say = "What was seen, and what the facilitator decided after hearing everybody. A ruling erases no answer."
    widths = (11, 11, 12, 32, 11, 12, 74, 13, 13, 11, 18, 30)
    sheet = book.sheet("Evidence and rulings", "What was seen and decided?", say, widths, wide=True)
    headings = (
        "Record", "Id", "Question", "What it is", "Level or value", "Speaks", "What was seen, or the reason", "Dated",
        "Valid until", "In force", "Who may read it", "Organisation",
    )  # fmt: skip
    text, number = book.text(), book.text(align="center", num_format="#,##0")
    styles = [text, text, text, text, number, *[text] * 7]
    book.table(sheet, headings, _record_rows(book), styles, frozen=3)


def _record_rows(book: Book) -> Iterator[Row]:
    testimony, instrument = book.results.testimony, book.results.instrument
    titles = _titles(instrument)
    for e in testimony.evidence:
        until = look.day(e.valid_until) if e.valid_until else ""
        speaks, force = "for" if e.supports else "against", "yes" if e.in_force(testimony.as_of) else "no"
        yield (
            e.kind, e.id, e.item, titles.get(e.item, ""), e.level, speaks, e.what, look.day(e.dated), until, force,
            e.sensitivity, e.organisation,
        )  # fmt: skip
    for r in testimony.rulings:
        value = r.level if r.level is not None else r.value
        force = "yes" if testimony.ruling_on(r.id) is r else "no"
        yield (
            "ruling",
            "",
            r.id,
            titles.get(r.id, ""),
            _figure(book, value),
            "",
            r.reason,
            look.day(r.decided_on),
            "",
            force,
            "",
            "",
        )
