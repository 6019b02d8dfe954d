"""A real engagement made small: planned in seconds, since it asks for nothing but the activities R01 to R31."""

from __future__ import annotations

import re
from pathlib import Path

from judged import gathered

from hotline_catalyst.engagement import read_engagement


def small_engagement(folder: Path) -> Path:
    """Copy Ruritania with its answers collected, every other activity left out on request."""
    return shortened(gathered("ruritania", folder))


def shortened(folder: Path) -> Path:
    """Leave every activity but R01 to R31 out of a copy of Ruritania, on request; what people answered stays."""
    others = [i for i in read_engagement(folder).advice.activities if not i.startswith("R")]
    path = folder / "engagement.yaml"
    before, plan = path.read_text("utf-8").split("\nplan:", 1)
    out = "".join(f"    - {{activity: {i}, reason: To be small}}\n" for i in others)
    path.write_text(f"{before}\nplan:{plan}  leave_out:\n{out}", "utf-8")
    return folder


def tiny_engagement(folder: Path) -> Path:
    """Copy Ruritania made small and opened four hours a week by nobody yet hired: all its files in few seconds."""
    return tiny(gathered("ruritania", folder))


def tiny(folder: Path) -> Path:
    """Make a copy of Ruritania small and open it four hours a week; whom staff.yaml names are not hired yet."""
    path = shortened(folder) / "engagement.yaml"
    text, hours = re.subn(r"(?m)^hours: .*$", 'hours: {monday: "09:00-13:00"}', path.read_text("utf-8"))
    assert hours == 1
    path.write_text(text, "utf-8")
    (folder / "staff.yaml").unlink(missing_ok=True)
    return folder
