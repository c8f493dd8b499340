"""What a page is about: the runs in the folders that are named, and the jobs of a sweep behind them."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from posecfg import budgets
from posecfg.errors import ConfigError
from posecfg.layout import HOME, STARTS
from posecfg.page import command
from posecfg.review.run_folders import run_folders
from posecfg.review.watching import DEAD, ENDED, HANGS, UNKNOWN, UNSURE, WORKS, Folder, Watch
from posecfg.runs import sweep_file
from posecfg.runs.report import STOPPED as INTERRUPTED
from posecfg.runs.sweep_file import shared, words
from posecfg.store import configurations, real_files
from posecfg.text import count

VERB = "report"
OUTCOME, BEGUN, OVERRIDES = "posecfg.json", "posecfg.begun", "overrides.yaml"
"""What a job leaves in its folder: its outcome, that it has begun, and what it was told."""
MOST = 200
"""The most runs of one page."""
RUN, RUNS, SWEEP = "run", "runs", "sweep"
DONE, FAILED, WORKING, STOPPED, BROKEN, NOT_RUN = "done", "failed", "working", "stopped", "dead", "not run"


@dataclass(frozen=True)
class Job:
    """One row of the sheet: the run that a job made, None where it made none, and what is known of how it ended.

    ``outcome`` is as a run tells it with ``--json``, empty where it left none; ``overrides`` are the job's alone;
    ``clips`` is how many there are of a run that has not ended, 0 where that is not known.
    """

    root: Path | None
    state: str
    outcome: Mapping[str, Any] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    command: str = ""
    clips: int = 0


@dataclass(frozen=True)
class Source:
    """The jobs of a page; ``folder`` is where it goes unless the user says otherwise."""

    kind: str
    title: str
    folder: Path
    jobs: tuple[Job, ...]
    notes: tuple[str, ...] = ()

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders of runs, each once."""
        return tuple(dict.fromkeys(job.root for job in self.jobs if job.root is not None))


def source(typed: Sequence[str]) -> Source:
    """Return what the named folders hold; a ConfigError says that one holds nothing to report on."""
    named = [Path(os.path.expanduser(word)) for word in typed]
    folders = list({os.path.abspath(folder): folder for folder in named}.values())
    if len(folders) == 1 and is_sweep(folders[0]):
        return _sweep(folders[0])
    jobs: list[Job] = []
    notes: list[str] = []
    for folder in folders:
        if is_sweep(folder):
            jobs += _sweep(folder).jobs
            continue
        jobs += [_run(root) for root in run_folders(folder, VERB)]
    jobs = list({os.path.realpath(job.root): job for job in jobs if job.root is not None}.values())
    if len(jobs) > MOST:
        notes.append(f"the first {MOST} of {count(len(jobs), 'run')} are here: name fewer folders for the others")
        jobs = jobs[:MOST]
    if not jobs:
        raise ConfigError(f"'{typed[0]}' is a sweep without a run: type posecfg report and the folder of a run.")
    notes += _notes(jobs)
    kind = RUN if len(jobs) == 1 else RUNS
    title = _name(_real(folders[0])) if len(folders) == 1 else count(len(jobs), "run")
    return Source(kind, title, folders[0] if len(folders) == 1 else Path(), tuple(jobs), tuple(notes))


def is_sweep(folder: Path) -> bool:
    """Tell whether a folder is that of a sweep, which has one for each job."""
    return (folder / "multirun.yaml").is_file() and not (folder / HOME).is_dir()


def _sweep(folder: Path) -> Source:
    """Read the jobs of a sweep, in their order."""
    with os.scandir(folder) as entries:
        numbers = sorted(int(one.name) for one in entries if one.name.isdecimal() and one.is_dir())
    outcomes = [_left(folder / str(number)) for number in numbers]
    common = shared(outcomes)
    jobs = []
    for outcome in outcomes:
        root = _root_of(folder, outcome)
        own = tuple(word for word in words(outcome) if word not in common)
        again = command.of_job(list(map(str, outcome.get("overrides", ()))))
        state = WORKING if outcome.get("begun") else _ended(outcome)
        jobs.append(Job(root, state, outcome, own, again))
    jobs += _untried(folder, numbers)
    if not jobs:
        raise ConfigError(f"'{folder}' is a sweep of which no job began: type its command again.")
    knobs = list(dict.fromkeys(word.partition("=")[0] for job in jobs for word in job.overrides))
    title = f"sweep over {' and '.join(knobs[:2])}" if knobs else f"sweep {_name(folder)}"
    title += f" and {len(knobs) - 2} more" if len(knobs) > 2 else ""
    return Source(SWEEP, title, folder, tuple(jobs), tuple(_notes(jobs)))


def _left(folder: Path) -> dict[str, Any]:
    """Return the outcome of a job; of one that has none yet what it was told, and whether it has begun."""
    if outcome := _outcome(folder / OUTCOME):
        return outcome
    try:
        text = real_files.read_bytes(folder / OVERRIDES, budgets.RECORD).decode()
        told = yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        told = []
    overrides = [word for word in told if isinstance(word, str)] if isinstance(told, list) else []
    return {"overrides": overrides, "begun": (folder / BEGUN).exists()}


def _untried(folder: Path, tried: Sequence[int]) -> Iterator[Job]:
    """Yield the jobs of which only the table of the sweep tells: they were not started."""
    try:
        text = real_files.read_bytes(folder / sweep_file.NAME).decode("utf-8", "replace")
    except OSError:
        return
    reader = csv.DictReader(io.StringIO(text))
    names = list(reader.fieldnames or ())
    knobs = names[1 : names.index(sweep_file.FIRST[0])] if sweep_file.FIRST[0] in names else []
    for row in reader:
        number = row.get("job") or ""
        if number.isdecimal() and int(number) not in tried:
            own = tuple(f"{key}={row[key]}" for key in knobs if row.get(key))
            yield Job(None, NOT_RUN, {"error": row.get("error")}, own)


def _root_of(sweep: Path, outcome: Mapping[str, Any]) -> Path | None:
    """Return the folder that a job wrote to, which it tells as it was seen from where the sweep was started."""
    told = outcome.get("output_dir")
    if not isinstance(told, str) or not told:
        return None
    whole = Path(os.path.abspath(sweep))
    places = [whole, *whole.parents] if not os.path.isabs(told) else [Path("/")]
    found = (Path(os.path.normpath(place / told)) for place in places)
    return next((root for root in found if (root / HOME).is_dir()), None)


def _run(root: Path) -> Job:
    """Read what is known of a run outside a sweep: its latest start tells how it ended."""
    root = _real(root)
    (seen,) = Watch([root]).look()
    starts = sorted((root / STARTS).glob(f"*/{OUTCOME}"))
    outcome = _outcome(starts[-1]) if starts else {}
    state = _state(seen)
    clips = sum(vars(seen.clips).values()) if state in (WORKING, BROKEN, STOPPED) else 0
    return Job(root, state, outcome, (), _command(root, seen), clips)


def _real(root: Path) -> Path:
    """Return a run's own folder where ``latest`` or another link was named, whose target may be another run's soon."""
    return root.parent / os.readlink(root) if root.is_symlink() else root


def _command(root: Path, seen: Folder) -> str:
    """Return the command of a run, of a job of a sweep that of this job alone; '' where it is not known."""
    typed = seen.runs[0].go_on if seen.runs else ""
    if {"-m", "--multirun"}.intersection(shlex.split(typed)):
        names = configurations.names(root)
        kept = configurations.read(root, names[-1]) if names else None
        told = kept.get("overrides") if kept is not None else None
        if isinstance(told, list):
            return command.whole(command.of_job([word for word in told if isinstance(word, str)]))
    return command.whole(typed)


def _state(seen: Folder) -> str:
    """Return how the run in a folder stands."""
    if seen.verdict in (WORKS, UNSURE, HANGS):
        return WORKING
    if seen.verdict == DEAD:
        return BROKEN
    if seen.verdict in (ENDED, UNKNOWN):
        codes = [one.state.exit_code for one in seen.runs if one.state.exit_code]
        return STOPPED if INTERRUPTED in codes else FAILED if codes else DONE
    return WORKING


def _ended(outcome: Mapping[str, Any]) -> str:
    """Return how a job ended that left an outcome."""
    code = outcome.get("exit_code")
    if code == 0:
        return DONE
    if code == INTERRUPTED or outcome.get("stopped"):
        return STOPPED
    return FAILED if outcome.get("output_dir") else NOT_RUN


def _outcome(path: Path) -> dict[str, Any]:
    """Read what a job left; nothing where it left nothing, or no JSON."""
    try:
        found = json.loads(real_files.read_bytes(path, budgets.RECORD))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _notes(jobs: Sequence[Job]) -> Iterator[str]:
    """Yield what a reader must know of how complete a page is."""
    number = {state: sum(job.state == state for job in jobs) for state in (WORKING, BROKEN, STOPPED, NOT_RUN)}
    verbs = {
        WORKING: "still going on: the page shows what was there when it was made",
        BROKEN: "ended without a word, as where it was killed: its command goes on",
        STOPPED: "stopped before its end: its command goes on",
        NOT_RUN: "not run",
    }
    for state, text in verbs.items():
        if number[state]:
            noun = "job" if state == NOT_RUN else "run"
            yield f"{count(number[state], noun)} {'is' if number[state] == 1 else 'are'} {text}"


def _name(folder: Path) -> str:
    return Path(os.path.abspath(folder)).name or str(folder)
