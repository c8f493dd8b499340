"""Describe one file of weights as plain data: its state, licence, origin and the command that gets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from posecfg import budgets
from posecfg.models import files, registry, store


def row(name: str) -> dict[str, Any]:
    """Return the description of the weights ``name`` as JSON values."""
    entry, here = registry.entry(name), store.status(name)
    made_of = origin(here.path) if here.path and entry.made_from else None
    made = f"made here from {entry.made_from}" if made_of else ""
    return {
        "name": name,
        "state": here.state,
        "ok": True,
        "path": None if here.path is None else str(here.path),
        "bytes": here.path.stat().st_size if here.path else entry.bytes or None,
        "about": None if here.path else entry.about or None,
        "sha256": here.expected or None,
        "found": here.found,
        "way": entry.way,
        "licence": entry.licence,
        "own": entry.own,
        "commercial": entry.allowed,
        "what": "; ".join(filter(None, (entry.what, made))),
        "caution": entry.caution,
        "used_by": list(entry.used_by),
        "instead": entry.instead,
        "file": entry.file,
        "urls": list(entry.urls),
        "made_from": entry.made_from,
        "cite": entry.cite,
        "origin": made_of,
        "advice": here.advice,
    }


def origin_file(graph: Path) -> Path:
    """Return the file that says what a graph was made of."""
    return graph.with_name(f"{graph.name}.json")


def origin(graph: Path) -> dict[str, Any] | None:
    """Return the recorded origin of ``graph``, None if there is no record, or it describes another file."""
    try:
        content = json.loads(budgets.read(origin_file(graph)))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and content.get("sha256") == files.digest(graph) else None
