"""What the report says, block by block: one order of headings, paragraphs, tables and charts for Word, HTML and PDF.

Partner edition: findings about who answered what (blind spots, contested answers, owners who do not know), hourly
numbers and night cover stay out. The sentences around the figures are content (templates/documents/words.yaml).
"""

from __future__ import annotations

from ..results import Results
from . import report_basis, report_plan, report_programme, report_readiness, report_staffing, report_summary
from .report_blocks import Block

PARTS = (
    report_summary.summary,
    report_summary.how_to_read,
    report_readiness.gates,
    report_readiness.readiness,
    report_readiness.assets,
    report_readiness.look_next,
    report_programme.recommendations,
    report_plan.roadmap,
    report_staffing.staffing,
    report_programme.phase_two,
    report_basis.sensitivity,
    report_basis.assumptions,
    report_basis.method,
    report_basis.gate_annex,
    report_basis.item_annex,
    report_basis.sources,
)


def blocks(results: Results) -> list[Block]:
    """Return the whole report, in reading order."""
    return [block for part in PARTS for block in part(results)]
