"""Numbers of clips and runs, with their names and units.

Nothing here knows true poses: all is what poses tell of themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from posecfg.metrics.quality import Quality

if TYPE_CHECKING:
    from posecfg.arrays import F64

QUALITY = Quality()
HIGH, LOW = "high", "low"


class Measure(NamedTuple):
    """A number of a clip or run: what it is called, its unit, digits behind the point, and what is better."""

    label: str
    unit: str
    digits: int
    better: str | None
    help: str


MEASURES = {
    "detection_rate": Measure("found", "%", 1, HIGH, "share of the frames looked at in which a person was found"),
    "people": Measure("people", "", 2, None, "people a frame, on average over the frames with any"),
    "score": Measure("score", "", 3, HIGH, "mean score of all keypoints, as the model gives it"),
    "jitter_px_s2": Measure("jitter", "px/s²", 0, LOW, "mean acceleration of keypoints in the picture"),
    "jitter_m_s2": Measure("jitter in space", "m/s²", 1, LOW, "mean acceleration of keypoints in metres"),
    "bone_variation": Measure("bones vary", "%", 1, LOW, "how much the length of a bone varies within a clip"),
    "swaps": Measure("swaps", "", 0, LOW, "frames in which left and right seem exchanged since the frame before"),
    "gaps": Measure("gaps", "", 0, LOW, "times that a person is lost and found again"),
    "longest_gap_s": Measure("longest gap", "s", 2, LOW, "the longest of these"),
    "out_of_frame": Measure("outside", "%", 1, LOW, "share of keypoints outside the picture"),
}
"""Of a clip, and of a run over all of its clips."""
OF_RUNS = {
    "frames_per_second": Measure("frames/s", "", 0, HIGH, "frames a second of the whole run, by all workers"),
    "model_per_second": Measure("model", "frames/s", 0, HIGH, "frames a second that one worker's model alone takes"),
    "seconds": Measure("time", "s", 1, LOW, "how long the latest start of the run took"),
}


def of_clips(sums: Sequence[Mapping[str, float]]) -> tuple[dict[str, F64], dict[str, float]]:
    """Return what the poses of clips tell of themselves, (N,) each, NaN for what is not known, and of all together.

    Sums are added up before they are divided; those of clips without any measure do not count.
    """
    columns = QUALITY.columns(sums)
    found = QUALITY.all_scores(columns)
    known = np.any([np.isfinite(values) for values in found.values()], axis=0)
    together = QUALITY.total({name: values[known] for name, values in columns.items()})
    return {name: found[name] for name in MEASURES}, QUALITY.scores(together)
