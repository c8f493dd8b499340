"""Call Hydra: start its jobs, and print its configurations."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from posecfg.commands.command import Command
from posecfg.components import plugins
from posecfg.config.compose import compose
from posecfg.config.hydra_errors import explain, foreign
from posecfg.config.hydra_loader import search_path, words_of
from posecfg.config.options import conf_dir
from posecfg.config.printed import page
from posecfg.config.quoting import quote_path
from posecfg.environment import LOGS, variables
from posecfg.errors import OutputError, UsageError
from posecfg.layout import STARTS
from posecfg.store import real_files
from posecfg.suggestions import hint

Task = Callable[[Any], Any]


def start(
    overrides: list[str],
    several: bool,
    task: Task,
    output_dir: str | None = None,
    config_dir: str | None = None,
    placed: Callable[[Path], None] = lambda folder: None,
    around: Callable[[Any, Path], Any] | None = None,
) -> None:
    """Run ``task`` for each job that ``overrides`` ask for; logs go below ``output_dir`` where that is given.

    ``placed`` is told the folder of a sweep before its first job starts; a launcher that runs jobs side by side is
    replaced by what ``around`` returns of it and the folder.
    """
    job = Remembering(task)
    # Hydra reads the name of its log folder a second time, and would take '${' in it for an interpolation.
    logs = None if output_dir is None or "${" in output_dir else os.path.join(output_dir, STARTS)
    if logs is not None:
        real_files.require_folders(Path(logs, "any"))
    try:
        with variables({LOGS: logs}):
            _run(overrides, several, job, config_dir, placed, around)
    except (OSError, ValueError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if job.began or not isinstance(cause, OSError):
            raise
        raise _unwritable(cause, output_dir) from error


class Remembering:
    """A task that remembers whether it began."""

    def __init__(self, task: Task) -> None:
        self.task, self.began = task, False

    def __call__(self, config: Any) -> Any:
        """Do the task."""
        self.began = True
        return self.task(config)


def _unwritable(error: OSError, output_dir: str | None) -> OutputError:
    if error.filename is None:
        return OutputError(f"'{output_dir or os.getcwd()}' cannot be written ({error.strerror}): free some space.")
    told = f"The log folder '{error.filename}' cannot be written ({error.strerror})"
    if output_dir is not None:
        return OutputError(f"{told}: choose another output_dir=.")
    return OutputError(f"{told}: start from a folder that can be written, or type output_dir=FOLDER.")


def _run(
    overrides: list[str],
    several: bool,
    task: Task,
    config_dir: str | None,
    placed: Callable[[Path], None],
    around: Callable[[Any, Path], Any] | None,
) -> None:
    """Do what ``hydra.main`` does once it knows whether there are several jobs, which it would compose to find out."""
    from hydra._internal.hydra import Hydra
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.hydra_config import HydraConfig

    from posecfg.config.remembering import Loader

    try:
        hydra = Hydra("posecfg", Loader(search_path(config_dir)))
        GlobalHydra.instance().initialize(hydra)
        if several:
            _sweep(hydra, [*overrides, "hydra.mode=MULTIRUN"], task, placed, around)
        else:
            hydra.run(config_name="config", task_function=task, overrides=[*overrides, "hydra.mode=RUN"])
    except foreign() as error:
        raise explain(error, config_dir) from error
    finally:
        GlobalHydra.instance().clear()
        HydraConfig.instance().cfg = None


def _sweep(
    hydra: Any,
    overrides: list[str],
    task: Task,
    placed: Callable[[Path], None],
    around: Callable[[Any, Path], Any] | None,
) -> None:
    """Do what ``Hydra.multirun`` does, with the folder of the sweep settled before, for jobs on other machines too."""
    from hydra._internal.callbacks import Callbacks
    from hydra.core.plugins import Plugins
    from hydra.types import HydraContext, RunMode

    config = hydra.compose_config("config", overrides, RunMode.MULTIRUN, with_log_configuration=True)
    folder = _settled(config)
    placed(folder)
    callbacks = Callbacks(config)
    callbacks.on_multirun_start(config=config, config_name="config")
    context = HydraContext(config_loader=hydra.config_loader, callbacks=callbacks)
    sweeper = Plugins.instance().instantiate_sweeper(config=config, hydra_context=context, task_function=task)
    if around is not None and not str(config.hydra.launcher.get("_target_")).startswith("hydra._internal."):
        cast(Any, sweeper).launcher = around(cast(Any, sweeper).launcher, folder)
    # Hydra would compose every job once more to see whether it can be: each was checked already.
    cast(Any, sweeper).validate_batch_is_legal = lambda batch: None
    sweeper.sweep(arguments=words_of(config.hydra.overrides.task))
    callbacks.on_multirun_end(config=config, config_name="config")


def _settled(config: Any) -> Path:
    """Return the folder of a sweep, and let jobs get it by name: elsewhere its variables may be others."""
    from omegaconf import open_dict, read_write

    folder = str(config.hydra.sweep.dir)
    if "${" not in folder:
        with read_write(config), open_dict(config):
            config.hydra.sweep.dir = folder
            config.hydra.overrides.hydra.append(f"hydra.sweep.dir={quote_path(folder)}")
    return Path(folder).absolute()


def call(words: list[str], task: Callable[[Any], None], config_dir: str | None = None) -> None:
    """Call ``hydra.main`` with ``words`` in place of the command line; its errors come back as ours."""
    import hydra
    from hydra.core.hydra_config import HydraConfig

    before = sys.argv
    brought = [f"file://{folder}" for folder in plugins.folders().values()]
    sys.argv = [before[0], *words, *([f"hydra.searchpath={json.dumps(brought)}"] if brought else [])]
    try:
        with variables({"HYDRA_FULL_ERROR": "1"}):
            hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(task)()
    except foreign() as error:
        raise explain(error, config_dir) from error
    finally:
        sys.argv = before
        HydraConfig.instance().cfg = None


def show(command: Command) -> int:
    """Print the composed configuration: that of a run as the run has it, Hydra's own as Hydra does."""
    jobs = compose(command.overrides, command.multirun, command.config_dir)
    if command.package and not (command.cfg != "job" and re.fullmatch(r"hydra[\w.]*", command.package)):
        _check_package(command.package, jobs[0].config)
    if command.cfg == "job":
        pages = [page(job, command.resolve, command.package, command.config_dir) for job in jobs]
        sys.stdout.write("---\n".join(pages))
        return 0
    words = ["--cfg", str(command.cfg), *(["--resolve"] if command.resolve else [])]
    words += ["--package", command.package] if command.package else []
    words += ["--config-dir", command.config_dir] if command.config_dir else []
    call([*words, *command.overrides], lambda config: None, command.config_dir)
    return 0


def _check_package(package: str, config: Mapping[str, Any]) -> None:
    """Refuse a part of the configuration that is not there: Hydra would print its name as it was typed."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        found = package == "_global_" or OmegaConf.select(OmegaConf.create(dict(config)), package) is not None
    except OmegaConfBaseException:
        found = False
    if not found:
        raise UsageError(
            f"--package: expected a part of the configuration that has a value, such as detector, but got '{package}'."
            f"{hint(package, config)}"
        )
