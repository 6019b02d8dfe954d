"""The scorecard's sheets on what to do with what was found: where to look, what there is, offers, other constants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..assessment.sensitivity import Varied
from . import look
from .chart_readiness import STANDINGS
from .sheets import FIRST_ROW, Book, Row

CHOICES = {"yes": "yes", "later": "later", "no": "no", "open": "not decided"}


def look_next(book: Book) -> None:
    """Add the whole agenda, the most settled for a day's work first."""
    say = (
        "What keeps a gate or a domain open, the most settled for a day's work first. The share is of all that is open."
    )
    widths = (8, 9, 36, 30, 13, 34, 9, 9, 26, 30, 70)
    sheet = book.sheet("Look next", "What to find out first?", say, widths, wide=True)
    headings = (
        "Order", "Item", "What it is", "Domain", "How", "Who knows", "Days", "Share", "Gates it keeps open",
        "Level it keeps open", "What to ask or see",
    )  # fmt: skip
    text, number = book.text(), book.text(align="center")
    share = book.text(align="center", num_format="0.0%")
    styles = [number, text, text, text, text, text, number, share, text, text, text]
    book.table(sheet, headings, _look_rows(book), styles, frozen=3)


def _look_rows(book: Book) -> Iterator[Row]:
    results = book.results
    instrument = results.instrument
    for order, found in enumerate(results.agenda, 1):
        yield (
            order,
            found.item,
            instrument.items[found.item].title,
            results.domain_title(instrument.domain_of[found.item]),
            instrument.scoring.verify[found.method].title,
            "; ".join(instrument.role_title(r) for r in found.roles),
            found.days,
            float(found.value),
            ", ".join(found.gates),
            results.domain_title(found.domain) if found.domain else "",
            found.say,
        )


def assets(book: Book) -> None:
    """Add what there is to build on: what is shown first, then what is only said, to improve, and not known."""
    say = "Shown: at target, with a document or seen on site. Said: at target by what people say; see it before use."
    widths = (9, 44, 34, 15, 14, 9, 9, 14, 14)
    sheet = book.sheet("Assets", "What is there to build on?", say, widths)
    headings = ("Item", "What it is", "Domain", "Kind", "Standing", "Level", "Target", "Best proof", "Organisations")
    text, number = book.text(), book.text(align="center")
    styles = [text, text, text, text, text, number, number, text, number]
    book.table(sheet, headings, _asset_rows(book), styles, frozen=2)


def _asset_rows(book: Book) -> Iterator[Row]:
    results = book.results
    for asset in sorted(results.inventory, key=lambda a: STANDINGS.index(a.standing)):
        found = results.readiness.items[asset.item]
        yield (
            asset.item,
            results.instrument.items[asset.item].title,
            results.domain_title(asset.domain),
            asset.kind,
            asset.standing,
            asset.level if found.known else None,
            results.targets[asset.item],
            found.best_proof or "",
            found.organisations,
        )


def programme(book: Book) -> None:
    """Add every recommendation as an offer: how, how much of it, when, and what the partner decided."""
    say = "The partner's choices are written into engagement.yaml (programme:); build again and they stand here."
    widths = (15, 40, 30, 34, 13, 10, 8, 8, 8, 13, 13, 13, 40)
    sheet = book.sheet("Programme", "What is offered, and what was chosen?", say, widths, wide=True)
    headings = (
        "Recommendation", "What it is", "Offering", "How help is given", "Intensity", "Levels missing", "Days low",
        "Days likely", "Days high", "From", "To", "Choice", "Reason",
    )  # fmt: skip
    text, number = book.text(), book.text(align="center")
    decimal = book.text(align="center", num_format="0.0")
    styles = [text, text, text, text, text, decimal, *[number] * 3, *[text] * 4]
    book.table(sheet, headings, _offer_rows(book), styles, frozen=2)


def _offer_rows(book: Book) -> Iterator[Row]:
    results = book.results
    titles = {r.recommendation.id: r.recommendation.title for r in results.raised}
    for offer in results.offers:
        yield (
            offer.recommendation,
            titles.get(offer.recommendation, ""),
            results.domain_title(offer.offering),
            "; ".join(results.programme.delivery[mode].title for mode in offer.delivery),
            results.programme.intensity[offer.intensity].title,
            offer.missing_levels,
            offer.days_low,
            offer.days_likely,
            offer.days_high,
            _day(offer.start),
            _day(offer.end),
            (CHOICES[offer.choice], book.text(bold=offer.choice != "open")),
            offer.reason,
        )


def _day(value: date | None) -> str:
    return look.day(value) if value else ""


def sensitivity(book: Book) -> None:
    """Add what other constants would change; where nothing changes, one sentence."""
    tried = book.results.sensitivity
    same = [v.title for v in tried if not (v.domains or v.gates)]
    say = f"The same answers, judged again with {len(tried)} other sets of constants, one at a time."
    sheet = book.sheet("Sensitivity", "What would change if our constants were others?", say, (46, 60, 12, 44, 14, 14))
    if len(same) == len(tried):
        look.put(sheet, FIRST_ROW, 0, "No level of a settled domain and no verdict changes under any of them.")
        sheet.print_area(0, 0, FIRST_ROW, 5)
        return
    text, number = book.text(), book.text(align="center")
    headings = ("If", "Why it was tried", "Changes", "Of what", "Usually", "Then")
    rows = [row for varied in tried for row in _varied_rows(book, varied)]
    end = book.table(sheet, headings, rows, [text, text, text, text, number, number])
    if same:
        look.put(sheet, end + 1, 0, f"Nothing changes if: {'; '.join(same)}.", book.style(font_color=look.QUIET))
        sheet.print_area(0, 0, end + 1, len(headings) - 1)


def _varied_rows(book: Book, varied: Varied) -> Iterator[Row]:
    results = book.results
    for domain in varied.domains:
        yield varied.title, varied.reason, "level", results.domain_title(domain.id), domain.usual, domain.varied
    for gate in varied.gates:
        title = f"{gate.id} {results.gate[gate.id].title}"
        yield varied.title, varied.reason, "verdict", title, gate.usual, gate.varied
