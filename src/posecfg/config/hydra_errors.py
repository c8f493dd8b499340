"""Hydra's, OmegaConf's and YAML's words, turned into one sentence that names the thing and what to type."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from posecfg.components import plugins
from posecfg.config import launchers
from posecfg.config.blame import chooser
from posecfg.config.options import LISTS, conf_dir, everything, hosts, options, pages_below
from posecfg.config.overrides import no_option
from posecfg.config.schema import SECTIONS, TIMES
from posecfg.config.signatures import missing, unfitting
from posecfg.errors import ConfigError
from posecfg.suggestions import hint

TIME = "seconds, or a time such as 00:01:30"
KINDS = {"Float": "a number", "Integer": "a whole number"}


def foreign() -> tuple[type[Exception], ...]:
    """Return the exceptions that composing may raise and ``explain`` understands."""
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError  # type: ignore[import-untyped]

    return (HydraException, OmegaConfBaseException, YAMLError, UnicodeDecodeError, RecursionError, OverflowError)


def explain(error: BaseException, config_dir: str | None = None) -> ConfigError:
    """Return what ``error`` means in our words."""
    if isinstance(error, ConfigError):
        return error
    text = str(error)
    cause = error.__cause__
    if isinstance(error, RecursionError) or "maximum recursion depth" in text:
        return ConfigError("The configuration has values inside each other without end: nest them less deeply.")
    if cause is not None and (not text or text.startswith("Error merging override")):
        return explain(cause, config_dir)
    place, text = _place(text)
    for pattern, answer in PATTERNS.items():
        if match := re.search(pattern, text):
            own = chooser(match[1], match[2], config_dir) if answer is _no_option else None
            said = answer(match, config_dir)
            return ConfigError(f"{said.removesuffix('.')} ({own})." if own else place + said)
    if isinstance(error, UnicodeDecodeError):
        return ConfigError(f"{place}'{_undecodable(config_dir)}' is not UTF-8 text: save it as such, or remove it.")
    if type(error).__module__.startswith("yaml"):
        return ConfigError(f"{place}a YAML file cannot be read: {' '.join(text.split())}.")
    key = getattr(error, "full_key", None)
    first = text.splitlines()[0].rstrip(".") if text else type(error).__name__
    return ConfigError(f"{place}{f'{key}: ' if key else ''}{first}.")


def explain_type(error: Exception, key: str, config_dir: str | None = None) -> str:
    """Turn OmegaConf's words about the value of ``key`` into ours."""
    key = getattr(error, "full_key", None) or key
    text = str(error).splitlines()[0]
    if match := re.match(r"Value '(.*)' of type '.*' could not be converted to (\w+)", text):
        is_time = key.removeprefix("video.") in TIMES
        return unfitting(key, TIME if is_time else KINDS.get(match[2], match[2].lower()), match[1])
    if match := re.match(r"Value '(.*)' is not a valid bool", text):
        return unfitting(key, "true or false", match[1])
    if match := re.match(r"Merge error: \w+ is not a subclass of .* value: (.*)", text):
        return f"{key}: expected its settings one by one ({key}.KEY=...), but got {match[1].rstrip('.')}."
    if "Missing mandatory value" in text or "MissingMandatory" in type(error).__name__:
        return missing(key)
    if re.search(r"'?None'?.*(not Optional|non-optional)|Incompatible value 'None'|not optional", text, re.IGNORECASE):
        return f"{key}: expected {_expected(key)}, but got null."
    if match := re.search(r"Environment variable '(.*)' not found", text):
        return f"{key} refers to the environment variable {match[1]}, which is not set: set it, or type {key}=..."
    if re.search("Cannot convert .* to string|Cannot assign|Invalid type", text):
        return f"{key}: expected a single value, but got a list or a group of settings."
    if match := re.search(r"Interpolation key '(.*)' not found", text):
        return f"{key} refers to '{match[1]}', which is not there.{hint(match[1], everything(config_dir))}"
    return f"{key}: {text.rstrip('.')}."


def _expected(key: str) -> str:
    """Say what kind of value a knob takes."""
    group, _, name = key.rpartition(".")
    knobs = SECTIONS.get(group, SECTIONS[""])
    kinds = {field.name: str(field.type) for field in fields(knobs)}
    return {"float": "a number", "int": "a whole number", "bool": "true or false"}.get(kinds.get(name, ""), "a value")


def _undecodable(config_dir: str | None) -> str:
    """Return the YAML file that is no text."""
    for folder in (*([Path(config_dir)] if config_dir else []), conf_dir(), *plugins.folders().values()):
        for file in pages_below(folder):
            try:
                file.read_text("utf-8")
            except UnicodeDecodeError:
                return str(file)
            except OSError:
                continue
    return "a YAML file"


def _place(text: str) -> tuple[str, str]:
    """Split off the file that Hydra says the fault lies in."""
    match = re.match(r"In '([^']+)': ", text)
    if match is None or match[1] == "hydra/config":
        return "", text[match.end() :] if match else text
    return f"in conf/{match[1]}.yaml: ", text[match.end() :]


def _no_option(match: re.Match[str], config_dir: str | None) -> str:
    return no_option(match[1], match[2], options(config_dir))


def _unread(match: re.Match[str], config_dir: str | None) -> str:
    key, known = match[1].partition("@")[0], options(config_dir)
    if key.startswith(launchers.PREFIX):
        return launchers.unread(key)
    if "/" in key and (whole := hosts(key, config_dir)):
        return f"'{key}' is a part of {' or '.join(whole)}: choose one of them as well, or leave it out."
    if key in known and key not in LISTS:
        return f"'{key}' is a group, but nothing chooses it there: leave it out, or choose {key}=NAME."
    return f"nothing reads '{key}'.{hint(key, everything(config_dir))}"


def _no_override(match: re.Match[str], config_dir: str | None) -> str:
    return f"'{match[1]}' is chosen without the word override: write '- override /{match[1]}: NAME'."


def _plus(match: re.Match[str], config_dir: str | None) -> str:
    return f"'{match[1]}' is there already: type it without the plus."


def _sweep(match: re.Match[str], config_dir: str | None) -> str:
    return f"hydra's own settings cannot be swept over ({match[1]}): choose one value."


def _kind(match: re.Match[str], config_dir: str | None) -> str:
    return f"this kind of sweep ({match[1].lower()}) needs another sweeper: list the values, key=1,2,3."


PATTERNS: dict[str, Callable[[re.Match[str], str | None], str]] = {
    r"Could not (?:find|load) '([\w/]+)/([^'\s]+)'": _no_option,
    r"Could not append to config. An item is already at '([^']+)'": _plus,
    r"Could not (?:override|append to config\.|delete from config\.) ?'?([\w/.@-]+)'?": _unread,
    r"Key '(\w+)' (?:is )?not in": _unread,
    r"Multiple values for ([\w/]+)": _no_override,
    r"Sweeping over Hydra's configuration is not supported : '(.*)'": _sweep,
    r"does not support sweep type : (\w+)": _kind,
}
