"""Time a plan and a run with nothing left to do, where each clip has thousands of files, with lists and without.

python benchmarks/many_files.py --clips 20 --files 5000
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from unittest import mock

import numpy as np
from resume import inputs, seconds

from posecfg import skeletons
from posecfg.config.compose import Job, compose
from posecfg.config.quoting import quote_path
from posecfg.pipeline.chain import Chain
from posecfg.pipeline.clip_summary import Extracted
from posecfg.pipeline.clip_task import finish
from posecfg.pipeline.provenance import made_with
from posecfg.pipeline.work import Destination, Work
from posecfg.runs.scope import scope
from posecfg.store import file_lists, fingerprint, sync
from posecfg.store.ledger import Ledger
from posecfg.types import Clip, Clock, Extraction, Meaning, PoseTrack

HOW = ("one entry a file", "lists")


def extraction(clip: Clip, rows: int) -> Extraction:
    """Return what a chain might have found in a clip."""
    skeleton, meaning = skeletons.load("coco17"), Meaning()
    xy, scores = np.ones((rows, 17, 2), np.float32), np.ones((rows, 17), np.float32)
    boxes, found = np.ones((rows, 4), np.float32), np.ones(rows, bool)
    track = PoseTrack(0, skeleton, meaning, xy, scores, boxes, scores[:, 0], found, ~found)
    clock = Clock(np.arange(rows), np.arange(rows) / 30, 30.0, (64, 48), decoded=rows, duration=rows / 30)
    return Extraction(clip, clock, skeleton, meaning, (track,))


def finished(job: Job, rows: int, fewest: int) -> float:
    """Commit a result for every clip, without waiting for the disk; return the seconds that it took."""
    place, chain = scope(job), Chain(job.config)
    directory, made, hashes = place.directory, made_with(job.config), place.wanted(job).writers
    quick = mock.patch.multiple(sync, flush=lambda paths: None), mock.patch.object(file_lists, "FROM", fewest)
    held, book = directory.occupy(job.identity, job.writers(), False, made=made), Ledger(directory.ledger)
    began = time.perf_counter()
    with quick[0], quick[1], held, closing(book):
        destination = Destination(directory.root, directory.part, directory.aside, job.hash, hashes, made)
        for clip in place.clips:
            work = Work(clip, tuple(chain.writers))
            done = Extracted(work, fingerprint.record(clip), time.time(), extraction=extraction(clip, rows))
            book.put([finish(chain, destination, done).row])
    return time.perf_counter() - began


def sizes(out: Path) -> str:
    """Tell how large the records, the ledger and the lists are."""
    home = out / ".posecfg"
    record = next((home / "clips").rglob("*.json"))
    entries = sum(len(writer["files"]) for writer in json.loads(record.read_bytes())["writers"].values())
    lists = sum(path.stat().st_size for path in (home / "files").glob("*"))
    told = f"a record {record.stat().st_size:,} bytes ({entries:,} entries)"
    return f"{told}, the ledger {(home / 'ledger.db').stat().st_size:,} bytes, all lists {lists:,} bytes"


def main() -> None:
    """Make the same clips twice, then time both in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="posecfg-many-") as name:
        folder = Path(name)
        inputs(folder / "films", asked.clips)
        films = f"dataset.path={quote_path(str(folder / 'films'))}"
        chosen = ["dataset=folder", films, "detector=synthetic", "writer=[openpose]"]
        for how, fewest in zip(HOW, (sys.maxsize, file_lists.FROM), strict=True):
            out = folder / how.replace(" ", "_")
            spent = finished(compose([*chosen, f"output_dir={out}"])[0], asked.files, fewest)
            print(f"{how}: {asked.clips} clips of {asked.files:,} files made in {spent:.0f} s; {sizes(out)}")
        spent: dict[tuple[str, str], list[float]] = {}
        for _ in range(asked.times):
            for how in HOW:
                words = [*chosen, f"output_dir={folder / how.replace(' ', '_')}"]
                cases = {"plan": (["plan", *words], f"{asked.clips} done"), "run": (words, "Nothing was left to do")}
                for what, (typed, expected) in cases.items():
                    spent.setdefault((what, how), []).extend(seconds(typed, expected, folder, 1))
        start = statistics.median(seconds(["plan", "dataset=demo", "detector=synthetic"], "1 to do", folder))
        print(f"start-up alone {start:.2f} s")
        for what in ("plan", "run"):
            old, new = (statistics.median(spent[what, how]) for how in HOW)
            print(f"{what}: {HOW[0]} {old:.2f} s, {HOW[1]} {new:.2f} s: {old / new:.1f} times as quick")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
