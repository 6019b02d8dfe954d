"""The starter hotline project: cookiecutter over templates/hotline, with values that no template can execute."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from ..archive import write_bytes
from ..library import content_root
from ..planning.calendar import DAYS
from ..results import Results
from . import look


def write(results: Results, folder: Path) -> list[Path]:
    """Write operator/project: a folder that a new hotline can check and grow from."""
    from cookiecutter.main import cookiecutter

    with tempfile.TemporaryDirectory() as private:
        # Cookiecutter would otherwise read and write dotfiles in the user's home.
        config = Path(private, "config.yaml")
        places = {"cookiecutters_dir": f"{private}/templates", "replay_dir": f"{private}/replay"}
        config.write_text(json.dumps(places), "utf-8")
        made = cookiecutter(
            str(content_root() / "templates" / "hotline"),
            no_input=True,
            accept_hooks=False,
            output_dir=f"{private}/out",
            config_file=str(config),
            extra_context={"project_slug": "project", "_hotline": values(results)},
        )
        target = folder / "operator" / "project"
        shutil.rmtree(target, ignore_errors=True)
        return [
            write_bytes(target / path.relative_to(made), path.read_bytes())
            for path in sorted(Path(made).rglob("*"))
            if path.is_file()
        ]


def values(results: Results) -> dict[str, Any]:
    """Return what the template reads; passed raw, so that no text of ours or theirs is rendered as a template."""
    facts, staffing = results.facts, results.staffing
    return {
        "name": facts.name,
        "country": facts.country.name,
        "country_code": facts.country.code,
        "stage": facts.stage,
        "as_of": facts.as_of.isoformat(),
        "instrument_version": facts.instrument,
        "languages": [_language(code) for code in facts.working_languages],
        "channels": [_channel(results, channel) for channel in facts.channels],
        "hours": {"text": facts.hours.text, "days": _days(results)},
        "service": {
            "voice_share_percent": round(staffing.targets.voice_share * 100),
            "voice_within_s": round(staffing.targets.voice_within_s),
            "written_days": round(staffing.targets.written_days),
        },
        "retention": {
            f"{kind}_days": round(results.parameters[f"data.retention_{kind}_days"].likely)
            for kind in ("signal", "transcript", "tip")
        },
        "suppression_k": round(results.parameters["data.suppression_k"].likely),
        "minimum_on_shift": staffing.targets.minimum_cover,
        "peak_on_shift": staffing.peak_on_shift,
        "night_on_shift": staffing.night_on_shift,
        "people": staffing.people.total,
        "gates": [{"id": g.id, "title": g.title, "verdict": g.verdict} for g in results.gates],
        "offerings": [{"id": o, "title": results.domain_title(o)} for o in facts.offerings],
        "domains": [d.id for d in results.readiness.domains],
        "milestones": [{"title": title, "date": date} for title, date in _milestones(results)],
    }


def _language(code: str) -> dict[str, str]:
    from babel import Locale

    locale = Locale.parse(code)
    return {"code": code, "name": locale.get_display_name("en") or code, "direction": locale.text_direction}


def _channel(results: Results, channel: str) -> dict[str, Any]:
    kind = "launch" if channel == "phone" else channel
    verdicts = {g.verdict for g in results.gates if g.kind == kind}
    verdict = "not met" if "not met" in verdicts else "not shown" if "not shown" in verdicts else "met"
    title = results.instrument.meta.channels[channel]
    return {"id": channel, "title": title, "gate": kind, "gate_verdict": verdict, "open": False}


def _days(results: Results) -> list[dict[str, str]]:
    spans = []
    for day in DAYS:
        span = getattr(results.facts.hours, day)
        if span != "closed":
            opens, closes = span.split("-")
            spans.append({"day": day, "open": opens, "close": closes})
    return spans


def _milestones(results: Results) -> list[tuple[str, str]]:
    found = [(a.task.milestone, look.day(a.end)) for a in results.roadmap.activities if a.task.gates]
    launch = results.roadmap.launch
    return found + ([("Launch, planned", look.day(launch.planned))] if launch else [])
