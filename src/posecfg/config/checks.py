"""What a run needs of a composed configuration: each group in its role, each key read, each knob of its type."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from posecfg.components.parts import parameters
from posecfg.components.roles import misfit
from posecfg.components.trust import locate
from posecfg.config.annotations import unfit
from posecfg.config.environment_values import Place
from posecfg.config.hydra_errors import explain_type
from posecfg.config.options import LISTS, everything, options, without_package
from posecfg.config.quoting import parted
from posecfg.config.schema import BELOW, GROUPS, KEYS, NEUTRAL
from posecfg.config.signatures import check_node, shown, with_texts
from posecfg.errors import ConfigError
from posecfg.models.registry import unpublished
from posecfg.suggestions import hint, nearest

OWN_WEIGHTS = ("detector.weights", "detector.pose.weights", "detector.boxes.weights", "lifter.checkpoint")
"""Keys that take a file of weights."""


def take_unknown(config: Any, config_dir: str | None = None) -> list[str]:
    """Take out each key at the top, or below video and models, that nothing reads; return a sentence for each."""
    from omegaconf import DictConfig, open_dict

    found = [str(key) for key in config if key != "hydra" and key not in KEYS]
    for section, keys in BELOW.items():
        if section in config and isinstance(config[section], DictConfig):
            found += [f"{section}.{key}" for key in config[section] if key not in keys]
    sentences = []
    for key in found:
        section, _, name = key.partition(".")
        where, last = (config[section], name) if name else (config, section)
        given = where._get_node(last)
        with open_dict(config):
            del where[last]
        reads = f" {section} reads: {', '.join(BELOW[section])}." if section in BELOW and "." in key else ""
        sentences.append(_unread(key, None if given is None else given._value(), reads, config, config_dir))
    return sentences


def _taking(config: Any) -> list[str]:
    """Return the keys of the chosen components that take a file of weights."""
    from omegaconf import DictConfig, OmegaConf

    places = {key: OmegaConf.select(config, key.rpartition(".")[0]) for key in OWN_WEIGHTS}
    return [key for key, node in places.items() if isinstance(node, DictConfig) and key.rpartition(".")[2] in node]


def _unread(key: str, given: Any, reads: str, config: Any, config_dir: str | None) -> str:
    """Say that nothing reads a key: why it is not needed, or what is typed instead."""
    from posecfg.config import bare_keys, mistyped

    text, there = _text(given), bare_keys.places(config)
    here = bare_keys.read_here(key, there)
    if not here and (why := mistyped.absent(key)):
        return f"nothing reads '{key}'{why}"
    if meant := mistyped.own_weights(key, text, _taking(config)) or mistyped.setting(key, text, config_dir):
        return f"nothing reads '{key}': type {meant}."
    if here:
        value = "..." if text is None else shlex.quote(text)
        return f"nothing reads '{key}': type {' or '.join(f'{one}={value}' for one in here)}."
    if reads:
        return f"nothing reads '{key}'.{hint(key, everything(config_dir))}{reads}"
    return f"nothing reads '{key}'{bare_keys.offer(key, there, config_dir)}"


def _text(value: Any) -> str | None:
    """Return a plain value as it was typed."""
    if isinstance(value, bool) or value is None:
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if isinstance(value, str | int | float) else None


def resolved(config: Any, config_dir: str | None = None) -> dict[str, Any]:
    """Return plain values, with every interpolation put in, and words that are meant as texts as texts."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        plain: Any = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    except (OmegaConfBaseException, ValueError, OverflowError) as error:
        raise ConfigError(explain_type(error, str(getattr(error, "full_key", "") or "?"), config_dir)) from error
    for group in LISTS:
        plain[group] = {name: node for name, node in (plain[group] or {}).items() if node is not None}
    if isinstance(plain["dataset"], dict) and "path" in plain["dataset"]:
        plain["dataset"]["path"] = parted(plain["dataset"]["path"])
    return dict(with_texts(plain, ""))


def neutral(config: Any) -> Any:
    """Set the operational knobs of a composed configuration aside, and return it; interpolations still stand."""
    from omegaconf import OmegaConf

    sections = {section: values for section, values in NEUTRAL.items() if section and values}
    threads = {"device": {"threads": 1}} if OmegaConf.select(config, "device.threads") is not None else {}
    return OmegaConf.unsafe_merge(config, NEUTRAL[""], sections, threads)


def apart(plain: Any, aside: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield the places at which neutral values differ, with these."""
    if isinstance(plain, dict) and isinstance(aside, dict):
        for key in plain.keys() & aside.keys():
            yield from apart(plain[key], aside[key], (*place, key))
    elif isinstance(plain, list) and isinstance(aside, list) and len(plain) == len(aside):
        for number, pair in enumerate(zip(plain, aside, strict=True)):
            yield from apart(*pair, (*place, number))
    elif plain != aside or isinstance(plain, bool) != isinstance(aside, bool):
        yield place, aside


def check_groups(plain: dict[str, Any], config_dir: str | None = None) -> list[str]:
    """Check that groups hold components of their role."""
    errors = []
    for group in LISTS:
        if "_target_" in plain[group] and (bare := without_package(group, config_dir)):
            errors += [
                f"{group}={file.stem}: '{file}' does not say where its settings belong: begin it with the line "
                f"'# @package {group}.{file.stem}'."
                for file in bare
            ]
            continue
        chosen = [n for n, v in plain[group].items() if isinstance(v, dict) and "_target_" in v]
        for name, node in plain[group].items():
            if name in chosen:
                errors += _role(node, group, f"{group}.{name}")
            else:
                errors.append(_not_chosen(group, name, node, chosen, config_dir))
    for group in GROUPS:
        node = plain[group]
        if isinstance(node, dict) and "_target_" in node:
            errors += _role(node, group, group)
        else:
            names = ", ".join(options(config_dir).get(group, ()))
            errors.append(f"{group}: a run cannot do without; choose one of {names}.")
    return errors or _halves(plain, config_dir)


def check_keys(plain: dict[str, Any], choices: dict[str, str], config_dir: str | None = None) -> list[str]:
    """Check that every key of every component is read, and has a value of its type."""
    errors = _several(plain["dataset"], f"dataset={choices.get('dataset', '?')}")
    if errors:
        return errors
    for group in GROUPS:
        errors += check_node(plain[group], group, f"{group}={choices.get(group, '?')}", config_dir)
    for group in LISTS:
        for name, node in plain[group].items():
            errors += check_node(node, f"{group}.{name}", f"{group}.{name}", config_dir)
    return errors


def _several(node: dict[str, Any], option: str) -> list[str]:
    """Refuse several paths where the data set takes one."""
    paths, known = node.get("path"), parameters(locate(node["_target_"], "dataset")).get("path")
    if not isinstance(paths, list) or known is None or unfit([""], known.annotation) is None:
        return []
    first = ", ".join(f"'{path}'" for path in paths[:3]) + (", ..." if len(paths) > 3 else "")
    return [f"{option} takes one path, but got {len(paths):,} ({first}): name one, or type dataset=folder for films."]


def _halves(plain: dict[str, Any], config_dir: str | None) -> list[str]:
    """Check that components inside others are components; a dot typed for a slash makes a text of one."""
    errors = []
    for group, known in options(config_dir).items():
        *above, name = group.split("/")
        host: Any = plain
        for key in above:
            host = host.get(key) if isinstance(host, dict) else None
        if not above or not isinstance(host, dict) or "_target_" not in host or name not in host:
            continue
        node, parameter = host[name], parameters(locate(host["_target_"], ".".join(above))).get(name)
        whole = isinstance(node, dict) and "_target_" in node
        if parameter is not None and not whole and (node is not None or parameter.default is not None):
            errors.append(_no_half(group, node, known))
    return errors


def _no_half(group: str, node: Any, known: tuple[str, ...]) -> str:
    """Say how a component inside another is chosen."""
    where, name = group.replace("/", "."), str(node)
    if not isinstance(node, str):
        return f"{where}: a run cannot do without; type {group}=NAME, one of {', '.join(known)}."
    if name in known:
        return f"{where}: '{name}' is an option of the group {group}: type {group}={name}, with a slash."
    near = nearest(name, known)
    offer = f" Did you mean '{group}={near}'?" if near else ""
    reason = unpublished(name) or f"'{name}' is no option of the group {group}.{offer} Options: {', '.join(known)}."
    return f"{where}: {reason}"


def _not_chosen(group: str, name: str, node: Any, chosen: list[str], config_dir: str | None) -> str:
    known = options(config_dir).get(group, ())
    among = f"the chosen ones are [{','.join(chosen)}]" if chosen else f"no {group} is chosen"
    if not isinstance(node, dict):
        return f"{group}.{name}: expected its settings one by one ({group}.{name}.KEY=...), but got {shown(node)}."
    if name in known:
        return f"nothing reads '{group}.{name}': {among}. Type '{group}=[{','.join([*chosen, name])}]' to add it."
    near = hint(name, (*chosen, *known))
    return f"nothing reads '{group}.{name}': {among}.{near} Options: {', '.join(known) or 'none yet'}."


def _role(node: dict[str, Any], group: str, where: str) -> list[str]:
    lack = misfit(locate(node["_target_"], where), group)
    return [f"{where}._target_ is '{node['_target_']}', which is no {group}: {lack}."] if lack else []
