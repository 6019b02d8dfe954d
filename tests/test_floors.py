"""The layout is the architecture: a module imports only from floors below its own."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "hotline_catalyst"
FLOORS = {
    "errors": 0, "library": 1, "archive": 1, "assessment": 2, "custody": 2, "planning": 3, "results": 4,
    "deliverables": 5, "plan_file": 5, "engagement": 6, "starting": 6, "plan_words": 6, "basis": 7, "collecting": 7,
    "judgement": 7, "reviewing": 7, "desk": 8, "roadmapping": 8, "walk": 9, "explain": 9, "whatif": 9, "replanning": 9,
    "updating": 7, "rerostering": 9, "terminal": 9, "cli_plan": 10, "cli_roster": 10, "cli_pages": 10, "cli_update": 10,
    "cli": 11,
}  # fmt: skip


def rooms_imported(path: Path) -> list[tuple[str, int]]:
    """Return the rooms a module imports, with the line; relative and absolute imports alike."""
    package = path.relative_to(SOURCE).parts[:-1]
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            parts = base + (node.module or "").split(".")
            parts = parts[1:] if not node.level and parts[0] == "hotline_catalyst" else parts if node.level else []
            targets = [[*parts, alias.name] for alias in node.names] if parts in ([], [""]) and node.level else [parts]
            found += [(p, node.lineno) for t in targets if (p := next((x for x in t if x), "")) in FLOORS]
    return found


def test_no_module_imports_from_its_own_floor_or_above():
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        if parts[0] == "__init__" or "content" in parts[:1]:
            continue
        for room, line in rooms_imported(path):
            if room != parts[0] and FLOORS[room] >= FLOORS[parts[0]]:
                wrong.append(f"{path.name}:{line} imports {room}")
    assert wrong == []


def test_every_module_has_a_floor():
    rooms = {p.stem if p.is_file() else p.name for p in SOURCE.iterdir() if p.suffix in ("", ".py")}
    assert rooms - {"__init__", "__pycache__", "content"} == set(FLOORS)


def test_the_floors_test_sees_an_upward_import(tmp_path):
    (tmp_path / "x.py").write_text("from .cli import app\n")
    tree = ast.parse((tmp_path / "x.py").read_text())
    assert [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)] == ["cli"]
    upward = SOURCE / "errors_probe.py"
    upward.write_text("from .cli import app\n")
    try:
        assert rooms_imported(upward) == [("cli", 1)]
    finally:
        upward.unlink()
