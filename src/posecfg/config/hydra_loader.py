"""Hydra's composition, without its global state: the same search path as a run has, and nothing is started."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from posecfg.config.options import conf_dir, files
from posecfg.config.resolvers import register
from posecfg.config.sizes import check_files
from posecfg.errors import ConfigError


def open_loader(config_dir: str | None = None) -> Any:
    """Return a config loader that looks into conf/ and into ``config_dir``."""
    from hydra import version
    from hydra.core.utils import setup_globals

    from posecfg.config.remembering import Loader

    version.setbase("1.3")
    setup_globals()
    register()
    return Loader(search_path(config_dir))


def _refuse_twins(folder: str) -> None:
    """Refuse options that are called as those of conf/, which Hydra would take instead."""
    known = {(group, name) for group, name, _ in files()}
    for group, name, file in files(folder):
        if (group, name) in known and file.is_relative_to(folder):
            raise ConfigError(
                f"--config-dir: {group}={name} is there already, so '{file}' would not be read: give it another name."
            )


def search_path(config_dir: str | None = None) -> Any:
    """Return where Hydra looks: conf/, then ``config_dir``."""
    from hydra._internal.utils import create_config_search_path
    from hydra.core.config_search_path import SearchPathQuery

    path = create_config_search_path(str(conf_dir()))
    if config_dir is not None:
        folder = os.path.abspath(config_dir)
        if not os.path.isdir(folder):
            raise ConfigError(f"--config-dir: expected a folder, but there is none at '{config_dir}'.")
        check_files(Path(folder))
        _refuse_twins(folder)
        schema = SearchPathQuery(provider="schema", path=None)
        path.prepend(provider="command-line", path=f"file://{folder}", anchor=schema)
    return path


def load(loader: Any, overrides: Sequence[str], several: bool = False) -> Any:
    """Compose one configuration, or with ``several`` the one that all jobs of a sweep share."""
    from hydra.types import RunMode

    mode = RunMode.MULTIRUN if several else RunMode.RUN
    return loader.load_configuration("config", list(overrides), run_mode=mode)


def words_of(overrides: Any) -> list[str]:
    """Return the overrides that Hydra noted down, as they were typed: nothing in them is resolved."""
    from omegaconf import OmegaConf

    noted: Any = OmegaConf.to_container(overrides, resolve=False)
    return [str(word) for word in noted]


def choices(config: Any) -> dict[str, Any]:
    """Return which option of each group was chosen; a list group's is a list."""
    from omegaconf import OmegaConf

    chosen: Any = OmegaConf.to_container(config.hydra.runtime.choices)
    return {group: value for group, value in chosen.items() if not group.startswith("hydra/")}
