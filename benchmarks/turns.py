"""Plain scripts and posecfg take turns over the same films, and are held against what the work costs."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2

Command = list[str]


def python(code: str, *words: str) -> Command:
    """Return the command that runs ``code`` with ``words``."""
    return [sys.executable, "-c", code, *words]


def options(doc: str | None) -> argparse.Namespace:
    """Read the command line: films, and how much work."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=50.0, help="work for the script in a turn (default 50)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (default 3)")
    return parser.parse_args()


class Turn:
    """One turn of each program; ``cpu`` is what each step of a frame costs, measured before and after ours.

    ``plain`` has the wall seconds of each script. ``busy`` is how many clips ours works on at once.
    """

    def __init__(
        self, scripts: Mapping[str, Command], command: Command, folder: Path, cost: Command, busy: int = WORKERS
    ) -> None:
        self.plain = {name: run(script) for name, script in scripts.items()}
        before = _cost(cost)
        self.ours = run(command)
        after = _cost(cost)
        self.cpu = {name: (before[name] + after[name]) / 2 for name in before}
        self.limit = min(WORKERS, os.cpu_count() or 1) / sum(self.cpu.values())
        clips = [json.loads(path.read_text()) for path in (folder / ".posecfg/clips").rglob("*.json")]
        clips.sort(key=lambda clip: clip["at"])
        self.frames = sum(clip["frames"] for clip in clips)
        # From when each worker has finished its first clip until the last clip is done.
        warm = sum(clip["frames"] for clip in clips[busy:])
        self.steady = warm / (clips[-1]["at"] - clips[busy - 1]["at"])


@contextmanager
def turns(
    asked: argparse.Namespace,
    script: Callable[[Path, list[Path]], Command],
    ours: Callable[[Path, Path], Command],
    cost: Callable[[list[Path]], Command],
) -> Iterator[tuple[list[Path], Path]]:
    """Let both programs take their turns and print the figures; yield the films and a folder of our results."""
    sources = [film.resolve() for film in asked.films]
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        plain = home / "plain"
        plain.mkdir()
        once = run(script(plain, sources))
        films = _spread(sources, home / "films", max(WORKERS + 2, round(asked.seconds / once)))
        command = script(plain, sorted(films.iterdir()))
        folders = [home / f"ours{n}" for n in range(asked.rounds)]
        report([Turn({"script": command}, ours(films, folder), folder, cost(sources)) for folder in folders])
        yield sources, folders[0]


def run(command: Command) -> float:
    """Run a command and return its wall seconds."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr or done.stdout)
    return time.perf_counter() - began


def _cost(command: Command) -> dict[str, float]:
    """Measure on all cores at once: a frame costs more CPU seconds where its neighbour is busy too."""
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) for _ in range(WORKERS)]
    found: list[dict[str, float]] = []
    for process in running:
        out, err = process.communicate()
        if process.returncode:
            sys.exit(err or out)
        found.append(json.loads(out))
    return {name: statistics.fmean(cost[name] for cost in found) for name in found[0]}


def _spread(sources: list[Path], folder: Path, repeats: int) -> Path:
    folder.mkdir()
    for n in range(repeats):
        for source in sources:
            shutil.copy(source, folder / f"{source.stem}_{n:03d}{source.suffix}")
    return folder


def report(found: Sequence[Turn], busy: int = WORKERS) -> None:
    """Print the rates of all turns, what the work costs, and the ratios of all turns together."""
    print(f"{found[0].frames} frames a turn, {busy} workers, start-up included:")
    for turn in found:
        walls = {**turn.plain, "posecfg": turn.ours}
        rates = [f"{name} {wall:5.1f} s {turn.frames / wall:6.1f} frames/s" for name, wall in walls.items()]
        share = f"steady {turn.steady:6.1f} of {turn.limit:6.1f} frames/s, {turn.steady / turn.limit:.0%} of the limit"
        ratios = "ratio " + ", ".join(f"{wall / turn.ours:.2f}" for wall in turn.plain.values())
        print("  " + "   ".join([*rates, ratios, share]))
    parts = {name: statistics.median(turn.cpu[name] for turn in found) * 1000 for name in found[0].cpu}
    spent = sum(turn.ours for turn in found)
    ratios = {name: sum(turn.plain[name] for turn in found) / spent for name in found[0].plain}
    share = statistics.median(turn.steady / turn.limit for turn in found)
    whole = statistics.median(turn.frames / turn.ours / turn.limit for turn in found)
    print("CPU a frame, with all cores busy: " + ", ".join(f"{name} {ms:.1f} ms" for name, ms in parts.items()))
    print(
        "all rounds: "
        + ", ".join(f"{ratio:.2f} times as fast as {name}" for name, ratio in ratios.items())
        + f"; steady state {share:.0%} of the limit, start-up and end included {whole:.0%} (medians)"
    )
