"""Commands that change a folder of results in each way there is, on computed clips that take milliseconds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

OUT = "out"


@dataclass(frozen=True)
class Scenario:
    """``words`` are struck, in a folder where those of ``before`` were run, and ``change`` happened after them."""

    name: str
    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    change: Callable[[Path], None] | None = None

    def in_worker(self) -> tuple[str, ...]:
        """Return the words with the work done by a worker process."""
        return tuple("workers=1" if word == "workers=0" else word for word in self.words)


def _words(*own: str, clips: int = 1, frames: int = 4) -> tuple[str, ...]:
    dataset = ("dataset=synthetic", f"dataset.clips={clips}", f"dataset.frames={frames}", "dataset.size=[48,32]")
    return (*dataset, "detector=synthetic", "workers=0", f"output_dir={OUT}", *own)


def _films(*own: str, folder: str = "films") -> tuple[str, ...]:
    return (folder, "detector=synthetic", "workers=0", f"output_dir={OUT}", *own)


def film(path: Path, frames: int) -> None:
    """Write a grey film."""
    import av
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            picture = np.full((48, 64, 3), 40 + 5 * number, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode(None))


def _other_film(folder: Path) -> None:
    film(folder / "changing" / "x.mp4", 9)


def _half_done(folder: Path) -> None:
    """Leave the clip as a run does that is killed when its files are in place, and its record is not."""
    home = folder / OUT / ".posecfg"
    (record,) = (home / "clips").rglob("*.json")
    told = json.loads(record.read_text())
    files = [file for writer in told["writers"].values() for file in writer["files"]]
    note = {"id": told["id"], "token": told["token"], "stale": []}
    note["files"] = [{**file, "inode": (folder / OUT / file["name"]).stat().st_ino} for file in files]
    place = home / "intents" / record.name
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(note))
    record.unlink()
    for ledger in home.glob("ledger.db*"):
        ledger.unlink()


def write_films(folder: Path) -> None:
    """Write the films that scenarios read."""
    film(folder / "films" / "x.mp4", 6)
    film(folder / "changing" / "x.mp4", 6)
    film(folder / "more" / "y.mp4", 5)


TWO = ("writer=[npy,csv]",)
PEOPLE = ("dataset.people=2", "detector.people=2", "persons=all")
# Enough files for a list, before and after.
HALF = ("writer=[openpose]", "sampler=stride", "sampler.every=2", "overwrite=true")
JOINED = ("writer=[coco]", "writer.coco.images=none", "writer.coco.results=true")
ELSEWHERE = ("writer.coco.path=other", "overwrite=true")
SCENARIOS = (
    Scenario("fresh", _words(*TWO)),
    Scenario("other settings", _words(*TWO, "detector.noise=1", "overwrite=true"), (_words(*TWO, *PEOPLE),)),
    Scenario("redo", _words(*TWO, "redo=true", clips=2), (_words(*TWO, clips=2),)),
    Scenario("writer added", _words("writer=[npz,npy,csv]"), (_words("writer=[npz]"),)),
    Scenario("input changed", _films(*TWO, folder="changing"), (_films(*TWO, folder="changing"),), _other_film),
    Scenario("shard", _words("writer=[npy]", "shard=1/2", clips=3), (_words("writer=[npy]", "shard=2/2", clips=3),)),
    Scenario("half done", _words(*TWO), (_words(*TWO),), _half_done),
    Scenario("many files", _words("writer=[openpose]", frames=20)),
    Scenario("fewer of many files", _words(*HALF, frames=34), (_words("writer=[openpose]", frames=34),)),
    Scenario("data set appended", _films("append=true", *TWO, folder="more"), (_films(*TWO),)),
    Scenario("frames", _words("writer=[frames]", frames=18)),
    Scenario("files over all clips", _words(*JOINED, clips=3), (_words(*JOINED, "limit=1", clips=3),)),
    Scenario("other files over all clips", _words(*JOINED, *ELSEWHERE, clips=2), (_words(*JOINED, clips=2),)),
    Scenario("dropped", _words(*TWO, "detector.miss=1", clips=2)),
    Scenario("metric", _words("writer=[npy]", "metric=[pck]", "detector.noise=2")),
)
