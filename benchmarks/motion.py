"""What sampler=motion saves, and what it costs: poses of every frame beside poses of some, the others filled.

    pip install -e '.[movenet]'
    POSECFG_MODELS=FOLDER python benchmarks/motion.py FILM... [--detector "movenet detector.crop=padded"]
        [--sampler "motion sampler.max_gap=8"]

Each film is extracted twice by one process, decoding included: with sampler=all, and with the sampler beside
refine=[fill]. Prints how many frames there are and how many the model looked at, how much faster that was, and how far
the poses of the two lie apart in % of the diagonal of the person's box: the median and the 95th percentile over all
frames, and over those that were filled. Keypoints count that score 0.3 or more with sampler=all. The detector must look
at each frame by itself, or the two differ for other reasons.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from posecfg.config.compose import compose
from posecfg.pipeline.chain import Chain
from posecfg.types import Clip, PoseTrack

KPT_THR = 0.3
HEAD = f"{'':34}{'frames':>7}{'looked at':>11}{'faster':>8}{'median':>8}{'p95':>7}  {'filled: median':>14}{'p95':>7}"


@dataclass
class Result:
    """One film, or all of them together; distances are % of the box diagonal, one for each keypoint and frame."""

    frames: int = 0
    looked: int = 0
    seconds: list[float] = field(default_factory=lambda: [0.0, 0.0])
    all: list[np.ndarray] = field(default_factory=list)
    filled: list[np.ndarray] = field(default_factory=list)

    def add(self, other: Result) -> None:
        self.frames += other.frames
        self.looked += other.looked
        self.seconds = [a + b for a, b in zip(self.seconds, other.seconds, strict=True)]
        self.all += other.all
        self.filled += other.filled

    def line(self, name: str) -> str:
        faster = self.seconds[0] / self.seconds[1]
        counts = f"{self.frames:7}{self.looked:6} {self.looked / self.frames:4.0%}{faster:7.2f}x"
        (median, p95), (filled_median, filled_p95) = (_quantiles(part) for part in (self.all, self.filled))
        return f"{name[:33]:34}{counts}{median:8.2f}{p95:7.2f}  {filled_median:14.2f}{filled_p95:7.2f}"


def _quantiles(parts: list[np.ndarray]) -> tuple[float, float]:
    values = np.concatenate(parts) if parts else np.empty(0)
    return (float(np.median(values)), float(np.percentile(values, 95))) if len(values) else (0.0, 0.0)


def chain(detector: str, sampler: str) -> Chain:
    """Build everything once."""
    persons = ["persons=best", "persons.follow=false"]
    words = [
        "dataset=folder",
        "dataset.path=.",
        f"detector={detector}",
        f"sampler={sampler}",
        "refine=[fill]",
        *persons,
    ]
    (job,) = compose([word for text in words for word in text.split()])
    return Chain({**job.config, "writer": {}, "metric": {}})


def compare(film: Path, every: Chain, some: Chain) -> Result:
    """Extract a film both ways."""
    clip = Clip(film.stem, film.resolve())
    found, seconds = [], []
    for made in (every, some):
        began = time.perf_counter()
        found.append(made.extract(clip, {}))
        seconds.append(time.perf_counter() - began)
    whole, part = found
    if not np.array_equal(whole.clock.indices, part.clock.indices):
        sys.exit(f"{film}: {len(whole.clock)} rows with sampler=all, but {len(part.clock)}: is it filled?")
    skipped = part.notes.get("frames_skipped", 0)
    rows = np.isnan(part.seconds)  # no detector looked at these
    shares = distances(whole.tracks[0], part.tracks[0])
    return Result(
        len(whole.clock),
        len(whole.clock) - skipped,
        seconds,
        [shares[np.isfinite(shares)]],
        [shares[rows][np.isfinite(shares[rows])]],
    )


def distances(whole: PoseTrack, part: PoseTrack) -> np.ndarray:
    """Return how far apart keypoints lie, (T, K) in % of the box around those that count; NaN for the others."""
    counts = (whole.scores >= KPT_THR) & whole.valid[:, None]
    points = np.where(counts[..., None], whole.xy, np.nan)
    enough = counts.sum(axis=1) >= 3
    shares = np.full(counts.shape, np.nan)
    size = np.nanmax(points[enough], axis=1) - np.nanmin(points[enough], axis=1)
    apart = np.linalg.norm(part.xy[enough] - points[enough], axis=2)
    shares[enough] = 100 * apart / np.linalg.norm(size, axis=1)[:, None]
    return shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--detector", default="movenet detector.crop=padded", help="and its settings")
    parser.add_argument("--sampler", default="motion", help="and its settings")
    options = parser.parse_args()
    every, some = chain(options.detector, "all"), chain(options.detector, f"{options.sampler} sampler.skipped=rows")
    compare(options.films[0], every, some)  # a first time, so that nothing is loaded later
    total = Result()
    print(f"detector={options.detector}, sampler={options.sampler}; distances in % of the box diagonal\n{HEAD}")
    for film in options.films:
        result = compare(film, every, some)
        total.add(result)
        print(result.line(film.name), flush=True)
    print(total.line(f"all {len(options.films)} films"))


if __name__ == "__main__":
    main()
