"""Time how long it takes to find out that nothing is left to do, or all of it, over many clips.

python benchmarks/resume.py --clips 10000
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from posecfg import skeletons
from posecfg.config.compose import Job, compose
from posecfg.config.quoting import quote_path
from posecfg.pipeline.chain import Chain
from posecfg.pipeline.clip_summary import Extracted
from posecfg.pipeline.clip_task import finish
from posecfg.pipeline.provenance import made_with
from posecfg.pipeline.work import Destination, Work
from posecfg.runs.scope import scope
from posecfg.store import fingerprint
from posecfg.store.ledger import Ledger
from posecfg.types import Clip, Clock, Extraction, Meaning, PoseTrack

ROOT = Path(__file__).resolve().parents[1]
ROWS = 2


def inputs(folder: Path, clips: int) -> None:
    """Make files that look like films from outside: they are never opened."""
    for number in range(clips):
        path = folder / f"{number // 100:03d}" / f"clip_{number:05d}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"film %d" % number)


def extraction(clip: Clip) -> Extraction:
    """Return what a chain might have found in a clip."""
    skeleton, meaning = skeletons.load("coco17"), Meaning()
    xy, scores = np.ones((ROWS, 17, 2), np.float32), np.ones((ROWS, 17), np.float32)
    boxes, found = np.ones((ROWS, 4), np.float32), np.ones(ROWS, bool)
    track = PoseTrack(0, skeleton, meaning, xy, scores, boxes, scores[:, 0], found, ~found)
    clock = Clock(np.arange(ROWS), np.arange(ROWS) / 30, 30.0, (64, 48), decoded=ROWS, duration=ROWS / 30)
    return Extraction(clip, clock, skeleton, meaning, (track,))


def finished(job: Job) -> None:
    """Commit a result for every clip, as a run does, without the model and without waiting for the disk."""
    place, chain, sync = scope(job), Chain(job.config), os.fsync
    directory, made, hashes = place.directory, made_with(job.config), place.wanted(job).writers
    held = directory.occupy(job.identity, job.writers(), False, made=made)
    with held, closing(Ledger(directory.ledger)) as book:
        destination = Destination(directory.root, directory.part, directory.aside, job.hash, hashes, made)
        rows = []
        os.fsync = lambda descriptor: None
        for clip in place.clips:
            done = Extracted(Work(clip, tuple(chain.writers)), fingerprint.record(clip), time.time())
            rows.append(finish(chain, destination, Extracted(**{**vars(done), "extraction": extraction(clip)})).row)
        os.fsync = sync
        book.put(rows)


def seconds(words: list[str], expected: str, folder: Path, times: int = 3) -> list[float]:
    """Time whole processes; each must say ``expected``."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        command = [sys.executable, str(ROOT / "run.py"), *words]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        spent.append(time.perf_counter() - began)
        if expected not in done.stdout:
            raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return spent


def main() -> None:
    """Make the clips, then time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=10_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="posecfg-resume-") as name:
        folder = Path(name)
        inputs(folder / "films", asked.clips)
        chosen = ["dataset=folder", f"dataset.path={quote_path(str(folder / 'films'))}", "detector=synthetic"]
        old = f"output_dir={folder / 'old'}"
        began = time.perf_counter()
        finished(compose([*chosen, old])[0])
        print(f"{asked.clips:,} clips made in {time.perf_counter() - began:.0f} s")
        count = f"{asked.clips:,}"
        cases = {
            "plan, all new": (["plan", *chosen, f"output_dir={folder / 'new'}"], f"{count} to do"),
            "plan, all done": (["plan", *chosen, old], f"{count} done"),
            "run, all done": ([*chosen, old], "Nothing was left to do"),
            "one clip (start-up alone)": (["plan", "dataset=demo", "detector=synthetic"], "1 to do"),
        }
        for what, (words, expected) in cases.items():
            spent = seconds(words, expected, folder)
            print(f"{what:28} best {min(spent):.2f} s   median {statistics.median(spent):.2f} s")


if __name__ == "__main__":
    main()
