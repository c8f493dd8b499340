"""Hydra's composition, without its global state: the same search path as a run has, and nothing is started."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from posecfg.components import plugins
from posecfg.config.options import conf_dir, files, pages_below
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


def _refuse_twins(config_dir: str | None) -> None:
    """Refuse options of one name, of which Hydra would take one."""
    known: dict[tuple[str, str], Path] = {}
    # Of what is added, that is named which is not conf/'s.
    for group, name, file in sorted(files(config_dir), key=lambda one: not one[2].is_relative_to(conf_dir())):
        if (group, name) in known and not file.samefile(known[group, name]):
            raise ConfigError(
                f"{_where(file, config_dir)}: {group}={name} is there already, so '{file}' would not be read: give it "
                "another name."
            )
        known[group, name] = file


def _where(file: Path, config_dir: str | None) -> str:
    """Return what brought a file: a plugin, or --config-dir."""
    for package, folder in plugins.folders().items():
        if file.is_relative_to(folder):
            return f"The plugin '{package}'"
    return "--config-dir"


def search_path(config_dir: str | None = None) -> Any:
    """Return where Hydra looks: conf/, then what plugins bring, and ``config_dir``."""
    from hydra._internal.utils import create_config_search_path
    from hydra.core.config_search_path import SearchPathQuery

    path, added = create_config_search_path(str(conf_dir())), dict(plugins.folders())
    if config_dir is not None:
        added["command-line"] = Path(os.path.abspath(config_dir))
        if not added["command-line"].is_dir():
            raise ConfigError(f"--config-dir: expected a folder, but there is none at '{config_dir}'.")
    for provider, folder in added.items():
        check_files(folder)
        if provider != "command-line" and (own := pages_below(folder / "hydra")):
            raise ConfigError(
                f"The plugin '{provider}': '{own[0]}' would take the place of an option of Hydra's own in every run: "
                "remove it, or the plugin."
            )
        # Hydra wants its own source, schema, to be the last.
        path.prepend(provider, f"file://{folder}", SearchPathQuery(provider="schema", path=None))
    if added:
        _refuse_twins(str(added["command-line"]) if "command-line" in added else None)
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
