"""What spreading clips over an engine costs: a clip, a start, and real films in turns with the local executor.

python tools/engines.py -- python benchmarks/engines.py --clips 1000
python tools/engines.py -- python benchmarks/engines.py --films FILM FILM --models FOLDER

Each line ends with the count of clips that came out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from posecfg.config.compose import compose
from posecfg.config.quoting import quote_path
from posecfg.executors.protocol import Event, Finished, Started
from posecfg.models.settings import Settings, using
from posecfg.runs.run import run
from posecfg.terminal.progress import Quiet

TINY = ("dataset=synthetic", "dataset.frames=1", "dataset.size=[32,24]", "writer=[npy]", "detector=synthetic")
DETECTORS = {"movenet": (), "blazepose": ()}


LEFT_OUT: set[str] = set()


def engines() -> dict[str, list[str]]:
    """Return the words that choose each engine that is here, and is asked for."""
    found = {"local": ["executor=local"], "hosts": ["executor=hosts", "executor.address=127.0.0.1"]}
    if "SLURM_CONF" in os.environ:
        found["slurm"] = ["executor=slurm", "executor.address=127.0.0.1"]
    if address := os.environ.get("POSECFG_TEST_RAY"):
        found["ray"] = ["executor=ray", f"executor.address={address}", "executor.host=127.0.0.1"]
    return {name: words for name, words in found.items() if name not in LEFT_OUT}


class Clock(Quiet):
    """A screen that notes when clips are started and done."""

    def __init__(self) -> None:
        self.started: list[float] = []
        self.done: list[float] = []

    def event(self, event: Event) -> None:
        """Note the time of an event."""
        if isinstance(event, Started):
            self.started.append(time.monotonic())
        elif isinstance(event, Finished):
            self.done.append(time.monotonic())


@dataclass(frozen=True)
class Took:
    """How long a run took: until its first clip was started, from then until the last was done, and a clip."""

    start: float
    work: float
    each: float
    clips: int


def timed(engine: str, workers: int, *words: str) -> Took:
    """Run a job into a folder of its own."""
    number = f"executor.hosts=[{','.join(['localhost'] * workers)}]" if engine == "hosts" else f"workers={workers}"
    with tempfile.TemporaryDirectory(prefix="posecfg-bench-") as folder:
        job = compose([*words, *engines()[engine], number, f"output_dir={folder}/out", "cache=off"])[0]
        clock, began = Clock(), time.monotonic()
        with using(Settings.of(job.config)):
            report = run(job, clock)
    if report.error or report.failed:
        raise SystemExit(f"{engine}: {report.error or report.failed}")
    # The first clips wait for what is imported and compiled.
    warm = len(clock.done) // 5
    each = (clock.done[-1] - clock.done[warm]) / max(1, len(clock.done) - 1 - warm)
    return Took(clock.started[0] - began, clock.done[-1] - clock.started[0], each, report.done)


def overhead(clips: int, rounds: int) -> None:
    """Compare tiny clips on one worker of each engine with those that this process does alone."""
    words = (*TINY, f"dataset.clips={clips}")
    alone: list[float] = []
    found: dict[str, list[Took]] = {name: [] for name in engines()}
    for _ in range(rounds):
        alone.append(timed("local", 0, *words).each)
        for name, tooks in found.items():
            tooks.append(timed(name, 1, *words))
    here = statistics.median(alone)
    print(f"this process alone {here * 1e3:.2f} ms a clip, {clips:,} clips")
    for name, tooks in found.items():
        each, start = statistics.median(t.each for t in tooks), statistics.median(t.start for t in tooks)
        print(
            f"{name:6} {each * 1e3:.2f} ms a clip, {(each - here) * 1e3:+.2f} ms; first clip started after "
            f"{start:.2f} s; {tooks[-1].clips:,} clips came out"
        )


def films(paths: list[Path], models: str, rounds: int, copies: int) -> None:
    """Let engines take turns over real films, two workers each."""
    with tempfile.TemporaryDirectory(prefix="posecfg-films-") as folder:
        for number in range(copies):
            path = paths[number % len(paths)]
            (Path(folder) / f"{number:02}-{path.name}").symlink_to(path.resolve())
        place = [f"dataset.path={quote_path(folder)}", "dataset=folder", "writer=[npy]"]
        for detector in DETECTORS:
            words = [*place, f"detector={detector}", *([f"models.dir={models}"] if models else [])]
            found: dict[str, list[Took]] = {name: [] for name in engines()}
            for _ in range(rounds):
                for name, tooks in found.items():
                    tooks.append(timed(name, 2, *words))
            local = statistics.median(t.work for t in found["local"])
            for name, tooks in found.items():
                work, start = statistics.median(t.work for t in tooks), statistics.median(t.start for t in tooks)
                print(
                    f"{detector:9} {name:6} {work:6.2f} s from the first clip, {local / work:.2f} of local; "
                    f"first clip started after {start:.2f} s; {tooks[-1].clips} clips came out"
                )


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--films", type=Path, nargs="*", default=[])
    parser.add_argument("--copies", type=int, default=16, help="clips that the films are dealt out to (default 16)")
    parser.add_argument("--engines", nargs="*", default=[], help="those to compare (default: all that are here)")
    parser.add_argument("--models", default="", help="folder of weights")
    asked = parser.parse_args()
    for name in engines().keys() - set(asked.engines or engines()):
        LEFT_OUT.add(name)
    if asked.films:
        films(asked.films, asked.models, asked.rounds, asked.copies)
    else:
        overhead(asked.clips, asked.rounds)


if __name__ == "__main__":
    main()
