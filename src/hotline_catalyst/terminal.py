"""What the command line's verbs say while they work and when they are done."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import typer


def say(text: str) -> None:
    """Print one line for the user."""
    typer.echo(text)


def progress() -> Callable[[str], None]:
    """Return a quiet reporter: one changing line on a terminal, nothing when piped."""
    if not sys.stderr.isatty():
        return lambda _: None
    from rich.console import Console

    console = Console(stderr=True)
    return lambda step: console.print(f"[dim]… {step.replace('_', ' ')}[/dim]")


def say_built(report: Any) -> None:
    for line in report.missing:
        say(f"missing: {line}")
    for path in report.kept:
        say(f"kept your edited {path}; the new one lies beside it as {path.stem}.new{path.suffix}")
    say(f"{len(report.written)} files in {report.out} ({sum(report.seconds.values()):.0f} s)")
    say(f"Open {report.out / 'index.html'}" if (report.out / "index.html").exists() else f"Open {report.out}")
