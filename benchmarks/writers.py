"""What each file format costs beside the extraction whose poses it writes: seconds of the processor.

    python benchmarks/writers.py [--film FILM] [--detector blazepose] [--rounds 5]

A film (the demo where none is named) is extracted once for each round, then each writer that needs no pixels writes its
poses through the staging of a run, with flush and rename. Prints the median of the extraction, and for each writer its
own and its share of the extraction; a writer whose package is not installed is named.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import posecfg
from posecfg.errors import BackendMissing
from posecfg.store.staging import Staging
from posecfg.writers.c3d import C3d
from posecfg.writers.coco import Coco
from posecfg.writers.csv import Csv
from posecfg.writers.json import Json
from posecfg.writers.movement import Movement
from posecfg.writers.npy import Npy
from posecfg.writers.npz import Npz
from posecfg.writers.openpose import Openpose
from posecfg.writers.parquet import Parquet
from posecfg.writers.pose import Pose
from posecfg.writers.rerun import Rerun
from posecfg.writers.trc import Trc

DEMO = Path(__file__).resolve().parents[1] / "src" / "posecfg" / "assets" / "demo.mp4"
WRITERS: dict[str, Callable[[], Any]] = {
    "npy": Npy,
    "npz": Npz,
    "csv": Csv,
    "csv layout=sleap": lambda: Csv(layout="sleap"),
    "json": Json,
    "openpose": Openpose,
    "trc": Trc,
    "trc units=px": lambda: Trc(units="px"),
    "pose": Pose,
    "coco images=none results=true": lambda: Coco(images="none", results=True),
    "parquet": Parquet,
    "movement": Movement,
    "c3d": C3d,
    "rerun": Rerun,
}


def spent(work: Callable[[], Any]) -> float:
    """Return the seconds of the processor that a call takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Extract, and let all write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--film", type=Path, default=DEMO)
    parser.add_argument("--detector", default="blazepose")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()

    def extracted() -> Any:
        return posecfg.extract(str(asked.film), detector=asked.detector, progress=False)

    found = extracted()
    rows, people = len(found.clock), len(found.tracks)
    print(f"{asked.film.name}: {rows} rows of {len(found.skeleton)} keypoints, {people} person(s)")
    whole = statistics.median(spent(extracted) for _ in range(asked.rounds))
    print(f"extraction with {asked.detector}: {whole:.3f} s of the processor")
    with tempfile.TemporaryDirectory(prefix="posecfg-writers-") as name:
        for number, (who, build) in enumerate(WRITERS.items()):
            try:
                writer = build()
            except BackendMissing as error:
                print(f"{who}: {error}")
                continue

            sizes = []

            def write(writer: Any = writer, sizes: list[int] = sizes, first: Path = Path(name) / str(number)) -> None:
                root = first / str(len(sizes))
                staging = Staging(root, root / ".posecfg" / "tmp")
                writer.write(found, staging)
                sizes.append(sum(file.bytes for file in staging.publish()))

            write()
            used, size = statistics.median(spent(write) for _ in range(asked.rounds)), sizes[0]
            print(f"{who}: {used * 1e3:.1f} ms, {used / whole:.2%} of the extraction, {size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
