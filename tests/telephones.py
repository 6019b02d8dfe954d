"""The telephone of a starter project made ready to open, as a hotline would before its day of opening."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from hotline_catalyst.deliverables.starter_manifest import tool


def finish_telephony(project: Path, facts: dict[str, Any]) -> None:
    """Review and record every prompt, review texts, and decide who answers in which language on every channel."""
    flow, prompts, words = tool("telephony_flow"), tool("telephony_prompts"), tool("telephony_words")
    for name in ("sms-keywords", "chat-texts"):
        path = project / f"telephony/{name}.toml"
        if path.is_file():
            signed = "".join(f'"{code}" = "Reader"\n' for code in facts["languages"])
            path.write_text(path.read_text("utf-8").replace("[reviewed_by]\n", f"[reviewed_by]\n{signed}"), "utf-8")
    limits = project / "telephony/limits.toml"
    decided = "".join(f'"{code}" = {{ by = "advocate" }}\n' for code in facts["languages"])
    text = limits.read_text("utf-8")
    for channel in ("phone", "text", "chat", "email", "online_tip"):
        text = text.replace(f"\n[{channel}]\n", f"\n[{channel}]\n{decided}")
    limits.write_text(text, "utf-8")
    if not (project / flow.FLOW).is_file():
        return
    items = prompts.items(flow.load(facts, project), words.Words(facts, project), project, list(facts["languages"]))
    codes = {(item.language, item.prompt): item.code for item in items}
    for path in {project / words.prompts_path(project, code) for code in facts["languages"]}:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            recorded = codes.get((path.stem, row["prompt"]), "")
            row |= {"reviewed_by": "Reader", "reviewed_on": "2026-01-01", "recorded_code": recorded}
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, words.COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
