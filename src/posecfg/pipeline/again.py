"""Decode a clip once more, for the frames that its rows stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from posecfg.pixels import Frames
from posecfg.protocols import Sampler
from posecfg.samplers.replay import Replay
from posecfg.timing import stage
from posecfg.types import Clip, Clock
from posecfg.video.video import Video


@dataclass(frozen=True)
class Again:
    """The frames of ``clock``'s rows, ``batch`` at a time, each time that it is called; ``knobs`` are those of video.

    It is of plain values, so that an extraction can be handed to another process, and keeps no model in memory.
    """

    clip: Clip
    clock: Clock
    batch: int
    knobs: Mapping[str, Any]

    def __call__(self) -> Iterator[Frames]:
        """Decode them once more."""
        replay = Replay(self.clock.indices, self.clock.moments)
        video = iter(opened(self.clip, replay, self.batch, self.knobs))
        with closing(video):
            while True:
                with stage("decode"):
                    frames = next(video, None)
                if frames is None:
                    return
                yield frames


def opened(clip: Clip, sampler: Sampler, batch: int, knobs: Mapping[str, Any]) -> Video:
    """Return the frames of a clip that a sampler takes; nothing is read before they are iterated."""
    return Video(
        clip,
        sampler,
        batch=batch,
        threads=knobs["threads"],
        hwaccel=knobs["hwaccel"],
        start=knobs["start"],
        end=knobs["end"],
        max_pixels=knobs["max_pixels"],
    )
