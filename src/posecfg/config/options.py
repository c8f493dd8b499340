"""What may be chosen and set, read from the text of the YAML files: quick, and nothing of Hydra is imported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from posecfg.components import plugins
from posecfg.errors import ConfigError

LISTS = ("refine", "writer", "metric")


@cache
def conf_dir() -> Path:
    """Return the folder of config groups: inside the installed package, else that of the checkout."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "conf", package.parents[1] / "conf"):
        if (place / "config.yaml").is_file():
            return place
    raise ConfigError("The conf/ folder is missing from this installation: install posecfg again.")


def files(config_dir: str | None = None) -> Iterator[tuple[str, str, Path]]:
    """Yield (group, option, file) of every option, those of ``config_dir`` and of plugins as well."""
    roots = [*([Path(config_dir)] if config_dir else []), conf_dir(), *plugins.folders().values()]
    for root in roots:
        for file in pages_below(root):
            group = file.parent.relative_to(root).as_posix()
            if group != "." and not group.startswith("hydra"):
                yield group, file.stem, file


def pages_below(root: Path) -> list[Path]:
    """List the YAML files below a folder: no pipes and broken links, and none that an editor hides beside a file.

    A name with control characters is no name of an option: it would be printed.
    """
    found = (file for file in root.rglob("*.yaml") if not file.name.startswith(".") and file.is_file())
    return sorted(file for file in found if str(file.relative_to(root)).isprintable())


@cache
def options(config_dir: str | None = None) -> dict[str, tuple[str, ...]]:
    """Map each config group to its options; a list group is there even when it has none yet."""
    found: dict[str, list[str]] = {group: [] for group in (*LISTS, "experiment")}
    for group, name, _ in files(config_dir):
        found.setdefault(group, [])
        if name not in found[group]:
            found[group].append(name)
    return {group: tuple(names) for group, names in sorted(found.items())}


@cache
def arguments(config_dir: str | None = None) -> dict[tuple[str, str], tuple[str, ...]]:
    """Map (group, option) to the keys that its YAML sets."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for group, name, file in files(config_dir):
        if group != "experiment":
            keys = re.findall(r"^([A-Za-z]\w*)\s*:", file.read_text("utf-8", "replace"), re.MULTILINE)
            found.setdefault((group, name), tuple(key for key in keys if key != "defaults"))
    return found


def without_package(group: str, config_dir: str | None = None) -> list[Path]:
    """Return the files of a group's options whose first line is no ``# @package``: they fall into the group itself.

    As Hydra reads it, lines ``# @...`` count before the first other line alone.
    """
    header = re.compile(r"(\s*#\s*@.*\n)*?\s*#\s*@package\s")
    own = (file for place, _, file in files(config_dir) if place == group)
    return [file for file in own if not header.match(file.read_text("utf-8", "replace"))]


def hosts(group: str, config_dir: str | None = None) -> list[str]:
    """Return the options that a nested group, such as 'detector/boxes', is a part of, as 'detector=rtmdet'."""
    parent, _, part = group.rpartition("/")
    entry = re.compile(rf"^\s*-\s*{re.escape(part)}\s*:", re.MULTILINE)
    return [
        f"{g}={name}"
        for g, name, file in files(config_dir)
        if g == parent and entry.search(file.read_text("utf-8", "replace"))
    ]


def readers(key: str, config_dir: str | None = None) -> list[str]:
    """Return the options of a group or part that read ``key``, such as 'sampler.rate', as 'sampler=fps'."""
    place, _, name = key.rpartition(".")
    group = place.replace(".", "/")
    return [f"{g}={option}" for (g, option), keys in arguments(config_dir).items() if g == group and name in keys]


@cache
def knobs() -> tuple[str, ...]:
    """List the keys of config.yaml that are not Hydra's, and those below them, such as video.start."""
    text = (conf_dir() / "config.yaml").read_text("utf-8")
    found, section = [], ""
    for below, name in re.findall(r"^( {2})?([a-z]\w*)\s*:", text, re.MULTILINE):
        section = section if below else name
        if section not in ("defaults", "hydra"):
            found.append(f"{section}.{name}" if below else name)
    return tuple(found)


@cache
def everything(config_dir: str | None = None) -> tuple[str, ...]:
    """List every group, every knob, and every key that some option reads."""
    names = [*(name for name in knobs() if "." not in name), *options(config_dir)]
    names += [name for name in knobs() if "." in name]
    for (group, option), keys in arguments(config_dir).items():
        where = f"{group}.{option}" if group in LISTS else group.replace("/", ".")
        names += [f"{where}.{key}" for key in keys]
    return tuple(dict.fromkeys(names))
