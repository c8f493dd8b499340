"""Time the page of a sweep of ten jobs with ten thousand clips each, and how fast it is in a browser.

python benchmarks/page.py --jobs 10 --clips 10000

A few clips of each job are made of films, the worst of all, so that those with poses and pictures are real; of the
others there are rows in the ledgers only, which is what a page reads of them. With Playwright and Chromium, which
``make test-page`` gets, the first paint is timed, and sorting and filtering until the frame that shows the change.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np

from posecfg.store.ledger import Ledger
from posecfg.store.ledger_row import Row

ROOT = Path(__file__).resolve().parents[1]
REAL, FRAMES, SIZE, NOISE = 60, 150, (640, 360), 2
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def film(path: Path) -> None:
    """Write a film of a drifting ramp with noise, heavier to decode than most of this size."""
    chance = np.random.default_rng(0)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=Fraction(30), options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        ramp = np.add.outer(np.arange(SIZE[1]), np.arange(SIZE[0]))[..., None]
        for number in range(FRAMES):
            image = (ramp + np.array([number * 3, number * 5, 90]) + chance.integers(0, NOISE, (*SIZE[::-1], 1))) % 256
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image.astype(np.uint8), "rgb24")))
        file.mux(stream.encode(None))


def sweep(folder: Path, jobs: int) -> list[Path]:
    """Run a sweep of ``jobs`` thresholds over the real clips, and return the folders of its runs."""
    (folder / "films").mkdir()
    film(folder / "film.mp4")
    for number in range(REAL):
        os.link(folder / "film.mp4", folder / "films" / f"real_{number:03d}.mp4")
    thresholds = ",".join(f"{0.05 + 0.8 * number / jobs:.2f}" for number in range(jobs))
    words = [
        *("-m", "dataset=folder", "dataset.path=films", "detector=synthetic", "detector.people=2", "persons=all"),
        *("detector.miss=0.6", "detector.noise=3", "score_floor=0.01", f"bbox_thr={thresholds}", "workers=2"),
        "hydra.sweep.dir=sweep",
    ]
    typed(words, folder)
    return sorted(path.parents[1] for path in folder.glob("outputs/*-*/.posecfg/ledger.db"))


def more(root: Path, clips: int) -> None:
    """Put rows of clips that are better than the real ones into a ledger."""
    chance = random.Random(root.name)
    with closing(Ledger(root / ".posecfg" / "ledger.db")) as book:
        like = next(row for row in book.rows().values() if row.status == "done")
        book.put(_row(like, number, chance) for number in range(REAL, clips))


def _row(like: Row, number: int, chance: random.Random) -> Row:
    name = f"S{number // 2000 + 1}/session {number // 100 % 20:02d}/clip_{number:05d}"
    if chance.random() < 0.01:
        return replace(like, id=name, status="skipped", reason="expected one person, but several were found", facts={})
    if chance.random() < 0.005:
        return replace(like, id=name, status="failed", reason=f"frame {number} cannot be decoded", facts={})
    sums = dict(like.facts["quality_sums"])
    rows = chance.randrange(60, 900)
    lost = int(rows * 0.3 * chance.random() ** 3)
    sums |= {"rows": rows, "found": rows - lost, "gaps": min(lost, 4), "persons": 2 * (rows - lost)}
    sums |= {name: sums[name] * chance.uniform(0.5, 1.9) for name in ("jitter_px", "bone_variation") if name in sums}
    facts = {**like.facts, "quality_sums": sums, "rows_missing": lost, "duration": rows / 30}
    return replace(like, id=name, frames=rows, seconds=chance.uniform(0.5, 9), facts=facts)


def typed(words: list[str], folder: Path) -> tuple[float, float]:
    """Type a command, and return the seconds that it took, by the clock and of all cores."""
    began, spent = time.perf_counter(), _cpu()
    done = subprocess.run([sys.executable, str(ROOT / "run.py"), *words], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return time.perf_counter() - began, _cpu() - spent


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


ACTIONS: dict[str, list[tuple[str, str | None]]] = {
    "sort clips": [("[data-key=sort]", key) for key in ("name", "jitter_px_s2", "seconds", "people", "badness")],
    "find clips": [("[data-key=find]", text) for text in ("S3/", "S3/session 07", "clip_0004", "without a person", "")],
    "clips of a run": [("[data-key=of]", text) for text in ("1", "2", "")],
    "clips of a status": [("[data-status=failed]", None), ("[data-status=failed]", None)],
    "sort jobs": [("thead th:nth-child(6) button", None)] * 3,
    "filter jobs": [("[aria-label^='Filter jobs']", text) for text in ("0.5", "0.53", "")],
}
"""What is timed in the browser: nodes, with the value that is chosen or typed, or None for a click."""
# The time from an action until the frame after it is shown, in which all must be done; the address tells of it.
TIMED = """async ([selector, value]) => {
  const [node, before] = [document.querySelector(selector), location.hash];
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const began = performance.now();
  if (value === null) node.click();
  else {
    node.value = value;
    for (const kind of ["input", "change"]) node.dispatchEvent(new Event(kind, {bubbles: true}));
  }
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  if (location.hash === before) throw new Error(`nothing came of ${selector} ${value}`);
  return performance.now() - began;
}"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def browsed(page: Path) -> None:
    """Time the page in Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        window = browser.new_page(viewport={"width": 1280, "height": 900})
        paints = []
        for _ in range(5):
            window.goto("about:blank")
            window.goto(page.as_uri())
            window.get_by_role("article").first.wait_for()
            window.wait_for_timeout(500)
            paints.append(window.evaluate(PAINTED))
        _tell("first paint", paints)
        for what, actions in ACTIONS.items():
            spent = []
            for action in actions * 2:
                spent.append(window.evaluate(TIMED, list(action)))
                window.wait_for_timeout(300)
            _tell(what, spent)
        browser.close()


def _tell(what: str, spent: list[float]) -> None:
    print(f"{what:30} best {min(spent):.0f} ms   median {statistics.median(spent):.0f} ms   worst {max(spent):.0f} ms")


def main() -> None:
    """Make the runs, then time their page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10)
    parser.add_argument("--clips", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="leave the page here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="posecfg-page-") as name:
        folder = Path(name)
        began = time.perf_counter()
        roots = sweep(folder, asked.jobs)
        for root in roots:
            more(root, asked.clips)
        print(f"{len(roots)} jobs of {asked.clips:,} clips made in {time.perf_counter() - began:.0f} s", flush=True)
        page = folder / "report.html"
        for words in (["--no-pictures"], []):
            spent = [typed(["report", "sweep", "--out", str(page), *words], folder) for _ in range(3)]
            (wall, cpu), worst = min(spent), max(spent)[0]
            told = (
                f"best {wall:.1f} s ({cpu:.1f} s of cores)   worst {worst:.1f} s   {page.stat().st_size / 1e6:.1f} MB"
            )
            print(f"{' '.join(['report', *words]):30} {told}", flush=True)
        if asked.keep:
            shutil.copy(page, asked.keep)
        if find_spec("playwright") and shutil.which("chromium"):
            browsed(page)
        else:
            print("Playwright or Chromium is not here: nothing is timed in a browser.")


if __name__ == "__main__":
    main()
