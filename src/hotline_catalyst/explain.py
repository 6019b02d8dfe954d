"""Traces one id of results.json down to answers, evidence, figures and sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .assessment.instrument import Instrument, Item, load_instrument
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
        data["roadmap"]["left_out"],
        data["staffing"]["numbers"],
        data["assumptions"],
    )
    return [str(entry["id"]) for table in tables for entry in table]


def _chance(value: float | None) -> str:
    return "nobody answered" if value is None else f"chance {value:.0%}"


def _link(before: str, weeks: int) -> str:
    return f"{before} + {weeks} weeks" if weeks else before


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
        self.left_out = _by_id(data["roadmap"]["left_out"])
        self.numbers = _by_id(data["staffing"]["numbers"])
        self.figures = _by_id(data["assumptions"])
        self.offers = {o["recommendation"]: o for o in data["programme"]["offers"]}
        self.looks = {look["item"]: look for look in data["agenda"]}

    def of(self, ident: str) -> Iterator[str]:
        tables = (
            (self.gates, self.gate),
            (self.activities, self.activity),
            (self.left_out, self.undone),
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
        critical = f"critical in {a['critical']:.0%} of plans"
        yield f"{ident} {a['title']}: {a['start']} to {a['end']} ({a['state']}), owner {a['owner']}, {critical}"
        yield from self._dates(a)
        yield f"  Why it is here: {a['why_here']}"
        yield from self._standing(a)
        yield f"  Why then: {a['why_then']}"
        by = ", ".join(self._named(b) for b in a["bound_by"])
        yield f"  What binds its start: {a['bound']}{': ' + by if by else ''}"
        if a["moved"]:
            yield f"  Moved: was {a['moved']['was']}, {a['moved']['days']:+d} working days. {a['moved']['why']}"
        yield f"  Waits for: {', '.join(_link(*link) for link in a['after'].items()) or 'nothing'}"
        yield from self._way(a)
        yield f"  Done when: {a['done_when']}"
        yield f"  Source: {a['source']}"
        for finding in a["finding_ids"]:
            if finding in self.findings:
                yield from self.finding(finding, "  ")
        for gate in a["gates"]:
            g = self.gates[gate]
            yield f"  Gate {gate} {g['title']}: {g['verdict']} (catalyst explain … {gate})"

    def _named(self, what: str) -> str:
        """Return a predecessor's id and title, or the name of a role or payer."""
        if what in self.activities:
            return f"{what} {self.activities[what]['title']}"
        kind, _, role = what.partition(":")
        roles = self.instrument.meta.roles
        return self.instrument.role_title(role) if kind in ("role", "owner") and role in roles else role or kind

    def _dates(self, a: Data) -> Iterator[str]:
        if a["state"] != "done":
            half, most = f"half of the simulated plans have ended it by {a['p50']}", f"four in five by {a['p80']}"
            yield f"  How sure: {half}, {most}; add {a['buffer_days']} working days before promising its end"

    def _standing(self, a: Data) -> Iterator[str]:
        yield f"  Standing: {a['standing']}; asked for by {a['share']:.0%} of the readings of the answers"
        for item in a["verify"]:
            named = self.instrument.items[item].title if item in self.instrument.items else ""
            yield f"    Settle first: {item} {named} (catalyst explain … {item})"

    def _way(self, a: Data) -> Iterator[str]:
        """Yield the way chosen, and beside it the other ways there are."""
        for way in sorted(a["ways"], key=lambda w: w["id"] != a["way"]):
            weeks, cost = way["weeks"], way["cost"]
            effort = ", ".join(f"{role} {days:g}" for role, days in way["effort_days"].items() if days) or "nobody"
            chosen = "Way" if way["id"] == a["way"] else "Could be done"
            currency = self.data["roadmap"]["prices"]["currency"]
            money = f"{cost['likely']:,.0f} {currency} ({cost['low']:,.0f} to {cost['high']:,.0f})".replace(",", " ")
            span = f"{weeks['likely']:g} weeks ({weeks['low']:g} to {weeks['high']:g})"
            yield f"  {chosen}: {way['title']}; {span}; person-days: {effort}; {money}, paid by: {a['payer']}"

    def undone(self, ident: str) -> Iterator[str]:
        left = self.left_out[ident]
        yield f"{ident} {left['title']}: left out of the plan"
        yield f"  {left['why']}"
        for finding in left["open_findings"]:
            if finding in self.findings:
                yield f"  Stays open: {finding}: {self.findings[finding]['text']}"

    def recommendation(self, ident: str) -> Iterator[str]:
        r = self.recommendations[ident]
        yield f"{ident} {r['title']}"
        yield f"  {r['say']}"
        yield f"  Source: {r['source']}"
        if offer := self.offers.get(ident):
            days = f"{offer['days_low']:g} to {offer['days_high']:g} consultant's days"
            missing = f"its items lie {offer['missing_levels']:.1f} levels below target on average"
            yield f"  Offered as {', '.join(offer['delivery'])}; {offer['intensity']}, for {missing}; {days}"
            yield f"  Partner's choice: {offer['choice']}{': ' + offer['reason'] if offer['reason'] else ''}"
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
        yield f"  Mean level of its items {d['score']:.2f} ({d['score_low']:.2f} to {d['score_high']:.2f})"
        domain = next(x for x in self.instrument.domains if x.id == ident)
        found = [(x, self.items[x.id]) for x in domain.items if x.id in self.items and self.items[x.id]["applies"]]
        yield from self._thresholds(found)
        for gate in self.instrument.gates:
            for cap in gate.caps:
                if cap.domain == ident and self.gates.get(gate.id, {}).get("verdict") == "not met":
                    yield f"  Held at level {cap.level} or below: {gate.id} {gate.title} is not met"
        for item, judged in found:
            yield f"  {item.id} {item.title}: likely level {judged['likely']}"

    def _thresholds(self, found: list[tuple[Item, Data]]) -> Iterator[str]:
        """Yield, for each level, the share of items expected there against the share that the level asks for."""
        whole = sum(item.weight for item, _ in found)
        for level, needed in sorted(self.instrument.scoring.thresholds.items()) if whole else ():
            there = sum(i.weight * sum(j["probability"][i.required_at(level) :]) for i, j in found) / whole
            yield f"  Level {level} asks for {needed.value:.0%} of its items; {there:.0%} are expected there"

    def item(self, ident: str, pad: str = "", *, head: bool = True) -> Iterator[str]:
        found, asked = self.items.get(ident), self.instrument.items[ident]
        if found is None:
            return
        if head:
            yield f"{pad}{ident} {asked.title}: {asked.ask}"
            yield f"{pad}  Source: {asked.source}"
        shares = ", ".join(f"{level}: {p:.0%}" for level, p in enumerate(found["probability"]))
        yield f"{pad}{'  ' if head else ''}Levels {shares}; lowest to highest answer {found['low']} to {found['high']}"
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
        if head and ident in self.looks:
            look = self.looks[ident]
            yield f"{pad}  To settle it ({look['days']:g} days): {look['say']}"

    def number(self, ident: str) -> Iterator[str]:
        n = self.numbers[ident]
        yield f"{ident} {n['title']}: {_number(n['value'])} {n['unit']}"
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
                    value = _number(a["value"]) if a["value"] is not None else a["state"].replace("_", " ")
                    yield f"{pad}    {a['respondent']} ({a['role']}) said {value} to {quantity.id}"


def _number(value: float) -> str:
    """Write a number in full: no powers of ten, no more digits than anybody could mean.

    >>> _number(2101189.4), _number(0.937072), _number(14)
    ('2 101 189', '0.937', '14')
    """
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:.3g}"
