"""From overrides to checked jobs: Hydra composes, and what cannot work is refused before anything starts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg.components import identity as ids
from posecfg.components.own_weights import located
from posecfg.components.parts import listed as listed_parts
from posecfg.config import environment_values, floors
from posecfg.config.blame import blamed
from posecfg.config.checks import apart, check_groups, check_keys, neutral, resolved, take_unknown
from posecfg.config.environment_values import Place
from posecfg.config.experiments import drop_replaced
from posecfg.config.hydra_errors import explain, foreign
from posecfg.config.hydra_folders import check_folders
from posecfg.config.hydra_loader import choices as choices_of
from posecfg.config.hydra_loader import load, open_loader, words_of
from posecfg.config.hydra_section import check_hydra
from posecfg.config.knob_types import typed
from posecfg.config.options import options
from posecfg.config.overrides import parse_overrides
from posecfg.config.quoting import brief, listed
from posecfg.config.schema import OWN, check_ranges
from posecfg.config.sizes import check_expansion, check_numbers
from posecfg.config.sweeps import check_jobs
from posecfg.errors import ConfigError
from posecfg.video.suffixes import FILMS

TABLES = ("npy", "npz", "csv", "json", "trc")
LISTED = "listed"
OPEN = "open"
SHOWN = 8


@dataclass(frozen=True)
class Job:
    """One configuration, resolved and checked: plain values only, so that it can cross processes.

    ``sweep`` is empty for a single run, 'listed' for one of the jobs of a sweep that is known beforehand, and 'open'
    for what all jobs share where a sweeper decides while it runs. ``environment`` has the texts of values that come
    from environment variables, by their places, ``neutral`` the values behind the identity where they differ, and
    ``command`` the words that were typed, if a command line started it. ``detector`` gives
    everybody above ``floor``, where other jobs of a sweep ask for more people than this one; None where the detector
    is that of ``config``.
    """

    config: dict[str, Any]
    choices: dict[str, str]
    identity: dict[str, Any]
    overrides: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sweep: str = ""
    environment: Mapping[Place, str] = field(default_factory=dict)
    neutral: tuple[tuple[Place, Any], ...] = ()
    command: tuple[str, ...] = ()
    floor: float | None = None
    detector: Any = None

    @property
    def hash(self) -> str:
        """Digest of the identity."""
        return ids.digest(self.identity)

    def writers(self) -> dict[str, Any]:
        """Return the identity of each writer and metric: not part of the run's own, but of what they make."""
        nodes = dict(self.config["writer"])
        nodes |= {f"metric.{name}": node for name, node in self.config["metric"].items()}
        found = {name: ids.normal(ids.slim(node, name)) for name, node in nodes.items()}
        if truths := ids.truths(self.config["dataset"]):
            for name, part in listed_parts(self.config, "metric").items():
                if not (part.facts.flat or part.facts.truthless):
                    found[f"metric.{name}"] |= truths
        return found


def compose(overrides: Sequence[str], multirun: bool = False, config_dir: str | None = None) -> list[Job]:
    """Compose and check every job that ``overrides`` ask for; a ConfigError tells what is wrong with which."""
    try:
        loader = open_loader(config_dir)
        several = multirun or any(o.lstrip("+") == "hydra.mode=MULTIRUN" for o in overrides)
        overrides = [listed(override, several) for override in overrides]
        parsed = parse_overrides(overrides, loader, several, config_dir)
        if not several:
            config = _load(loader, overrides, False, config_dir)
            if not str(config.hydra.mode).endswith("MULTIRUN"):
                return [check(config, overrides, config_dir)]
        config = _load(loader, overrides, True, config_dir)
        return _sweep(loader, config, parsed, config_dir)
    except foreign() as error:
        raise explain(error, config_dir) from error


def _load(loader: Any, overrides: Sequence[str], several: bool, config_dir: str | None) -> Any:
    """Compose; where Hydra stops at the first unknown key, compose with all of them, and name every one."""
    try:
        config = load(loader, overrides, several)
    except foreign() as error:
        config = _forced(loader, overrides, several, config_dir)
        if config is None:
            raise
        check(config, overrides, config_dir)
        raise explain(error, config_dir) from error
    _check_section(config, several)
    return config


def _forced(loader: Any, overrides: Sequence[str], several: bool, config_dir: str | None) -> Any:
    """Compose with every setting added by force, or return None where that is no help."""
    known, words = options(config_dir), []
    for override in overrides:
        key = override.lstrip("+").partition("=")[0]
        words.append(override if key in known or key.startswith("hydra") else f"++{override.lstrip('+')}")
    try:
        config = load(loader, words, several)
    except foreign():
        return None
    _check_section(config, several)
    return config


def _check_section(config: Any, several: bool) -> None:
    from omegaconf import OmegaConf

    whole: Any = OmegaConf.to_container(config, resolve=False)
    section = whole["hydra"]
    check_hydra(section)
    check_expansion(whole)
    check_numbers(whole)
    top = OmegaConf.select(config, "hydra.sweep.dir" if several else "hydra.run.dir")
    check_folders(section, Path(str(top)), several)


def _sweep(loader: Any, master: Any, parsed: Sequence[Any], config_dir: str | None) -> list[Job]:
    """Check every job of a sweep; with a sweeper that we cannot foretell, only what all jobs share."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.override_parser.overrides_parser import OverridesParser

    task, own = words_of(master.hydra.overrides.task), words_of(master.hydra.overrides.hydra)
    if str(master.hydra.sweeper.get("_target_")).rpartition(".")[2] != BasicSweeper.__name__:
        fixed = [o.input_line for o in parsed if not o.is_sweep_override() and not o.is_hydra_override()]
        return [check(master, fixed, config_dir, OPEN)]
    swept = [f"{key}={value}" for key, value in (master.hydra.sweeper.get("params") or {}).items()]
    splits = OverridesParser.create(config_loader=loader).parse_overrides([*swept, *task])
    check_jobs(splits)
    jobs = [list(job) for batch in BasicSweeper.split_arguments(splits, None) for job in batch]
    if not jobs:
        raise ConfigError("The sweep has no jobs: name at least one value for each key.")
    outcomes = list(_outcomes(loader, own, jobs, config_dir))
    wrong = [f"job {n} ({label}): {job}" for n, (label, job) in enumerate(outcomes) if isinstance(job, ConfigError)]
    if len(wrong) > SHOWN:
        wrong[SHOWN:] = [f"{len(wrong) - SHOWN} more of the {len(jobs)} jobs cannot work either."]
    if wrong:
        raise ConfigError("\n".join(wrong))
    return [job for _, job in outcomes if isinstance(job, Job)]


def _outcomes(
    loader: Any, own: list[str], jobs: list[list[str]], config_dir: str | None
) -> Iterator[tuple[str, Job | ConfigError]]:
    for overrides in jobs:
        label = " ".join(map(brief, overrides))
        try:
            parse_overrides(overrides, loader, False, config_dir)
            config = _load(loader, [*own, *overrides], False, config_dir)
            yield label, check(config, overrides, config_dir, LISTED)
        except ConfigError as error:
            yield label, error
        except foreign() as error:
            yield label, explain(error, config_dir)


def _wrong(plain: dict[str, Any], choices: dict[str, str], config_dir: str | None) -> list[str]:
    """Return what is wrong with keys and with knobs; a knob is told once, and not again where components read it."""
    knobs = check_ranges(plain)
    told = {line.partition(": ")[0] for line in knobs}
    keys = check_keys(plain, choices, config_dir)
    return [line for line in keys if line.partition(": ")[0].rpartition(".")[2] not in told] + knobs


def check(config: Any, overrides: Sequence[str], config_dir: str | None = None, sweep: str = "") -> Job:
    """Check a composed configuration (with hydra's section) and return it as plain values."""
    errors = take_unknown(config, config_dir)
    choices = {group: str(name) for group, name in choices_of(config).items()}
    try:
        dropped = drop_replaced(config, overrides, config_dir)
        knobs = typed(config, config_dir)
        named = environment_values.named(knobs)
        plain = located(resolved(knobs, config_dir))
        check_numbers(plain)
        aside = located(resolved(neutral(knobs), config_dir))
        errors += check_groups(plain, config_dir) or _wrong(plain, choices, config_dir)
    except ConfigError as error:
        errors.append(str(error))
    else:
        errors += _place(plain["output_dir"])
    if errors:
        lines = "\n".join(errors).split("\n")
        raise ConfigError("\n".join(blamed(line, choices, overrides, config_dir) for line in lines))
    notes = tuple(_notes(plain, overrides, dropped))
    values = tuple(apart(plain, aside))
    identity = ids.identity(aside, OWN)
    low, detector = floors.lowered(knobs, identity, plain, config_dir)
    words = tuple(overrides)
    return Job(plain, choices, identity, words, notes, sweep, named, values, floor=low, detector=detector)


def _place(folder: Any) -> list[str]:
    """Refuse an output folder that is a file, or lies below one."""
    for path in (Path(folder), *Path(folder).parents) if isinstance(folder, str) else ():
        if path.exists() and not path.is_dir():
            return [f"Expected output_dir to be a folder, but '{path}' is a file: type output_dir=FOLDER."]
    stem, suffix = os.path.splitext(folder) if isinstance(folder, str) else ("", "")
    if suffix[1:].lower() in (*FILMS, *TABLES) and not os.path.isdir(folder):
        writer = "overlay" if suffix[1:].lower() in FILMS else suffix[1:].lower()
        name = os.path.basename(folder)
        return [
            f"Expected output_dir to be a folder, but got '{folder}', the name of a file: type output_dir={stem}, and "
            f"'writer=[{writer}]' writer.{writer}.path={name} for a file of that name."
        ]
    return []


def _notes(plain: dict[str, Any], overrides: Sequence[str], dropped: Sequence[str]) -> Iterator[str]:
    """Say what was typed in vain."""
    if dropped:
        yield f"left out, because the command line chose another option: {', '.join(dropped)}"
    writers = plain["writer"]
    typed = any(override.lstrip("+").partition("=")[0] == "kpt_thr" for override in overrides)
    if typed and not any(ids.heeds(node, "kpt_thr") for node in writers.values()):
        able = next((name for name, node in writers.items() if "mask" in node), None)
        advice = f": type writer.{able}.mask=true to leave out what scores lower" if able else ""
        yield f"kpt_thr changes nothing here, since no writer masks or draws keypoints{advice}"
