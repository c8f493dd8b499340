"""Build the components that a checked configuration names by ``_target_``."""

from __future__ import annotations

import logging
from typing import Any

from posecfg.components.plugins import at_line
from posecfg.components.trust import locate
from posecfg.errors import ConfigError, PosecfgError
from posecfg.text import sentence

log = logging.getLogger("posecfg.build")


def build(node: Any, where: str) -> Any:
    """Return ``node`` with every ``_target_`` in it called with its arguments; errors name the place.

    A constructor that does not check its arguments fails with a TypeError or ValueError, which is about what was typed.
    """
    if isinstance(node, list):
        return [build(value, where) for value in node]
    if not isinstance(node, dict):
        return node
    arguments = {key: build(value, f"{where}.{key}") for key, value in node.items() if key != "_target_"}
    if "_target_" not in node:
        return arguments
    try:
        component = locate(node["_target_"], where)
        made = component(**arguments)
    except PosecfgError as error:
        raise type(error)(f"{where}: {error}") from error
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where} does not take these values: {error}{at_line(error)}.") from error
    except Exception as error:
        log.info("%s", where, exc_info=True)
        raise ConfigError(
            f"{where}: {node['_target_']} cannot be built ({sentence(error)}{at_line(error)})."
        ) from error
    if not isinstance(made, component):
        kind = type(made).__name__
        raise ConfigError(f"{where}: expected {node['_target_']} to build one of its own, but it made a '{kind}'.")
    return made


def targets(node: Any) -> set[str]:
    """Return every ``_target_`` in a configuration."""
    if isinstance(node, list):
        return set[str]().union(*map(targets, node))
    if not isinstance(node, dict):
        return set()
    own = {str(node["_target_"])} if "_target_" in node else set()
    return own.union(*map(targets, node.values()))
