"""One job as Hydra calls it: in this process, or in another one where a launcher runs jobs side by side."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from posecfg.commands import sweep_outcomes
from posecfg.commands.sweep_outcomes import Start
from posecfg.config import floors
from posecfg.config.compose import check
from posecfg.config.hydra_loader import words_of
from posecfg.config.quoting import brief
from posecfg.errors import PosecfgError
from posecfg.executors.protocol import Executor
from posecfg.interruption import came
from posecfg.models.settings import Settings, using
from posecfg.runs.report import Report
from posecfg.text import printable


class Enough(BaseException):
    """No more jobs are started, since one failed under ``on_error=stop``."""


def job_task(
    config: Any, start: Start, shows: str, config_dir: str | None, executor: Executor | None = None
) -> dict[str, Any]:
    """Run one job; its errors are said and recorded here, so that the next job starts all the same."""
    from hydra.core.hydra_config import HydraConfig

    if came():
        raise KeyboardInterrupt
    section = HydraConfig.get()
    number = int(section.job.num) if str(section.mode).endswith("MULTIRUN") else None
    # The folder of a run is that of its only job.
    folder = Path(str(section.runtime.output_dir if number is None else section.sweep.dir)).absolute()
    overrides = words_of(section.overrides.task)
    if number is not None:
        sweep_outcomes.begin(start, folder, number)
    screen = _screen(shows, config.console)
    try:
        outcome = _run(config, overrides, number, screen, start.words, config_dir, executor)
    except PosecfgError as error:
        sys.stderr.write("".join(f"posecfg: {printable(line)}\n" for line in str(error).split("\n")))
        outcome = Report("", error=str(error)).data()
    outcome = {"job": number or 0, "overrides": _typed(overrides), **outcome}
    sweep_outcomes.leave(start, folder, number, outcome)
    start.kept[number or 0] = outcome
    if outcome["stopped"]:
        raise KeyboardInterrupt
    if number is not None and config.on_error == "stop" and (outcome["failed"] or outcome["error"]):
        sweep_outcomes.end(start, folder, sweep_outcomes.FAILED)
        raise Enough
    return outcome


def _typed(overrides: list[str]) -> list[str]:
    """Return the overrides that the user typed."""
    return [word for word in overrides if not floors.is_override(word)]


def _run(
    config: Any,
    overrides: list[str],
    number: int | None,
    screen: Any,
    words: tuple[str, ...],
    config_dir: str | None,
    executor: Executor | None,
) -> dict[str, Any]:
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import open_dict

    from posecfg.runs import run as one_run

    with open_dict(config):
        config.hydra = HydraConfig.get()
    job = replace(check(config, overrides, config_dir), command=words)
    if number is not None:
        screen.detail(f"job {number}: {' '.join(map(brief, _typed(overrides)))}")
    for note in job.notes:
        screen.say(f"note: {note}")
    with using(Settings.of(job.config)):
        return one_run.run(job, screen, number is not None, executor).data()


def _screen(shows: str, style: str) -> Any:
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
        return Terse(console)
    if style == "lines":
        return Lines(console)
    return Lively(console, verbose) if can_redraw(console.file) else Plain(console, verbose)
