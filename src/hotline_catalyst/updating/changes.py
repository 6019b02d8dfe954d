"""What changed in the template and why: safety, legal or feature, and what the hotline decided about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ..errors import CatalystError
from ..library import Content, did_you_mean, read

FOLDER = "governance/decisions"
Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
Ident = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
Tag = Literal["safety", "legal", "feature"]


class TemplateChange(Content):
    """One change of the template, as CHANGES.yaml tells it.

    Parameters
    ----------
    id
        Never used twice.
    tag
        safety changes need a yes or no of the hotline.
    text
        What changed and why, for a director.
    files
        Paths in the project, or patterns with ``*``.
    """

    id: Ident
    tag: Tag
    text: Annotated[str, StringConstraints(min_length=1)]
    files: list[str] = Field(default_factory=list)

    def touches(self, path: str) -> bool:
        """Say whether a path is one of the change's files."""
        return any(fnmatchcase(path, pattern) for pattern in self.files)


class _Release(Content):
    version: Version
    changes: list[TemplateChange]


class _ChangesFile(Content):
    versions: list[_Release]


@dataclass(frozen=True, slots=True)
class Decision:
    """A yes or no to one safety change.

    Parameters
    ----------
    change
        Its id.
    yes
        Whether the hotline takes the change.
    reason
        Why, in the hotline's words.
    by
        The role that decided; never a name of a person who contacts the hotline.
    on
        The day.
    """

    change: str
    yes: bool
    reason: str
    by: str
    on: date

    @property
    def word(self) -> str:
        """yes or no."""
        return "yes" if self.yes else "no"


def number(version: str) -> tuple[int, ...]:
    """Return a version as numbers that compare.

    >>> number("1.10.0") > number("1.9.3")
    True
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise CatalystError(f"'{version}' is not a version such as 1.2.0; put .scaffold back from your last copy.")
    return tuple(int(part) for part in version.split("."))


def load_changes(path: Path) -> list[tuple[str, TemplateChange]]:
    """Read CHANGES.yaml: every change with its version, in the order of the file."""
    found = [(release.version, change) for release in read(path, _ChangesFile).versions for change in release.changes]
    ids = [change.id for _, change in found]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise CatalystError(f"{path}: the id '{twice[0]}' is used twice; give the later change an id of its own.")
    return found


def between(changes: Iterable[tuple[str, TemplateChange]], old: str, new: str) -> list[TemplateChange]:
    """Return the changes after the version that a project has, up to the new one."""
    return [change for version, change in changes if number(old) < number(version) <= number(new)]


def read_decision(text: str, known: Sequence[str], by: str, on: date) -> Decision:
    """Read ``ID=yes:reason`` or ``ID=no:reason``.

    Raises
    ------
    CatalystError
        When the change is not asked about, the word is neither yes nor no, or the reason is missing.
    """
    ident, _, rest = text.partition("=")
    word, _, reason = rest.partition(":")
    ident, word, reason = ident.strip(), word.strip().lower(), " ".join(reason.strip().strip("\"'").split())
    if ident not in known:
        asked = f"asked about: {', '.join(known)}" if known else "no safety change waits for a decision"
        raise CatalystError(f"'{ident}' is not a safety change that waits for a decision; {asked}"
                            f"{did_you_mean(ident, list(known))}.")  # fmt: skip
    if word not in ("yes", "no") or not reason:
        raise CatalystError(f'\'{text}\': write the decision as {ident}=yes:"reason" or {ident}=no:"reason".')
    return Decision(ident, word == "yes", reason, " ".join(by.split()) or "not given", on)


def decision_papers(
    decisions: Iterable[Decision], changes: Mapping[str, TemplateChange], version: str, taken: Iterable[str]
) -> dict[str, bytes]:
    """Return one paper for each decision, by path; a paper that is there already is never written over."""
    used, papers = set(taken), {}
    for decision in decisions:
        path = _free(f"{FOLDER}/{version}-{decision.change}", used)
        papers[path] = _paper(decision, changes[decision.change], version).encode()
        used.add(path)
    return papers


def _free(stem: str, used: set[str]) -> str:
    path, count = f"{stem}.md", 1
    while path in used:
        count += 1
        path = f"{stem}-{count}.md"
    return path


def _paper(decision: Decision, change: TemplateChange, version: str) -> str:
    files = [f"- `{path}`" for path in change.files] or ["- no file: a notice to read"]
    then = "The files below were brought to the new text." if decision.yes else "The files below stay as they were."
    lines = [
        f"# Decision on a safety change: {decision.change}",
        "",
        f"Template version: {version}  ",
        f"Decision: **{decision.word}**  ",
        f"Decided by (role): {_inert(decision.by)}  ",
        f"Decided on: {decision.on.isoformat()}",
        "",
        "## What was proposed",
        "",
        _inert(" ".join(change.text.split())),
        "",
        "## Why we decided so",
        "",
        _inert(decision.reason),
        "",
        "## Files",
        "",
        then,
        "",
        *files,
        "",
    ]
    return "\n".join(lines)


def _inert(text: str) -> str:
    """Return typed text that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|!])", r"\\\1", text)
