"""Runs whose reports are opened in a browser, and the reports themselves; each is made as a user does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import films

SMALL = ("dataset=synthetic", "dataset.frames=20", "dataset.size=[160,120]", "detector=synthetic", "workers=0")
PEOPLE = ("dataset.people=2", "detector.people=2", "persons=all", "detector.xyz=true")

MARKUP = [
    "<img src=x onerror=hacked()>",
    "</script><script>hacked()</script>",
    '"><svg onload=hacked()>',
    "'\"`${hacked()}`",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:hacked()",
    "<!--<script>",
    "&lt;b&gt; &amp;",
    "__proto__",
    "constructor",
    "#clip=a&run=1",
    "a, b%2C+c",
    "=1+1",
    "سلام رقص ۱",
    "\u202egnp.exe",
    "日本 🎬 e\u0301",
    f"{'w' * 120}/{'long' * 32}",
]
"""Ids of clips that would be markup, code, an address or a formula if they were taken for such."""


def visible(name: str) -> str:
    """Return an id as a page shows it: what turns the order of letters round is written out."""
    return name.replace("\u202e", "\\u202e")


def posecfg(*words: object, cwd: Path, fails: bool = False) -> str:
    """Type a command, and return what it says."""
    command = [sys.executable, "-m", "posecfg", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert bool(done.returncode) == fails, done.stdout + done.stderr
    return done.stdout + done.stderr


def report(folder: Path, *words: object) -> Path:
    """Make the report of what is in a folder, and return it."""
    page = folder / "report.html"
    posecfg("report", *(words or ["."]), "--out", page, cwd=folder)
    return page


def one(folder: Path) -> Path:
    """Report a run of six clips with two people, of which a part is not found."""
    posecfg(*SMALL, *PEOPLE, "dataset.clips=6", "detector.miss=0.3", "output_dir=one", cwd=folder)
    return report(folder, "one")


def sweep(folder: Path) -> Path:
    """Report a sweep over two knobs."""
    words = ("bbox_thr=0.3,0.5,0.7", "detector.noise=0,3", "dataset.clips=4", "hydra.sweep.dir=sweep")
    posecfg("-m", *SMALL, *PEOPLE, *words, "detector.miss=0.2", "writer=[npz,json]", cwd=folder)
    return report(folder, "sweep")


def lengths(folder: Path) -> Path:
    """Report two runs, one over a long and a short film, the other over the long one alone."""
    (folder / "films").mkdir()
    films.write(folder / "films" / "long.mp4", range(20), size=(160, 120))
    films.write(folder / "films" / "short.mp4", range(8), size=(160, 120))
    posecfg("films", "detector=synthetic", "workers=0", "output_dir=both", cwd=folder)
    posecfg("films", "detector=synthetic", "detector.noise=2", "only=long", "output_dir=alone", cwd=folder)
    return report(folder, "both", "alone")


def rarely(folder: Path) -> Path:
    """Report two runs of the same clips, one of which finds few people, all of them well."""
    posecfg(*SMALL, "dataset.clips=2", "detector.noise=3", "output_dir=often", cwd=folder)
    posecfg(*SMALL, "dataset.clips=2", "detector.miss=0.6", "output_dir=rarely", cwd=folder)
    return report(folder, "often", "rarely")


def detectors(folder: Path) -> Path:
    """Report three runs of the same clips: of two people, of the same detector but one, and of another detector."""
    small = ("dataset.clips=2", *SMALL[:3], "workers=0", *PEOPLE[:1], "writer=[npz]")
    posecfg(*small, "detector=synthetic", *PEOPLE[1:], "output_dir=one", cwd=folder)
    posecfg(*small, "detector=synthetic", "detector.people=2", "output_dir=best", cwd=folder)
    posecfg(*small, "detector=annotations", "output_dir=truth", cwd=folder)
    return report(folder, "one", "best", "truth")


def two(folder: Path) -> Path:
    """Report two runs of the same clips, in one of which a clip fails."""
    posecfg(*SMALL, "dataset.clips=4", "output_dir=first", cwd=folder)
    words = ("detector.noise=4", "detector.crash=raise:0003", "output_dir=second")
    posecfg(*SMALL, "dataset.clips=4", *words, cwd=folder, fails=True)
    return report(folder, "first", "second")


def hostile(folder: Path) -> Path:
    """Report a run of films with names of ``MARKUP``."""
    film = films.write(folder / "film.mp4", range(8), fps=10, size=(160, 120))
    for name in MARKUP:
        place = folder / "films" / f"{name}.mp4"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(film, place)
    posecfg("dataset=folder", "dataset.path=films", *SMALL[3:], "output_dir=<b>out</b>", cwd=folder)
    return report(folder, "<b>out</b>")


def few(folder: Path) -> Path:
    """Report a run of films with names of ``MARKUP``, two of them whole."""
    hostile(folder)
    return report(folder, "<b>out</b>", "clips=2")


def empty(folder: Path) -> Path:
    """Report a run without a clip that was done."""
    posecfg(*SMALL, "dataset.clips=1", "detector.crash=raise", "output_dir=none", cwd=folder, fails=True)
    return report(folder, "none")


def single(folder: Path) -> Path:
    """Report a run of one clip."""
    posecfg(*SMALL, "dataset.clips=1", "output_dir=single", cwd=folder)
    return report(folder, "single")


def unseen(folder: Path) -> Path:
    """Report a run in which nobody is found in any frame: all is NaN."""
    posecfg(*SMALL, "dataset.clips=2", "detector.miss=1", "output_dir=unseen", cwd=folder)
    return report(folder, "unseen")


def data_of(page: Path) -> dict:
    """Return the data that a report holds."""
    text = page.read_text("utf-8")
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def clips_of(page: Path) -> list[str]:
    """Return the clips that a report holds with their poses, as JSON."""
    text = page.read_text("utf-8")
    return re.findall(r'<script type="application/json" id="clip-[0-9]+">(.*?)</script>', text, re.DOTALL)
