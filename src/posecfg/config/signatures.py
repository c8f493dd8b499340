"""Compare a composed configuration with the signatures of constructors: every key must be read by one."""

from __future__ import annotations

import inspect
from typing import Any

from posecfg.components.parts import parameters
from posecfg.components.trust import locate
from posecfg.config.annotations import as_text, choices, endless, unfit
from posecfg.config.options import everything, hosts, knobs, options, readers
from posecfg.errors import ConfigError
from posecfg.suggestions import ALIASES, hint, nearest


def check_node(node: Any, where: str, option: str | None = None, config_dir: str | None = None) -> list[str]:
    """Return one sentence for each key below ``where`` that no component reads, that is missing, or has the wrong type.

    ``option`` is how the component was chosen, such as 'sampler=all'.
    """
    if isinstance(node, list):
        return [e for i, value in enumerate(node) for e in check_node(value, f"{where}.{i}")]
    if not isinstance(node, dict):
        return []
    if "_target_" not in node:
        return [e for key, value in node.items() for e in _check_plain(value, f"{where}.{key}")]
    component = locate(node["_target_"], where)
    known = parameters(component)
    errors = []
    for key, value in node.items():
        if key in known:
            errors += check_node(value, f"{where}.{key}") or _check_value(value, known[key], f"{where}.{key}")
        elif key != "_target_":
            errors.append(_unread(f"{where}.{key}", value, option or where, tuple(known), config_dir))
    needed = [key for key, parameter in known.items() if parameter.default is parameter.empty]
    return errors + [missing(f"{where}.{key}") for key in needed if key not in node]


def _check_plain(value: Any, place: str) -> list[str]:
    """Check a value of a mapping that no signature describes."""
    if endless(value):
        return [f"{place}: expected a finite number, but got {shown(value)}."]
    return check_node(value, place)


def _check_value(value: Any, parameter: inspect.Parameter, place: str) -> list[str]:
    if isinstance(value, dict):
        return []
    empty = value == "" and parameter.name == "path"
    expected = "a path" if empty else unfit(value, parameter.annotation)
    if expected is None and endless(value):
        # Whatever the annotation: no record could hold it.
        expected = "a finite number"
    return [unfitting(place, expected, value, choices(parameter.annotation))] if expected else []


def unfitting(place: str, expected: str, value: Any, known: tuple[str, ...] = ()) -> str:
    """Say that a value does not fit: what was expected, what came, and what was meant where that can be told."""
    # Only now: these are tables of words.
    from posecfg.config import mistyped

    if meant := mistyped.value(place, value):
        return f"{place}: expected {expected}, but got {shown(value)}: type {meant}."
    near = hint(value, known) if isinstance(value, str) else ""
    return f"{place}: expected {expected}, but got {shown(value)}.{near}"


def with_texts(node: Any, where: str) -> Any:
    """Return a configuration in which words that Hydra reads as true, null or a number are texts where those are meant.

    A constructor tells by its annotation, such as ``Literal["fixed", "true"]``.
    """
    if isinstance(node, list):
        return [with_texts(value, where) for value in node]
    if not isinstance(node, dict):
        return node
    known = _known(node, where)
    place = f"{where}." if where else ""
    return {
        key: as_text(value, known[key].annotation) if key in known else value
        for key, value in ((key, with_texts(value, f"{place}{key}")) for key, value in node.items())
    }


def _known(node: dict[str, Any], where: str) -> dict[str, inspect.Parameter]:
    """Return the arguments of a component; a class that cannot be used is told of elsewhere."""
    if "_target_" not in node:
        return {}
    try:
        return parameters(locate(node["_target_"], where))
    except ConfigError:
        return {}


def shown(value: Any) -> str:
    """Return a value as it is typed."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list):
        return f"[{','.join(shown(item) for item in value)}]"
    if isinstance(value, float):
        return f"{value:.10g}"
    return f"'{value}'" if isinstance(value, str) else str(value)


def missing(place: str) -> str:
    """Say that a value must be given."""
    alone = " A path alone does the same: 'run.py films'." if place == "dataset.path" else ""
    return f"{place} must be given: type {place}=...{alone}"


def _unread(place: str, value: Any, reader: str, known: tuple[str, ...], config_dir: str | None) -> str:
    """Say who would read the key instead, or what this reader does read."""
    key = place.rpartition(".")[2]
    if names := options(config_dir).get(group := place.replace(".", "/")):
        whole = " or ".join(hosts(group, config_dir)) or "no option"
        part = value if value in names else "NAME"
        return f"{reader} does not read '{key}': {group}={part} is a part of {whole}."
    near = nearest(key, known)
    if not near and (inner := _inside(place, known, config_dir)):
        return f"{reader} does not read '{key}', but its parts do: type {' or '.join(f'{name}=...' for name in inner)}"
    others = readers(place, config_dir)
    if others and not near:
        few = " or ".join(others[:3])
        if key in knobs():
            return f"{reader} does not read '{key}', but the run itself does: type {key}=... in place of {place}=..."
        return f"{reader} does not read '{key}', but {few} does: choose it, or leave '{place}' out."
    reads = ", ".join(known) or "nothing"
    if near:
        offer = f" Did you mean '{place[: -len(key)]}{near}'?"
    else:
        offer = hint(key if key in knobs() else place, everything(config_dir))
        # A bound of films, such as video.end, looked for where films are named.
        offer = offer or hint(next((one for one in knobs() if one.endswith(f".{key}")), ""), knobs())
    return f"nothing reads '{place}'.{offer} {reader} reads: {reads}."


def _inside(place: str, known: tuple[str, ...], config_dir: str | None) -> list[str]:
    """Return the keys of this name, or one that means the same, that parts of a component read."""
    where, _, key = place.rpartition(".")
    names = (key, *ALIASES.get(key, ()))
    parts = [f"{where}.{part}.{name}" for part in known for name in names if f"{where}/{part}" in options(config_dir)]
    return [name for name in parts if name in everything(config_dir)]
