"""Working-time rules: a country's law over good practice, with the day each value came into force."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from ..errors import ContentError
from ..library import Content, DatedRule, DatedValue, content_root, did_you_mean, read


class WorkingTimeFile(Content):
    """working_time/<id>.yaml: rules with the day each value came into force, over those of the file it builds on."""

    id: str
    title: str
    over: str | None = "base"
    notes: list[str] = []
    rules: dict[str, DatedRule]


class Limit(Content):
    """One working-time rule as it stands on a day.

    Parameters
    ----------
    hard, weight
        Whether it may never be broken, or what a unit beyond it costs.
    waivable
        Whether a person may agree to less protection.
    better
        Which way is stricter.
    because
        Why it stands although a rule under it protects more; empty where it does not.
    law_value, law_source
        The law's own value where it protects less than this one, which stands in its place.
    """

    id: str
    title: str
    value: float
    unit: str
    hard: bool
    weight: int
    source: str
    waivable: bool = False
    better: Literal["more", "less"] = "less"
    because: str = ""
    law_value: float | None = None
    law_source: str = ""

    def is_looser(self, value: float) -> bool:
        """Return whether ``value`` in its place would protect people less."""
        return value < self.value if self.better == "more" else value > self.value


def load_limits(name: str, day: date, root: Path | None = None) -> dict[str, Limit]:
    """Return the working-time rules in force on ``day``: those of a country over those of every file it builds on.

    Where two differ, the stricter stands, unless the upper file says why the looser one should (``because``).

    Raises
    ------
    ContentError
        When a file is missing, or a rule is neither known below nor complete.
    """
    limits: dict[str, Limit] = {}
    rules: dict[str, DatedRule] = {}
    for file in working_time_files(name, root):
        for ident, rule in file.rules.items():
            rules[ident] = _completed(rule, rules.get(ident))
            if (dated := rule.on(day)) is not None:
                limits[ident] = _laid_over(limits.get(ident), ident, rules[ident], dated)
    return limits


def _completed(rule: DatedRule, below: DatedRule | None) -> DatedRule:
    """Return a rule with what it leaves out taken from below; a reason is its own."""
    if below is None:
        return rule
    taken = {"title", "unit", "hard", "weight", "waivable", "better"} - rule.model_fields_set
    return rule.model_copy(update={name: getattr(below, name) for name in taken})


def working_time_files(name: str, root: Path | None = None) -> list[WorkingTimeFile]:
    """Return a file of working-time rules and those it builds on, the lowest first."""
    folder = (root or content_root()) / "assessment" / "working_time"
    files: list[WorkingTimeFile] = []
    above, wanted = "", name
    while wanted:
        path = folder / f"{wanted}.yaml"
        seen = [file.id for file in files]
        if not path.exists() or wanted in seen:
            known = sorted(p.stem for p in folder.glob("*.yaml") if p.stem not in seen)
            what = f"'{wanted}' builds on itself" if wanted in seen else f"there are no rules '{wanted}'"
            hint = did_you_mean(wanted, known) or f"; choose one of {', '.join(known)}"
            raise ContentError(f"assessment/working_time/{above or wanted}.yaml", [f"{what}{hint}"])
        files.append(read(path, WorkingTimeFile))
        above, wanted = wanted, files[-1].over or ""
    files.reverse()
    _refuse_incomplete(files)
    return files


def _refuse_incomplete(files: list[WorkingTimeFile]) -> None:
    known: set[str] = set()
    for file in files:
        if problems := [
            f"rules.{ident}: no file below has it; give it a title and a unit{did_you_mean(ident, sorted(known))}"
            for ident, rule in file.rules.items()
            if ident not in known and not (rule.title and rule.unit)
        ]:
            raise ContentError(f"assessment/working_time/{file.id}.yaml", problems)
        known |= set(file.rules)


def _laid_over(below: Limit | None, ident: str, rule: DatedRule, dated: DatedValue) -> Limit:
    """Return the rule that stands where ``rule`` is laid over ``below``."""
    upper = Limit(id=ident, value=float(dated.value), source=dated.source, **rule.model_dump(exclude={"values"}))
    if below is None or upper.because or (upper.hard and not below.hard):
        return upper
    if below.is_looser(upper.value):
        return below.model_copy(update={"law_value": upper.value, "law_source": upper.source})
    return upper.model_copy(update={"hard": upper.hard or below.hard, "waivable": upper.waivable and below.waivable})
