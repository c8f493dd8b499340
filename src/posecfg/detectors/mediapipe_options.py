"""Options that detectors on MediaPipe's graphs share: their checks, weights and frames with times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from posecfg.errors import ClipError, ConfigError

if TYPE_CHECKING:
    from posecfg.detectors.mediapipe_graph import Feed, Seen
    from posecfg.pixels import Frames
    from posecfg.types import Clip

_MODELS = ("blazepose_lite", "blazepose_full", "blazepose_heavy")
_CLOCKS = ("fixed", "true")
# What mp.solutions advances a frame, whatever the film's rate.
_STEP = 33333


def check(
    detection_confidence: float, tracking_confidence: float, max_side: int | None, clock: str, threads: int
) -> None:
    """Raise ``ConfigError`` for values that can never be right."""
    for name, value in (("detection", detection_confidence), ("tracking", tracking_confidence)):
        if not 0 <= value <= 1:
            raise ConfigError(f"Expected detector.{name}_confidence to be from 0 to 1, but got {value}.")
    if max_side is not None and max_side < 1:
        raise ConfigError(f"Expected detector.max_side to be null or at least 1, but got {max_side}.")
    if clock not in _CLOCKS:
        raise ConfigError(f"Expected detector.clock to be fixed or true, but got '{clock}'.")
    if threads < 1:
        raise ConfigError(f"Expected detector.threads to be at least 1, but got {threads}.")


def check_device(device: str, name: str) -> None:
    """Refuse a device that MediaPipe's wheels have no path for."""
    if device not in ("auto", "cpu"):
        raise ConfigError(
            f"{name} runs on the CPU only: the Linux wheels have no GPU path, but device={device} was asked "
            "for: use device=cpu or device=auto"
        )


def pose_weights(complexity: int) -> tuple[str, str]:
    """Return the names of the weights that find a person and the person's pose."""
    if complexity not in range(len(_MODELS)):
        raise ConfigError(f"Expected detector.complexity to be 0, 1 or 2, but got {complexity}.")
    return "pose_detection", _MODELS[complexity]


def played(
    feed: Feed, batches: Iterable[Frames], clip: Clip, max_side: int | None, clock: str
) -> Iterator[tuple[Seen, tuple[int, int]]]:
    """Yield what the graph sees in each frame of a clip, and the frame's size, in order.

    ``clock`` fixed advances as mp.solutions does, whatever the film's rate; true follows the film's own times.
    """
    now, first = 0, None
    for frames in batches:
        pixels = frames.rgb(*_scaled(frames.size, max_side))
        for index, time, rgb in zip(frames.indices, frames.times, pixels, strict=True):
            # Both clocks start at the same time: the filters' last digits depend on it.
            first = float(time) if first is None else first
            passed = round((float(time) - first) * 1e6)
            now = max(now + 1, _STEP + passed) if clock == "true" else now + _STEP
            try:
                seen = feed(rgb, now)
            except ClipError as error:
                raise ClipError(f"{clip.id}, frame {index}: {error}") from error
            yield seen, frames.size


def _scaled(size: tuple[int, int], max_side: int | None) -> tuple[int | None, int | None]:
    if max_side is None or max(size) <= max_side:
        return None, None
    width, height = (max(1, round(side * max_side / max(size))) for side in size)
    return width, height
