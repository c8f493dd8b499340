"""From a command line to runs: every job is checked first, then Hydra starts them one by one."""

from __future__ import annotations

import atexit
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from posecfg.commands import hydra_app, sweep_outcomes
from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.components.build import build
from posecfg.components.identity_diff import differences
from posecfg.config.compose import LISTED, Job, check, compose
from posecfg.config.hydra_loader import words_of
from posecfg.config.quoting import brief
from posecfg.config.schema import parse_redo
from posecfg.errors import ConfigError, PosecfgError
from posecfg.executors import checked
from posecfg.executors.protocol import Executor
from posecfg.interruption import came, undisturbed
from posecfg.models.settings import Settings, using
from posecfg.pipeline.provenance import made_with
from posecfg.runs import preflight
from posecfg.runs.places import data_set, root_of
from posecfg.runs.report import STOPPED, Report
from posecfg.runs.scope import scope
from posecfg.store.run_directory import RunDirectory
from posecfg.text import printable

OUTCOME = "posecfg.json"
WORST = (STOPPED, 1, 3, 2, 0)


def run(command: Command) -> int:
    """Check all jobs, run them, and return the worst exit code."""
    if command.cfg:
        return hydra_app.show(command)
    jobs = compose(command.overrides, command.multirun, command.config_dir)
    refuse(jobs)
    words = [*command.overrides, *floor(command.overrides, jobs)]
    with prepared(jobs) as executor:
        outcomes = _start(command, words, jobs, executor)
    if jobs[0].sweep:
        sweep_outcomes.align_scores(outcomes)
        if not (command.json or command.quiet):
            _compare(outcomes)
    if command.json:
        print_json(outcomes if jobs[0].sweep else outcomes[0])
    return worst([int(outcome["exit_code"]) for outcome in outcomes])


@contextmanager
def prepared(jobs: Sequence[Job]) -> Iterator[Executor | None]:
    """Build the executor of a single run, and start its workers while Hydra starts; jobs of a sweep build their own."""
    if len(jobs) > 1 or jobs[0].sweep:
        yield None
        return
    config = jobs[0].config
    with checked.prepared(build(config["executor"], "executor"), config) as executor:
        yield executor


def worst(codes: Sequence[int]) -> int:
    """Return the exit code that matters most of all jobs."""
    return min(codes, key=WORST.index)


def refuse(jobs: Sequence[Job]) -> None:
    """Raise what would stop any of the jobs, before the first starts."""
    wrong: list[PosecfgError] = []
    seen: dict[Path, Job] = {}
    for number, job in enumerate(jobs):
        label = f"job {number} ({' '.join(map(brief, job.overrides))}): " if len(jobs) > 1 else ""
        with using(Settings.of(job.config)):
            found = preflight.problems(job) or _taken(job, seen)
        wrong += [type(error)(f"{label}{error}") for error in found]
    if wrong:
        raise type(wrong[0])("\n".join(str(error) for error in wrong))


def _taken(job: Job, seen: dict[Path, Job]) -> list[PosecfgError]:
    """Return why the job's folder is not for it: results of something else, or another job of the sweep."""
    root = root_of(job, bool(job.sweep))
    other = seen.setdefault(root, job)
    if other.writers() != job.writers():
        text = "; ".join(differences(other.writers(), job.writers(), "writer"))
        return [ConfigError(f"another job of this sweep writes the same '{root}' ({text}): sweep over one at a time.")]
    directory = RunDirectory(root)
    try:
        overwrite, accept = job.config["overwrite"], job.config["accept"] == "versions"
        changed = directory.compare(job.identity, job.writers(), overwrite)
        directory.settle(made_with(job.config), overwrite, accept, bool(changed))
        if not directory.remembers(data_set(job)) or parse_redo(job.config["redo"]):
            directory.admit(scope(job, bool(job.sweep)).data)
    except PosecfgError as error:
        return [error]
    return []


def floor(overrides: Sequence[str], jobs: Sequence[Job]) -> list[str]:
    """Lower the floor of a sweep to its lowest threshold, unless the floor was set."""
    own = any(job.config["score_floor"] != job.config["bbox_thr"] for job in jobs)
    own = own or any(word.lstrip("+").startswith("score_floor=") for word in overrides)
    if own or any(job.sweep != LISTED for job in jobs):
        return []
    return [f"score_floor={min(job.config['bbox_thr'] for job in jobs)}"]


def _start(command: Command, overrides: list[str], jobs: list[Job], executor: Executor | None) -> list[dict[str, Any]]:
    """Hand over to Hydra; each job leaves its outcome in a folder of ours, as a launcher may run it anywhere."""
    several, stopped = bool(jobs[0].sweep), False
    with _scratch() as scratch:
        task = partial(
            job_task, scratch=scratch, shows=shows(command), config_dir=command.config_dir, executor=executor
        )
        try:
            hydra_app.start(overrides, several, task, _output_dir(jobs), command.config_dir)
        except KeyboardInterrupt:
            stopped = True
        found = sweep_outcomes.collect(scratch, jobs, stopped)
    if stopped and not found:
        raise KeyboardInterrupt
    return found


@contextmanager
def _scratch() -> Iterator[Path]:
    """Make a temporary folder, which is gone after the block wherever a signal comes."""
    remove: Callable[[], None] | None = None
    try:
        with undisturbed():
            folder = Path(tempfile.mkdtemp(prefix="posecfg-"))
            remove = partial(shutil.rmtree, folder, ignore_errors=True)
            atexit.register(remove)
        yield folder
    finally:
        with undisturbed():
            if remove is not None:
                remove()
                atexit.unregister(remove)


def _output_dir(jobs: Sequence[Job]) -> str | None:
    """Return the folder that all jobs were told to write to, or None where there is no such folder."""
    typed = {job.config["output_dir"] for job in jobs}
    return str(typed.pop()) if len(typed) == 1 and None not in typed else None


def shows(command: Command) -> str:
    """Return how much is shown of a run: nothing beside JSON, what needs a look, all of it, or as the screen has it."""
    return "nothing" if command.json else "quiet" if command.quiet else "verbose" if command.verbose else ""


def job_task(config: Any, scratch: Path, shows: str, config_dir: str | None, executor: Executor | None = None) -> None:
    """Run one job; its errors are said and recorded here, so that the next job starts all the same."""
    from hydra.core.hydra_config import HydraConfig

    if came():
        raise KeyboardInterrupt
    section = HydraConfig.get()
    number = int(section.job.num) if str(section.mode).endswith("MULTIRUN") else None
    overrides = words_of(section.overrides.task)
    sweep_outcomes.begin(scratch, number or 0)
    try:
        outcome = _run_job(config, overrides, number, _screen(shows, config.console), config_dir, executor)
    except PosecfgError as error:
        sys.stderr.write("".join(f"posecfg: {printable(line)}\n" for line in str(error).split("\n")))
        outcome = Report("", error=str(error)).data()
    text = json.dumps({"job": number or 0, "overrides": overrides, **outcome}, indent=1)
    sweep_outcomes.leave(scratch, number or 0, text)
    # Beside Hydra's own log; a full disk was already said.
    with suppress(OSError):
        (Path(section.runtime.output_dir) / OUTCOME).write_text(text, "utf-8")
    if outcome["stopped"]:
        raise KeyboardInterrupt


def _run_job(
    config: Any,
    overrides: list[str],
    number: int | None,
    screen: Any,
    config_dir: str | None,
    executor: Executor | None,
) -> dict[str, Any]:
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import open_dict

    from posecfg.runs import run as one_run

    with open_dict(config):
        config.hydra = HydraConfig.get()
    job = check(config, overrides, config_dir)
    if number is not None:
        screen.detail(
            f"job {number}: {' '.join(brief(word) for word in overrides if not word.startswith('score_floor='))}"
        )
    for note in job.notes:
        screen.say(f"note: {note}")
    with using(Settings.of(job.config)):
        return one_run.run(job, screen, number is not None, executor).data()


def _compare(outcomes: list[dict[str, Any]]) -> None:
    from posecfg.terminal.console import literal
    from posecfg.terminal.sweeps import compared

    literal().print(compared(outcomes))


def _screen(shows: str, style: str) -> Any:
    from posecfg.terminal.console import literal
    from posecfg.terminal.lines import Lines
    from posecfg.terminal.live import Lively
    from posecfg.terminal.progress import Plain, Quiet
    from posecfg.terminal.terse import Terse

    if shows == "nothing":
        return Quiet()
    console, verbose = literal(), shows == "verbose"
    if shows == "quiet":
        return Terse(console)
    if style == "lines":
        return Lines(console)
    return Lively(console, verbose) if console.is_terminal else Plain(console, verbose)
