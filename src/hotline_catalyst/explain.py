"""Traces one id of results.json down to answers, evidence, figures and sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .assessment.instrument import Instrument, load_instrument
from .errors import CatalystError
from .library import did_you_mean

Data = dict[str, Any]


def explain(folder: Path, ident: str) -> str:
    """Return, in words, where a gate, finding, recommendation, activity, item, figure or number comes from.

    Raises
    ------
    CatalystError
        When the engagement has not been built, or the id is not in its results.
    """
    path = folder / "build" / "consultant" / "results.json"
    if not path.exists():
        raise CatalystError(f"{folder} has not been built yet: catalyst build {folder}")
    data = json.loads(path.read_text("utf-8"))
    lines = list(_Trace(data, load_instrument()).of(ident))
    if not lines:
        raise CatalystError(f"'{ident}' is not an id in {path}{did_you_mean(ident, _ids(data))}")
    return "\n".join(lines)


def _by_id(entries: list[Data]) -> dict[str, Data]:
    return {str(entry["id"]): entry for entry in entries}


def _ids(data: Data) -> list[str]:
    tables = (
        data["readiness"]["gates"],
        data["readiness"]["items"],
        data["readiness"]["domains"],
        data["findings"],
        data["recommendations"],
        data["roadmap"]["activities"],
        data["staffing"]["numbers"],
        data["assumptions"],
    )
    return [str(entry["id"]) for table in tables for entry in table]


def _chance(value: float | None) -> str:
    return "nobody answered" if value is None else f"chance {value:.0%}"


class _Trace:
    """Walks results.json from one id downwards; each method yields indented lines."""

    def __init__(self, data: Data, instrument: Instrument):
        self.data, self.instrument = data, instrument
        self.gates = _by_id(data["readiness"]["gates"])
        self.items = _by_id(data["readiness"]["items"])
        self.domains = _by_id(data["readiness"]["domains"])
        self.findings = _by_id(data["findings"])
        self.recommendations = _by_id(data["recommendations"])
        self.activities = _by_id(data["roadmap"]["activities"])
        self.numbers = _by_id(data["staffing"]["numbers"])
        self.figures = _by_id(data["assumptions"])

    def of(self, ident: str) -> Iterator[str]:
        tables = (
            (self.gates, self.gate),
            (self.activities, self.activity),
            (self.numbers, self.number),
            (self.recommendations, self.recommendation),
            (self.findings, self.finding),
            (self.items, self.item),
            (self.domains, self.domain),
            (self.figures, self.figure),
        )
        for table, tell in tables:
            if ident in table:
                yield from tell(ident)
                return

    def gate(self, ident: str, pad: str = "") -> Iterator[str]:
        gate = self.gates[ident]
        yield f"{pad}{ident} {gate['title']}: {gate['verdict']} (deciding condition: {_chance(gate['probability'])})"
        yield f"{pad}  Why it matters: {gate['why']}"
        yield f"{pad}  Source: {gate['source']}"
        for condition in gate["conditions"]:
            missing = f"; missing: {condition['missing']}" if condition["missing"] else ""
            yield f"{pad}  - {condition['text']}: {condition['verdict']} ({_chance(condition['probability'])}{missing})"
            if condition["item"]:
                yield from self.item(condition["item"], pad + "      ", head=False)

    def activity(self, ident: str) -> Iterator[str]:
        a = self.activities[ident]
        dates = f"{a['start']} to {a['end']}"
        yield f"{ident} {a['title']}: {dates}, owner {a['owner']}, critical in {a['critical']:.0%} of plans"
        yield f"  Why it is here: {a['why_here']}"
        yield f"  Why then: {a['why_then']}"
        yield f"  Waits for: {', '.join(a['after']) or 'nothing'}"
        yield f"  Done when: {a['done_when']}"
        yield f"  Source: {a['source']}"
        for finding in a["finding_ids"]:
            if finding in self.findings:
                yield from self.finding(finding, "  ")
        for gate in a["gates"]:
            g = self.gates[gate]
            yield f"  Gate {gate} {g['title']}: {g['verdict']} (catalyst explain … {gate})"

    def recommendation(self, ident: str) -> Iterator[str]:
        r = self.recommendations[ident]
        yield f"{ident} {r['title']}"
        yield f"  {r['say']}"
        yield f"  Source: {r['source']}"
        for finding in r["because"]:
            if finding in self.findings:
                yield from self.finding(finding, "  ")

    def finding(self, ident: str, pad: str = "") -> Iterator[str]:
        f = self.findings[ident]
        yield f"{pad}{ident} ({f['kind']}): {f['text']}"
        if f["subject"] in self.items:
            yield from self.item(f["subject"], pad + "    ", head=False)

    def domain(self, ident: str) -> Iterator[str]:
        d = self.domains[ident]
        state = "settled" if d["settled"] else "not settled"
        bounds = f"without any model {d['bound_low']} to {d['bound_high']}"
        yield f"{ident}: level {d['level']} ({d['low']} to {d['high']}, {state}); {bounds}"
        domain = next(x for x in self.instrument.domains if x.id == ident)
        for item in domain.items:
            if item.id in self.items:
                yield f"  {item.id} {item.title}: likely level {self.items[item.id]['likely']}"

    def item(self, ident: str, pad: str = "", *, head: bool = True) -> Iterator[str]:
        found, asked = self.items.get(ident), self.instrument.items[ident]
        if found is None:
            return
        if head:
            yield f"{pad}{ident} {asked.title}: {asked.ask}"
            yield f"{pad}  Source: {asked.source}"
        shares = ", ".join(f"{level}: {p:.0%}" for level, p in enumerate(found["probability"]))
        yield f"{pad}Levels {shares}; lowest to highest answer {found['low']} to {found['high']}"
        given = self.data["answers"].get(ident, {"answers": [], "evidence": []})
        for a in given["answers"]:
            value = f"level {a['value']:g}, {a['sure']}" if a["value"] is not None else a["state"].replace("_", " ")
            note = f" — {a['note']}" if a["note"] else ""
            yield f"{pad}  {a['respondent']} ({a['role']}, {a['organisation']}): {value}{note}"
        for e in given["evidence"]:
            verb = "supports" if e["supports"] else "contradicts"
            yield f"{pad}  {e['id']} {e['kind']}, {e['dated']}, {verb} level {e['level']}: {e['what']}"
        if "ruling" in given:
            yield f"{pad}  Ruling: {given['ruling']['reason']}"

    def number(self, ident: str) -> Iterator[str]:
        n = self.numbers[ident]
        yield f"{ident} {n['title']}: {n['value']:,.6g} {n['unit']}"
        yield f"  {n['because']}"
        for figure in n["rests_on"]:
            if figure in self.figures:
                yield from self.figure(figure, "  ")

    def figure(self, ident: str, pad: str = "") -> Iterator[str]:
        f = self.figures[ident]
        yield f"{pad}{ident} {f['title']}: {f['value']} {f['unit']} — {f['source_or_assumption']}"
        for quantity in self.instrument.quantities.values():
            if quantity.feeds == ident:
                for a in self.data["answers"].get(quantity.id, {"answers": []})["answers"]:
                    value = f"{a['value']:,.6g}" if a["value"] is not None else a["state"].replace("_", " ")
                    yield f"{pad}    {a['respondent']} ({a['role']}) said {value} to {quantity.id}"
