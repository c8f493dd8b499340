"""Time a run with nothing left to do over clips of many pictures each that are joined to one data set.

    python benchmarks/shared_files.py [--clips 1000] [--pictures 700]

Each clip has so many pictures and a part of the annotations. Whole processes are timed until they say that nothing is
left to do: with all files in place, with the file of annotations gone, which is joined anew, and start-up alone.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from unittest import mock

from coco import extraction
from resume import inputs, seconds

from posecfg.config.compose import Job, compose
from posecfg.config.quoting import quote_path
from posecfg.pipeline.chain import Chain
from posecfg.pipeline.clip_summary import Extracted
from posecfg.pipeline.clip_task import finish
from posecfg.pipeline.provenance import made_with
from posecfg.pipeline.work import Destination, Work
from posecfg.protocols import Files
from posecfg.runs.scope import scope
from posecfg.store import fingerprint, sync
from posecfg.store.ledger import Ledger
from posecfg.types import Extraction
from posecfg.writers import coco


def pictures(extraction: Extraction, files: Files, begin: object) -> None:
    """Write small files in place of pictures."""
    for row in range(len(extraction.clock)):
        with files.open(f"coco/train/images/{extraction.clip.id}_frame_{row:06d}.jpg", coco.ABOUT) as stream:
            stream.write(b"%d" % row)


def finished(job: Job, rows: int) -> None:
    """Commit a result for every clip, without waiting for the disk."""
    place, chain = scope(job), Chain(job.config)
    directory, made, hashes = place.directory, made_with(job.config), place.wanted(job).writers
    quick = mock.patch.multiple(sync, flush=lambda paths: None), mock.patch.object(coco, "decoded", pictures)
    held, book = directory.occupy(job.identity, job.writers(), False, made=made), Ledger(directory.ledger)
    found = extraction(0, rows)
    with quick[0], quick[1], held, closing(book):
        destination = Destination(directory.root, directory.part, directory.aside, job.hash, hashes, made)
        for clip in place.clips:
            own = Extraction(**{**vars(found), "clip": clip})
            done = Extracted(Work(clip, tuple(chain.writers)), fingerprint.record(clip), time.time(), extraction=own)
            book.put([finish(chain, destination, done).row])


def main() -> None:
    """Make the clips, then time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--pictures", type=int, default=700)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="posecfg-shared-") as name:
        folder = Path(name)
        inputs(folder / "films", asked.clips)
        films, out = f"dataset.path={quote_path(str(folder / 'films'))}", folder / "out"
        words = ["dataset=folder", films, "detector=synthetic", "writer=[coco]", f"output_dir={out}"]
        began = time.perf_counter()
        finished(compose(words)[0], asked.pictures)
        print(f"{asked.clips:,} clips of {asked.pictures:,} pictures made in {time.perf_counter() - began:.0f} s")
        expected, file = "Nothing was left to do", out / "coco" / "train" / "annotations" / "train.json"
        (first,) = seconds(words, expected, folder, 1)
        print(f"joined for the first time ({file.stat().st_size / 1e6:.0f} MB): {first:.2f} s")
        print(f"nothing to do: median {statistics.median(seconds(words, expected, folder)):.2f} s")
        file.unlink()
        print(f"the file is gone: {seconds(words, expected, folder, 1)[0]:.2f} s")
        alone = seconds(["plan", "dataset=demo", "detector=synthetic"], "1 to do", folder)
        print(f"start-up alone: median {statistics.median(alone):.2f} s")


if __name__ == "__main__":
    main()
