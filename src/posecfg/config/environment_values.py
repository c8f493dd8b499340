"""Values of a configuration that come from environment variables: they are recorded by name, never by what they are."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from posecfg.config.resolvers import register

READER = "oc.env"
Place = tuple[str | int, ...]
"""The keys, and numbers in lists, that lead to a value."""


def named(config: Any) -> dict[Place, str]:
    """Return the text of each value of a typed configuration that depends on the environment, by its place.

    Values that take over another one, such as ``${dataset.path}/masks``, depend on what it depends on.
    """
    texts = dict(_texts(config, ()))
    if not any(READER in text for _, text in texts.values()):
        return {}
    with _watched() as asked:
        return {place: text for place, (node, text) in texts.items() if _asks(node, asked)}


def masked(plain: Mapping[str, Any], names: Mapping[Place, str]) -> dict[str, Any]:
    """Return plain values with the texts in ``names`` in their places; what is not there any more is left out."""
    found = copy.deepcopy(dict(plain)) if names else dict(plain)
    for place, text in names.items():
        put(found, place, text)
    return found


def put(config: Any, place: Sequence[str | int], value: Any) -> None:
    """Put a value in its place, if there is such a place."""
    node = config
    for key in place[:-1]:
        node = _below(node, key)
    if _below(node, place[-1], None) is not None or (isinstance(node, dict) and place[-1] in node):
        node[place[-1]] = value


def get(config: Any, place: Sequence[str | int]) -> Any:
    """Return the value at a place, None where there is none."""
    for key in place:
        config = _below(config, key)
    return config


def escaped(value: Any, names: Mapping[Place, str], place: Place = ()) -> Any:
    """Return plain values as OmegaConf takes them as they are, but for those in ``names``."""
    if place in names:
        return value
    if isinstance(value, dict):
        return {key: escaped(inner, names, (*place, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [escaped(inner, names, (*place, number)) for number, inner in enumerate(value)]
    return re.sub(r"(\\*)\$\{", lambda m: m[1] * 2 + r"\${", value) if isinstance(value, str) else value


def _below(node: Any, key: str | int, default: Any = None) -> Any:
    if isinstance(node, dict):
        return node.get(key, default)
    return node[key] if isinstance(node, list) and isinstance(key, int) and key < len(node) else default


def _texts(node: Any, place: Place) -> Iterator[tuple[Place, tuple[Any, str]]]:
    """Yield every interpolation below a node, with its own node."""
    from omegaconf import DictConfig, ListConfig

    if node._is_interpolation():
        yield place, (node, str(node._value()))
    elif isinstance(node, DictConfig | ListConfig) and not (node._is_none() or node._is_missing()):
        content: Any = node._content
        for key in list(content) if isinstance(node, DictConfig) else range(len(content)):
            below: Any = node._get_node(key)
            if key != "hydra" and below is not None:
                yield from _texts(below, (*place, key))


def _asks(node: Any, asked: list[str]) -> bool:
    """Tell whether the environment is asked for when a node's value is made."""
    from omegaconf.errors import OmegaConfBaseException

    asked.clear()
    try:
        found = node._dereference_node()
        if hasattr(found, "_content"):
            from omegaconf import OmegaConf

            OmegaConf.to_container(found, resolve=True)
    except (OmegaConfBaseException, ValueError):
        return True
    return bool(asked)


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Note each environment variable that is asked for."""
    from omegaconf import OmegaConf
    from omegaconf.resolvers import oc

    asked: list[str] = []

    def ask(key: str, *default: Any) -> Any:
        asked.append(key)
        return oc.env(key, *default)

    OmegaConf.register_new_resolver(READER, ask, replace=True)
    try:
        yield asked
    finally:
        OmegaConf.register_new_resolver(READER, oc.env, replace=True)
        register()
