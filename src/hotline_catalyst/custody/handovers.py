"""Copies that left the consultant's hands: who has them, and which to ask back when somebody withdraws."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from .. import archive
from ..errors import ContentError
from ..library import Content, parse, read, shown, validate

HANDOVERS = "handovers.yaml"


class HandOver(Content):
    """A copy that left the consultant's hands: when, to whom, what, and whose answers may be in it."""

    date: date
    to: str
    what: str
    respondents: Literal["all"] | list[str] = "all"


class HandOversFile(Content):
    """handovers.yaml."""

    handovers: list[HandOver] = []


def read_handovers(folder: Path) -> list[HandOver]:
    """Return the copies that left the consultant's hands, as handovers.yaml lists them."""
    path = folder / HANDOVERS
    return read(path, HandOversFile).handovers if path.exists() else []


def add_handover(
    folder: Path, on: date, to: str, what: str, respondents: Literal["all"] | list[str] = "all"
) -> HandOver:
    """Add a line to handovers.yaml and keep what is there, comments included.

    Raises
    ------
    ContentError
        When the file is laid out so that a line cannot be added at its end; nothing was changed.
    """
    path = folder / HANDOVERS
    text = path.read_text("utf-8") if path.exists() else "# Copies in other hands.\n"
    entry = HandOver(date=on, to=to, what=what, respondents=respondents)
    if not read_handovers(folder):
        text = re.sub(r"^handovers:.*\n?", "", text, flags=re.MULTILINE).rstrip("\n") + "\nhandovers:\n"
    fields = [f"date: {on}"]
    fields += [f"{k}: {json.dumps(getattr(entry, k), ensure_ascii=False)}" for k in ("to", "what", "respondents")]
    text = text.rstrip("\n") + "\n  - {" + ", ".join(fields) + "}\n"
    data, node = parse(text, path)
    if validate(data, HandOversFile, path, node).handovers[-1] != entry:
        raise ContentError(shown(path), ["a line cannot be added at its end; add the hand-over by hand"])
    archive.write_text(path, text)
    return entry


def recalled(folder: Path, code: str) -> Iterator[str]:
    """Yield the copies in other hands that hold the person's answers, or that were counted from them."""
    for copy in read_handovers(folder):
        if copy.respondents != "all" and code not in copy.respondents:
            continue
        bare = re.search(r"\b(partner|operator|public)\b", copy.what, re.IGNORECASE)
        full = re.search(r"\b(consultant|pack|scorecard|results|answers|questionnaires?)\b", copy.what, re.IGNORECASE)
        if bare and not full:
            yield f"{copy.date}, {copy.to}: {copy.what}. It holds no codes or notes; its figures counted the answers."
        else:
            yield f"{copy.date}, {copy.to}: {copy.what}. It may hold the answers: ask for it back and have it deleted."
