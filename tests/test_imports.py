"""The rooms of the house and what each may import: a room uses only what stands below it, or to its right.

The rows are floors, from the top. Imports are read from the text of every module, those inside functions and those for
type checkers included.
"""

from __future__ import annotations

import ast
import importlib
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "posecfg"
FLOORS = (
    ("posecfg", "cli"),
    ("commands", "api"),
    ("terminal", "page", "review", "viewing"),
    ("runs",),
    ("executors",),
    ("pipeline", "export", "downloads"),
    ("detectors", "lifters", "datasets", "loading"),
    ("writers", "store", "config"),
    ("video", "drawing", "persons", "samplers", "synthetic", "runtimes", "components"),
    ("openmmlab", "models", "metrics", "refine", "protocols", "finishing"),
    ("reasons", "types", "pixels", "skeletons", "timing", "devices", "facts", "interruption", "shapes", "process"),
    ("budgets", "backends", "text", "arrays", "errors", "suggestions", "layout", "startup", "environment", "version"),
)
NEVER = (("writers", "detectors"), ("detectors", "store"), ("detectors", "config"), ("components", "config"))
PLACES = {room: (floor, place) for floor, rooms in enumerate(FLOORS) for place, room in enumerate(rooms)}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module and module != "posecfg.__main__" else "posecfg"


@cache
def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("posecfg", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imported(path: Path) -> list[str]:
    """Name the modules of posecfg that a file imports; the package itself, which has the version, is none."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{name.name}" for name in node.names]
            found += [name if name in modules() else node.module for name in names]
    return [name for name in found if name.startswith("posecfg.")]


@cache
def arrows() -> dict[tuple[str, str], list[str]]:
    """Map (room, room it imports) to the modules that do."""
    found: dict[tuple[str, str], list[str]] = {}
    for module, path in modules().items():
        for other in imported(path):
            if room_of(other) != room_of(module):
                found.setdefault((room_of(module), room_of(other)), []).append(f"{module} -> {other}")
    return found


def test_every_room_has_its_place():
    assert {room_of(module) for module in modules()} == set(PLACES)


@pytest.mark.parametrize("room", PLACES)
def test_no_arrow_runs_up(room):
    up = [lines for (source, target), lines in arrows().items() if source == room and PLACES[target] < PLACES[room]]
    assert not up


@pytest.mark.parametrize(("source", "target"), NEVER)
def test_some_rooms_know_nothing_of_each_other(source, target):
    assert (source, target) not in arrows()


@pytest.mark.parametrize("module", modules())
def test_no_module_imports_itself_by_way_of_others(module):
    reached, waiting = set(), list(imported(modules()[module]))
    while waiting:
        name = waiting.pop()
        if name not in reached and name in modules():
            reached.add(name)
            waiting += imported(modules()[name])
    assert module not in reached


def test_the_tests_would_see_an_arrow(tmp_path):
    file = tmp_path / "module.py"
    file.write_text("def f():\n    from posecfg.store import ledger\n    import posecfg.runs.run\n")
    assert imported(file) == ["posecfg.store.ledger", "posecfg.runs.run"]
    assert PLACES["runs"] < PLACES["store"]


def test_only_two_rooms_know_of_hydra():
    knowing = set()
    for name, path in modules().items():
        named = [
            alias
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
        ]
        if any(one.partition(".")[0] in ("hydra", "omegaconf") for one in named):
            knowing.add(name.split(".")[1])
    assert knowing == {"commands", "config"}


@pytest.mark.parametrize("folder", ["benchmarks", "tools"])
def test_scripts_beside_the_package_name_what_is_there(folder):
    for path in sorted((PACKAGE.parents[1] / folder).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "posecfg":
                module = importlib.import_module(node.module)
                for name in node.names:
                    known = hasattr(module, name.name) or f"{node.module}.{name.name}" in modules()
                    assert known, f"{path.name}: {node.module} has no {name.name}"
