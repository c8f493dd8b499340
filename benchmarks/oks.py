"""Score many predicted people by OKS: posecfg's metric as a run uses it, and pycocotools, taking turns.

    pip install pycocotools
    python benchmarks/oks.py --predictions 100000

Two sets are scored: a film with one person a frame, in clips of 1,000 frames, and pictures with 1 to 7 people and 20
predictions each. posecfg's time is from the poses of clips to scores: partials, packed and read back as records keep
them, and reduced. That of pycocotools is ``evaluate`` and ``accumulate``, without loading. Both are seconds of the
processor. Without pycocotools posecfg is timed alone.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import time
from pathlib import Path

import numpy as np

from posecfg import skeletons
from posecfg.metrics.oks import Oks
from posecfg.store import packed
from posecfg.types import Clip, Clock, Extraction, Meaning, PoseTrack, Truth

NAMES = ("ap", "ap50", "ap75", "ap_medium", "ap_large", "ar", "ar50", "ar75", "ar_medium", "ar_large")
COCO = skeletons.load("coco17")


def clips(chance, predictions, most, guesses, rows):
    """Yield extractions of ``rows`` frames and their truths: up to ``most`` people, and ``guesses`` tracks a frame."""
    for start in range(0, predictions // guesses, rows):
        count = min(rows, predictions // guesses - start)
        size = chance.uniform(30, 250, (most, count))
        xy = chance.random((most, count, 17, 2)) * size[..., None, None] + chance.uniform(0, 900, (most, count, 1, 2))
        gone = np.arange(most)[:, None] >= chance.integers(1, most + 1, count)
        xy[gone] = np.nan
        truth = Truth(
            COCO.keypoints,
            xy.astype(np.float32),
            visible=np.where(gone[..., None], 0, chance.integers(0, 3, (most, count, 17))).astype(np.int8),
            areas=np.where(gone, np.nan, size**2 * 0.5).astype(np.float32),
            crowd=(chance.random((most, count)) < 0.02) & ~gone,
        )
        tracks = []
        for number in range(guesses):
            noise = size[number % most][:, None, None] * chance.choice([0.01, 0.03, 0.1], (count, 1, 1))
            near = np.nan_to_num(xy[number % most], nan=50.0) + chance.normal(0, 1, (count, 17, 2)) * noise
            tracks.append(track(number, near, chance.random(count)))
        clock = Clock(np.arange(count), np.arange(count) / 60, 60.0, (1000, 1000))
        clip = Clip(f"clip{start:08d}", Path("film.mp4"))
        yield Extraction(clip, clock, COCO, Meaning(), tuple(tracks)), truth


def track(number, xy, scores):
    """Return a track whose keypoints all have the score of its box."""
    rows = len(xy)
    boxes = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1).astype(np.float32)
    scores = scores.astype(np.float32)
    every = np.ones(rows, bool)
    points = np.repeat(scores[:, None], 17, axis=1)
    return PoseTrack(number, COCO, Meaning(), xy.astype(np.float32), points, boxes, scores, every, ~every)


def ours(sets):
    """Return our scores and the seconds that they took."""
    oks = Oks(score="box")
    began = time.process_time()
    kept = []
    for found, truth in sets:
        partial = oks.partial(found, truth)
        kept.append({name: packed.pack(one) if hasattr(one, "dtype") else one for name, one in partial.items()})
    read = [{n: packed.unpack(one) if isinstance(one, dict) else one for n, one in part.items()} for part in kept]
    scores = oks.scores(oks.reduce(read))
    seconds = time.process_time() - began
    size = sum(len(str(one)) for part in kept for one in part.values())
    return [scores.get(name, -1) for name in NAMES], seconds, size


def theirs(sets):
    """Return the scores of pycocotools and the seconds that they took."""
    from pycocotools.coco import COCO as Annotations
    from pycocotools.cocoeval import COCOeval

    images, people, results = [], [], []
    for found, truth in sets:
        for row in range(len(found.clock)):
            images.append({"id": len(images) + 1})
            people += [one | {"id": len(people) + n + 1} for n, one in enumerate(annotated(truth, row, len(images)))]
            results += [
                {
                    **{"image_id": len(images), "category_id": 1, "score": float(one.box_scores[row])},
                    "keypoints": np.column_stack([one.xy[row], np.ones(17)]).astype(float).ravel().tolist(),
                }
                for one in found.tracks
            ]
    known = Annotations()
    known.dataset = {"info": {}, "images": images, "categories": [{"id": 1}], "annotations": people}
    with contextlib.redirect_stdout(io.StringIO()):
        known.createIndex()
        judge = COCOeval(known, known.loadRes(results), "keypoints")
        began = time.process_time()
        judge.evaluate()
        judge.accumulate()
        seconds = time.process_time() - began
        judge.summarize()
    return judge.stats, seconds


def annotated(truth, row, image):
    """Yield the annotations of a picture."""
    for person in np.flatnonzero(np.isfinite(truth.areas[:, row])):
        visible = truth.visible[person, row] * np.isfinite(truth.xy[person, row, :, 0])
        low, high = np.nanmin(truth.xy[person, row], axis=0), np.nanmax(truth.xy[person, row], axis=0)
        yield {
            **{"image_id": image, "category_id": 1, "iscrowd": int(truth.crowd[person, row])},
            **{"area": float(truth.areas[person, row]), "bbox": [*low.tolist(), *(high - low).tolist()]},
            "num_keypoints": int((visible > 0).sum()),
            "keypoints": np.column_stack([truth.xy[person, row], visible]).astype(float).ravel().tolist(),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--predictions", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    shapes = {"one person a frame": (1, 1, 1000), "1 to 7 people a picture": (7, 20, 500)}
    for name, (most, guesses, rows) in shapes.items():
        sets = list(clips(np.random.default_rng(0), options.predictions, most, guesses, rows))
        mine, other, apart = [], [], None
        for _ in range(options.rounds):
            scores, seconds, size = ours(sets)
            mine.append(seconds)
            with contextlib.suppress(ImportError):
                known, taken = theirs(sets)
                other.append(taken)
                apart = np.abs(np.array(scores) - known).max()
        told = f"{name:24} posecfg {min(mine):6.2f} s, {size / options.predictions:.1f} bytes a person in records"
        if other:
            told += f"; pycocotools {min(other):6.2f} s, {min(other) / min(mine):.1f} times; apart {apart:.0e}"
        print(told, flush=True)


if __name__ == "__main__":
    main()
