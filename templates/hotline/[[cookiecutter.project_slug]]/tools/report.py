"""What a check found: problems of today, and what is left to do before the first channel can open."""

from __future__ import annotations

from dataclasses import dataclass, field

# The steps of README.md, "How a channel opens", and how the places begin that belong to each; the rest is papers.
STEPS = {
    "What counsel confirms": ("hotline.toml, law", "hotline.toml, retention"),
    "What the public is told": ("hotline.toml, public", "hotline.toml, project"),
    "Hours and people": ("hotline.toml, hours", "hotline.toml, staffing"),
    "Languages and the site": ("hotline.toml, language", "site/"),
    "Forms": ("forms/", "hotline.toml, data"),
    "Directory": ("directory/directory.toml", "directory/organizations.csv", "directory/services.csv"),
    "Each channel that will open": ("hotline.toml, channel", "telephony/prompts/", *(
        f"telephony/{name}.toml" for name in ("limits", "words", "sms-keywords", "chat-texts"))),
}  # fmt: skip
# Gates come last: they sum up what was done.
REST, LAST = "Papers and the rest", "Gates"


@dataclass
class Report:
    """Collects sentences: where; what is wrong; what to do.

    While every channel is closed, what matters only for opening is work to do. Once any channel is meant to be open,
    it is a problem.
    """

    any_open: bool = False
    checks: int = 0
    problems: list[str] = field(default_factory=list)
    todo: list[str] = field(default_factory=list)

    def must(self, holds: bool, where: str, what: str, do: str) -> bool:
        """Record a check that has to hold today."""
        self.checks += 1
        if not holds:
            self.problems.append(f"{where}: {what}; {do}.")
        return holds

    def before_opening(self, holds: bool, where: str, what: str, do: str) -> None:
        """Record a check that has to hold once any channel is open, and is work to do until then."""
        self.checks += 1
        if not holds:
            (self.problems if self.any_open else self.todo).append(f"{where}: {what}; {do}.")

    def later(self, holds: bool, where: str, what: str, do: str) -> None:
        """Record a check of a channel that is closed: work to do, also while another channel is open."""
        self.checks += 1
        if not holds:
            self.todo.append(f"{where}: {what}; {do}.")

    def steps(self) -> dict[str, list[str]]:
        """Return what is left to do by the steps of README.md, in their order."""
        found: dict[str, list[str]] = {step: [] for step in (*STEPS, REST, LAST)}
        for sentence in self.todo:
            rest = LAST if sentence.startswith("launch/gates.md") else REST
            found[next((step for step, starts in STEPS.items() if sentence.startswith(starts)), rest)].append(sentence)
        return found

    def add(self, sentences: list[str], looked_at: int = 1) -> None:
        """Record the problems that another check found."""
        self.checks += max(looked_at, len(sentences))
        self.problems.extend(sentences)
