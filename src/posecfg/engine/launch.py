"""From a command line to runs: every job is checked first, then Hydra starts them one by one."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from posecfg.config import links
from posecfg.config.argv import VERBS, Command
from posecfg.config.compose import Job, check, compose, conf_dir, explain, quote_path
from posecfg.engine.report import STOPPED, Report
from posecfg.errors import ConfigError, OutputError, PosecfgError

OUTCOME = "posecfg.json"
WORST = (STOPPED, 1, 3, 0)


def run(command: Command) -> int:
    """Check all jobs, run them, and return the worst exit code."""
    jobs = compose(command.overrides, command.multirun, command.config_dir)
    for job in jobs:
        _environment(job)
        _refuse(job, len(jobs) > 1)
    overrides = list(command.overrides)
    if command.multirun:
        overrides.append(f"score_floor={min(job.config['bbox_thr'] for job in jobs)}")
    os.environ["POSECFG_OUTPUT"] = "json" if command.json else "text"
    outcomes = _start(command, overrides, jobs)
    if command.json:
        sys.stdout.write(json.dumps(outcomes if command.multirun else outcomes[0], indent=2) + "\n")
    codes = [int(outcome["exit_code"]) for outcome in outcomes]
    return next(code for code in WORST if code in codes)


def _refuse(job: Job, several: bool) -> None:
    for error in links.problems(job.config):
        label = f"job ({' '.join(job.overrides)}): " if several else ""
        raise type(error)(f"{label}{error}")


def _environment(job: Job) -> None:
    """Hand down where weights lie to everything below, worker processes included."""
    models = job.config["models"]
    if models["dir"]:
        folders = [os.path.abspath(models["dir"]), os.environ.get("POSECFG_MODELS", "")]
        os.environ["POSECFG_MODELS"] = os.pathsep.join(dict.fromkeys(filter(None, folders)))
    if models["autofetch"]:
        os.environ["POSECFG_AUTOFETCH"] = "1"


def _start(command: Command, overrides: list[str], jobs: list[Job]) -> list[dict[str, Any]]:
    """Hand over to Hydra; each job leaves its outcome in its log folder, which is read afterwards."""
    scratch = Path(tempfile.mkdtemp(prefix="posecfg-"))
    words = ["--multirun"] if command.multirun else []
    words += ["--config-dir", command.config_dir] if command.config_dir else []
    os.environ["POSECFG_OUTCOMES"] = str(scratch)
    stopped = False
    try:
        try:
            _hydra([*words, *overrides], job_task)
        except KeyboardInterrupt:
            stopped = True
        found = [json.loads(path.read_text("utf-8")) for path in sorted(scratch.glob("*.json"))]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if stopped and not found:
        raise KeyboardInterrupt
    if len(found) < len(jobs) and not stopped:
        found.append({"error": "some jobs left no outcome", "exit_code": 1})
    return found


def job_task(config: Any) -> None:
    """Run one job; its errors are said and recorded here, so that the next job starts all the same."""
    from hydra.core.hydra_config import HydraConfig

    hydra = HydraConfig.get()
    several = str(hydra.mode).endswith("MULTIRUN")
    number = int(hydra.job.num) if several else 0
    choices = {k: str(v) for k, v in hydra.runtime.choices.items() if not k.startswith("hydra/")}
    screen = _screen()
    try:
        from posecfg.engine.runner import run as run_job

        job = check(config, list(hydra.overrides.task), choices)
        _environment(job)
        if several:
            typed = " ".join(o for o in job.overrides if not o.startswith("score_floor="))
            screen.say(f"\njob {number}: {typed}")
        for note in job.notes:
            screen.say(f"note: {note}")
        outcome = run_job(job, screen, several).data()
    except PosecfgError as error:
        outcome = Report("", error=str(error)).data()
        if not several:
            raise
        sys.stderr.write(f"posecfg: {error}\n")
    finally:
        if "outcome" in locals():
            _leave(outcome, number, list(hydra.overrides.task), Path(hydra.runtime.output_dir))
    if outcome["stopped"]:
        raise KeyboardInterrupt


def _leave(outcome: dict[str, Any], number: int, overrides: list[str], folder: Path) -> None:
    text = json.dumps({"job": number, "overrides": overrides, **outcome}, indent=1)
    (Path(os.environ["POSECFG_OUTCOMES"]) / f"{number:06d}.json").write_text(text, "utf-8")
    if folder.is_dir():
        (folder / OUTCOME).write_text(text, "utf-8")


def _screen() -> Any:
    from rich.console import Console

    from posecfg.terminal.progress import Lively, Plain, Quiet

    if os.environ.get("POSECFG_OUTPUT") == "json":
        return Quiet()
    console = Console(highlight=False)
    return Lively(console) if console.is_terminal else Plain(console)


def _hydra(words: list[str], task: Callable[[Any], None]) -> None:
    """Call Hydra's own entry point with our words in place of the command line."""
    os.environ["HYDRA_FULL_ERROR"] = "1"
    import hydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    before = sys.argv
    sys.argv = [before[0], *words]
    try:
        hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(task)()
    except (HydraException, OmegaConfBaseException) as error:
        raise explain(error, words) from error
    except OSError as error:
        raise OutputError(
            f"The log folder '{error.filename}' cannot be written ({error.strerror}): "
            "run from a folder that can, or type hydra.run.dir=FOLDER."
        ) from error
    finally:
        sys.argv = before


def show(command: Command) -> int:
    """Print the composed configuration, as Hydra does."""
    if command.cfg not in ("job", "hydra", "all"):
        raise ConfigError(f"--cfg: expected job, hydra or all, but got '{command.cfg}'.")
    compose(command.overrides, command.multirun, command.config_dir)
    words = ["--cfg", command.cfg, *(["--resolve"] if command.resolve else [])]
    words += ["--package", command.package] if command.package else []
    words += ["--config-dir", command.config_dir] if command.config_dir else []
    _hydra([*words, *command.overrides], lambda config: None)
    return 0


def complete(argv: list[str]) -> int:
    """Answer the shell's completion request; a verb in the line would confuse Hydra."""
    verbs = "|".join(VERBS)
    line = os.environ.get("COMP_LINE", "")
    os.environ["COMP_LINE"] = re.sub(rf"^(\s*(?:\S*python3?\s+)?\S+\s+)(?:{verbs})\s", r"\1", line)
    _hydra(argv, lambda config: None)
    return 0


def extract_job(path: str, overrides: list[str]) -> Job:
    """Compose the job behind ``posecfg.extract``."""
    return compose(["dataset=folder", f"dataset.path={quote_path(path)}", *overrides])[0]
