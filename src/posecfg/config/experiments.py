"""What an experiment says about an option that the command line then replaced: it falls away, and is named."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from posecfg.config.hydra_loader import choices, load, open_loader
from posecfg.config.options import LISTS, options


def drop_replaced(config: Any, overrides: Sequence[str], config_dir: str | None = None) -> list[str]:
    """Take out of ``config`` what its experiment set for options that ``overrides`` replaced; return their keys.

    The groups that were replaced are composed once more without the experiment's own values, and put in place.
    """
    places = replaced(config, overrides, config_dir)
    if not places:
        return []
    full, known = choices(config), options(config_dir)
    chosen = [f"{g}={name}" for g, name in full.items() if isinstance(name, str) and g != "experiment" and "@" not in g]
    lists = [f"{group}=[{','.join(_names(config, group))}]" for group in LISTS if known[group]]
    base = load(open_loader(config_dir), [*chosen, *lists, *_forced(overrides, known)])
    dropped: list[str] = []
    for place in places:
        above, _, name = place.rpartition(".")
        dropped += _replace(_select(config, above), _select(base, above), name, place)
    return dropped


def replaced(config: Any, overrides: Sequence[str], config_dir: str | None = None) -> list[str]:
    """Name the places in ``config``, such as 'detector', whose option ``overrides`` chose in place of the experiment.

    What the experiment sets there does not count.
    """
    full = choices(config)
    known = options(config_dir)
    typed = {_key(o): o for o in overrides if _key(o) in known}
    groups = [group for group in typed if group != "experiment"]
    if not full.get("experiment") or not groups:
        return []
    before = _untouched(typed.get("experiment"), config_dir)
    places: list[str] = []
    for group in groups:
        if group in LISTS:
            both = {*_names(before, group)} & {*_names(config, group)}
            places += [f"{group}.{name}" for name in (config[group] or ()) if name not in both]
        elif choices(before).get(group) != full.get(group):
            places.append(group.replace("/", "."))
    return places


@lru_cache(maxsize=8)
def _untouched(experiment: str | None, config_dir: str | None) -> Any:
    """Return what the experiment alone says, for reading only; the jobs of a sweep have the same."""
    return load(open_loader(config_dir), [] if experiment is None else [experiment])


def _key(override: str) -> str:
    return override.lstrip("+").partition("=")[0]


def _forced(overrides: Sequence[str], known: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the settings among ``overrides``, made to fit whatever the option has."""
    settings = [o for o in overrides if _key(o) not in known and not o.startswith(("~", "hydra"))]
    return [f"++{o.lstrip('+')}" for o in settings]


def _names(config: Any, group: str) -> list[str]:
    """List the options of a list group that were really chosen: those that have a class."""
    from omegaconf import DictConfig

    nodes = config.get(group) or {}
    return [str(name) for name in nodes if isinstance(nodes[name], DictConfig) and "_target_" in nodes[name]]


def _select(config: Any, where: str) -> Any:
    from omegaconf import OmegaConf

    return OmegaConf.select(config, where) if where else config


def _replace(into: Any, source: Any, name: str, where: str) -> list[str]:
    """Put ``source[name]`` in place of ``into[name]`` and return the keys whose values were lost."""
    from omegaconf import OmegaConf, open_dict

    old: Any = OmegaConf.to_container(into)
    new: Any = OmegaConf.to_container(source)
    with open_dict(into):
        if name in new:
            into[name] = new[name]
        else:
            del into[name]
    was, now = old.get(name), new.get(name)
    if not isinstance(was, dict) or not isinstance(now, dict):
        return [f"{where}.{key}" for key in was] if isinstance(was, dict) else [where]
    return [f"{where}.{key}" for key, value in was.items() if key not in now or now[key] != value]
