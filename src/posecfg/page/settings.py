"""What a run was told, as it is typed: the options of groups and the values of keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from posecfg.config.quoting import bare, brief
from posecfg.config.schema import NEUTRAL
from posecfg.store import configurations

# What is of no interest once a run has ended.
_PLACES = ("output_dir", "console", "workers", "executor", "cache", "redo", "only", "overwrite", "page")
# What can change no pose: keys that no identity has, and groups of which the same holds.
_GROUPS = ("executor", "writer", "metric")
_IDLE = frozenset({f"{section}.{name}" if section else name for section, keys in NEUTRAL.items() for name in keys})
_NONE = "None"


def settings(root: Path) -> dict[str, str]:
    """Return the settings of the latest configuration of a run by their keys; none of an earlier version's."""
    names = configurations.names(root)
    kept: dict[str, Any] | None = configurations.read(root, names[-1]) if names else None
    if kept is None:
        return {}
    choices, overrides = kept.get("choices"), kept.get("overrides")
    found = {key: str(value) for key, value in choices.items()} if isinstance(choices, dict) else {}
    words = map(brief, filter(_is_text, overrides)) if isinstance(overrides, list) else ()
    found |= {key: bare(value) for key, _, value in (word.lstrip("+").partition("=") for word in words)}
    return {key: value for key, value in found.items() if key.partition(".")[0] not in _PLACES and value != _NONE}


def changes_poses(key: str) -> bool:
    """Tell whether a setting can change poses: where results go, and in which files, cannot."""
    return key not in _IDLE and key.partition(".")[0] not in _GROUPS


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
