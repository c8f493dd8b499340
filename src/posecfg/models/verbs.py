"""What ``posecfg models`` does, as plain data: one dict a file of weights.

Exit codes: ``list`` 0; ``fetch`` and ``export`` 0 when every file is there and right, else 1; ``verify`` 1 when a file
that is there is wrong or untrusted (a missing file is no fault); ``trust`` 0. An unknown name or a bad hash raises
``WeightsError`` (1). Each row has ``ok``; ``exit_code(rows)`` is 1 when one is False.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from posecfg.errors import ConfigError, WeightsError
from posecfg.export import export as making
from posecfg.export.environment import Say
from posecfg.models import registry, store
from posecfg.models.fetch import fetch as download
from posecfg.models.trust import trust as remember


def listing() -> list[dict[str, Any]]:
    """List all weights with their licence and their state here."""
    return [row(name) for name in registry.names()]


def fetch(names: Sequence[str]) -> list[dict[str, Any]]:
    """Download the weights that are not here yet; one failure does not stop the others."""
    entries = [registry.entry(name) for name in names]
    return [_fetched(entry) for entry in entries]


def export(names: Sequence[str], checkout: str | None, say: Say) -> list[dict[str, Any]]:
    """Make the graphs ``names``; one failure does not stop the others. ``checkout`` is a folder of mmpose's code."""
    entries = [making.makeable(name) for name in names]
    for entry in entries:
        # Before the first of them is fetched or made.
        if store.status(entry.name).state != "present":
            making.checked(entry.name, checkout)
    return [_made(entry, checkout, say) for entry in entries]


def verify(names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Hash what is here and compare; without names, everything."""
    rows = [row(name) for name in names or registry.names()]
    return [{**one, "ok": one["state"] in ("present", "missing")} for one in rows]


def trust(name: str, sha256: str) -> list[dict[str, Any]]:
    """Accept ``sha256`` for weights without a published one."""
    remember(name, sha256)
    return [{**row(name), "note": f"a file '{registry.entry(name).file}' with this hash is trusted from now on"}]


def exit_code(rows: Iterable[dict[str, Any]]) -> int:
    """Return 0 when every row is ok, else 1."""
    return 0 if all(one["ok"] for one in rows) else 1


def row(name: str) -> dict[str, Any]:
    """Describe one file of weights."""
    entry, here = registry.entry(name), store.status(name)
    origin = making.origin(here.path) if here.path and entry.made_from else None
    made = f"made here from {entry.made_from}" if origin else ""
    return {
        "name": name,
        "state": here.state,
        "ok": True,
        "path": None if here.path is None else str(here.path),
        "bytes": here.path.stat().st_size if here.path else entry.bytes or None,
        "about": None if here.path else entry.about or None,
        "sha256": here.expected or None,
        "found": here.found,
        "licence": entry.licence,
        "commercial": entry.commercial,
        "what": "; ".join(filter(None, (entry.what, made, entry.caution))),
        "caution": entry.caution,
        "used_by": list(entry.used_by),
        "cite": entry.cite,
        "origin": origin,
        "advice": here.advice,
    }


def _fetched(entry: registry.Entry) -> dict[str, Any]:
    error = None
    if entry.urls and store.status(entry.name).state in ("missing", "wrong"):
        try:
            download(entry)
        except WeightsError as failure:
            error = str(failure)
    described = row(entry.name)
    return {**described, "ok": described["state"] == "present", "error": error}


def _made(entry: registry.Entry, checkout: str | None, say: Say) -> dict[str, Any]:
    error = None
    try:
        making.export(entry.name, checkout, say)
    except ConfigError as failure:
        error = str(failure)
    described = row(entry.name)
    return {**described, "ok": described["state"] == "present", "error": error}
