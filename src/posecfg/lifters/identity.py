"""No lifting."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from posecfg.facts import Facts
from posecfg.types import Clock, PoseTrack


class Identity:
    """Leave the track as it is."""

    weights: Mapping[str, str] = MappingProxyType({})

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(gives=())

    def __call__(self, track: PoseTrack, clock: Clock) -> PoseTrack:
        """Return ``track``."""
        return track
