"""Take only frames in which something moved."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.protocols import BOTH, SKIPPED, Pick, Stream
from posecfg.samplers.skipping import check

if TYPE_CHECKING:
    from posecfg.arrays import F32

# Lines that a picture is reduced to before it is compared, and how many of them make a block.
LINES = 216
BLOCK = 4
# Movement begins suddenly if SUDDEN times the share of blocks changed after REST skipped frames or more.
SUDDEN = 2.0
REST = 2


@dataclass(frozen=True)
class Motion:
    """Skip frames that show the same as the last one that was looked at.

    Pictures are compared in blocks of about 2 % of the shorter side. A block has changed when its mean brightness
    differs by more than ``luma_thr`` levels (of 256) from what all blocks together differ by; a frame is looked at when
    more than ``share`` of its blocks have, or when ``max_gap`` frames in a row were left out. Where movement begins
    suddenly, the frame before it is looked at as well, so that interpolation shows no movement before it began. For
    ``skipped`` see ``Stride``: with ``drop``, the result has fewer rows. Unrelated images are all looked at.
    """

    luma_thr: float = 24.0
    share: float = 0.002
    max_gap: int = 3
    skipped: Literal["auto", "drop", "rows"] = "auto"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.luma_thr) and self.luma_thr >= 0):
            raise ConfigError(
                f"Expected sampler.luma_thr to be levels of brightness from 0 on, but got {self.luma_thr}."
            )
        if not 0 <= self.share <= 1:
            raise ConfigError(f"Expected sampler.share to be from 0 to 1, but got {self.share}.")
        if self.max_gap < 1:
            raise ConfigError(f"Expected sampler.max_gap to be 1 frame or more, but got {self.max_gap}.")
        check(self.skipped)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(needs_stateless=True, fillable=True)

    @property
    def keeps_rows(self) -> bool:
        """Whether frames that are left out have a row."""
        return self.skipped == "rows"

    def filled(self) -> Motion:
        """Return the sampler for a chain that fills rows."""
        return replace(self, skipped="rows") if self.skipped == "auto" else self

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""
        return _everything if stream.independent else _Watch(self)


def _everything(index: int, time: float, frame: Frames) -> int:
    return 1


class _Watch:
    """State for one clip: compares each frame with the last one that was looked at."""

    def __init__(self, rules: Motion) -> None:
        self._rules = rules
        self._known: F32 | None = None
        self._gap = 0

    def __call__(self, index: int, time: float, frame: Frames) -> int:
        blocks = _blocks(frame)
        change = 1.0 if self._known is None else _changed(blocks - self._known, self._rules.luma_thr)
        if change <= self._rules.share and self._gap < self._rules.max_gap:
            self._gap += 1
            return SKIPPED if self._rules.keeps_rows else 0
        sudden = self._gap >= REST and change > SUDDEN * self._rules.share
        self._known, self._gap = blocks, 0
        return BOTH if sudden else 1


def _blocks(frame: Frames) -> F32:
    """Return the mean brightness of each block."""
    import numpy as np

    (luma,) = frame.luma(max(1, min(frame.size) // LINES))
    tall, wide = (min(BLOCK, side) for side in luma.shape)
    height, width = luma.shape[0] // tall, luma.shape[1] // wide
    lines = luma[: height * tall, : width * wide].reshape(height, tall, -1).sum(axis=1, dtype=np.float32)
    blocks: F32 = np.zeros((height, width), np.float32)
    for column in range(wide):  # several times as fast as a mean over both axes
        blocks += lines[:, column::wide]
    blocks /= tall * wide
    return blocks


def _changed(difference: F32, threshold: float) -> float:
    """Return the share of blocks that changed more than the picture as a whole did."""
    import numpy as np

    return float((np.abs(difference - np.median(difference)) > threshold).mean())
