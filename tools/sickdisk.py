"""Let reads of films fail as those of a broken disk do: a clip is then failed and to be tried again, or unharmed.

python tools/sickdisk.py
python tools/sickdisk.py --films FOLDER --ranges 24

Reads fail in a range of bytes, for many ranges of each film, or from some read on. A clip that is done with fewer rows
or with other ones is a fault: nothing would ever try it again.
"""

from __future__ import annotations

import argparse
import errno
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from folders import leftovers, published
from forked_runs import Runs, Sick, compiled
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
ERRORS = ("EIO", "ESTALE", "ETIMEDOUT", "ENOMEM")
# As much as a disk loses with one bad block.
BLOCK = 4096
FAILED = 3


@dataclass
class Verdicts:
    """How often each film was failed, was unharmed or was wrong, and sentences about the last."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, film: str, case: str, what: str, wrong: Sequence[str]) -> None:
        """Count one case."""
        self.counts[film, "wrong" if wrong else what] += 1
        if wrong:
            self.faults.append(f"{film}: {case}: {'; '.join(wrong)}")


def cases(path: Path, offsets: Sequence[int], number: int, errors: Sequence[str]) -> Iterator[tuple[str, Sick]]:
    """Yield blocks that are bad from the start or only while the film is decoded, and reads from which on all fail.

    ``offsets`` are those of all reads of a run. A film is read once for its hash, from its beginning; when it is read
    from there again, it is opened to be decoded.
    """
    again = [i for i, offset in enumerate(offsets, 1) if offset == 0][1:] or [1]
    size = max(offsets) + BLOCK
    for i in range(number):
        name, low = errors[i % len(errors)], max(0, size - BLOCK) * i // max(1, number - 1)
        for first, when in ((0, "always"), (again[0] + 1, "while it is decoded")):
            sick = Sick(str(path), low, low + BLOCK, first, getattr(errno, name))
            yield f"{name} at bytes {low} to {low + BLOCK}, {when}", sick
        first = 1 + len(offsets) * i // number
        yield f"{name} from read {first} of {len(offsets)} on", Sick(str(path), first=first, error=getattr(errno, name))


def tried(runs: Runs, path: Path, ranges: int, errors: Sequence[str], verdicts: Verdicts) -> None:
    """Read one film from a disk that fails, in each way."""
    out = runs.folder / "out"
    images = ("dataset.images=true",) if path.is_dir() else ()
    words = (str(path), *images, "detector=synthetic", "writer=[npy,csv]", "workers=0", "output_dir=out")
    shutil.rmtree(out, ignore_errors=True)
    well = runs.run(*words, sick=Sick(str(path), error=0))
    expected = published(out)
    if well.code != 0 or not expected:
        verdicts.counts[path.name, "not a film"] += 1
        return
    for what, sick in cases(path, [int(text) for text in well.operations], ranges, errors):
        shutil.rmtree(out, ignore_errors=True)
        ended = runs.run(*words, sick=sick)
        found, wrong = published(out), []
        if "Traceback" in ended.said or ended.code not in (0, 1, FAILED):
            wrong.append(f"ended with {ended.code}: {ended.said[-300:]}")
        if found and found != expected:
            wrong.append("done with other rows")
        if ended.code == 0 and not found:
            wrong.append("skipped, and never tried again")
        again = runs.run(*words)
        if again.code != 0 or published(out) != expected or leftovers(out):
            wrong.append(f"not mended by the next run ({again.code})")
        verdicts.add(path.name, what, "unharmed" if found else "failed", wrong)


def show(verdicts: Verdicts, seconds: float) -> None:
    """Print the table, and the faults."""
    kinds = ("failed", "unharmed", "wrong", "not a film")
    table = Table("film", *kinds, title="What became of films on a failing disk")
    for film in dict.fromkeys(film for film, _ in verdicts.counts):
        table.add_row(film, *(str(verdicts.counts[film, kind]) for kind in kinds))
    console = Console(width=140)
    console.print(table)
    for text in verdicts.faults:
        console.print(text, style="red", markup=False, highlight=False)
    numbers = f"{verdicts.counts.total()} cases, {len(verdicts.faults)} faults; {seconds:.0f} s"
    console.print(numbers, style="red" if verdicts.faults else "green")


def main() -> int:
    """Try all films; 1 where one was done wrongly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=Path, help="a folder of films besides the demo clip")
    parser.add_argument("--ranges", type=int, default=12, help="of each film")
    parser.add_argument("--errors", default=",".join(ERRORS))
    asked = parser.parse_args()
    began = time.monotonic()
    demo = sorted((ROOT / "src" / "posecfg" / "assets").glob("*.mp4"))
    films = [*demo, *(sorted(asked.films.resolve().iterdir()) if asked.films else ())]
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory(prefix="posecfg-sickdisk-") as name:
        folder = Path(name).resolve()
        shim = compiled(folder)
        if shim is None:
            raise SystemExit("sickdisk.py fails reads by LD_PRELOAD, so it needs Linux and a C compiler.")
        with Runs(folder, shim) as runs:
            for film in films:
                tried(runs, film, asked.ranges, asked.errors.split(","), verdicts)
    show(verdicts, time.monotonic() - began)
    return 1 if verdicts.faults else 0


if __name__ == "__main__":
    sys.exit(main())
