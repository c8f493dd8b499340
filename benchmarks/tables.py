"""How small writer=parquet writes poses, and how fast, beside writer=npz of the same clips.

    python benchmarks/tables.py [--clips 300] [--frames 100] [--skeleton wholebody133]

Clips of one person who moves smoothly, with a pixel of jitter, as 10,000 clips of a data set would be: every clip costs
the same, so fewer tell as much. Both writers write through the staging of a run, with flush and rename; afterwards all
files are counted and the lines in them. Prints megabytes, also beside npz without what the detector saw
(``writer.npz.detections=false``), and megabytes a second of the table's columns in memory and of x, y and score alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from samples import with_everybody

from posecfg import skeletons
from posecfg.store.staging import Staging
from posecfg.types import Clip, Clock, Extraction, Meaning, PoseTrack
from posecfg.writers.npz import Npz
from posecfg.writers.parquet import Parquet


def extraction(number: int, rows: int, name: str) -> Extraction:
    """Return what a chain might have found in a clip of one person."""
    dice, skeleton, meaning = np.random.default_rng(number), skeletons.load(name), Meaning("simcc")
    time_s, points = np.arange(rows)[:, None, None] / 30, len(skeleton)
    sway = 60 * np.sin(time_s * dice.uniform(0.5, 3, (1, 1, 2)) + 0.2 * dice.uniform(0, 6, (1, points, 2)))
    xy = dice.uniform(200, 900, (1, points, 2)) + sway + dice.normal(0, 1, (rows, points, 2))
    scores = dice.normal(0.8, 0.05, (rows, points)).clip(0, 1).astype(np.float32)
    boxes = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1).astype(np.float32)
    found = np.ones(rows, bool)
    track = PoseTrack(0, skeleton, meaning, xy.astype(np.float32), scores, boxes, scores.mean(axis=1), found, ~found)
    clock = Clock(np.arange(rows), np.arange(rows) / 30, 30.0, (1920, 1080), decoded=rows, inside=rows)
    clip = Clip(f"clip_{number:05d}", Path("film.mp4"), source=f"clip_{number:05d}.mp4")
    return with_everybody(Extraction(clip, clock, skeleton, meaning, (track,)))


def write(writer: Any, source: list[Extraction], clips: int, root: Path) -> tuple[int, int, float, float]:
    """Write all clips; return the files, their bytes, and seconds of the processor and of the clock."""
    began, used = time.perf_counter(), time.process_time()
    files = size = 0
    for number in range(clips):
        one = source[number % len(source)]
        staging = Staging(root, root / ".posecfg" / "tmp" / str(number))
        writer.write(replace(one, clip=replace(one.clip, id=f"clip_{number:05d}")), staging)
        for file in staging.publish():
            if not file.name.startswith(".posecfg/"):
                files, size = files + 1, size + file.bytes
    return files, size, time.process_time() - used, time.perf_counter() - began


def main() -> None:
    """Let all write the same clips."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=300)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--skeleton", default="wholebody133")
    asked = parser.parse_args()
    source = [extraction(number, asked.frames, asked.skeleton) for number in range(min(asked.clips, 20))]
    numbers = asked.clips * sum(one.nbytes for one in (source[0].tracks[0].xy, source[0].tracks[0].scores)) / 1e6
    due = asked.clips * asked.frames * len(source[0].skeleton)
    print(f"{asked.clips:,} clips of {asked.frames} frames and {len(source[0].skeleton)} points: {numbers:.1f} MB")
    tables = {"parquet": Parquet(), "parquet exact=false": Parquet(exact=False)}
    sizes = {}
    with tempfile.TemporaryDirectory(prefix="posecfg-tables-") as name:
        for who, writer in tables.items():
            files, sizes[who], used, wall = write(writer, source, asked.clips, Path(name) / who)
            lines, size = _table(Path(name) / who / "poses" / "data")
            memory = size * asked.clips / 1e6
            print(
                f"{who}: {files:,} files, {sizes[who] / 1e6:.1f} MB, {lines:,} lines ({due:,} were due) that take "
                f"{memory:.0f} MB in memory: {memory / used:.0f} MB of them a second of the processor, "
                f"{memory / wall:.0f} by the clock; {numbers / used:.0f} and {numbers / wall:.0f} MB of coordinates"
            )
        for who, plain in {"npz": Npz(), "npz without detections": Npz(detections=False)}.items():
            files, size, used, wall = write(plain, source, asked.clips, Path(name) / who)
            shares = ", ".join(f"{table} is {sizes[table] / size:.0%} of it" for table in tables)
            speeds = (
                f"{numbers / used:.0f} MB of coordinates a second of the processor, {numbers / wall:.0f} by the clock"
            )
            print(f"{who}: {files:,} files, {size / 1e6:.1f} MB ({shares}); {speeds}")


def _table(folder: Path) -> tuple[int, int]:
    """Return the lines of all files together, and the bytes that those of one take in memory."""
    import pyarrow.dataset
    import pyarrow.parquet

    one = pyarrow.parquet.read_table(next(folder.iterdir()))
    return pyarrow.dataset.dataset(folder).count_rows(), one.nbytes


if __name__ == "__main__":
    main()
