"""Where the poses of a run come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from posecfg.components.parts import top
from posecfg.lifters.identity import Identity


@dataclass(frozen=True)
class Origin:
    """Whether a detector looks for people, and whether poses are the annotations of the data set as they are."""

    detected: bool = True
    replayed: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Origin:
        """Return the origin of the poses of a configuration; steps and lifters change what is replayed."""
        detected = not top(config, "detector").facts.annotated
        changed = bool(config["refine"]) or top(config, "lifter").component is not Identity
        return cls(detected, not detected and not changed)
