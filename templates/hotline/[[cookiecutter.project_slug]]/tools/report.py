"""What a check found: problems of today, and what is left to do before the first channel can open."""

from __future__ import annotations

from dataclasses import dataclass, field


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

    def add(self, sentences: list[str], looked_at: int = 1) -> None:
        """Record the problems that another check found."""
        self.checks += max(looked_at, len(sentences))
        self.problems.extend(sentences)
