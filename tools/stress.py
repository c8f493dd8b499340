"""Kill runs in the middle of their work and see whether the next one mends all of it.

python tools/stress.py --rounds 40 --clips 60 --workers 2 --seed 1
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from folders import HOME, differences, leftovers, published
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("parent", "worker", "all")
ORPHANED = 2.0
LATE = 60.0
# Two arrays (one a person), a native file and a table.
FILES = 4


@dataclass
class Kill:
    """One kill: of whom, after how long, with how many clips done and half written, and what was wrong afterwards.

    ``met`` tells whether clips were being worked on.
    """

    kind: str
    after: float = 0.0
    done: int = 0
    half: int = 0
    met: bool = False
    wrong: list[str] = field(default_factory=list)


@dataclass
class Stress:
    """What all rounds have in common."""

    folder: Path
    clips: int
    rounds: int
    workers: int
    chance: random.Random

    @property
    def out(self) -> Path:
        """Return the folder that the killed runs share."""
        return self.folder / "killed"

    def command(self, out: Path, workers: int, delay: float = 0.0) -> list[str]:
        """Return the words that start a run into ``out``; the delay changes no byte."""
        words = [
            *("dataset=synthetic", f"dataset.clips={self.clips}", "dataset.frames=6", "dataset.size=[48,32]"),
            *("dataset.people=2", "detector=synthetic", "detector.people=2", "detector.noise=1", "persons=all"),
            *("writer=[npy,npz,csv]", f"detector.delay={delay}", f"workers={workers}", f"output_dir={out}"),
        ]
        return [sys.executable, str(ROOT / "run.py"), *words]

    def start(self, words: list[str]) -> subprocess.Popen[bytes]:
        """Start a run as the leader of its own process group."""
        return subprocess.Popen(
            words,
            cwd=self.folder,
            env={**os.environ, "TMPDIR": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def round(self, kind: str) -> Kill:
        """Start a run, kill something, and see what is left of it."""
        run, began = self.start(self.command(self.out, self.workers, 0.002)), time.monotonic()
        met = self.wait_for_work(run)
        pids = [pid for pid, _ in group(run.pid)]
        workers = [pid for pid in pids if pid != run.pid]
        kill = Kill(kind, time.monotonic() - began, met=met and run.poll() is None)
        if kind == "worker" and workers:
            end(self.chance.choice(workers))
            time.sleep(self.chance.uniform(0.0, 0.3))
            if run.poll() not in (None, 0, 3):
                kill.wrong.append(f"the run did not survive its worker: {tail(run)}")
        for pid in pids if kind == "all" else [run.pid]:
            end(pid)
        run.wait()
        kill.wrong += orphans(run.pid)
        assert run.stdout is not None
        run.stdout.close()
        kill.done = self.done()
        kill.half = len(leftovers(self.out))
        return kill

    def done(self) -> int:
        """Return the number of clips that are done."""
        return len(list((self.out / HOME / "clips").glob("*.json")))

    def wait_for_work(self, run: subprocess.Popen[bytes]) -> bool:
        """Wait until some more clips are done, and a moment longer; tell whether others were left then.

        A time would not do: a busy machine may need all of it to start.
        """
        share = max(1, self.clips // (self.rounds + 1))
        enough = self.done() + self.chance.randint(0, share)
        late = time.monotonic() + LATE
        while run.poll() is None and time.monotonic() < late:
            if self.done() >= enough and any((self.out / HOME / "tmp").glob("*/*")):
                break
            time.sleep(0.002)
        time.sleep(self.chance.uniform(0.0, 0.02))
        return run.poll() is None and self.done() < self.clips

    def finish(self, out: Path, workers: int) -> list[str]:
        """Run undisturbed; failures of clips whose worker was killed are made good by another run."""
        run = self.start(self.command(out, workers))
        text = run.communicate()[0].decode()
        return [] if run.returncode == 0 else [f"the last run ended with {run.returncode}: {text}"]


def group(leader: int) -> Iterator[tuple[int, str]]:
    """Yield the living processes of a process group with their states."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(of) == leader and state not in "ZX":
            yield int(path.parent.name), state


def end(pid: int) -> None:
    """Send SIGKILL, to a process that may be gone."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def orphans(leader: int) -> list[str]:
    """Wait until the group is empty; say who is still there after that."""
    limit = time.monotonic() + ORPHANED
    while left := list(group(leader)):
        if time.monotonic() > limit:
            for pid, _ in left:
                end(pid)
            return [f"{len(left)} processes outlived the run by {ORPHANED:g} s"]
        time.sleep(0.02)
    return []


def tail(run: subprocess.Popen[bytes]) -> str:
    """Return the last words of a run that has ended."""
    assert run.stdout is not None
    return run.stdout.read().decode()[-500:]


def verified(root: Path) -> list[str]:
    """Return what ``verify`` has to say, if anything."""
    words = [sys.executable, str(ROOT / "run.py"), "verify", str(root)]
    done = subprocess.run(words, capture_output=True, text=True)
    return [] if done.returncode == 0 else [f"verify: {done.stdout}{done.stderr}"]


def show(kills: list[Kill], files: int, seconds: float, wrong: list[str]) -> None:
    """Print the table."""
    table = Table(title=f"{len(kills)} kills, {files} files compared, {seconds:.0f} s")
    for name in ("killed", "times", "at work", "after (s)", "clips done at each kill", "left half written", "wrong"):
        table.add_column(name, overflow="fold")
    for kind in KINDS:
        mine = [kill for kill in kills if kill.kind == kind]
        if mine:
            spread = f"{min(k.after for k in mine):.2f} to {max(k.after for k in mine):.2f}"
            met = str(sum(kill.met for kill in mine))
            counts = (str(sum(kill.half > 0 for kill in mine)), str(sum(bool(kill.wrong) for kill in mine)))
            table.add_row(kind, str(len(mine)), met, spread, " ".join(str(k.done) for k in mine), *counts)
    console = Console()
    console.print(table)
    for text in wrong:
        console.print(text, style="red", markup=False)
    console.print("FAILED" if wrong else "Every file is as in an undisturbed run.", style="red" if wrong else "green")


def main() -> int:
    """Kill, finish, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--clips", type=int, default=None, help="default: enough for every kill to find work")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    seed = random.randrange(10**6) if asked.seed is None else asked.seed
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="posecfg-stress-"))
    stress = Stress(folder, asked.clips or 40 * asked.rounds, asked.rounds, asked.workers, random.Random(seed))
    Console().print(f"seed {seed}, {stress.clips} clips")
    kinds = [KINDS[number % len(KINDS)] for number in range(asked.rounds)]
    stress.chance.shuffle(kinds)
    wrong = stress.finish(folder / "undisturbed", asked.workers)
    kills = [stress.round(kind) for kind in kinds]
    wrong += [text for kill in kills for text in kill.wrong] + stress.finish(stress.out, asked.workers)
    expected = published(folder / "undisturbed")
    wrong += differences(published(stress.out), expected) + leftovers(stress.out) + verified(stress.out)
    if sum(kill.met for kill in kills) * 2 < len(kills):
        wrong.append("most kills met no work: give more clips")
    if len(expected) != FILES * stress.clips:
        wrong.append(f"expected {FILES * stress.clips} files of an undisturbed run, but got {len(expected)}")
    show(kills, len(expected), time.monotonic() - began, wrong)
    if not wrong:
        shutil.rmtree(folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    if not Path("/proc/self/stat").exists():
        sys.exit("stress.py finds workers and orphans in /proc, so it needs Linux.")
    sys.exit(main())
