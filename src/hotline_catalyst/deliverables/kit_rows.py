"""What the kit's papers are filled with: facts, lists and tallies that the results already hold, by name.

Nothing here is estimated. Lists are counted and answers tallied by level; a group is shown only when it is large
enough, and never when what is left over would give the others away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from ..assessment.instrument import PROOF_ORDER, Item, Proof, Quantity
from ..results import Results
from . import look
from .kit_papers import Kit

Row = dict[str, Any]
PAPER_PROOFS: tuple[Proof, ...] = ("document", "observed")
ON_SITE = ("document", "visit")


def context(results: Results, kit: Kit) -> Row:
    """Return everything that a paper may name in braces or in ``rows_from`` and ``each``."""
    facts, meta = results.facts, results.instrument.meta
    waiting = _waiting_gates(results)
    # What would settle most comes first; what would settle nothing keeps the instrument's order behind it.
    rank = {look.item: n for n, look in enumerate(results.agenda)}
    last = len(rank)
    contested = sorted(_contested(results, kit), key=lambda r: (r["only_seen"], rank.get(r["id"], last)))
    unknown = sorted(_unknown(results, kit, waiting), key=lambda r: rank.get(r["id"], last))
    gates = [_gate(results, kit, g.id) for g in results.gates]
    return {
        "name": facts.name,
        "country": facts.country.name,
        "as_of": look.day(facts.as_of),
        "stage": kit.stages[facts.stage],
        "doing": kit.doing[facts.stage],
        "hours": facts.hours.text,
        "channels": ", ".join(meta.channels[c].lower() for c in facts.channels),
        "languages": language_names(facts.working_languages),
        "instrument": facts.instrument,
        "smallest": f"{results.instrument.scoring.smallest_group.value:g}",
        "most_questions": meta.burden.most_items,
        "most_minutes": f"{meta.burden.most_minutes:g}",
        "uses": [{"text": text, "code": code} for code, text in meta.consent.items()],
        "levels": [{"level": f"{x.n} {x.name}", "means": x.means} for x in meta.levels],
        "components": [{"title": d.title, "purpose": d.purpose} for d in results.instrument.domains],
        "roles": list(_roles(results, kit)),
        "groups": list(_groups(results)),
        "contested": contested,
        "unknown": unknown,
        "gates": gates,
        "gates_open": [g for g in gates if g["open"]],
        "gates_not_shown": [g for g in gates if g["verdict_word"] == "not shown"],
        "gates_to_see": [g for g in gates if g["to_see"]],
        "claimed": list(_claimed(results)),
        "look_on_site": [r for r in _look_next(results, waiting) if r["method"] in ON_SITE],
        "evidence_by_role": list(_evidence(results, kit, waiting)),
        "recommended": [{"title": r.recommendation.title, "gates": ", ".join(r.gates)} for r in results.raised],
    }


def language_names(codes: tuple[str, ...]) -> str:
    """Return languages by their English names."""
    from babel import Locale

    names = Locale("en").languages
    return ", ".join(names.get(code, code) for code in codes)


def _roles(results: Results, kit: Kit) -> Iterator[Row]:
    """Yield every role that is asked anything at this stage, with its burden."""
    instrument, stage = results.instrument, results.facts.stage
    for role, about in instrument.meta.roles.items():
        asked: list[Item | Quantity] = instrument.questions(role, stage)
        core = instrument.questions(role, stage, core=True)
        if asked:
            yield {
                "role": role,
                "title": about.title,
                "group": about.group,
                "ask_for": kit.roles[role],
                "questions": len(asked),
                "minutes": ceil(instrument.minutes(asked)),
                "core": len(core),
                "core_minutes": ceil(instrument.minutes(core)),
                "guide": f"guide-{role}.html",
            }


def _groups(results: Results) -> Iterator[Row]:
    roles = results.instrument.meta.roles
    heard = Counter(group for _, group in {(r.respondent, roles[r.role].group) for r in results.testimony.responses})
    for group in dict.fromkeys(about.group for about in roles.values()):
        titles = [about.title for about in roles.values() if about.group == group]
        yield {"group": group.capitalize(), "titles": titles, "heard": heard[group]}


def _waiting_gates(results: Results) -> dict[str, list[str]]:
    """Return, by item, the gates that are not met because of it."""
    found: dict[str, list[str]] = {}
    for gate in results.gates:
        for condition in gate.conditions:
            if gate.verdict != "met" and condition.item and condition.verdict != "met":
                found.setdefault(condition.item, []).append(gate.id)
    return found


def _owners(results: Results, kit: Kit, item: Item) -> list[str]:
    """Return who can say, survivor advisers only where nobody else can: settling things is not their burden."""
    others = [role for role in item.first_hand if role not in kit.never_asked_for_papers]
    return [results.instrument.role_title(role) for role in others or item.first_hand]


def _contested(results: Results, kit: Kit) -> Iterator[Row]:
    """Yield the items on which people, or people and papers, disagree."""
    reasons: dict[str, list[str]] = {}
    for finding in results.findings:
        if finding.kind in ("contested", "blind spot"):
            reasons.setdefault(finding.subject, []).append(kit.kinds[finding.kind])
    for item in results.instrument.items.values():
        found = results.readiness.items.get(item.id)
        against = bool(found and found.applies and found.contradicted)
        why = reasons.get(item.id, []) + ([kit.kinds["contradicted"]] if against else [])
        if why:
            said, note = _said(results, kit, item)
            yield {
                "id": item.id,
                "item": [f"{item.id} {item.title}", item.ask],
                "title": f"{item.id} {item.title}",
                "ask": item.ask,
                "why": why,
                "only_seen": item.id not in reasons,
                "said": said,
                "said_note": note,
                "groups": _split(results, kit, item.id),
                "seen": _seen(results, kit, item.id),
                "ruling": _ruling(results, kit, item.id),
                "ask_next": _owners(results, kit, item)[:2],
            }


def _said(results: Results, kit: Kit, item: Item) -> tuple[list[Row], str]:
    """Return how many answers named each level, where there are enough for nobody to be recognised, and a note."""
    answers = [a for _, a in results.testimony.answers_to(item.id)]
    counts = Counter(int(a.value) for a in answers if a.value is not None)
    enough = counts.total() >= results.instrument.scoring.smallest_group.value
    rows = [
        {"level": f"{level} {text}", "answers": f"{'■' * counts[level]} {counts[level]}" if enough else ""}
        for level, text in item.levels.items()
    ]
    unknown = sum(a.state == "dont_know" for a in answers)
    return rows, f"{kit.words['dont_know']}: {unknown}." if enough else kit.words["too_few"]


def _split(results: Results, kit: Kit, item: str) -> list[str]:
    """Return each group's mean, unless the rest would be so few that they could be worked out."""
    roles, smallest = results.instrument.meta.roles, results.instrument.scoring.smallest_group.value
    shown = results.readiness.items[item].groups
    given = [roles[r.role].group for r, a in results.testimony.answers_to(item) if a.value is not None]
    rest = sum(group not in shown for group in given)
    if not shown or 0 < rest < smallest:
        return [kit.words["groups_not_shown"]]
    return [f"{group}: {mean:.1f}" for group, mean in shown.items()]


def _seen(results: Results, kit: Kit, item: str) -> list[str]:
    lines = []
    for seen in results.testimony.evidence_on(item):
        what = kit.words["confidential"] if seen.sensitivity == "survivor-confidential" else seen.what
        side = kit.words["supports" if seen.supports else "contradicts"]
        lines.append(f"{seen.id} ({kit.proofs[seen.kind]}, {look.day(seen.dated)}) {side} {seen.level}: {what}")
    return lines or [kit.words["nothing_seen"]]


def _ruling(results: Results, kit: Kit, item: str) -> str:
    ruling = results.testimony.ruling_on(item)
    if ruling is None or ruling.level is None:
        return ""
    return f"{kit.words['ruled']} {ruling.level}, {look.day(ruling.decided_on)}: {ruling.reason}"


def _unknown(results: Results, kit: Kit, waiting: Mapping[str, list[str]]) -> Iterator[Row]:
    """Yield each item that nobody could answer, or whose owner did not know; one row an item."""
    kinds: dict[str, str] = {}
    for finding in results.findings:
        if finding.kind in ("not known", "owner does not know"):
            kinds.setdefault(finding.subject, finding.kind)
    for ident, kind in kinds.items():
        item = results.instrument.items[ident]
        yield {
            "id": ident,
            "kind": kind,
            "title": f"{ident} {item.title}",
            "item": [f"{ident} {item.title}", item.ask],
            "why": kit.kinds[kind],
            "ask_next": _owners(results, kit, item)[:2],
            "gates": waiting.get(ident, []),
        }


def _gate(results: Results, kit: Kit, ident: str) -> Row:
    found = results.gate[ident]
    gate = next(g for g in results.instrument.gates if g.id == ident)
    missing = [c for c in found.conditions if c.verdict != "met"]
    to_see = [
        _to_see(results, kit, leaf.item, leaf.at_least or 0, leaf.proof)
        for leaf in gate.needs.leaves()
        if leaf.item and leaf.proof in PAPER_PROOFS and not _proven(results, leaf.item, leaf.at_least or 0, leaf.proof)
    ]
    return {
        "gate": f"{ident} {found.title}",
        "id": ident,
        "kind": results.instrument.gates_file.kinds[found.kind],
        "why": found.why,
        "verdict_word": found.verdict,
        "verdict": f"{look.VERDICT_SIGN[found.verdict]} {kit.verdicts[found.verdict]}",
        "open": found.verdict != "met",
        "missing": [f"{c.text}: {c.missing}" for c in missing],
        "conditions": [
            {
                "text": c.text,
                "verdict": f"{look.VERDICT_SIGN[c.verdict]} {kit.verdicts[c.verdict]}",
                "missing": c.missing,
            }
            for c in found.conditions
        ],
        "to_see": to_see,
    }


def _look_next(results: Results, waiting: Mapping[str, list[str]]) -> Iterator[Row]:
    """Yield what to find out next, in the order of the results' agenda."""
    for look_at in results.agenda:
        item = results.instrument.items[look_at.item]
        yield {
            "item": [f"{item.id} {item.title}", item.ask],
            "method": look_at.method,
            "say": look_at.say,
            "gates": waiting.get(item.id, []),
        }


def _to_see(results: Results, kit: Kit, ident: str, level: int, proof: Proof) -> Row:
    item = results.instrument.items[ident]
    return {
        "item": [f"{ident} {item.title}", item.levels[level]],
        "level": level,
        "proof": kit.proofs[proof],
        "look_for": _papers(item, level),
    }


def _papers(item: Item, level: int) -> list[str]:
    """Return what would show an item at ``level``; below the lowest level with a list, that list."""
    return item.evidence[max(level, min(item.evidence))]


def _proven(results: Results, ident: str, level: int, proof: Proof = "document") -> bool:
    needed = PROOF_ORDER.index(proof)
    return any(
        e.supports and e.level >= level and PROOF_ORDER.index(e.kind) >= needed
        for e in results.testimony.evidence_on(ident)
    )


def _claimed(results: Results) -> Iterator[Row]:
    """Yield, by domain, the items that are said to be in place and have not been seen."""
    for domain in results.instrument.domains:
        rows = []
        for item in domain.items:
            found = results.readiness.items.get(item.id)
            if found is None or not found.applies or not found.answered:
                continue
            target = results.targets[item.id]
            if found.likely >= target and not _proven(results, item.id, target):
                rows.append(
                    {
                        "item": [f"{item.id} {item.title}", item.levels[target]],
                        "level": target,
                        "look_for": _papers(item, target),
                    }
                )
        if rows:
            yield {"domain": domain.title, "claims": rows}


def _evidence(results: Results, kit: Kit, waiting: Mapping[str, list[str]]) -> Iterator[Row]:
    """Yield, by role, what to ask to be shown: what gates wait for first. Each item is asked of one role only."""
    by_role: dict[str, list[Row]] = {}
    for item in results.instrument.items.values():
        found = results.readiness.items.get(item.id)
        target = results.targets[item.id]
        if found is None or not found.applies or _proven(results, item.id, target):
            continue
        owners = [role for role in item.first_hand if role not in kit.never_asked_for_papers]
        first = owners[0] if owners else kit.never_asked_for_papers[item.first_hand[0]]
        row = {
            "item": f"{item.id} {item.title}",
            "gates": waiting.get(item.id, []),
            "papers": _papers(item, target),
            "level": target,
            "also": [results.instrument.role_title(role) for role in owners[1:3]],
        }
        by_role.setdefault(first, []).append(row)
    for role, about in results.instrument.meta.roles.items():
        if rows := by_role.get(role):
            yield {
                "title": about.title,
                "first": [r for r in rows if r["gates"]],
                "then": [r for r in rows if not r["gates"]],
                "count": len(rows),
            }
