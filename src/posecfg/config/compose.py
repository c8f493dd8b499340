"""From overrides to checked jobs: Hydra composes, this module refuses what cannot work before anything starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from posecfg.config import identity as ids
from posecfg.config.hints import hint, nearest
from posecfg.config.keys import check_node, drop_stale, real_names
from posecfg.config.schema import GROUPS, KEYS, LISTS, ROLES, Root, check_ranges, explain_type
from posecfg.config.trust import check_hydra, locate
from posecfg.errors import ConfigError


@dataclass(frozen=True)
class Job:
    """One configuration, resolved and checked: plain values only, so that it can cross processes."""

    config: dict[str, Any]
    choices: dict[str, str]
    identity: dict[str, Any]
    overrides: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """Digest of the identity."""
        return ids.digest(self.identity)

    def writers(self) -> dict[str, Any]:
        """Return the identity of each writer: not part of the run's own, but of its files."""
        return {name: ids.normal(ids.slim(node, f"writer.{name}")) for name, node in self.config["writer"].items()}


@cache
def conf_dir() -> Path:
    """Return the folder of config groups: inside the installed package, else that of the checkout."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "conf", package.parents[1] / "conf"):
        if (place / "config.yaml").is_file():
            return place
    raise ConfigError("The conf/ folder is missing from this installation: install posecfg again.")


@cache
def options() -> dict[str, tuple[str, ...]]:
    """Map each config group to its options."""
    root = conf_dir()
    found: dict[str, list[str]] = {}
    for file in sorted(root.rglob("*.yaml")):
        group = file.parent.relative_to(root).as_posix()
        if group != ".":
            found.setdefault(group, []).append(file.stem)
    return {group: tuple(names) for group, names in found.items()}


def compose(overrides: Sequence[str], multirun: bool = False, config_dir: str | None = None) -> list[Job]:
    """Compose and check every job that ``overrides`` ask for; a ConfigError tells what is wrong with which."""
    from hydra import initialize_config_dir
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException
    from hydra.types import RunMode
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    given = [f"hydra.searchpath=[{quote_path('file://' + str(Path(config_dir).resolve()))}]"] if config_dir else []
    given += overrides
    try:
        with initialize_config_dir(str(conf_dir()), version_base="1.3"):
            loader = GlobalHydra.instance().config_loader()
            mode = RunMode.MULTIRUN if multirun else RunMode.RUN
            if not multirun:
                config = loader.load_configuration("config", given, run_mode=mode)
                check_hydra(OmegaConf.to_container(config.hydra, resolve=False))
                if str(config.hydra.mode).rsplit(".", 1)[-1] != "MULTIRUN":
                    return [_job(config, tuple(overrides))]
            master = loader.load_configuration("config", given, run_mode=RunMode.MULTIRUN)
            check_hydra(OmegaConf.to_container(master.hydra, resolve=False))
            swept = [f"{key}={value}" for key, value in (master.hydra.sweeper.get("params") or {}).items()]
            parsed = OverridesParser.create(config_loader=loader).parse_overrides([*swept, *given])
            groups = BasicSweeper.split_arguments(parsed, None)
            return _jobs(list(_sweep(loader, master, [list(job) for group in groups for job in group])))
    except (HydraException, OmegaConfBaseException) as error:
        raise explain(error, overrides) from error


def _sweep(loader: Any, master: Any, jobs: list[list[str]]) -> Iterator[tuple[str, Job | ConfigError]]:
    for overrides in jobs:
        label = " ".join(o for o in overrides if not o.startswith("hydra."))
        try:
            yield label, _job(loader.load_sweep_config(master, overrides), tuple(overrides))
        except ConfigError as error:
            yield label, error


def _jobs(outcomes: list[tuple[str, Job | ConfigError]]) -> list[Job]:
    wrong = [f"job {n} ({label}): {job}" for n, (label, job) in enumerate(outcomes) if isinstance(job, ConfigError)]
    if wrong:
        raise ConfigError("\n".join(wrong))
    return [job for _, job in outcomes if isinstance(job, Job)]


def _job(config: Any, overrides: tuple[str, ...]) -> Job:
    choices = {k: str(v) for k, v in config.hydra.runtime.choices.items() if not k.startswith("hydra/")}
    return check(config, overrides, choices)


def check(config: Any, overrides: Sequence[str], choices: dict[str, str]) -> Job:
    """Check a composed configuration (a DictConfig with or without hydra's section) and return it as plain values."""
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    keys = [key for key in config if key != "hydra"]
    unknown = [f"nothing reads '{key}'.{hint(str(key), _everything())}" for key in keys if key not in KEYS]
    if unknown:
        raise ConfigError("\n".join(unknown))
    bare = OmegaConf.masked_copy(config, keys)
    OmegaConf.set_readonly(bare, False)
    try:
        typed = OmegaConf.merge(OmegaConf.structured(Root), bare)
        plain: Any = OmegaConf.to_container(typed, resolve=True, throw_on_missing=True)
        neutral: Any = OmegaConf.to_container(OmegaConf.merge(typed, ids.NEUTRAL), resolve=True)
    except (OmegaConfBaseException, ValueError) as error:
        raise _located(explain_type(error)) from error
    dropped = drop_stale(plain, overrides)
    drop_stale(neutral, overrides)
    errors = [e for tree in (plain, neutral) for e in _shape(tree)]
    errors = list(dict.fromkeys(errors)) or _nodes(plain) + check_ranges(plain)
    if errors:
        raise ConfigError("\n".join(errors))
    note = "left out, because the command line chose another option: " + ", ".join(dropped)
    return Job(plain, choices, ids.identity(neutral), tuple(overrides), (note,) if dropped else ())


def _shape(plain: dict[str, Any]) -> list[str]:
    """Check that groups hold components of their role; null lists become empty ones."""
    errors = []
    for group in LISTS:
        plain[group] = {name: node for name, node in (plain[group] or {}).items() if node is not None}
        for name, node in plain[group].items():
            if not isinstance(node, dict) or "_target_" not in node:
                chosen = ", ".join(n for n, v in plain[group].items() if isinstance(v, dict) and "_target_" in v)
                near = hint(name, options().get(group, ()))
                errors.append(
                    f"nothing reads '{group}.{name}': the chosen {group}s are [{chosen}].{near} "
                    f"Type '{group}=[{chosen + ',' if chosen else ''}{name}]' to add one."
                )
            else:
                errors += _role(node, group, f"{group}.{name}")
    for group in GROUPS:
        node = plain[group]
        if not isinstance(node, dict) or "_target_" not in node:
            errors.append(f"{group} must name one of: {', '.join(options().get(group, ()))}.")
        else:
            errors += _role(node, group, group)
    return errors


def _role(node: dict[str, Any], group: str, where: str) -> list[str]:
    component = locate(node["_target_"], where)
    if hasattr(component, ROLES[group]):
        return []
    return [f"{where}._target_ is '{node['_target_']}', which is not a {group} (it has no '{ROLES[group]}')."]


def _nodes(plain: dict[str, Any]) -> list[str]:
    elsewhere = _everything()
    errors = []
    for group in GROUPS:
        errors += check_node(plain[group], group, elsewhere)
    for group in LISTS:
        for name, node in plain[group].items():
            errors += check_node(node, f"{group}.{name}", elsewhere)
    return errors


@cache
def _everything() -> tuple[str, ...]:
    """Every key that the default configuration reads, and every group."""
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.types import RunMode
    from omegaconf import OmegaConf

    def names() -> tuple[str, ...]:
        loader = GlobalHydra.instance().config_loader()
        config = loader.load_configuration("config", [], run_mode=RunMode.RUN)
        raw: Any = OmegaConf.to_container(OmegaConf.masked_copy(config, list(KEYS)), resolve=False)
        return tuple(dict.fromkeys([*real_names(raw), *options(), "experiment"]))

    if GlobalHydra.instance().is_initialized():
        return names()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        return names()


def _located(error: ConfigError) -> ConfigError:
    """Add the nearest name to 'nothing reads'."""
    match = re.match(r"nothing reads '(.*)'\.$", str(error))
    return ConfigError(f"{error}{hint(match[1], _everything())}") if match else error


def explain(error: Exception, overrides: Sequence[str]) -> ConfigError:
    """Turn Hydra's words into one sentence that names the thing and what to type."""
    text = str(error)
    first = text.splitlines()[0] if text else type(error).__name__
    groups = options()
    if match := re.search(r"Could not (?:find|load) '?([\w/]+)/([^'\s]+?)'?[\s.]*$", first):
        group, name = match[1], match[2]
        known = groups.get(group, ())
        elsewhere = next((g for g, names in groups.items() if name in names), None)
        near = hint(name, known) or (f" Did you mean '{elsewhere}={name}'?" if elsewhere else "")
        return ConfigError(f"{group} has no option '{name}'.{near} Options: {', '.join(known) or 'none yet'}.")
    if match := re.search(r"Could not (?:override|append to config\.|delete from config\.) ?'?([\w/.@]+)'?", text):
        return ConfigError(_unread(match[1], groups))
    if match := re.search(r"Key '(\w+)' is not in struct", text):
        return ConfigError(_unread(getattr(error, "full_key", None) or match[1], groups))
    if match := re.search(r"Multiple values for ([\w/]+)", first):
        return ConfigError(f"'{match[1]}' was given more than once: keep one of them.")
    if "Ambiguous value for argument" in first:
        return ConfigError(f"{_ambiguous(overrides)} has several values: put -m in front to sweep, or quote the comma.")
    if "OverrideParseException" in type(error).__name__ or "Error parsing override" in first:
        culprit = re.search(r"Error parsing override '(.*)'", text)
        name = culprit[1] if culprit else " ".join(overrides)
        return ConfigError(f"expected key=value, but got '{name}': quote values that hold special characters.")
    if "Error when composing" in first or "already in the" in first or "appended" in first:
        return ConfigError(first)
    return _located(explain_type(error))


def _unread(key: str, groups: dict[str, tuple[str, ...]]) -> str:
    if key in LISTS:
        return f"'{key}' is a list: type '{key}=[a,b]' to choose, '{key}.NAME.key=...' to set."
    if key in groups:
        return f"'{key}' is chosen without a plus: type {key}=..., one of {', '.join(groups[key])}."
    prefix, _, last = key.rpartition(".")
    offers = next((f" Did you mean '{last}' of {g}={n}?" for g, n in _options_reading(prefix, last)), "")
    near = nearest(key, _everything())
    return f"nothing reads '{key}'.{offers or (f' Did you mean {near!r}?' if near else '')}"


def _options_reading(group: str, key: str) -> Iterator[tuple[str, str]]:
    """Yield the options of ``group`` whose YAML mentions ``key``."""
    for name in options().get(group, ()):
        if re.search(rf"^{re.escape(key)}:", (conf_dir() / group / f"{name}.yaml").read_text("utf-8"), re.MULTILINE):
            yield group, name


def _ambiguous(overrides: Sequence[str]) -> str:
    return next((o.partition("=")[0] for o in overrides if "," in o), "an override")


def quote_path(text: str) -> str:
    """Quote ``text`` so that Hydra's grammar takes it as it stands."""
    escaped = re.sub(r"(\\*)'", lambda m: m[1] * 2 + r"\'", text)
    trailing = len(escaped) - len(escaped.rstrip("\\"))
    return "'" + (escaped + "\\" * trailing).replace("${", r"\${") + "'"
