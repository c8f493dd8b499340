"""How long writer=coco takes to turn poses into one file of annotations, and how much memory.

    python benchmarks/coco.py [--annotations 100000] [--rows 700] [--results]

Poses of 17 keypoints, 700 rows a clip, become parts and these one JSON file, without images; then the file is joined
once more of parts that are there. Prints seconds of wall clock and of the processor, and the most memory that the
process held, before and after.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from posecfg import skeletons
from posecfg.runs.shared import Finished
from posecfg.store.clip_parts import ClipPart
from posecfg.store.staging import Staging
from posecfg.types import Clip, Clock, Extraction, Meaning, PoseTrack
from posecfg.writers.coco import Coco

SIZE = (1920, 1080)


def extraction(number: int, rows: int) -> Extraction:
    """Return what a chain might have found in a clip."""
    dice, skeleton, meaning = np.random.default_rng(number), skeletons.load("coco17"), Meaning()
    xy = dice.uniform(100, 1000, (rows, 17, 2)).astype(np.float32)
    scores = dice.uniform(0.2, 1, (rows, 17)).astype(np.float32)
    boxes, found = np.ones((rows, 4), np.float32), np.ones(rows, bool)
    track = PoseTrack(0, skeleton, meaning, xy, scores, boxes, scores[:, 0], found, ~found)
    clock = Clock(np.arange(rows), np.arange(rows) / 60, 60.0, SIZE, decoded=rows, duration=rows / 60)
    return Extraction(Clip(f"clip_{number:05d}", Path("film.mp4")), clock, skeleton, meaning, (track,))


def most() -> float:
    """Return the most memory (MB) that this process held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1000)


def main() -> None:
    """Write parts and join them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--annotations", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=700)
    parser.add_argument("--results", action="store_true", help="a list of results too")
    asked = parser.parse_args()
    clips = -(-asked.annotations // asked.rows)
    source = [extraction(number, asked.rows) for number in range(min(clips, 20))]
    writer = Coco(images="none", results=asked.results)
    print(f"{clips * asked.rows:,} annotations of {clips} clips; {most():.0f} MB held before")
    with tempfile.TemporaryDirectory(prefix="posecfg-coco-") as name:
        root = Path(name)
        began, used = time.perf_counter(), time.process_time()
        parts = []
        for number in range(clips):
            staging = Staging(root, root / ".posecfg" / "tmp" / str(number))
            found = source[number % len(source)]
            writer.write(Extraction(**{**vars(found), "clip": Clip(f"clip_{number:05d}", Path("film.mp4"))}), staging)
            (file,) = staging.publish()
            parts.append(ClipPart(f"clip_{number:05d}", root / file.name, (file.bytes, file.sha256)))
        say("parts", began, used)
        for what in ("joined", "joined again"):
            began_join, used_join = time.perf_counter(), time.process_time()
            staging = Staging(root, root / ".posecfg" / "tmp" / what)
            writer.finish(Finished(tuple(parts), staging))
            sizes = ", ".join(f"{file.name.rpartition('/')[2]} {file.bytes / 1e6:.0f} MB" for file in staging.written)
            say(f"{what} ({sizes})", began_join, used_join)
            if what == "joined":
                say("both", began, used)


def say(what: str, began: float, used: float) -> None:
    """Print how long something took."""
    wall, processor = time.perf_counter() - began, time.process_time() - used
    print(f"{what}: {wall:.2f} s, {processor:.2f} s of the processor, at most {most():.0f} MB held")


if __name__ == "__main__":
    main()
