"""Strike a run at every operation in its output folder, and see what is left.

python tools/crashsweep.py            every operation: some 10,000 strikes, about an hour
python tools/crashsweep.py --few 25   so many strikes, spread over the scenarios

A run is killed before, after or halfway through an operation that changes something, or told that the disk is full,
broken or read-only, once or from then on; where an operation only looks, it is told that the disk is broken. After that
no file may be half written and no record may lie, and the same command must mend it all.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from crash_scenarios import OUT, SCENARIOS, Scenario, write_films
from folders import differences, is_joined, leftovers, lies, published
from forked_runs import ACTS, HANG, ORPHANS, Runs, Strike, compiled
from rich.console import Console
from rich.table import Table

WHO = ("run", "worker")
HOWS = (*((act, False) for act in ACTS), *((act, True) for act in ("ENOSPC", "EIO", "EROFS")))
LOOKS = (("EIO", False), ("EIO", True))


@dataclass
class Prepared:
    """A scenario with what it starts from, what it ends with, and the operations of each process that works on it."""

    scenario: Scenario
    folder: Path
    seed: Path
    before: dict[str, bytes]
    expected: dict[str, bytes]
    operations: dict[str, list[str]]
    looks: dict[str, list[str]]

    def restore(self) -> Path:
        """Bring the folder back to its start."""
        out = self.folder / OUT
        shutil.rmtree(out, ignore_errors=True)
        if self.seed.exists():
            shutil.copytree(self.seed, out, copy_function=shutil.copy2)
        return out

    def words(self, who: str) -> tuple[str, ...]:
        """Return the command that is struck."""
        return self.scenario.in_worker() if who == "worker" else self.scenario.words


@dataclass(frozen=True)
class Planned:
    """One strike that is to be tried."""

    at: Prepared
    who: str
    number: int
    act: str
    lasting: bool
    looks: bool = False

    @property
    def how(self) -> str:
        """Return the act as the table shows it."""
        return _how(self.act, self.lasting, self.looks)


def _how(act: str, lasting: bool, looks: bool = False) -> str:
    return f"{act}{' at a look' if looks else ''}{', lasting' if lasting else ''}"


@dataclass
class Sweep:
    """All strikes of one go, with the counts of each scenario and act, and sentences about faults."""

    runs: Runs
    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: int = 0
    faults: list[str] = field(default_factory=list)
    faulty: Counter[tuple[str, str]] = field(default_factory=Counter)

    def prepare(self, scenario: Scenario, workers: bool) -> Prepared:
        """Run a scenario undisturbed and note what it does."""
        folder = self.runs.folder
        out, seed = folder / OUT, folder / "seeds" / scenario.name
        shutil.rmtree(out, ignore_errors=True)
        for words in scenario.before:
            self._well(*words)
        if scenario.change:
            scenario.change(folder)
        if out.exists():
            shutil.copytree(out, seed, copy_function=shutil.copy2)
        ready = Prepared(scenario, folder, seed, published(out), {}, {}, {})
        for who in WHO if workers else WHO[:1]:
            for found, looks in ((ready.operations, False), (ready.looks, True)):
                ready.restore()
                strike = Strike(str(out), worker=who == "worker", looks=looks)
                ended = self.runs.run(*ready.words(who), strike=strike)
                if ended.code != 0:
                    raise SystemExit(f"crashsweep.py: '{scenario.name}' ends with {ended.code}: {ended.said}")
                found[who], ready.expected = ended.operations, published(out)
        return ready

    def _well(self, *words: str) -> None:
        ended = self.runs.run(*words)
        if ended.code != 0:
            raise SystemExit(f"crashsweep.py: {' '.join(words)} ends with {ended.code}: {ended.said}")

    def strike(self, plan: Planned) -> None:
        """Strike once, look at what is left, mend it, and compare."""
        at, out = plan.at, plan.at.restore()
        strike = Strike(str(out), plan.number, plan.act, plan.lasting, plan.who == "worker", plan.looks)
        ended = self.runs.run(*at.words(plan.who), strike=strike)
        key = at.scenario.name, plan.how
        if not ended.struck:
            self.missed += 1
            return
        self.tried[key] += 1
        wrong = [*self._fate(plan, ended.code, ended.said), *lies(out)]
        half = published(out)
        for name, data in half.items():
            if data not in (at.expected.get(name), at.before.get(name)) and not is_joined(out, name, data):
                wrong.append(f"{name} is half written ({len(data)} bytes)")
        if ended.code == 0 and half != at.expected:
            wrong += [f"all is well, it says, but {text}" for text in differences(half, at.expected)]
        again = self.runs.run(*at.scenario.words)
        if again.code != 0:
            wrong.append(f"the next run ends with {again.code}: {again.said[-300:]}")
        wrong += [f"after the next run {text}" for text in differences(published(out), at.expected)]
        wrong += leftovers(out)
        checked = self.runs.run("verify", OUT)
        if checked.code != 0:
            wrong.append(f"verify: {checked.said[-300:]}")
        wrong += ["a traceback"] * ("Traceback" in ended.said + again.said + checked.said)
        if wrong:
            self.faulty[key] += 1
            where = f"{at.scenario.name}, {plan.who}, {plan.how} at {plan.number} ({ended.struck})"
            self.faults.append(f"{where}: {'; '.join(dict.fromkeys(wrong))}".replace(str(at.folder), ""))

    @staticmethod
    def _fate(plan: Planned, code: int | str, said: str) -> Iterator[str]:
        """Say what is wrong with the way in which the struck run ended."""
        if code in (HANG, ORPHANS):
            yield f"it ended as: {code}"
        elif (plan.who == "worker" or ACTS[plan.act] > 0) and code not in (0, 1, 3):
            yield f"exit code {code}: {said[-300:]}"


def plans(prepared: Sequence[Prepared]) -> Iterator[Planned]:
    """Yield every strike; of operations on one file that follow each other, only the first and the last."""
    for ready in prepared:
        for who, operations in ready.operations.items():
            for act, lasting in HOWS:
                if lasting and who == "worker":
                    continue
                for number, text in enumerate(operations, 1):
                    # SQLite writes the pages of a file one by one.
                    if not (text.startswith("pwrite") and operations[number - 2 : number + 1] == [text] * 3):
                        yield Planned(ready, who, number, act, lasting)
        yield from _looks(ready)


def _looks(ready: Prepared) -> Iterator[Planned]:
    """Yield every strike at an operation that only looks."""
    for who, looks in ready.looks.items():
        for act, lasting in LOOKS[: 1 if who == "worker" else None]:
            for number, text in enumerate(looks, 1):
                if looks[number - 2 : number + 1] != [text] * 3:
                    yield Planned(ready, who, number, act, lasting, looks=True)


def few(prepared: Sequence[Prepared], number: int, chance: random.Random, looks: bool = False) -> list[Planned]:
    """Choose strikes in turns from all scenarios, those in the commit of a clip more often than others."""
    turns = []
    for ready in prepared:
        mine = list(_looks(ready) if looks else plans([ready]))
        found = {False: ready.operations, True: ready.looks}
        weights = [1 if "ledger" in found[p.looks][p.who][p.number - 1] else 4 for p in mine]
        turns.append(iter(chance.choices(mine, weights, k=number)))
    return list(islice((plan for row in zip(*turns, strict=True) for plan in row), number))


def show(sweep: Sweep, prepared: Sequence[Prepared], seconds: float) -> None:
    """Print the table, and the faults."""
    hows = [*(_how(*how) for how in HOWS), *(_how(*how, looks=True) for how in LOOKS)]
    table = Table("scenario", "operations", *hows, title="Strikes (and faults)")
    for ready in prepared:
        name, cells = ready.scenario.name, []
        for how in hows:
            bad = sweep.faulty[name, how]
            cells.append(f"{sweep.tried[name, how]}" + (f" ({bad})" if bad else ""))
        table.add_row(name, " + ".join(str(len(found)) for found in ready.operations.values()), *cells)
    console = Console(width=140)
    console.print(table)
    for text in sweep.faults:
        console.print(text, style="red", markup=False, highlight=False)
    numbers = f"{sweep.tried.total()} strikes, {len(sweep.faults)} faults, {sweep.missed} past the end of a run"
    console.print(f"{numbers}; {seconds:.0f} s", style="red" if sweep.faults else "green")


def main() -> int:
    """Prepare, strike, show; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, nargs="+", help="only so many strikes, and so many more that are --looks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-workers", action="store_true", help="strike no worker processes")
    parser.add_argument("--only", help="one scenario")
    parser.add_argument("--looks", action="store_true", help="only strikes at operations that look")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="posecfg-crashsweep-") as name:
        folder = Path(name).resolve()
        if (shim := compiled(folder)) is None:
            raise SystemExit("crashsweep.py strikes by LD_PRELOAD, so it needs Linux and a C compiler.")
        write_films(folder)
        with Runs(folder, shim) as runs:
            sweep = Sweep(runs)
            prepared = [
                sweep.prepare(scenario, not asked.no_workers)
                for scenario in SCENARIOS
                if asked.only in (None, scenario.name)
            ]
            chance = random.Random(asked.seed)
            if asked.looks:
                for ready in prepared:
                    ready.operations.clear()
            chosen = few(prepared, asked.few[0], chance) if asked.few else list(plans(prepared))
            chosen += few(prepared, asked.few[1], chance, looks=True) if asked.few and asked.few[1:] else []
            chance.shuffle(chosen)
            for plan in chosen:
                if time.monotonic() - began > asked.seconds:
                    break
                sweep.strike(plan)
        show(sweep, prepared, time.monotonic() - began)
    return 1 if sweep.faults else 0


if __name__ == "__main__":
    sys.exit(main())
