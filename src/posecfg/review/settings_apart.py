"""In which settings two sides differ: those that results depend on, of writers, all others, and what made results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from posecfg.components.identity import CHAIN
from posecfg.components.identity_diff import Change, changes
from posecfg.config import floors
from posecfg.config.schema import USUAL
from posecfg.review.sides import CONFIGURATION, Side

RESULTS, WRITERS, OTHERS = "results", "writers", "others"
TOOLS = ("weights", "versions", "device")
NONE = "none"
_SHORT = 12
# Where results go, which each side has of its own, and what no user types.
_PLACES = ("output_dir", floors.KNOB)


def apart(a: Side, b: Side) -> dict[str, list[dict[str, str]]]:
    """Return the settings that differ, by what they are about, as JSON values.

    ``results`` can change poses, ``writers`` the files made of them; ``others`` can change neither.
    """
    results: list[Change] = []
    written: list[Change] = []
    if a.identity is not None and b.identity is not None:
        results = changes(a.identity, b.identity, usual=USUAL)
        written = _writers(a.writers, b.writers)
    others = _others(a.config, b.config, [*results, *written]) if a.config and b.config else []
    found = {RESULTS: results, WRITERS: written, OTHERS: others}
    return {**{kind: [_data(_as_typed(one, a, b)) for one in of] for kind, of in found.items()}, **_tools(a, b)}


def counts(found: Mapping[str, list[Any]], kind: str) -> bool:
    """Tell whether settings differ that count: of results only those that can change one."""
    return any(lines for name, lines in found.items() if name != OTHERS or kind == CONFIGURATION)


def _as_typed(change: Change, a: Side, b: Side) -> Change:
    """Return a change of components with the options that were typed in the place of their classes."""
    group = change.key.replace(".", "/")
    old, new = (one.choices.get(group) for one in (a, b))
    if old is None or new is None or old == new:
        return change
    classes = tuple(_class(one.config, change.key) for one in (a, b))
    return Change(change.key, old, new) if classes == (change.old, change.new) else change


def _class(config: Any, key: str) -> str:
    """Return the name of the class at a place of a configuration, nothing where there is none."""
    for name in key.split("."):
        config = config.get(name) if isinstance(config, Mapping) else None
    return str(config.get("_target_", "")).rpartition(".")[2] if isinstance(config, Mapping) else ""


def _data(change: Change) -> dict[str, str]:
    return {"key": change.key, "a": change.old, "b": change.new}


def _writers(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Change]:
    """Compare writers and metrics by their names: one that only one side has is a line."""
    found: list[Change] = []
    for name in sorted({*a, *b}):
        where = name if name.startswith("metric.") else f"writer.{name}"
        if name in a and name in b:
            found += changes(a[name], b[name], where)
        else:
            found.append(Change(where, *("there" if name in one else NONE for one in (a, b))))
    return found


def _others(a: Mapping[str, Any], b: Mapping[str, Any], told: Iterable[Change]) -> list[Change]:
    """Return the settings that can change no result; what follows from a setting that was told is none of its own."""
    known = list(told)
    keys = {one.key for one in known}
    # Knobs that take another's value over, as score_floor does, have both values in common with it.
    values = {(one.old, one.new) for one in known if "." not in one.key}
    swapped = tuple(f"{one.key}." for one in known)
    old, new = ({key: value for key, value in one.items() if key not in _PLACES} for one in (a, b))
    found = []
    for change in changes(old, new):
        group = change.key.partition(".")[0]
        if change.key in keys or change.key.startswith(swapped) or group in ("writer", "metric"):
            continue
        if (change.old, change.new) in values and (group in CHAIN or group == "score_floor"):
            continue
        found.append(change)
    knobs = {(one.old, one.new, one.key.rpartition(".")[2]) for one in found if "." not in one.key}
    return [one for one in found if "." not in one.key or not _follows(one, knobs)]


def _follows(change: Change, knobs: set[tuple[str, str, str]]) -> bool:
    """Tell whether a key takes over a knob of the same name, as ``executor.workers`` does."""
    return (change.old, change.new, change.key.rpartition(".")[2]) in knobs


def _tools(a: Side, b: Side) -> dict[str, list[dict[str, str]]]:
    """Return the weights, versions and devices that differ; of several in one folder all are named."""
    found: dict[str, list[dict[str, str]]] = {}
    for kind in TOOLS:
        old, new = a.tools.get(kind, {}), b.tools.get(kind, {})
        names = sorted({*old, *new}) if old and new else []
        found[kind] = [
            {"key": name, "a": _shown(kind, old.get(name)), "b": _shown(kind, new.get(name))}
            for name in names
            if old.get(name) != new.get(name)
        ]
    return found


def _shown(kind: str, values: set[str] | None) -> str:
    return " and ".join(value[:_SHORT] if kind == "weights" else value for value in sorted(values or ())) or NONE
