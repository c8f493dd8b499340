"""Say what is wrong with flags and words that are not there, and what to type instead."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence

from posecfg.commands.flags import flags_of, switches, valued
from posecfg.commands.verbs import VERBS, Verb
from posecfg.config.options import everything, options
from posecfg.config.pages import root
from posecfg.errors import UsageError
from posecfg.suggestions import ALIASES, hint, nearest

OUT = ("o", "output", "output_dir", "output_file", "save", "png", "to")
"""Names that other tools have for --out."""
DIR = ("dir", "models_dir", "model_dir", "cache_dir", "folder", "path")
"""Names that other tools have for models.dir=."""


def no_flag(word: str, rest: Sequence[str], verb: str) -> str:
    """Return a sentence on a flag that is not there; ``rest`` are the words behind it, the first may be its value."""
    if not VERBS[verb].composes:
        return _not_of(word, rest, VERBS[verb])
    # Only now: these are tables of words.
    from posecfg.config import mistyped, other_words

    name, equals, value = word.lstrip("-").partition("=")
    plain = name.replace("-", "_")
    if not word.startswith("--"):
        plain = other_words.SHORT.get(name, plain)
    if meant := VERBS.get(plain.lower()):
        return f"There is no flag '{word}', but a verb: type {f'posecfg {meant.name} {meant.arguments}'.rstrip()}"
    if why := mistyped.absent(plain):
        return f"There is no flag '{word}'{why}"
    flags = (*switches(), *valued(), "--help", "--version")
    if (plain_flag := f"--{plain}") in flags:
        return f"There is no flag '{word}': type {plain_flag}."
    known = plain in everything() or plain in other_words.KEYS or plain in other_words.GPU or plain in ALIASES
    near = None if known or any(key.startswith(f"{plain}_") for key in everything()) else nearest(word, flags)
    if near and not equals:
        return f"There is no flag '{word}'. Did you mean '{near}'? Settings are key=value, without dashes."
    given = value if equals else _value(plain, rest)
    if setting := mistyped.typed(plain, given):
        dashes = "" if setting.startswith(("-", "posecfg")) else "settings have no dashes, "
        return f"There is no flag '{word}': {dashes}type {setting}"
    return f"There is no flag '{word}'. Settings are key=value, without dashes."


def _not_of(word: str, rest: Sequence[str], verb: Verb) -> str:
    """Say which flags a verb has that takes no settings."""
    name, equals, value = word.partition("=")
    if verb.name == "view" and name.strip("-").replace("-", "_") in OUT:
        given = value if equals else next(iter(rest), "view.png")
        return f"There is no flag '{name}': type --out {shlex.quote(given)}."
    if verb.name == "models" and name.strip("-").replace("-", "_") in DIR:
        given = value if equals else next(iter(rest), "FOLDER")
        return f"There is no flag '{name}': type models.dir={shlex.quote(given)}."
    flags = flags_of(verb.flags, verb.composes)
    near = hint(name, [one for flag in flags for one in flag.names])
    told = ", ".join(flag.typed for flag in flags)
    return f"There is no flag '{word}' of {verb.name}.{near} It has {told}."


def _value(key: str, rest: Sequence[str]) -> str | None:
    """Return the value of a flag that stands behind it as a word of its own; a switch has none."""
    near = nearest(key, everything())
    if any(one.name == near and one.value in ("true", "false") for one in root().keys):
        return "true"
    if rest and not rest[0].startswith("-") and "=" not in rest[0] and rest[0] not in VERBS:
        return rest[0]
    return None


def check_paths(paths: Sequence[str]) -> None:
    """Refuse words that are no path, but were meant as a verb, an option or a setting."""
    absent = [path for path in paths if not os.path.lexists(path)]
    if len(paths) > 1 and absent and os.path.lexists(whole := " ".join(paths)):
        raise UsageError(f"A path with blanks needs quotes: type {shlex.quote(whole)}.")
    for path in absent:
        if path in VERBS:
            raise UsageError(f"The verb '{path}' comes first: type 'run.py {path} ...'.")
    for number, path in enumerate(absent):
        if sentence := _no_path(path, next(iter(absent[number + 1 : number + 2]), None)):
            raise UsageError(sentence)


def _no_path(path: str, following: str | None) -> str | None:
    """Return what is wrong with a word that is no verb, setting, file or folder; None where it may be a path."""
    key, colon, value = path.partition(":")
    if colon and value and not value.startswith(("/", "\\")) and key in everything():
        from posecfg.config import mistyped

        return f"'{path}' has a colon: type {mistyped.typed(key, value)}."
    if path in everything():
        return _needs_value(path, following)
    if not re.fullmatch(r"\w+(?:-\w+)*", path):
        return None
    from posecfg.config import mistyped

    if why := mistyped.absent(path, "verb"):
        return f"There is no verb, file or folder '{path}'{why}"
    if meant := mistyped.verb(path):
        return f"There is no verb, file or folder '{path}': type {meant}."
    near = hint(path, (*VERBS, *os.listdir()))
    return f"There is no verb, file or folder '{path}'.{near} Type --help for what there is."


def _needs_value(key: str, following: str | None) -> str:
    names = options().get(key)
    if following is not None and (not names or re.fullmatch(r"[\w,-]+", following)):
        from posecfg.config import mistyped

        return f"'{key}' needs a value: type {mistyped.typed(key, following)}."
    if names:
        return f"'{key}' needs a value: type {key}=NAME, one of {', '.join(names)}."
    return f"'{key}' needs a value: type {key}=..."
