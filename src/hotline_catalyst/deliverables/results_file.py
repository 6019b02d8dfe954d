"""results.json: every number, for the consultant's edition alone."""

from __future__ import annotations

import json
from pathlib import Path

from ..archive import write_text
from ..results import Results


def write(results: Results, folder: Path) -> list[Path]:
    """Write consultant/results.json; its shape is documented in site/results.schema.json."""
    text = json.dumps(results.as_dict(), ensure_ascii=False, indent=1, allow_nan=False)
    return [write_text(folder / "consultant" / "results.json", text + "\n")]
