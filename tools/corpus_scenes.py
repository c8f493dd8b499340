"""The folders in which ``tools/corpus.py`` types its commands: damaged films, harmed results, hostile files."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from corpus_stage import ROOT, Stage

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

import films

RUN = "detector=synthetic output_dir=out"
PLANS = f"""
import contextlib, io, json, sys
sys.path.insert(0, {str(ROOT / "src")!r})
from posecfg.commands import program
from posecfg.datasets.identifiers import legible, stem

words, names = sys.argv[1 : sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1 :]
for name in names:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        program.dispatch(["plan", "--json", "dataset.path=" + name, *words])
    found = json.loads(said.getvalue())
    if found["ids"] != [legible(stem(name))]:
        sys.exit(ascii(name) + " gives " + ascii(found["ids"]))
print(len(names), "fine")
"""
Make = Callable[[Stage], object]
Check = Callable[[Stage], str | None]


def film(*names: str, frames: int = 12) -> Make:
    """Return a maker of small films."""

    def make(stage: Stage) -> None:
        first = films.write(stage / ".film.mp4", range(frames))
        for name in names:
            shutil.copyfile(first, stage / name)
        first.unlink()

    return make


def bad_films(stage: Stage) -> None:
    """Fill the folder ``films`` with every kind of damage, between good films."""
    film("films/good.mp4", "films/zz good.mp4", "films/named.mp4/inner.mp4")(stage)
    folder = stage.root / "films"
    (folder / "zero.mp4").touch()
    (folder / "text.mp4").write_text("these are words, not a film\n" * 20)
    (folder / "zeros.mp4").write_bytes(bytes(100_000))
    (folder / "noise.mp4").write_bytes(os.urandom(100_000))
    films.sound(folder / "sound.m4a").rename(folder / "sound.mp4")
    late = films.write(stage / "late.mp4", range(60))
    films.shorten(late, folder / "cut.mp4", 0.6)
    films.shorten(late, folder / "head.mp4", 0.005)
    early = films.write(stage / "early.mp4", range(300), options={"movflags": "faststart"})
    films.shorten(early, folder / "cut_front.mp4", 0.6)
    films.damage(early, folder / "corrupt.mp4")
    films.write(folder / "one.mp4", [7])
    films.write(folder / "odd.mp4", range(5), size=(97, 65), pixels="yuv444p")
    films.write(folder / "tiny.mp4", range(5), size=(16, 16))
    films.write(folder / "moving.gif", range(5), codec="gif", pixels="rgb8")
    films.write(folder / "really.mkv", range(5)).rename(folder / "really_mkv.mp4")
    films.pictures(folder, ["picture.png"])
    (folder / "picture.png").rename(folder / "picture.mp4")
    small = films.write(stage / "small.ts", range(20)).read_bytes()
    (folder / "resized.ts").write_bytes(
        small + films.write(stage / "large.ts", range(20), size=(192, 128)).read_bytes()
    )
    (folder / "notes.txt").write_text("not taken")
    (folder / "gone.mp4").symlink_to("nowhere.mp4")
    os.mkfifo(folder / "pipe.mp4")


def one_bad(stage: Stage) -> None:
    film("films/good.mp4")(stage)
    (stage / "films/zero.mp4").touch()


def grey(stage: Stage) -> None:
    """Write a film without people."""
    import av
    import numpy as np

    with av.open(str(stage / "grey.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p"
        for _ in range(6):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((128, 192, 3), 128, np.uint8), "rgb24")))
        out.mux(stream.encode(None))


def finished(*more: str) -> Make:
    """Return a maker of a film ``good.mp4`` with its results in ``out``."""

    def make(stage: Stage) -> None:
        film("good.mp4")(stage)
        done = stage.run("good.mp4", *RUN.split(), "workers=0", *more)
        if done.returncode:
            raise RuntimeError(f"{stage.root.name} cannot be set up: {done.stdout}{done.stderr}")

    return make


def harmed(name: str, data: bytes) -> Make:
    """Return a maker of finished results of which one file was written over by hand."""

    def make(stage: Stage) -> None:
        finished()(stage)
        (stage / name).write_bytes(data)

    return make


def again(words: str, expected: str) -> Check:
    """Return a check that a second command succeeds and says ``expected``."""

    def check(stage: Stage) -> str | None:
        done = stage.run(*words.split())
        said = " ".join(done.stdout.split())
        return None if done.returncode == 0 and expected in said else f"afterwards '{words}' gave: {said}{done.stderr}"

    return check


def outward(stage: Stage) -> None:
    """Make a record claim a file outside the output folder too, and make its clip be done again."""
    finished()(stage)
    (stage / "precious.npy").write_text("not yours")
    record = stage / "out/.posecfg/clips/good.json"
    data = json.loads(record.read_bytes())
    kept = data["writers"]["npy"]["files"]
    kept.append({**kept[0], "name": "../precious.npy"})
    record.write_text(json.dumps(data))
    film("good.mp4", frames=15)(stage)


def link_out(stage: Stage) -> None:
    film("films/deep/more.mp4", "films/good.mp4")(stage)
    (stage / "elsewhere").mkdir()
    (stage / "out/deep").symlink_to("../elsewhere")


def bad_store(stage: Stage) -> None:
    film("a.mp4")(stage)
    (stage / "stored/a.npz").write_bytes(b"PK\x03\x04 no more")


def captures(stage: Stage) -> None:
    film("videos/TC_S1_acting1_cam1.mp4", "videos/other.mp4")(stage)


def both_gone(stage: Stage) -> None:
    finished()(stage)
    (stage / "out/.posecfg/clips/good.json").write_text("{")
    for path in (stage.root / "out/.posecfg").glob("ledger.db*"):
        path.unlink()


def torn_ledger(stage: Stage) -> None:
    """Damage the table inside a ledger that opens all right."""
    finished()(stage)
    with sqlite3.connect(stage / "out/.posecfg/ledger.db") as book:
        book.execute("UPDATE clips SET files = 'not json', input = '[[['")
    book.close()


def in_use(stage: Stage) -> None:
    """Start a slow run and wait until it holds the folder."""
    film("good.mp4")(stage)
    stage.start("good.mp4", *RUN.split(), "detector.delay=5", "workers=0")
    lock = stage / "out/.posecfg/lock"
    until = time.monotonic() + 30
    while not (lock.is_file() and lock.stat().st_size) and time.monotonic() < until:
        time.sleep(0.05)


def nothing_yet(stage: Stage) -> None:
    (stage / "films").mkdir()


def texts(stage: Stage) -> None:
    for name in ("a.txt", "b.txt"):
        (stage / "films" / name).parent.mkdir(exist_ok=True)
        (stage / "films" / name).write_text(name)


def small_disk(stage: Stage) -> None:
    stage.mount("out", "220k")


def room_again(words: str) -> Check:
    """Return a check that the same command succeeds once the disk has grown."""

    def check(stage: Stage) -> str | None:
        subprocess.run(["mount", "-o", "remount,size=8m", str(stage.root / "out")], check=True)
        return again(words, "Results: out")(stage)

    return check


def closed(name: str, mode: int) -> Make:
    """Return a maker of a good film, and of a file or folder that may not be read or written."""

    def make(stage: Stage) -> None:
        film("films/good.mp4", "films/deep/more.mp4", "films/locked.mp4")(stage)
        (stage / "shut").mkdir()
        (stage / name).chmod(mode)

    return make


def hidden(stage: Stage) -> None:
    """Hide MediaPipe from Python."""
    (stage / "hide/sitecustomize.py").write_text("import sys\nsys.modules['mediapipe'] = None\n")


def weights(stage: Stage) -> None:
    (stage / "weights/pose_landmark_lite.tflite").write_bytes(b"not a model")


def evil_config(stage: Stage) -> None:
    (stage / "conf/detector/evil.yaml").write_text("# Evil.\n_target_: subprocess.Popen\nargs: [touch, canary]\n")


def bad_option(stage: Stage) -> None:
    (stage / "conf/detector/bad.yaml").write_bytes(b"\xff\xfe")
    (stage / "conf/detector/torn.yaml").write_text("foo: [")


def stored_elsewhere(stage: Stage) -> None:
    film("a.mp4", "b.mp4")(stage)
    stage.run("a.mp4", "detector=synthetic", "writer=[npz]", "output_dir=outputs/a", "workers=0")


def sizes(stage: Stage) -> None:
    films.pictures(stage / "photos", ["1.png", "2.png"])
    films.pictures(stage / "photos", ["3.png"], size=(48, 32))


def unlike(stage: Stage) -> None:
    films.pictures(stage / "photos", ["1.png", "2.png"])
    (stage / "photos/1.png").write_bytes(b"no picture")


def in_the_way(stage: Stage) -> None:
    film("films/good.mp4", "films/other.mp4")(stage)
    (stage / "out/good.npy").write_text("somebody's own")


def file_as_output(stage: Stage) -> None:
    film("good.mp4")(stage)
    (stage / "taken").write_text("a file")


def still_mine(stage: Stage) -> str | None:
    return None if (stage / "out/good.npy").read_text() == "somebody's own" else "a foreign file was replaced"


def planned(stage: Stage) -> str | None:
    """Look whether ``dataset.path=`` takes each name of ``films`` too, all in one process, as it is one clip's."""
    names = [path.name for path in (stage.root / "films").iterdir()]
    line, how = stage.command(())
    line[1:] = ["-c", PLANS, *RUN.split(), "--", *names]
    done = subprocess.run(line, capture_output=True, check=False, **how | {"cwd": stage.root / "films"})
    return None if done.stdout == f"{len(names)} fine\n" else f"dataset.path= gave: {done.stdout}{done.stderr}"
