"""Reasons, gathered: sentences that differ in their numbers alone are one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Group:
    """Clips with one reason: their ``names``, and the ``reason`` of the first with its own numbers."""

    names: tuple[str, ...]
    reason: str


def kind(reason: str) -> str:
    """Return what stands before the first colon: 'too short' of 'too short: 0.1 s, ...'."""
    return reason.partition(": ")[0]


def groups(clips: Mapping[str, str]) -> list[Group]:
    """Gather ``clips`` (name to reason), the largest group first."""
    found: dict[str, list[str]] = {}
    for name, reason in clips.items():
        found.setdefault(_NUMBER.sub("#", reason), []).append(name)
    gathered = (Group(tuple(names), clips[names[0]]) for names in found.values())
    return sorted(gathered, key=lambda group: -len(group.names))
