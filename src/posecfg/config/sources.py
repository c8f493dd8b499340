"""The places that set values of a configuration, in the order in which they count: files, then the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg.components import plugins
from posecfg.config.compose import Job
from posecfg.config.experiments import replaced
from posecfg.config.hydra_loader import load, open_loader
from posecfg.config.options import conf_dir, options
from posecfg.config.yaml_lines import entries, line_of
from posecfg.errors import ConfigError

EXPERIMENT = "experiment"
ABSENT = object()


@dataclass(frozen=True)
class Setting:
    """One place that gives a key a value: a file, at a line, with the option that it is, or what was typed.

    ``void`` says why it does not count, other than that a later one does.
    """

    value: Any
    file: Path | None = None
    line: int | None = None
    option: str = ""
    typed: str = ""
    void: str = ""

    @property
    def where(self) -> str:
        """Where it is, as it is shown."""
        if self.file is None:
            return self.typed
        name, origin = str(self.file), ""
        if self.file.is_relative_to(conf_dir()):
            name = f"conf/{self.file.relative_to(conf_dir())}"
        else:
            brought = (package for package, folder in plugins.folders().items() if self.file.is_relative_to(folder))
            origin = next((f" of the plugin '{package}'" for package in brought), "")
        line = f", line {self.line}" if self.line else ""
        return f"{name}{line}{origin}{f' ({self.option})' if self.option else ''}"


@dataclass(frozen=True)
class _File:
    """A file that takes part: where its keys are put, and what it says, with interpolations."""

    path: Path
    option: str
    package: tuple[str, ...]
    values: Any

    def setting(self, keys: Sequence[str], void: str) -> Setting | None:
        own = keys[len(self.package) :]
        if tuple(keys[: len(self.package)]) != self.package or not own:
            return None
        value = below(self.values, own)
        return None if value is ABSENT else Setting(value, self.path, line_of(self.path, own), self.option, void=void)


@dataclass(frozen=True)
class Sources:
    """All places that take part in one job; ``replaced`` are places of which the experiment's settings do not count."""

    files: tuple[_File, ...]
    words: tuple[Any, ...]
    replaced: tuple[str, ...]
    groups: Mapping[str, Any] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, job: Job, config_dir: str | None = None, typed: Mapping[str, str] | None = None) -> Sources:
        """Return the sources of a job; ``typed`` has, for some overrides, what is shown in their place."""
        from hydra.core.override_parser.overrides_parser import OverridesParser
        from hydra.types import RunMode

        loader, overrides = open_loader(config_dir), list(job.overrides)
        defaults = loader.compute_defaults_list("config", overrides, RunMode.RUN).defaults
        files = [_file(loader, one) for one in defaults if not str(one.config_path).startswith("hydra/")]
        words = OverridesParser.create(config_loader=loader).parse_overrides(overrides)
        whole = load(loader, overrides)
        places = replaced(whole, overrides, config_dir)
        return cls(tuple(files), tuple(words), tuple(places), options(config_dir), typed or {})

    def settings(self, key: str) -> list[Setting]:
        """Return the places that set a key, the one that counts last."""
        keys, found = key.split("."), list[Setting]()
        for file in self.files:
            other = file.option.startswith(f"{EXPERIMENT}=") and self._is_replaced(key)
            void = "the command line chose another option, so this is left out" if other else ""
            if (one := file.setting(keys, void)) is not None:
                found.append(one)
        for word in self.words:
            if not self._chooses(word) and (value := _typed(word, key)) is not ABSENT:
                found.append(Setting(value, typed=self._shown(word)))
        return sorted(found, key=lambda one: not one.void)

    def choices(self, group: str) -> list[Setting]:
        """Return the places that choose an option of a group, the one that counts last."""
        found = []
        for file in self.files:
            own = file.option.partition("=")[0]
            for entry in entries(file.path):
                whole = entry.group.lstrip("/") if entry.group.startswith("/") or not own else f"{own}/{entry.group}"
                if whole == group:
                    found.append(Setting(entry.option, file.path, entry.line, file.option))
        typed = [word for word in self.words if word.key_or_group == group]
        return [*found, *(Setting(_text(word), typed=self._shown(word)) for word in typed)]

    def _is_replaced(self, key: str) -> bool:
        return any(key == place or key.startswith(f"{place}.") for place in self.replaced)

    def _chooses(self, word: Any) -> bool:
        return word.key_or_group in self.groups and not isinstance(word.value(), dict)

    def _shown(self, word: Any) -> str:
        from posecfg.config.quoting import brief

        line = str(word.input_line)
        return self.typed.get(line, f"the command line: {brief(line)}")


def below(values: Any, keys: Sequence[str]) -> Any:
    """Return the value behind a key in nested mappings and lists, ``ABSENT`` where there is none."""
    for key in keys:
        if isinstance(values, Mapping) and key in values:
            values = values[key]
        elif isinstance(values, list) and key.isdecimal() and int(key) < len(values):
            values = values[int(key)]
        else:
            return ABSENT
    return values


def flat(values: Any, where: str = "") -> Iterator[str]:
    """Yield the keys of nested mappings, those that hold others too."""
    for key, value in values.items() if isinstance(values, Mapping) else ():
        place = f"{where}.{key}" if where else str(key)
        yield place
        yield from flat(value, place)


def _file(loader: Any, default: Any) -> _File:
    from omegaconf import OmegaConf

    result = loader.repository.load_config(default.config_path)
    if result is None:
        raise ConfigError(f"'{default.config_path}' was removed meanwhile: type the same command again.")
    path = Path(str(result.path).partition("://")[2], f"{default.config_path}.yaml")
    package = default.package if default.package is not None else result.header.get("package")
    group, _, name = str(default.config_path).rpartition("/")
    keys = tuple((package or "").replace("_global_", "").split(".")) if package not in (None, "", "_global_") else ()
    return _File(path, f"{group}={name}" if group else "", keys, OmegaConf.to_container(result.config, resolve=False))


def _typed(word: Any, key: str) -> Any:
    """Return what an override gives a key, ``ABSENT`` where it is about others."""
    name = str(word.key_or_group)
    if name != key and not key.startswith(f"{name}."):
        return ABSENT
    if word.is_delete():
        return None
    value = word.value()
    return value if name == key else below(value, key[len(name) + 1 :].split("."))


def _text(word: Any) -> Any:
    value = word.value()
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else value
