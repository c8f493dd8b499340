"""Change the code a little, many times, and see whether a test notices.

python tools/mutants.py --number 100 --seed 1

Each mutant is tried in a copy of the checkout: the tests of its own module first, then those of its room, then those
that import it or one of its users. One that lives is a gap in the tests, unless ``mutants_explained.txt`` says why not.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mutation import Mutant, mutants
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "src/posecfg"
EXPLAINED = ROOT / "tools" / "mutants_explained.txt"
# What pytest ends with when a test failed or could not be collected, and when there was no test.
PASSED, FAILED, INTERRUPTED, NONE = 0, 1, 2, 5
# Modules whose tests need an environment of their own.
APART = ("openmmlab/", "export/", "detectors/rcnn/native")
# Tests of whole processes, too slow to repeat for each mutant.
SLOW = ("test_signals.py", "test_corpus.py", "test_docs.py")
# Some modules are used by nearly all tests: then those that import it by itself are the ones that are run.
MOST = 15
WHOLE_RUNS = "tests/runs/test_outcomes.py"


def room(file: str) -> str:
    """Return the room of a module: its first folder, or its own name."""
    return file.removeprefix(f"{PACKAGE}/").partition("/")[0].removesuffix(".py")


def sample(number: int, chance: random.Random, files: Sequence[str]) -> list[Mutant]:
    """Choose mutants in turns from all rooms."""
    rooms: dict[str, list[Mutant]] = {}
    for file in files:
        if not file.removeprefix(f"{PACKAGE}/").startswith(APART):
            rooms.setdefault(room(file), []).extend(mutants(file, (ROOT / file).read_bytes()))
    left = {name: chance.sample(found, len(found)) for name, found in sorted(rooms.items()) if found}
    order = chance.sample(sorted(left), len(left))
    chosen: list[Mutant] = []
    while len(chosen) < number and any(left.values()):
        chosen += [left[name].pop() for name in order if left[name]]
    return chosen[:number]


def _dotted(file: str) -> str:
    return file.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules that a file imports, as dotted names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


@dataclass
class Checkout:
    """A copy of the checkout, and which tests pass in it as it is."""

    folder: Path
    files: Sequence[str]
    limit: float
    passing: dict[tuple[str, ...], bool] = field(default_factory=dict)

    def stages(self, file: str) -> list[tuple[str, ...]]:
        """Return the tests to run for a module, the nearest first."""
        itself = {_dotted(file)}
        near = {_dotted(other) for other in self.files if other != file and itself & imports(ROOT / other)}
        tests = [test for test in self._tests() if Path(test).name not in SLOW]
        named = [name for name in tests if Path(name).name == f"test_{Path(file).stem}.py"]
        users = [name for of in (itself, near) for name in tests if of & imports(ROOT / name)]
        # A module that is loaded by its name in a configuration is met by whole runs.
        stages = [tuple(named), tuple(self._of(room(file))), tuple(dict.fromkeys([*users[:MOST], WHOLE_RUNS]))]
        return [stage for stage in dict.fromkeys(stages) if stage]

    def _tests(self) -> list[str]:
        return [str(path.relative_to(self.folder)) for path in sorted((self.folder / "tests").rglob("test_*.py"))]

    def _of(self, name: str) -> list[str]:
        return [p for p in (f"tests/{name}", f"tests/test_{name}.py") if (self.folder / p).exists()]

    def test(self, names: tuple[str, ...]) -> int:
        """Run tests until the first that fails; return how pytest ended, FAILED where it took too long."""
        words = ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *names]
        env = {**os.environ, "PYTHONPATH": str(self.folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        run = subprocess.Popen(
            [sys.executable, *words],
            cwd=self.folder,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return run.wait(self.limit)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, 9)
            run.wait()
            return FAILED

    def killer(self, mutant: Mutant) -> str | None:
        """Return the tests that notice a mutant, or None if it lives."""
        path = self.folder / mutant.file
        good = path.read_bytes()
        for names in self.stages(mutant.file):
            path.write_bytes(mutant.apply(good))
            try:
                code = self.test(names)
            finally:
                path.write_bytes(good)
            if code not in (PASSED, NONE):
                if names not in self.passing:
                    self.passing[names] = self.test(names) in (PASSED, NONE)
                if not self.passing[names]:
                    raise SystemExit(f"mutants.py: {' '.join(names)} fails or takes too long without any mutant.")
                return " ".join(names)
        return None


def copied(folder: Path) -> Path:
    """Copy the files that git knows, and new ones."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def explanations() -> dict[tuple[str, str, str], str]:
    """Read why some mutants change nothing that a test should see: file, line of code, what became of it, sentence."""
    found = {}
    for line in EXPLAINED.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            file, code, after, why = line.split(" | ")
            found[file, code, after] = why
    return found


def described(mutant: Mutant) -> tuple[str, str, str]:
    """Return what names a mutant whatever its line number is: its file, and its line before and after."""
    good = (ROOT / mutant.file).read_bytes()
    after = mutant.apply(good).decode().splitlines()[mutant.line - 1 :]
    before = good.decode().splitlines()[mutant.line - 1 :]
    changed = next(i for i, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    return mutant.file, before[changed].strip(), after[changed].strip()


def main() -> int:
    """Try the mutants; say which lived."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=900.0, help="seconds that the tests of one mutant may take")
    parser.add_argument("--only", default=PACKAGE, help="the beginning of the names of the modules")
    asked = parser.parse_args()
    began, known = time.monotonic(), explanations()
    files = [str(p.relative_to(ROOT)) for p in sorted((ROOT / PACKAGE).rglob("*.py"))]
    console = Console(soft_wrap=True, markup=False, highlight=False)
    table = Table("file", "before", "after", "explained", title="Mutants that no test noticed")
    killed, lived, unexplained = Counter[str](), 0, 0
    with tempfile.TemporaryDirectory(prefix="posecfg-mutants-") as folder:
        checkout = Checkout(copied(Path(folder)), files, asked.limit)
        chosen = sample(asked.number, random.Random(asked.seed), [f for f in files if f.startswith(asked.only)])
        for number, mutant in enumerate(chosen, 1):
            by = checkout.killer(mutant)
            file, before, after = described(mutant)
            console.print(f"{number}/{len(chosen)} {file}:{mutant.line}: {before}  ->  {after}: {by or 'LIVES'}")
            if by is not None:
                killed[room(file)] += 1
                continue
            why = known.get((file, before, after), "")
            lived, unexplained = lived + 1, unexplained + (not why)
            table.add_row(f"{file}:{mutant.line}", before, after, why)
    if lived:
        console.print(table)
    console.print(
        f"{len(chosen)} mutants, {killed.total()} noticed, {lived} not, {unexplained} of these without an explanation; "
        f"{time.monotonic() - began:.0f} s"
    )
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
