"""Kill, freeze and preempt what a run on several engines is made of, change engines, and compare the tree it ends with.

python tools/engines.py -- python tools/chaos.py --strikes 200 --seed 1

Every strike meets a run in one folder; the next run goes on there, with another engine and another number of workers,
until all clips are done. Then the tree is that of an undisturbed run, or this program says what is not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from chaos_strikes import EACH, MARK, STRIKES, Target, said
from folders import HOME, leftovers, lies, published
from forked_runs import Runs

ROOT = Path(__file__).resolve().parents[1]
ORPHAN_SECONDS = 40.0
RUN_SECONDS = 240.0


def engines() -> dict[str, list[str]]:
    """Return the words that choose each engine that is here."""
    found = {
        "local": ["executor=local"],
        "hosts": ["executor=hosts", "executor.address=127.0.0.1", "executor.silence=5"],
    }
    if "SLURM_CONF" in os.environ:
        found["slurm"] = ["executor=slurm", "executor.address=127.0.0.1", "executor.silence=5"]
    if address := os.environ.get("POSECFG_TEST_RAY"):
        found["ray"] = ["executor=ray", f"executor.address={address}", "executor.host=127.0.0.1", "executor.silence=5"]
    return found


@dataclass
class Chaos:
    """Runs in one folder that are struck one after another, each ``on`` one of some engines; ``calm`` ones are not."""

    folder: Path
    calm: Runs
    chance: random.Random
    clips: int = 16
    delay: float = 0.06
    least: int = 0  # clips that a run makes before it is struck
    on: Collection[str] = field(default_factory=lambda: engines())
    mark: str = ""  # by which processes of its runs are found; that of the engines by default
    wrong: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    trees: int = 0

    def __post_init__(self) -> None:
        """Make the tree that all others must be equal to."""
        given = os.environ.setdefault(MARK, f"{os.getpid()}")
        self.mark = self.mark or given
        # Ray's actors, and what they start, have the mark of the cluster.
        self.target = Target({self.mark, *((given,) if "ray" in self.on else ())}, self.chance)
        self.out = self.folder / "struck"
        whole = self.folder / "whole"
        if (code := self._undisturbed(whole)) != 0:
            raise SystemExit(f"A run that nothing strikes ends with {code}.")
        self.whole = published(whole)

    def words(self, engine: str, workers: int, out: Path, delay: float = 0.0) -> list[str]:
        """Return the command of a run; neither the engine nor the delay changes a byte."""
        number = ["executor.hosts=[" + ",".join(["localhost"] * workers) + "]"] if engine == "hosts" else []
        words = [
            *("dataset=synthetic", f"dataset.clips={self.clips}", "dataset.frames=12", "dataset.size=[48,32]"),
            *("dataset.people=2", "detector=synthetic", "detector.people=2", "persons=all", "console=lines"),
            *("writer=[npy,npz,csv]", f"detector.delay={delay}", f"output_dir={out}", "cache=off"),
            *engines()[engine],
            *(number or [f"workers={workers}"]),
        ]
        return [sys.executable, str(ROOT / "run.py"), *words]

    def _undisturbed(self, out: Path) -> int | str:
        """Let a run of one process end what is left to do in a folder; return its exit code."""
        return self.calm.run(*self.words("local", 0, out)[2:]).code

    def tokens(self) -> dict[str, str]:
        """Return the token of each committed clip: a clip that is made again has another one."""
        found = {}
        for path in (self.out / HOME / "clips").rglob("*.json"):
            with suppress(OSError, ValueError, KeyError):
                record = json.loads(path.read_bytes())
                found[record["id"]] = record["token"]
        return found

    def round(self, engine: str, workers: int, strike: str) -> None:
        """Start a run, strike it once it is at work, and look at what is left when it is over."""
        before, name = self.tokens(), f"{strike} of {engine} with {workers}"
        log = self.folder / "run.log"
        with log.open("wb") as stream:
            driver = subprocess.Popen(
                self.words(engine, workers, self.out, self.delay),
                stdout=stream,
                stderr=stream,
                env={**os.environ, MARK: self.mark},
                start_new_session=True,
            )
        self._until_at_work(driver, len(before))
        time.sleep(self.chance.uniform(0.0, 0.8))
        met = driver.poll() is None and STRIKES[strike](self.target, driver)
        self.seen[f"{engine}: {strike}" + ("" if met else " (came too late)")] += 1
        try:
            code = driver.wait(RUN_SECONDS)
        except subprocess.TimeoutExpired:
            driver.kill()
            self.wrong.append(f"{name}: the run did not end")
            return
        if strike != "driver" and code not in (0, 3, 130):
            self.wrong.append(f"{name}: exit code {code}: {log.read_text(errors='replace')[-600:]}")
        self._look(name, before, strike)

    def _until_at_work(self, driver: subprocess.Popen[bytes], before: int) -> None:
        end = time.monotonic() + RUN_SECONDS
        more = before + self.chance.randint(self.least, 2)
        while driver.poll() is None and len(self.tokens()) < min(more, self.clips) and time.monotonic() < end:
            time.sleep(0.05)

    def _look(self, name: str, before: dict[str, str], strike: str) -> None:
        """Note what is wrong after a run: processes, jobs, half files, clips that were made twice."""
        end = time.monotonic() + ORPHAN_SECONDS
        while (left := self.target.others()) and time.monotonic() < end:
            time.sleep(0.1)
        self.wrong += [f"{name}: process {one.pid} is left ({one.words[:120]})" for one in left]
        now = self.tokens()
        again = [clip for clip, token in before.items() if now.get(clip) != token]
        self.wrong += [f"{name}: '{clip}' was made again" for clip in again]
        if strike != "driver":
            self.wrong += [f"{name}: {text}" for text in leftovers(self.out)]
        self.wrong += [f"{name}: {text}" for text in lies(self.out)]
        if strike != "driver" and "slurm" in self.on:
            while (jobs := said("squeue", "-h", "-n", "posecfg")) and time.monotonic() < end:
                time.sleep(0.2)
            self.wrong += [f"{name}: the queue has {jobs}"] if jobs else []

    def told(self) -> list[str]:
        """Return what was wrong since the last call."""
        found, self.wrong = self.wrong, []
        return found

    def is_whole(self) -> bool:
        """Tell whether all clips are done."""
        return len(self.tokens()) == self.clips

    def finish(self) -> None:
        """Let one undisturbed run finish the tree, compare it with the whole one, and begin anew."""
        self._undisturbed(self.out)
        now = published(self.out)
        if now != self.whole:
            names = [name for name in {*now, *self.whole} if now.get(name) != self.whole.get(name)]
            self.wrong.append(f"the tree differs in {len(names)} files, such as {min(names)}")
        self.wrong += leftovers(self.out)
        # A network file system may keep what was open under another name for a while.
        shutil.rmtree(self.out, ignore_errors=True)
        self.trees += 1
        self.out = self.folder / f"struck{self.trees}"


def main() -> int:
    """Strike until all strikes are spent; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strikes", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--clips", type=int, default=16)
    parser.add_argument("--folder", type=Path, help="where runs write, such as a mounted file system")
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    kept = {"prefix": "posecfg-chaos-", "dir": asked.folder, "ignore_cleanup_errors": True}
    with tempfile.TemporaryDirectory(**kept) as folder, ExitStack() as stack:
        calm = stack.enter_context(Runs(Path(folder) / "calm", None))
        chaos = Chaos(Path(folder), calm, chance, asked.clips)
        for number in range(asked.strikes):
            engine = chance.choice(sorted(engines()))
            began = time.monotonic()
            strike = chance.choice(EACH[engine])
            known = len(chaos.wrong)
            chaos.round(engine, chance.randint(1, 3), strike)
            took = time.monotonic() - began
            print(f"{number + 1:4} {engine:6} {strike:9} {took:5.1f} s  {len(chaos.tokens())} done", flush=True)
            for text in chaos.wrong[known:]:
                print(f"     WRONG {text}", flush=True)
            if chaos.is_whole() or number + 1 == asked.strikes:
                chaos.finish()
        for name, count in sorted(chaos.seen.items()):
            print(f"{count:4} {name}")
        print(f"{asked.strikes} strikes, {chaos.trees} trees, {len(chaos.wrong)} wrong")
        return 1 if chaos.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
