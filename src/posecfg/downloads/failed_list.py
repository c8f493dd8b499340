"""The list of films that failed, one name a line, in a file beside the films; a file of the user's is left alone."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from posecfg import budgets, process
from posecfg.errors import OutputError
from posecfg.types import Downloads


def file(plan: Downloads) -> Path:
    """Return the place of the list."""
    return plan.root / f"{plan.label}_failed.txt"


def check(plan: Downloads) -> set[str]:
    """Return the names on the list, none where there is no list; a file that is not from here is refused."""
    path = file(plan)
    if not os.path.lexists(path):
        return set()
    known = {_stem(name) for film in plan.wanted for name in (film.name, *film.others)}
    try:
        found = set() if path.is_symlink() else set(budgets.read(path).decode("utf-8", "replace").split())
    except (OSError, ValueError):
        found = set()
    if not found or not found <= known:
        raise OutputError(
            f"Expected '{path}' to be the list of films that failed, or not to be there, but it is another file: move "
            "it away, then type the same command again."
        )
    return found


def write(plan: Downloads, failed: Collection[str], tried: Collection[str]) -> None:
    """Write the names that failed, with those of earlier starts that this one did not try."""
    path, before = file(plan), check(plan)
    names = {_stem(name) for name in failed} | before - {_stem(name) for name in tried}
    temporary = path.with_name(f".{path.name}.{process.unique()}")
    try:
        if not names:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        with temporary.open("x", encoding="utf-8") as stream:
            stream.write("".join(f"{name}\n" for name in sorted(names)))
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"Expected to write '{path}', but got: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
