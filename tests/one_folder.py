"""One folder of results with its films, its settings and its weights, and what a fresh run would make of them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import struct
import sys
import tempfile
from pathlib import Path

import films
import onnxgraphs

sys.path.append(str(Path(__file__).resolve().parents[1] / "tools"))

from folders import HOME, leftovers, lies, published, recorded
from forked_runs import Runs, Sick, Strike, compiled

__all__ = ["HOME", "Runs", "Sick", "Strike", "compiled", "published"]

WRITERS = ("npy", "csv", "npz")
CONTENTS = 3
# A clip whose record and row are both lost is refused for one of its files after another.
ROADS = 20
# Two computed people are seen at the first threshold, and one at the second.
THRESHOLDS = (0.3, 0.7)
MODELS = {
    "none": ("detector=synthetic", "detector.people=2"),
    "graph": ("detector=rtmdet", "detector/boxes=rtmdet_nano", "detector/pose=rtmpose_m"),
}
# What two graphs of one name differ in: how many cells a box reaches.
REACHES = (1.0, 2.0)


def contents():
    """Return the bytes of films of other lengths, and so of other poses, that all have the same size."""
    folder = Path(tempfile.mkdtemp())
    found = [films.write(folder / "one.mp4", range(3 + i), fps=10, codec="mpeg4").read_bytes() for i in range(CONTENTS)]
    shutil.rmtree(folder)
    size = max(map(len, found)) + 8
    return [data + struct.pack(">I4s", size - len(data), b"free") + bytes(size - len(data) - 8) for data in found]


class OneFolder:
    """The world of a sequence: whatever is done to it, it knows what should be there."""

    def __init__(self, runs, films_bytes):
        self.runs, self.bytes, self.model, self.weights = runs, films_bytes, "none", 0
        self.root = runs.folder
        for name in ("out", "films", "more", "backup"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        self.out = self.root / "out"
        self.inputs, self.more = {}, {"y": 0}
        for name, content in (("a", 0), ("b", 1)):
            self.put(name, content)
        (self.root / "more").mkdir()
        (self.root / "more" / "y.mp4").write_bytes(films_bytes[0])
        self.out.mkdir()
        self.own = {"notes.txt": b"mine", "mine.csv": b"1,2\n"}
        for name, data in self.own.items():
            (self.out / name).write_bytes(data)
        self.threshold, self.writers, self.appended = THRESHOLDS[0], ("npy",), False
        # What the user did to outputs and records: posecfg may keep the first, and cannot know the others.
        self.altered, self.hurt = set(), set()
        self.truth, self.fresh_runs = {}, {}

    def path(self, name):
        return self.root / "films" / f"{name}.mp4"

    def put(self, name, content):
        self.path(name).parent.mkdir(exist_ok=True)
        self.path(name).write_bytes(self.bytes[content])
        self.inputs[name] = content

    def put_unseen(self, name, content):
        """Change a film but neither its size nor its date, as a tool that restores dates does."""
        if name in self.inputs:
            seen = self.path(name).stat()
            self.put(name, content)
            os.utime(self.path(name), ns=(seen.st_atime_ns, seen.st_mtime_ns))

    def put_weights(self, number):
        """Put a graph where that of its name is looked for, and trust it."""
        place = self.root / "weights"
        place.mkdir(exist_ok=True)
        onnxgraphs.glow(place / "rtmdet_nano.onnx", reach=REACHES[number])
        onnxgraphs.spots(place / "rtmpose_m.onnx")
        hashes = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in place.glob("*.onnx")}
        (self.root / "posecfg").mkdir(exist_ok=True)
        (self.root / "posecfg" / "trusted.json").write_text(json.dumps(hashes))
        self.model, self.weights = "graph", number

    def _typed(self, *words, **how):
        env = {"XDG_CONFIG_HOME": str(self.root), "POSECFG_MODELS": str(self.root / "weights")}
        return self.runs.run(*words, env=env, **how)

    def words(self, *more, folder="films", out="out", writers=None):
        made = (*MODELS[self.model], "persons=all", f"bbox_thr={self.threshold}")
        by = () if any(word.startswith("workers=") for word in more) else ("workers=0",)
        return (folder, *made, f"writer=[{','.join(writers or self.writers)}]", *by, f"output_dir={out}", *more)

    def run(self, *more, folder="films", **how):
        """Run with the present settings; whatever comes of it, it is no traceback and no hang."""
        self.fresh()
        ended = self._typed(*self.words(*more, folder=folder), **how)
        assert "Traceback" not in ended.said, ended.said
        assert ended.code in (0, 1, 2, 3, -9), (ended.code, ended.said)
        if ended.code in (1, 2, 3) and not how:
            assert self._road(ended.said), ended.said
        return ended

    def fresh(self):
        """Return what a fresh run of all writers makes of the present films, and remember what each file holds."""
        key = self.model, self.weights, self.threshold, tuple(sorted(self.inputs.items()))
        if key not in self.fresh_runs:
            made = {}
            for folder in ("films", "more"):
                place = self.root / "fresh"
                shutil.rmtree(place, ignore_errors=True)
                ended = self._typed(*self.words(folder=folder, out="fresh", writers=WRITERS))
                assert ended.code == 0, ended.said
                made[folder] = published(place)
                for record in records(place):
                    for file in recorded(place, record):
                        self.truth.setdefault(_key(record, file), set()).add(file["sha256"])
            self.fresh_runs[key] = made
        return self.fresh_runs[key]

    def check(self):
        """Hold what records vouch for against the truth; the user's own files are as they were."""
        wrong = [text for text in lies(self.out) if not any(f"record {name}.json" in text for name in self.hurt)]
        assert not wrong
        for record in records(self.out):
            for file in recorded(self.out, record):
                path = self.out / file["name"]
                if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]:
                    assert file["sha256"] in self.truth[_key(record, file)], f"{file['name']} is not right"
        for name, data in self.own.items():
            assert (self.out / name).read_bytes() == data
        for name, content in self.inputs.items():
            assert self.path(name).read_bytes() == self.bytes[content]

    def settle(self):
        """Run once more, by the roads that refusals name; the folder is then what a fresh run would make."""
        for folder in ("films", "more") if self.appended else ("films",):
            self._arrive(folder)
        if self.appended:
            self._arrive("films")
        made = self.fresh()
        wanted = {**made["films"], **(made["more"] if self.appended else {})}
        asked = {name: data for name, data in wanted.items() if name.rpartition(".")[2] in self.writers}
        there = {name: data for name, data in published(self.out).items() if name not in self.own}
        assert {name: there.get(name) for name in asked} == asked, _compared(there, asked)
        clips = {*self.inputs, *(self.more if self.appended else ())}
        vouched = {file["name"]: record for record in records(self.out) for file in recorded(self.out, record)}
        for name in there.keys() - asked.keys():
            of = vouched[name]["id"] if name in vouched else None
            if of in clips:
                right = wanted.get(name) == there[name] or there[name] in self.altered
                assert right, f"{name}, of a writer that is not asked, is out of date"
            elif of is None:
                mine = there[name] in self.altered or any(name.startswith(hurt) for hurt in self.hurt)
                assert mine, f"{name} is in no record"
        assert leftovers(self.out) == []
        self.check()
        told = self.runs.run("verify", "out", "--json")
        assert told.code in (0, 1), told.said
        gone = {record["id"] for record in records(self.out)} - clips
        # A run mends the files of its own writers only.
        left = {name for name in vouched if name.rpartition(".")[2] not in self.writers}
        known = (*gone, *self.hurt, *left, "the arrays of")
        marks = [f"clips/{name}.json" for name in self.hurt]
        problems = [text for text in json.loads(told.said)["problems"] if not text.startswith(known)]
        problems = [text for text in problems if not any(mark in text for mark in marks)]
        assert problems == [], problems

    def _arrive(self, folder):
        more = []
        for _ in range(ROADS):
            ended = self.run(*more, folder=folder)
            if ended.code == 0 and "already there" not in ended.said:
                return
            road = self._road(ended.said)
            assert road, f"refused without a road: {ended.said}"
            if isinstance(road, Path):
                (self.root / road).unlink()
            elif road not in more:
                more.append(road)
            else:
                raise AssertionError(f"the road {road} does not lead on: {ended.said}")
        raise AssertionError(f"no end after {ROADS} roads: {ended.said}")

    @staticmethod
    def _road(said):
        """Return what a refusal says to type, or the file that it says to remove."""
        plain = " ".join(said.split())
        if there := re.search(r"already there: '([^']+)'|'([^']+)' is damaged[^:]*: remove that file", plain):
            return Path(there[1] or there[2])
        typed = re.search(r"type ([a-z_.]+=[\w\[\]*/]+)", plain)
        return typed[1] if typed else None


def records(root):
    """Return all records that can be read."""
    found = []
    for path in sorted((root / HOME / "clips").rglob("*.json")):
        try:
            found.append(json.loads(path.read_bytes()))
        except ValueError:
            continue
    return found


def _key(record, file):
    return record["id"], record["identity"], record["input"]["sha256"], file["name"]


def _compared(there, asked):
    missing = sorted(asked.keys() - there.keys())
    return f"missing {missing}, other bytes {[n for n in asked if n in there and there[n] != asked[n]]}"
