"""Run a table of command lines with two checkouts, and compare every file that they write.

    python tools/same_bytes.py OLD NEW [--media DIR] [--models DIR] [--graphs DIR] [--keep DIR] [--only NAME]

Each checkout runs with its own ``.venv`` where it has one. Data files are compared by SHA-256, records (``run.json``,
the list of clips and one sidecar a clip) by content, without times, random tokens and the version of posecfg. Films are
drawn without the text in the corner, which tells how long a frame took.

Films in ``--media`` are chosen by name: ``*single*``, ``*multi*`` and ``*asl*``; the demo clip stands for what is not
there. ``--graphs`` is a folder that ``benchmarks/rtm_weights.py`` filled; its graphs are trusted for these runs only.
Cases whose weights are not on this machine are left out, and named. With ``--keep`` the files stay: the next run makes
those of NEW again, and resumes those of OLD, so give another OLD another folder. ``--differ preview`` allows for files
of a writer that are meant to be different, and ``--added facts.NAME`` (or ``clock.NAME``) for what only newer
records say.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from folders import recorded
from rich.console import Console
from rich.table import Table
from same_cases import CASES, STORE

RECORD, OTHER = "records", "no writer"
# What differs from run to run: of a sidecar, and of each file in it (the file itself is compared).
PASSING = ("at", "seconds", "timings", "token")
OF_A_FILE = ("bytes", "mtime_ns", "sha256")

Files = dict[tuple[str, str], str]


@dataclass(frozen=True)
class Checkout:
    """A checkout of posecfg, the folder of what it writes, and the environment that it runs in."""

    root: Path
    out: Path
    environment: Mapping[str, str]

    def run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        own = self.root / ".venv" / "bin" / "python"
        command = [str(own) if own.exists() else sys.executable, str(self.root / "run.py"), *words]
        environment = {**self.environment, "PYTHONPATH": str(self.root / "src")}
        return subprocess.run(command, cwd=self.out, env=environment, capture_output=True, text=True, check=False)


@dataclass
class Outcome:
    """What both checkouts made of a case: files by writer, and what is different."""

    files: Counter[str] = field(default_factory=Counter)
    different: dict[str, list[str]] = field(default_factory=dict)
    failed: str = ""


def links(folder: Path, films: Mapping[str, Path]) -> Path:
    """Make a folder of links to films."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, film in films.items():
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(film.resolve())
    return folder


def inputs(home: Path, media: Path | None, demo: Path) -> dict[str, Path]:
    """Lay out films, links and tables; return where each is."""

    def named(part: str) -> list[Path]:
        return (sorted(media.glob(f"*{part}*.m[kp][v4]")) if media else []) or [demo]

    single, several, signs = named("single"), named("multi"), named("asl")[:3]
    takes = {f"TC_S1_acting1_cam{number}{film.suffix}": film for number, film in enumerate(single[:3], 1)}
    table = home / "segments.csv"
    with table.open("w", newline="") as file:
        parts = [(film.stem, start) for film in signs for start in (0, 0.8)]
        rows = [(f"{film}-{start}", film, start, start + 0.6, "words") for film, start in parts]
        csv.writer(file).writerows([("SENTENCE_NAME", "VIDEO_NAME", "START", "END", "SENTENCE"), *rows])
    films = links(home / "films", {film.name: film for film in (single[0], single[-1], several[0], signs[0])})
    return {
        "film": films / single[0].name,
        "people": films / several[0].name,
        "films": films,
        "table": table,
        "stored": home / "stored",
        "signs": links(home / "signs", {film.name: film for film in signs}),
        "takes": links(home / "takes", takes),
    }


def trust(folder: Path, graphs: Path | None) -> None:
    """Write the hashes of graphs to the file of trusted ones; where they have a published hash, beside it."""
    found = graphs.glob("*.onnx") if graphs else ()
    hashes = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}
    (folder / "posecfg").mkdir(parents=True, exist_ok=True)
    (folder / "posecfg" / "trusted.json").write_text(json.dumps(hashes))


def told(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a sidecar says that does not differ from run to run."""
    kept = {key: value for key, value in data.items() if key not in PASSING}
    kept["input"] = data["input"]["sha256"]
    kept["versions"] = {name: number for name, number in data.get("versions", {}).items() if name != "posecfg"}
    for part in ("facts", "clock"):
        kept |= {f"{part}.{name}": value for name, value in kept.pop(part, {}).items()}
    for name, writer in kept.pop("writers").items():
        files = [{key: value for key, value in file.items() if key not in OF_A_FILE} for file in writer["files"]]
        kept[f"writers.{name}"] = {**writer, "files": files}
    return kept


def written(root: Path) -> Files:
    """Map (writer, name) of every data file to its hash, and of every item of the records to its text."""
    found: Files = {}
    vouched: dict[str, tuple[str, str]] = {}
    home = root / ".posecfg"
    for path in [home / "run.json", home / "listing.json", *sorted((home / "clips").rglob("*.json"))]:
        data = json.loads(path.read_bytes())
        if "clips" in path.relative_to(home).parts:
            for writer, made in data["writers"].items():
                only = {**data, "writers": {writer: made}}
                vouched |= {file["name"]: (writer, file["sha256"]) for file in recorded(root, only)}
            data = told(data)
        name = path.relative_to(home).as_posix()
        found |= {(RECORD, f"{name}: {key}"): json.dumps(value, sort_keys=True) for key, value in data.items()}
    for path in sorted(path for path in root.rglob("*") if path.is_file() and home not in path.parents):
        name, sha = path.relative_to(root).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()
        writer, claimed = vouched.pop(name, (OTHER, ""))
        found[writer, name] = sha if sha == claimed else f"{sha}, recorded as {claimed}"
    return found | {(RECORD, f"{name} is missing"): claimed for name, (_, claimed) in vouched.items()}


def compare(old: Files, new: Files, added: list[str]) -> Outcome:
    """Count the files of each writer, and name those that are not the same; ``added`` items may be in new records."""
    new = {key: value for key, value in new.items() if key in old or key[1].rpartition(": ")[2] not in added}
    outcome = Outcome(Counter(writer for writer, _ in old.keys() | new.keys() if writer != RECORD))
    for writer, name in sorted(old.keys() | new.keys()):
        if old.get((writer, name)) != new.get((writer, name)):
            outcome.different.setdefault(writer, []).append(name)
    return outcome


def outcomes(
    cases: Mapping[str, list[str]], old: Checkout, new: Checkout, jobs: int, added: list[str]
) -> Iterator[tuple[str, Outcome]]:
    """Run all cases with both checkouts, and compare what they wrote."""

    def make(checkout: Checkout, name: str) -> str:
        done = checkout.run([*cases[name], f"output_dir={checkout.out / name}"])
        return f"exit code {done.returncode}: {(done.stderr or done.stdout)[-300:]}" if done.returncode else ""

    with ThreadPoolExecutor(jobs) as pool:
        running = {name: [pool.submit(make, checkout, name) for checkout in (old, new)] for name in cases}
        for number, (name, futures) in enumerate(running.items(), 1):
            failed = " / ".join(filter(None, (future.result() for future in futures)))
            print(f"[{number}/{len(cases)}] {name}", file=sys.stderr, flush=True)
            yield (
                name,
                Outcome(failed=failed) if failed else compare(written(old.out / name), written(new.out / name), added),
            )


def chosen(old: Checkout, places: Mapping[str, Path], only: str) -> dict[str, list[str]]:
    """Return the cases whose weights are here, with the inputs' places; store the poses that some of them replay."""
    stored = old.run([*(word.format_map(places) for word in STORE.split()), f"output_dir={places['stored']}"])
    models = old.run(["models", "list", "--json"])
    if stored.returncode or models.returncode:
        sys.exit(stored.stderr + models.stderr)
    here = {row["name"] for row in json.loads(models.stdout) if row["state"] == "present"}
    cases = {}
    for name, (words, *weights) in CASES.items():
        if missing := {*weights} - here:
            print(f"{name} is left out: {', '.join(sorted(missing))} missing")
        elif only in name:
            cases[name] = [word.format_map(places) for word in words.split()]
    return cases


def show(found: Mapping[str, Outcome], cases: Mapping[str, list[str]], home: Path, allowed: list[str]) -> bool:
    """Print both tables; tell whether something differs that may not."""
    console, wrong = Console(width=160), False
    table, files, different = Table("case", "command", "files", "result"), Counter[str](), Counter[str]()
    for name, outcome in found.items():
        files += outcome.files
        different += Counter({writer: len(names) for writer, names in outcome.different.items()})
        parts = (f"{who} differs ({len(names)}): {', '.join(names[:4])}" for who, names in outcome.different.items())
        wrong |= bool(outcome.failed or outcome.different.keys() - {*allowed})
        result = outcome.failed or "; ".join(parts) or "equal"
        table.add_row(name, " ".join(cases[name]).replace(f"{home}/", ""), f"{outcome.files.total()}", result)
    console.print(table, markup=False)
    table = Table("writer", "files", "equal", "different")
    for writer in sorted(files):
        table.add_row(writer, *map(str, (files[writer], files[writer] - different[writer], different[writer])))
    console.print(table)
    console.print(f"items of records that are different: {different[RECORD]}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path, metavar="OLD")
    parser.add_argument("new", type=Path, metavar="NEW")
    for name in ("media", "models", "graphs", "keep"):
        parser.add_argument(f"--{name}", type=lambda text: Path(text).resolve(), metavar="DIR")
    parser.add_argument("--only", default="", metavar="NAME", help="cases with this in their name")
    parser.add_argument("--differ", nargs="+", default=[], metavar="WRITER", help="writers whose files may differ")
    parser.add_argument("--added", nargs="+", default=[], metavar="ITEM", help="items that only NEW may have")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time (default 2)")
    asked = parser.parse_args()
    began, home = time.monotonic(), asked.keep or Path(tempfile.mkdtemp(prefix="posecfg-same-"))
    shutil.rmtree(home / "new", ignore_errors=True)
    for folder in ("old", "new"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    trust(home / "config", asked.graphs)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POSECFG_")}
    environment |= {"XDG_CONFIG_HOME": str(home / "config")}
    environment |= {"POSECFG_MODELS": os.pathsep.join(str(folder) for folder in (asked.models, asked.graphs) if folder)}
    old = Checkout(asked.old.resolve(), home / "old", environment)
    new = Checkout(asked.new.resolve(), home / "new", environment)
    places = inputs(home, asked.media, next((old.root / "src").rglob("demo.mp4")))
    cases = chosen(old, places, asked.only)
    wrong = show(dict(outcomes(cases, old, new, asked.jobs, asked.added)), cases, home, asked.differ)
    verdict = "DIFFERENT" if wrong else "all as they should be"
    print(f"{len(cases)} cases in {time.monotonic() - began:.0f} s: {verdict}")
    if not asked.keep:
        shutil.rmtree(home)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
