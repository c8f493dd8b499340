"""What may be set of the launchers that run jobs of a sweep side by side: numbers and names, no commands, no code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from posecfg.errors import ConfigError
from posecfg.suggestions import hint

# The option of hydra/launcher: the module that Hydra finds it in, and its distribution.
OPTIONAL = {
    "joblib": ("hydra_plugins.hydra_joblib_launcher", "hydra-joblib-launcher"),
    "submitit_local": ("hydra_plugins.hydra_submitit_launcher", "hydra-submitit-launcher"),
    "submitit_slurm": ("hydra_plugins.hydra_submitit_launcher", "hydra-submitit-launcher"),
}
GROUP, PREFIX = "hydra/launcher", "hydra.launcher."
FOLDER = "${hydra.sweep.dir}/"
NAME = "${hydra.job.name}"
Check = tuple[str, Callable[[Any], bool]]


def _whole(least: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least


def _text(pattern: str) -> Callable[[Any], bool]:
    return lambda value: re.fullmatch(pattern, str(value)) is not None


def _only(*values: Any) -> Callable[[Any], bool]:
    return lambda value: any(value == one and type(value) is type(one) for one in values)


def _jobs(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value != 0


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


_WORD: Check = ("one word of letters, digits and . _ : , = / + -", _text(r"[\w.:,=/+-]+"))
_COUNT: Check = ("a whole number above 0", _whole(1))
_ONE: Check = ("1, as a job is one process", _only(1))
_FLAG: Check = ("true or false", _only(True, False))
_JOBLIB: dict[str, Check] = {
    "n_jobs": ("the number of jobs at a time, or -1 for one a core", _jobs),
    "backend": ("loky, or null", _only("loky", None)),
    "prefer": ("processes", _only("processes")),
    "require": ("null", _only(None)),
    "verbose": ("a whole number", _whole(0)),
    "timeout": ("seconds above 0, or null", _seconds),
    "pre_dispatch": ("all, a number, or N*n_jobs", _text(r"all|\d{1,6}|(\d{1,6} ?\* ?)?n_jobs")),
    "batch_size": ("auto, or 1", _only("auto", "1", 1)),
    "temp_folder": ("null", _only(None)),
    "max_nbytes": ("a size such as 1M, or null", _text(r"\d{1,9}[KMG]?")),
    "mmap_mode": ("r", _only("r")),
}
_SUBMITIT: dict[str, Check] = {
    "submitit_folder": (f"a folder below {FOLDER}", lambda value: _inside(str(value))),
    "timeout_min": _COUNT,
    "cpus_per_task": _COUNT,
    "gpus_per_node": ("a whole number", _whole(0)),
    "tasks_per_node": _ONE,
    "mem_gb": _COUNT,
    "nodes": _ONE,
    "name": (_WORD[0], lambda value: value == NAME or _WORD[1](value)),
    "stderr_to_stdout": _FLAG,
}
_SLURM: dict[str, Check] = {
    **_SUBMITIT,
    **dict.fromkeys(("partition", "qos", "comment", "constraint", "exclude", "gres", "account"), _WORD),
    **dict.fromkeys(("mem_per_gpu", "mem_per_cpu"), _WORD),
    **dict.fromkeys(("cpus_per_gpu", "gpus_per_task", "array_parallelism", "signal_delay_s"), _COUNT),
    "max_num_timeout": ("a whole number", _whole(0)),
    "additional_parameters": ("a mapping without entries", _only({})),
    "setup": ("null, as it would be a command: load modules in the shell that starts posecfg", _only(None)),
}
_KNOWN = {"JoblibLauncher": _JOBLIB, "LocalLauncher": _SUBMITIT, "SlurmLauncher": _SLURM}
_BY_OPTION = dict(zip(OPTIONAL, _KNOWN.values(), strict=True))


def check_launcher(node: Any) -> None:
    """Refuse settings of a launcher (unresolved) that are none, could not work, or would be run as commands."""
    if not isinstance(node, Mapping) or "_target_" not in node:
        named = "type hydra/launcher=joblib, with hydra/ in place of hydra., or leave it out"
        raise ConfigError(f"hydra.launcher is '{node}', but its settings go one by one: {named}.")
    known = _KNOWN.get(str(node["_target_"]).rpartition(".")[2])
    if known is None:
        return
    for name, value in node.items():
        if name == "_target_":
            continue
        if name not in known:
            raise ConfigError(f"hydra.launcher.{name} is no setting that posecfg hands on: leave it out.")
        expected, fits = known[name]
        if value is not None and not fits(value):
            raise ConfigError(f"hydra.launcher.{name}: expected {expected}, but got {value}.")


def unread(key: str) -> str:
    """Say of a setting of launchers that the chosen one does not take which of them does, or the nearest."""
    name = key.removeprefix(PREFIX)
    takers = [f"{GROUP}={option}" for option, known in _BY_OPTION.items() if name in known]
    if takers:
        return f"nothing reads '{key}': only {' or '.join(takers)} {'takes' if len(takers) == 1 else 'take'} it."
    known = dict.fromkeys(name for option in _BY_OPTION.values() for name in option)
    return f"nothing reads '{key}'.{hint(key, [f'{PREFIX}{one}' for one in known])}"


def absent(group: str, name: str) -> str | None:
    """Return what to install where ``name`` is a launcher that is known and not here."""
    if group != GROUP or name not in OPTIONAL:
        return None
    module, distribution = OPTIONAL[name]
    if is_here(module):
        return None
    return (
        f"hydra/launcher={name} needs the package '{distribution}', which is not installed: "
        "pip install 'posecfg[parallel]'"
    )


def is_here(module: str) -> bool:
    """Tell whether a plugin of Hydra is installed."""
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


def _inside(folder: str) -> bool:
    rest = folder.removeprefix(FOLDER)
    return rest != folder and "${" not in rest and ".." not in rest.split("/") and not rest.startswith("/")
