"""A real engagement made small: planned in seconds, since it asks for nothing but the activities R01 to R31."""

from __future__ import annotations

from pathlib import Path

from judged import gathered

from hotline_catalyst.engagement import read_engagement


def small_engagement(folder: Path) -> Path:
    """Copy Ruritania with its answers collected, every other activity left out on request."""
    gathered("ruritania", folder)
    others = [i for i in read_engagement(folder).advice.activities if not i.startswith("R")]
    path = folder / "engagement.yaml"
    before, plan = path.read_text("utf-8").split("\nplan:", 1)
    out = "".join(f"    - {{activity: {i}, reason: To be small}}\n" for i in others)
    path.write_text(f"{before}\nplan:{plan}  leave_out:\n{out}", "utf-8")
    return folder
