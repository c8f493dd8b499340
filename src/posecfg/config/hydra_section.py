"""What a configuration may put into Hydra's own section: settings, but no foreign code."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from posecfg.components.trust import defined, is_trusted
from posecfg.config.launchers import check_launcher
from posecfg.errors import ConfigError

LOGGING = ("job_logging", "hydra_logging")
CORE = (
    "hydra._internal.core_plugins.basic_launcher.BasicLauncher",
    "hydra._internal.core_plugins.basic_sweeper.BasicSweeper",
)
LOGGERS = (
    "logging.Formatter",
    "logging.FileHandler",
    "logging.NullHandler",
    "logging.StreamHandler",
    "logging.handlers.RotatingFileHandler",
    "logging.handlers.TimedRotatingFileHandler",
    "rich.logging.RichHandler",
    "colorlog.ColoredFormatter",
)
STREAMS = ("ext://sys.stdout", "ext://sys.stderr")
PLACE = "${hydra.runtime.output_dir}/"
ADVICE = "leave that part of hydra's section alone."


def check_hydra(section: Mapping[str, Any]) -> None:
    """Refuse foreign code in Hydra's section (unresolved): callbacks, launchers, sweepers, logging, environment."""
    _targets(section, "hydra")
    check_launcher(section.get("launcher"))
    for name in LOGGING:
        _logging(section.get(name), f"hydra.{name}")
    job = section.get("job") or {}
    for name in ("env_set", "env_copy"):
        if job.get(name):
            raise ConfigError(f"hydra.job.{name} would change the environment: set variables in the shell instead.")
    if job.get("chdir"):
        raise ConfigError("hydra.job.chdir would move every relative path: leave it out, and type output_dir=FOLDER.")
    for place in section.get("searchpath") or ():
        check_place(str(place))


def check_place(place: str) -> None:
    """Refuse a search path that is a Python package, as looking into one imports it."""
    if not place.startswith("file://") and "://" in place:
        raise ConfigError(f"hydra.searchpath names '{place}': only folders may stand there; type --config-dir FOLDER.")


def _targets(node: Any, where: str) -> None:
    if isinstance(node, Mapping):
        for key, value in node.items():
            place = f"{where}.{key}"
            if key == "_target_":
                _target(value, place)
            _targets(value, place)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            _targets(value, f"{where}.{index}")


def _target(value: Any, place: str) -> None:
    if value in CORE:
        return
    # Hydra imports every module of hydra_plugins by itself, before it composes; nothing is added to these here.
    own = isinstance(value, str) and value.startswith("hydra_plugins.") and value.rpartition(".")[0] in sys.modules
    if not own and not (isinstance(value, str) and is_trusted(value)):
        raise ConfigError(f"{place} is '{value}', which is outside the trusted packages: {ADVICE}")
    defined(value, place)


def _logging(node: Any, where: str) -> None:
    """Check what ``logging.config`` would import: classes, factories, and any text that begins with ``ext://``."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            place = f"{where}.{key}"
            if key == "filename" and not re.fullmatch(r"[^/]+\.log", str(value).removeprefix(PLACE)):
                raise ConfigError(f"{place} is '{value}': expected the name of a log file, {PLACE}NAME.log; {ADVICE}")
            if key in ("class", "()") and value not in LOGGERS:
                raise ConfigError(f"{place} is '{value}', which is no class of Python's logging: {ADVICE}")
            _logging(value, place)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            _logging(value, f"{where}.{index}")
    elif isinstance(node, str):
        imports = re.match(r"\s*[a-z]+://", node) and node not in STREAMS
        hidden = "${" in node and not node.startswith((PLACE, "hydra-"))
        if imports or hidden:
            raise ConfigError(f"{where} is '{node}', which could import something: {ADVICE}")
