"""Parse a command line: the verb, flags in any place, bare paths, and overrides quoted for Hydra."""

from __future__ import annotations

import os
import re
import shlex

from posecfg.commands.command import Command
from posecfg.commands.flags import switches, valued
from posecfg.commands.verbs import VERBS
from posecfg.config.options import everything, options
from posecfg.config.quoting import forced, quote_path, quote_paths, tidy
from posecfg.config.sizes import check_words
from posecfg.errors import UsageError
from posecfg.suggestions import hint, nearest

FLAGS, VALUED = switches(), valued()


def parse(argv: list[str]) -> Command:
    """Parse ``argv`` (without the program's name); a UsageError says what is wrong."""
    check_words(argv)
    _check_blanks(argv)
    command = Command()
    plain, literal = _flags(argv, command)
    if plain and plain[0] in VERBS:
        command.verb = plain.pop(0)
    _check_flags(command)
    if not VERBS[command.verb].composes:
        command.words = plain + literal
        return command
    paths = [word for word in plain if _is_path(word)] + [word for word in literal if not _is_setting(word)]
    settings = [word for word in plain + literal if word not in paths]
    command.overrides = [tidy(word, command.multirun) for word in settings]
    _check_paths(paths)
    keys = {re.sub(r"^\++", "", o).partition("=")[0] for o in command.overrides}
    if paths:
        if "dataset.path" in keys:
            raise UsageError(f"Expected a path or dataset.path=, but got both ('{paths[0]}'): keep one of them.")
        command.overrides.append(f"dataset.path={quote_paths(paths) if len(paths) > 1 else _exact(paths[0])}")
        keys.add("dataset.path")
    if "dataset.path" in keys and not keys & {"dataset", "experiment"}:
        command.overrides.insert(0, "dataset=folder")
    if command.multirun:
        command.overrides = forced(command.overrides)
    return command


def _exact(path: str) -> str:
    """Quote a bare path; OmegaConf takes three question marks for a missing value."""
    return quote_path("./???" if path == "???" else os.path.expanduser(path))


def _flags(argv: list[str], command: Command) -> tuple[list[str], list[str]]:
    """Set the flags on ``command``; return the words that are none, and those after ``--``."""
    words, plain = list(argv), list[str]()
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            return plain, words
        if word in FLAGS:
            setattr(command, FLAGS[word], True)
        elif name in VALUED:
            if not equals and words:
                value = words.pop(0)
            if not value:
                raise UsageError(f"{name} needs a value: see 'run.py --help'.")
            setattr(command, VALUED[name], value)
        elif word.startswith("-") and not os.path.lexists(word):
            raise UsageError(_no_flag(word))
        else:
            plain.append(word)
    return plain, []


def _no_flag(word: str) -> str:
    name, equals, value = word.lstrip("-").partition("=")
    begins = any(key.startswith(f"{name}_") for key in everything())
    near = "" if begins else hint(word, (*FLAGS, *VALUED, "--help", "--version"))
    setting = None if near and not equals else nearest(name, everything())
    if setting:
        return f"There is no flag '{word}': settings have no dashes, type {setting}={value if equals else '...'}"
    return f"There is no flag '{word}'.{near} Settings are key=value, without dashes."


def _check_flags(command: Command) -> None:
    for name in dict.fromkeys(flag for verb in VERBS.values() for flag in verb.flags):
        able = [verb.name for verb in VERBS.values() if name in verb.flags]
        if getattr(command, name) and command.verb not in able:
            verbs = " and ".join(f"'{verb}'" for verb in able)
            raise UsageError(f"--{name.replace('_', '-')} belongs to {verbs}, but the verb is '{command.verb}'.")
    if command.cfg not in (None, "job", "hydra", "all"):
        raise UsageError(f"--cfg: expected job, hydra or all, but got '{command.cfg}'.")
    if (command.resolve or command.package) and not command.cfg:
        raise UsageError("--resolve and --package belong to --cfg: type '--cfg job' with them.")


def _check_blanks(argv: list[str]) -> None:
    """Refuse a setting that the shell cut at a blank, such as 'a=[b, c]' without quotes."""
    words = list(argv)
    while words:
        spoken = [words.pop(0)]
        while words and _is_cut("".join(spoken)) and not _is_setting(words[0]) and not words[0].startswith("-"):
            spoken.append(words.pop(0))
        if len(spoken) > 1:
            raise UsageError(f"{' '.join(spoken)}: leave the blanks out, {shlex.quote(''.join(spoken))}.")


def _is_cut(word: str) -> bool:
    return _is_setting(word) and (word.endswith((",", "=")) or word.count("[") > word.count("]"))


def _check_paths(paths: list[str]) -> None:
    absent = [path for path in paths if not os.path.lexists(path)]
    if len(paths) > 1 and absent and os.path.lexists(whole := " ".join(paths)):
        raise UsageError(f"A path with blanks needs quotes: type {shlex.quote(whole)}.")
    for path in absent:
        if path in VERBS:
            raise UsageError(f"The verb '{path}' comes first: type 'run.py {path} ...'.")
    for path in absent:
        if names := options().get(path):
            raise UsageError(f"'{path}' needs a value: type {path}=NAME, one of {', '.join(names)}.")
        if path in everything():
            raise UsageError(f"'{path}' needs a value: type {path}=...")
        if re.fullmatch(r"\w+", path):
            near = hint(path, (*VERBS, *os.listdir()))
            raise UsageError(f"There is no verb, file or folder '{path}'.{near} Type --help for what there is.")


def _is_setting(word: str) -> bool:
    """Tell whether ``word`` is key=value (or a ~key) with a key that could be ours."""
    key, equals, _ = word.lstrip("+~").partition("=")
    return bool(equals) and (re.split(r"[./@]", key)[0] in (*everything(), "hydra"))


def _is_path(word: str) -> bool:
    if _is_setting(word):
        return False
    if os.path.lexists(os.path.expanduser(word)) or re.match(r"[^=]*[/ ][^=]*=", word):
        return True
    return "=" not in word and not re.match(r"~[a-z_.]+$", word)
