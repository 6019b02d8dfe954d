"""LibreOffice as a judge that we did not write: it recalculates a workbook, or turns it into another format.

Headless LibreOffice keeps the values it finds in a file. Only a profile that says "always recalculate" makes it
work out every formula anew; a test plants a wrong value and must see it gone.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# 0 is "always"; Office Open XML and OpenDocument have a setting each.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>{mode}</value></prop>
<prop oor:name="ODFRecalcMode" oor:op="fuse"><value>{mode}</value></prop>
</item>
</oor:items>
"""
ALWAYS, NEVER = 0, 1


def convert(
    path: Path, folder: Path, suffix: str = "xlsx", *, recalculate: int = ALWAYS, together: Sequence[Path] = ()
) -> Path:
    """Convert ``path`` into ``folder`` with a profile of its own, so that a running office does not answer instead.

    Other files can go ``together`` with it, as a start costs more than a small file; each must get its output.
    """
    program = shutil.which("soffice")
    if program is None:
        raise AssertionError("soffice is missing: install LibreOffice Calc to run these tests")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="office-") as home:
        user = Path(home) / "user"
        user.mkdir()
        (user / "registrymodifications.xcu").write_text(PROFILE.format(mode=recalculate), "utf-8")
        command = [program, f"-env:UserInstallation=file://{home}", "--headless", "--norestore", "--convert-to", suffix]
        done = subprocess.run(
            [*command, "--outdir", str(folder), *map(str, (path, *together))],
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
    made = [folder / f"{each.stem}.{suffix}" for each in (path, *together)]
    for out in made:
        if done.returncode or not out.exists():
            raise AssertionError(f"LibreOffice made no {out.name}: {done.stdout} {done.stderr}")
    return made[0]


def recalculated_together(books: dict[str, Path], folder: Path) -> dict[str, dict[tuple[str, str], Any]]:
    """Return every value of several workbooks, by their keys, after one start of LibreOffice for all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    first, *more = [Path(shutil.copy(path, folder / f"{key}.xlsx")) for key, path in books.items()]
    convert(first, folder / "anew", together=more)
    return {key: values(folder / "anew" / f"{key}.xlsx") for key in books}


def through(path: Path, folder: Path, *suffixes: str) -> Path:
    """Save a file in one format after the other, as it is passed on from hand to hand, and return the last."""
    for step, suffix in enumerate(suffixes, 1):
        path = convert(path, folder / f"{step}-{suffix}", suffix)
    return path


def values(path: Path) -> dict[tuple[str, str], Any]:
    """Return the stored value of every cell that is not empty, by sheet and address."""
    from openpyxl import load_workbook

    book = load_workbook(path, data_only=True)
    return {(s.title, c.coordinate): c.value for s in book for row in s.iter_rows() for c in row if c.value is not None}


def formulas(path: Path) -> dict[tuple[str, str], str]:
    """Return every formula, by sheet and address."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    return {(s.title, c.coordinate): c.value for s in book for row in s.iter_rows() for c in row if c.data_type == "f"}


def recalculated(path: Path, folder: Path) -> dict[tuple[str, str], Any]:
    """Return every value after LibreOffice has worked out every formula anew."""
    return values(convert(path, folder))


def change(path: Path, target: Path, inputs: dict[str, Any]) -> Path:
    """Type values into named cells as a person would, and save as ``target``. Stored values of formulas are lost."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    for name, value in inputs.items():
        ((sheet, address),) = book.defined_names[name].destinations
        book[sheet][address.replace("$", "")].value = value
    book.save(target)
    return target
