"""From a command line to runs: every job is checked first, then Hydra starts them one by one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from posecfg.commands import hydra_app, sweep_outcomes
from posecfg.commands.command import Command
from posecfg.commands.detach import detached
from posecfg.commands.job import Enough, job_task, known
from posecfg.commands.output import print_json
from posecfg.commands.side_by_side import Careful
from posecfg.commands.sweep_outcomes import Start
from posecfg.components.build import build
from posecfg.config import floors
from posecfg.config.compose import LISTED, Job, compose
from posecfg.config.quoting import brief
from posecfg.config.schema import parse_redo
from posecfg.errors import PosecfgError, UsageError
from posecfg.executors import checked, worker_start
from posecfg.executors.protocol import Executor
from posecfg.models.settings import Settings, using
from posecfg.pipeline.provenance import made_with
from posecfg.runs import preflight, sweep_file
from posecfg.runs.places import data_set, root_of
from posecfg.runs.report import STOPPED
from posecfg.runs.scope import scope
from posecfg.runs.sweep_folders import SweepFolders
from posecfg.store.run_directory import RunDirectory
from posecfg.text import printable

WORST = (STOPPED, 1, 3, 2, 0)


def run(command: Command, more: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda outcome: {}) -> int:
    """Check all jobs, run them, and return the worst exit code; ``more`` adds keys to the JSON of each outcome."""
    if command.cfg:
        if command.json:
            raise UsageError("--cfg prints YAML, not JSON: leave --json away.")
        return hydra_app.show(command)
    jobs = compose(command.overrides, command.multirun, command.config_dir)
    refuse(jobs)
    if detached(command, jobs):
        return 0
    words = [*command.overrides, *(floors.override(jobs) if jobs[0].sweep == LISTED else [])]
    with prepared(jobs) as executor:
        folder, outcomes = _start(command, words, jobs, executor)
    others = [more(outcome) for outcome in outcomes]
    file = page = ""
    if jobs[0].sweep:
        sweep_outcomes.align_scores(outcomes)
        file = _file(folder, outcomes)
        page = _page(folder) if jobs[0].config["page"] and any(one.get("output_dir") for one in outcomes) else ""
        if not command.json:
            _close(command, outcomes, file, page)
    if command.json:
        pairs = zip(outcomes, others, strict=True)
        told = [{**outcome, **other, "sweep_file": file, "page": page} for outcome, other in pairs]
        print_json(told if jobs[0].sweep else told[0])
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
    """Raise what would stop any of the jobs, before the first starts; what is wrong with all of them is said once."""
    folders, found = SweepFolders(), list[list[PosecfgError]]()
    for job in jobs:
        with using(Settings.of(job.config)):
            found.append(preflight.problems(job) or folders.add(job) or _taken(job))
    told = [{str(error) for error in errors} for errors in found]
    common = set.intersection(*told) if len(jobs) > 1 else set[str]()
    wrong = [type(error)(f"all {len(jobs)} jobs: {error}") for error in found[0] if str(error) in common]
    for number, (job, errors) in enumerate(zip(jobs, found, strict=True)):
        label = f"job {number} ({' '.join(map(brief, job.overrides))}): " if len(jobs) > 1 else ""
        wrong += [type(error)(f"{label}{error}") for error in errors if str(error) not in common]
    if wrong:
        raise type(wrong[0])("\n".join(str(error) for error in wrong))


def _taken(job: Job) -> list[PosecfgError]:
    """Return why the job's folder is not for it, which has results of something else."""
    directory = RunDirectory(root_of(job, bool(job.sweep)))
    try:
        overwrite, accept = job.config["overwrite"], job.config["accept"] == "versions"
        changed = directory.compare(job.identity, job.writers(), overwrite)
        directory.settle(made_with(job.config), overwrite, accept, bool(changed))
        if not directory.remembers(data_set(job)) or parse_redo(job.config["redo"]):
            directory.admit(scope(job, bool(job.sweep)).data)
    except PosecfgError as error:
        return [error]
    return []


def _start(
    command: Command, overrides: list[str], jobs: list[Job], executor: Executor | None
) -> tuple[Path | None, list[dict[str, Any]]]:
    """Hand over to Hydra; return the folder of the sweep, where a launcher's jobs leave their outcomes, and these."""
    start, stopped, places = Start.now(command.typed), False, list[Path]()
    task = partial(job_task, start=start, shows=shows(command), config_dir=command.config_dir, executor=executor)
    try:
        careful = partial(
            Careful, start=start, jobs=jobs, ended=partial(_tell, command, jobs), say=partial(_say, command)
        )
        several, output_dir = bool(jobs[0].sweep), _output_dir(jobs)
        with worker_start.resting() if several else nullcontext(), known(floors.lent(jobs)):
            hydra_app.start(overrides, several, task, output_dir, command.config_dir, places.append, careful)
    except KeyboardInterrupt:
        stopped = True
    except Enough:
        pass
    folder = places[0] if places else None
    found = sweep_outcomes.collect(start, folder, jobs, stopped)
    if stopped and not found:
        raise KeyboardInterrupt
    return folder, found


def _tell(command: Command, jobs: Sequence[Job], outcome: dict[str, Any]) -> None:
    """Say how a job beside others ended; of one that ended well a quiet run says where its results are."""
    from posecfg.terminal.sweeps import ending, results

    common = sweep_file.shared([{"overrides": job.overrides} for job in jobs])
    _say(command, ending(outcome, common) if not command.quiet or outcome["exit_code"] else results(outcome, common))


def _say(command: Command, text: str) -> None:
    from posecfg.terminal.console import literal

    if not command.json:
        literal().print(printable(text), soft_wrap=True)


def _output_dir(jobs: Sequence[Job]) -> str | None:
    """Return the folder that all jobs were told to write to, or None where there is no such folder."""
    typed = {job.config["output_dir"] for job in jobs}
    return str(typed.pop()) if len(typed) == 1 and None not in typed else None


def shows(command: Command) -> str:
    """Return how much is shown of a run: nothing beside JSON, what needs a look, all of it, or as the screen has it."""
    return "nothing" if command.json else "quiet" if command.quiet else "verbose" if command.verbose else ""


def _file(folder: Path | None, outcomes: Sequence[dict[str, Any]]) -> str:
    """Write the table of all jobs, and return where; say so where it cannot be written."""
    if folder is None or not folder.is_dir():
        return ""
    try:
        return os.path.relpath(sweep_file.write(folder, outcomes))
    except PosecfgError as error:
        sys.stderr.write(f"posecfg: {printable(str(error))}\n")
        return ""


def _page(folder: Path | None) -> str:
    """Make the page of a sweep, and return where it is; say so where it cannot be made."""
    if folder is None or not folder.is_dir():
        return ""
    from posecfg.commands.report import make
    from posecfg.page.shown import Wishes
    from posecfg.terminal.reading import Told

    try:
        return str(make([str(folder)], Wishes(), None, Told("clips", "{:,}".format, "read"))["page"])
    except PosecfgError as error:
        sys.stderr.write(f"posecfg: {printable(str(error))}\n")
        return ""


def _close(command: Command, outcomes: Sequence[dict[str, Any]], file: str, page: str) -> None:
    """Show all jobs side by side; a quiet sweep says only that some were not started."""
    from posecfg.terminal.console import literal
    from posecfg.terminal.sweeps import compared, untried

    console = literal()
    if not command.quiet:
        console.print(compared(outcomes, console.width, file))
        if page:
            _say(command, f"The page of this sweep: {page}")
    elif text := untried(outcomes):
        _say(command, text)
