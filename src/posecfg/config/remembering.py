"""Hydra's loader with a memory: a process parses a YAML text once, and merges the same files once.

Files are read every time, so that one that was changed counts. Packages and what is registered stay as they are.
"""

from __future__ import annotations

import copy
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from hydra._internal import defaults_list
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository, IConfigRepository
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.default_element import ResultDefault
from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigResult, ConfigSource
from omegaconf import DictConfig

from posecfg.config.copies import copies
from posecfg.errors import ConfigError

FILES = 512
WHOLES = 32


class Loader(ConfigLoaderImpl):
    """A loader whose files, and whole configurations before anything is set in them, are kept."""

    def __init__(self, config_search_path: ConfigSearchPath) -> None:
        super().__init__(config_search_path)
        self.repository = Repository(config_search_path)

    def _load_configuration_impl(self, *asked: Any, **how: Any) -> DictConfig:
        with _without_vain_maps():
            return super()._load_configuration_impl(*asked, **how)

    def _compose_config_from_defaults_list(self, defaults: list[ResultDefault], repo: IConfigRepository) -> DictConfig:
        files = [repo.load_config(default.config_path or "") for default in defaults]
        chosen = [(default.config_path, default.package, default.primary) for default in defaults]
        key = (*chosen, *(id(file and file.config) for file in files))
        if key not in _wholes:
            # Files are kept as well, so that their numbers stay theirs.
            _keep(_wholes, key, (copies(super()._compose_config_from_defaults_list(defaults, repo)), files), WHOLES)
        _wholes.move_to_end(key)
        whole: DictConfig = _wholes[key][0]()
        return whole

    @staticmethod
    def _embed_result_config(ret: ConfigResult, package_override: str | None) -> ConfigResult:
        found = ConfigLoaderImpl._embed_result_config(ret, package_override)
        # What is merged as it is becomes part of the whole.
        return replace(ret, config=copy.deepcopy(ret.config)) if found is ret else found


class Repository(ConfigRepository):
    """What Hydra finds along its search path."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Repository:
        """Return one whose sources can be exchanged, as Hydra does for each composition; nothing is set in these."""
        other = copy.copy(self)
        other.sources = list(self.sources)
        return other

    def load_config(self, config_path: str) -> ConfigResult | None:
        """Return what a file says, for reading only."""
        source = self._find_object_source(config_path, ObjectType.CONFIG)
        if source is None:
            return None
        key = (source.full_path(), source.provider, config_path, _text(source, config_path))
        if key not in _files:
            _keep(_files, key, self._read(config_path, source), FILES)
        _files.move_to_end(key)
        return copy.copy(_files[key])

    def _read(self, config_path: str, source: ConfigSource) -> ConfigResult | None:
        try:
            return super().load_config(config_path)
        except UnicodeDecodeError:
            raise
        except ValueError as error:
            # PyYAML leaves numbers to Python, which reads no more than 4,300 digits.
            file = os.path.join(source.path, source._normalize_file_name(config_path))
            raise ConfigError(f"'{file}' has a value that is not what it is said to be ({error}): mend it.") from error

    def _find_object_source(self, config_path: str, object_type: ObjectType | None) -> ConfigSource | None:
        return next((source for source in self.sources if _holds(source, config_path, object_type)), None)


_files: OrderedDict[Any, ConfigResult | None] = OrderedDict()
_wholes: OrderedDict[Any, tuple[Callable[[], DictConfig], Any]] = OrderedDict()
_held: dict[tuple[str, str, ObjectType | None], bool] = {}


@contextmanager
def _without_vain_maps() -> Iterator[None]:
    """Let Hydra map all choices only for lists of defaults that refer to them: for each list takes half of its time."""
    module: Any = defaults_list
    usual = module._create_interpolation_map

    def needed(overrides: Any, defaults: Any, self_added: bool) -> Any:
        refers = any(one.is_interpolation() for one in defaults)
        return usual(overrides, defaults, self_added) if refers else None

    module._create_interpolation_map = needed
    try:
        yield
    finally:
        module._create_interpolation_map = usual


def _keep(kept: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)


def _text(source: ConfigSource, path: str) -> str | None:
    """Return the text of a file; nothing else changes while the process lives."""
    if source.scheme() != "file":
        return None
    with open(os.path.join(source.path, source._normalize_file_name(path)), encoding="utf-8") as file:
        return file.read()


def _holds(source: ConfigSource, path: str, kind: ObjectType | None) -> bool:
    look = source.is_config if kind == ObjectType.CONFIG else source.is_group
    if source.scheme() != "pkg":
        return look(path)
    key = (source.path, path, kind)
    if key not in _held:
        _held[key] = look(path)
    return _held[key]
