"""An update happens whole or not at all, whenever the power goes, and can be taken back."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from upgrades import FIRST, LAST, NEW, SOAK, TEN, brought, made, template, text, tree, write

from hotline_catalyst.errors import CatalystError
from hotline_catalyst.updating import journal, swapping, telling
from hotline_catalyst.updating import update as updating
from hotline_catalyst.updating.update import undo

# All or nothing


def _busy(project: Path) -> tuple[dict, object]:
    """A project that an update changes in every way, and the tree before."""
    made(project, template({"a.md": TEN, "b/c.md": TEN, "d.md": TEN, "gone/e.md": TEN}))
    mine = TEN.replace("line 0", "line 0, mine")
    write(project, {"a.md": LAST, "d.md": mine, "own.md": mine})
    (project / "a.md").chmod(0o600)
    new = {"a.md": FIRST, "b/c.md": FIRST, "d.md": FIRST, "new/f.md": TEN}
    return tree(project), template(new, NEW)


class Steps:
    """Lets this process die at the n-th step that it takes on the disk."""

    NAMES = ("replace", "rename", "unlink", "rmdir", "mkdir", "fsync", "chmod", "open", "remove")

    def __init__(self, at: int):
        self.at, self.taken = at, 0

    def __enter__(self) -> Steps:
        self.real = {name: getattr(os, name) for name in self.NAMES}
        for name in self.NAMES:
            setattr(os, name, self._counted(self.real[name]))
        return self

    def __exit__(self, *_: object) -> None:
        for name, real in self.real.items():
            setattr(os, name, real)

    def _counted(self, real: Callable) -> Callable:
        def step(*given: object, **more: object) -> object:
            self.taken += 1
            if self.taken == self.at:
                self.fail()
            return real(*given, **more)

        return step

    def fail(self) -> None:
        os._exit(9)


class Refused(Steps):
    """The system refuses the n-th step instead."""

    def fail(self) -> None:
        raise PermissionError(13, "Permission denied", "somewhere")


def _died(work: Callable[[], object], at: int) -> bool:
    """Run in a child that dies at a step; say whether it did."""
    child = os.fork()
    if not child:
        try:
            with Steps(at):
                work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def _half(project: Path, before: dict, after: dict) -> list[str]:
    now = tree(project, remembered=False)
    old = {p: v for p, v in before.items() if not p.startswith(".scaffold/")}
    new = {p: v for p, v in after.items() if not p.startswith(".scaffold/")}
    return (
        []
        if now in (old, new)
        else sorted(p for p in {*now, *old, *new} if now.get(p) not in (old.get(p), new.get(p))) or ["mixed"]
    )


def _twin(tmp_path: Path) -> tuple[dict, dict]:
    project = tmp_path / "twin"
    before, fresh = _busy(project)
    brought(project, fresh)
    return before, tree(project)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_step_leaves_old_or_new(tmp_path):
    before, after = _twin(tmp_path)
    at, died = 0, 0
    while True:
        at += 1 if SOAK else 5
        project = tmp_path / f"p{at}"
        _, fresh = _busy(project)
        if not _died(partial(brought, project, fresh), at):
            break
        died += 1
        torn = {p: v for p, v in tree(project, remembered=False).items() if v not in (before.get(p), after.get(p))}
        assert torn == {}, at
        if (project / journal.JOURNAL).exists() and at % 2:
            subprocess.run([sys.executable, "-I", project / journal.JOURNAL / "finish.py"], check=True)
        else:
            with swapping.locked(project):
                pass
        assert _half(project, before, after) == [], at
        assert not (project / journal.WORK).exists() or at % 2
        brought(project, fresh)
        assert tree(project, remembered=False) == {p: v for p, v in after.items() if not p.startswith(".scaffold/")}, at
        undo(project)
        assert tree(project) == before, at
    assert died >= (50 if SOAK else 12)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_step_of_an_undo_leaves_old_or_new(tmp_path):
    before, after = _twin(tmp_path)
    at = 0
    while True:
        at += 1 if SOAK else 9
        project = tmp_path / f"p{at}"
        _, fresh = _busy(project)
        brought(project, fresh)
        if not _died(partial(undo, project), at):
            break
        with swapping.locked(project):
            pass
        assert _half(project, before, after) == [], at


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_moments_leaves_old_or_new(tmp_path):
    before, after = _twin(tmp_path)
    chance = random.Random(8)
    for n in range(50 if SOAK else 12):
        project = tmp_path / f"p{n}"
        _, fresh = _busy(project)
        child = os.fork()
        if not child:
            try:
                brought(project, fresh)
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with swapping.locked(project):
            pass
        assert _half(project, before, after) == []


def test_refused_at_any_step_every_file_is_as_it_was_or_as_it_will_be(tmp_path):
    before, after = _twin(tmp_path)
    at = refused = 0
    while True:
        at += 1 if SOAK else 5
        project = tmp_path / f"p{at}"
        _, fresh = _busy(project)
        try:
            with Refused(at) as steps:
                brought(project, fresh)
            if steps.taken < at:
                break
        except CatalystError:
            refused += 1
        with swapping.locked(project):
            pass
        assert _half(project, before, after) == [], at
    assert refused > 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("refused", [2, 4])
def test_killed_while_it_takes_back_what_the_system_refused(tmp_path, monkeypatch, refused):
    before, after = _twin(tmp_path)
    real, back = os.replace, journal.roll_back

    def refusing(*given: object) -> None:
        seen.append(given)
        if len(seen) == refused:
            raise PermissionError(13, "Permission denied", "somewhere")
        real(*given)

    for at in range(1, 400, 1 if SOAK else 4):
        project, seen = tmp_path / f"p{at}", []
        _, fresh = _busy(project)

        def dying(project: Path, at: int = at) -> None:
            with Steps(at):
                back(project)

        monkeypatch.setattr(journal, "roll_back", dying)
        monkeypatch.setattr(os, "replace", refusing)
        died = _died(partial(brought, project, fresh), 0)
        monkeypatch.undo()
        with swapping.locked(project):
            pass
        assert _half(project, before, after) == [], at
        if not died:
            break
    assert at > 20
    assert tree(project) == before


def test_an_edit_while_the_update_is_prepared_stops_it(tmp_path, monkeypatch):
    made(tmp_path, template({"a.md": TEN, "b.md": TEN}))
    real = updating.try_out

    def edited(*given: object) -> object:
        write(tmp_path, {"b.md": LAST})
        return real(*given)

    monkeypatch.setattr(updating, "try_out", edited)
    with pytest.raises(CatalystError, match=r"b\.md was changed by somebody"):
        brought(tmp_path, template({"a.md": FIRST, "b.md": FIRST}, NEW))
    assert (text(tmp_path, "a.md"), text(tmp_path, "b.md")) == (TEN, LAST)


def test_what_somebody_wrote_after_a_crash_stays_beside_the_new_file(tmp_path):
    _, fresh = _busy(tmp_path)
    real = journal.finish
    journal.finish = lambda project: False
    try:
        brought(tmp_path, fresh)
    finally:
        journal.finish = real
    write(tmp_path, {"b/c.md": "written after the crash\n"})
    with swapping.locked(tmp_path):
        pass
    assert text(tmp_path, "b/c.md") == FIRST
    assert text(tmp_path, "b/c.md.yours") == "written after the crash\n"


def test_a_journal_that_leads_out_of_the_project_is_refused(tmp_path):
    project = made(tmp_path / "p", template({"a.md": TEN}))
    place = project / journal.JOURNAL
    place.mkdir()
    (place / "plan.json").write_text(
        '{"steps": [{"path": "../x", "old": null, "new": "0"}], "leave": [], "undo": true}'
    )
    with pytest.raises(CatalystError, match="cannot be read"):
        brought(project, template({"a.md": FIRST}, NEW))
    assert not (tmp_path / "x").exists()


def test_two_updates_at_once_are_one_too_many(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    with swapping.locked(tmp_path), pytest.raises(CatalystError, match="Another update"):
        brought(tmp_path, template({"a.md": FIRST}, NEW))


def test_an_update_that_was_settled_later_is_taken_back_whole(tmp_path):
    made(tmp_path, template(dict.fromkeys(("a.md", "b.md", "c.md", "gone.md"), TEN)))
    mine = TEN.replace("line 0", "line 0, mine")
    write(tmp_path, {"b.md": mine, "c.md": mine})
    before = tree(tmp_path)
    fresh = template({"a.md": FIRST, "b.md": FIRST, "c.md": FIRST, "new.md": TEN}, NEW)
    assert [item.path for item in brought(tmp_path, fresh).plan.pending] == ["b.md", "c.md"]
    brought(tmp_path, fresh, take=["b.md"])
    assert brought(tmp_path, fresh, keep=["c.md"]).up_to_date
    assert (text(tmp_path, "a.md"), text(tmp_path, "b.md"), text(tmp_path, "c.md")) == (FIRST, FIRST, mine)
    undo(tmp_path)
    assert tree(tmp_path) == before
    with pytest.raises(CatalystError, match="no update to take back"):
        undo(tmp_path)


def test_undo_refuses_to_lose_what_was_written_since(tmp_path):
    made(tmp_path, template({"a.md": TEN, "b.md": TEN}))
    brought(tmp_path, template({"a.md": FIRST, "b.md": FIRST}, NEW))
    write(tmp_path, {"a.md": "since\n"})
    with pytest.raises(CatalystError, match=r"edited since[\s\S]*a\.md"):
        undo(tmp_path)
    assert (text(tmp_path, "a.md"), text(tmp_path, "b.md")) == ("since\n", FIRST)
    (tmp_path / "a.md").unlink()
    undo(tmp_path)
    assert (text(tmp_path, "a.md"), text(tmp_path, "b.md")) == (TEN, TEN)
    with pytest.raises(CatalystError, match="no update to take back"):
        undo(tmp_path)


def test_a_dry_run_changes_nothing_and_says_the_same(tmp_path):
    before, fresh = _busy(tmp_path)
    told = telling.lines(brought(tmp_path, fresh, dry_run=True), dry_run=True)
    assert tree(tmp_path) == before
    assert "merged: a.md" in told
    assert any(line.startswith("needs you: d.md") for line in told)
