"""One job as Hydra calls it: in this process, or in another one where a launcher runs jobs side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from posecfg.commands import sweep_outcomes
from posecfg.commands.sweep_outcomes import Start
from posecfg.config import floors
from posecfg.config.compose import Job, check
from posecfg.config.hydra_loader import words_of
from posecfg.config.quoting import brief
from posecfg.errors import PosecfgError
from posecfg.executors.protocol import Executor
from posecfg.interruption import came
from posecfg.models.settings import Settings, using
from posecfg.runs.report import Report
from posecfg.text import printable

# Seconds that a job waits for another one that writes to the same folder: they may be many hours.
PATIENCE = 7 * 24 * 3600.0


_known: dict[int, Job] = {}


class Enough(BaseException):
    """No more jobs are started, since one failed under ``on_error=stop``."""


def job_task(
    config: Any, start: Start, shows: str, config_dir: str | None, executor: Executor | None = None
) -> dict[str, Any] | None:
    """Run one job and return its outcome; None where it is not to be started any more."""
    from hydra.core.hydra_config import HydraConfig

    section = HydraConfig.get()
    number = int(section.job.num) if str(section.mode).endswith("MULTIRUN") else None
    # The folder of a run is that of its only job.
    folder = Path(str(section.runtime.output_dir if number is None else section.sweep.dir)).absolute()
    if not start.is_here:
        return _elsewhere(config, start, folder, number or 0, shows, config_dir)
    if came():
        raise KeyboardInterrupt
    outcome = _do(config, start, folder, number, shows, config_dir, executor)
    start.kept[number or 0] = outcome
    if outcome["stopped"]:
        raise KeyboardInterrupt
    if number is not None and _ends(config, outcome):
        raise Enough
    return outcome


@contextmanager
def known(jobs: Sequence[Job]) -> Iterator[None]:
    """Let jobs that run in this process be those that were checked already, until the block ends."""
    _known.update(enumerate(jobs))
    try:
        yield
    finally:
        _known.clear()


def _checked(number: int, overrides: list[str]) -> Job | None:
    """Return a job that was checked in this process, None where another one does it, or a sweeper made it up."""
    job = _known.get(number)
    return job if job is not None and list(job.overrides) == _typed(overrides) else None


def _typed(overrides: list[str]) -> list[str]:
    """Return the overrides that the user typed."""
    return [word for word in overrides if not floors.is_override(word)]


def _elsewhere(
    config: Any, start: Start, folder: Path, number: int, shows: str, config_dir: str | None
) -> dict[str, Any] | None:
    """Run one job in a process of its own."""
    from posecfg.commands.job_process import following

    if sweep_outcomes.ended(start, folder):
        return None
    with following(start, folder):
        try:
            return _do(config, start, folder, number, shows, config_dir, None)
        except KeyboardInterrupt:
            # Before the run began. For the launcher it is an outcome like others: it would kill the other jobs.
            return None


def _do(
    config: Any,
    start: Start,
    folder: Path,
    number: int | None,
    shows: str,
    config_dir: str | None,
    executor: Executor | None,
) -> dict[str, Any]:
    """Run one job; its errors are said and recorded here, so that the next job starts all the same."""
    from hydra.core.hydra_config import HydraConfig

    overrides = words_of(HydraConfig.get().overrides.task)
    if number is not None:
        sweep_outcomes.begin(start, folder, number)
    prefix = "" if start.is_here else f"[job {number}] "
    try:
        screen = _screen(shows, config.console, prefix, number, overrides)
        outcome = _run(
            config, overrides, number, screen, start.words, config_dir, executor, PATIENCE if prefix else 0.0
        )
    except PosecfgError as error:
        sys.stderr.write("".join(f"{prefix}posecfg: {printable(line)}\n" for line in str(error).split("\n")))
        outcome = Report("", error=str(error)).data()
    outcome = {"job": number or 0, "overrides": _typed(overrides), **outcome}
    sweep_outcomes.leave(start, folder, number, outcome)
    if number is not None and _ends(config, outcome):
        sweep_outcomes.end(start, folder, sweep_outcomes.FAILED)
    return outcome


def _ends(config: Any, outcome: dict[str, Any]) -> bool:
    """Tell whether no job is to be started after this one."""
    return config.on_error == "stop" and bool(outcome["failed"] or outcome["error"])


def _run(
    config: Any,
    overrides: list[str],
    number: int | None,
    screen: Any,
    words: tuple[str, ...],
    config_dir: str | None,
    executor: Executor | None,
    patience: float,
) -> dict[str, Any]:
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import open_dict

    from posecfg.runs import run as one_run

    job = _checked(number or 0, overrides)
    if job is None:
        with open_dict(config):
            config.hydra = HydraConfig.get()
        job = check(config, overrides, config_dir)
    job = replace(job, command=words)
    if number is not None:
        told = " ".join(map(brief, _typed(overrides)))
        screen.detail(told if patience else f"job {number}: {told}")
    for note in job.notes:
        screen.say(f"note: {note}")
    with using(Settings.of(job.config)):
        return one_run.run(job, screen, number is not None, executor, patience).data()


def _own(overrides: list[str]) -> str:
    """Return the settings that a job alone has of those in this process."""
    told = [set(job.overrides) for job in _known.values()]
    common = set.intersection(*told) if len(told) > 1 else set()
    return " ".join(brief(word) for word in _typed(overrides) if word not in common)


def _screen(shows: str, style: str, prefix: str, number: int | None, overrides: list[str]) -> Any:
    from posecfg.terminal.console import literal
    from posecfg.terminal.lines import Lines
    from posecfg.terminal.live import Lively
    from posecfg.terminal.progress import Plain, Quiet
    from posecfg.terminal.redrawing import can_redraw
    from posecfg.terminal.terse import Terse

    if shows == "nothing":
        return Quiet()
    console, verbose = literal(), shows == "verbose"
    if shows == "quiet":
        return Terse(console) if number is None else Terse(console, f"[job {number}] ", _own(overrides), not prefix)
    if prefix:
        # Lines of jobs that run side by side are mixed: each says whose it is.
        return Plain(console, verbose, prefix)
    if style == "lines":
        return Lines(console)
    return Lively(console, verbose) if can_redraw(console.file) else Plain(console, verbose)
