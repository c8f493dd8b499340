"""Parse a command line: the verb, flags in any place, bare paths, and overrides quoted for Hydra."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence

from posecfg.commands.command import Command
from posecfg.commands.flags import called, switches, valued
from posecfg.commands.verbs import VERBS
from posecfg.commands.wrong_words import check_paths, no_flag
from posecfg.config.options import everything
from posecfg.config.pages import leaves_open, names
from posecfg.config.quoting import forced, quote_path, quote_paths, tidy
from posecfg.config.sizes import check_words
from posecfg.errors import UsageError

FLAGS, VALUED = switches(), valued()
FOLDER = "dataset=folder"


def parse(argv: list[str]) -> Command:
    """Parse ``argv`` (without the program's name); a UsageError says what is wrong."""
    check_words(argv)
    _check_blanks(argv)
    command = Command(typed=list(argv))
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
    check_paths(paths)
    command.paths = paths
    keys = {re.sub(r"^\++", "", o).partition("=")[0] for o in command.overrides}
    if paths:
        if "dataset.path" in keys:
            raise UsageError(f"Expected a path or dataset.path=, but got both ('{paths[0]}'): keep one of them.")
        command.overrides.append(f"dataset.path={quote_paths(paths) if len(paths) > 1 else _exact(paths[0])}")
        command.implied[command.overrides[-1]] = f"the command line: {paths[0]}{' ...' if len(paths) > 1 else ''}"
        keys.add("dataset.path")
    if "dataset.path" in keys and "dataset" not in keys and _leaves_dataset(command):
        command.overrides.insert(0, FOLDER)
        command.implied[FOLDER] = "the command line: a path alone is one of dataset=folder"
    if command.multirun:
        command.overrides = forced(command.overrides)
    return command


def _leaves_dataset(command: Command) -> bool:
    """Tell whether no experiment chooses a data set; a path alone is then one of films."""
    key = "experiment="
    typed = [word.lstrip("+").removeprefix(key) for word in command.overrides if word.lstrip("+").startswith(key)]
    chosen = [name for value in typed for name in names(value.strip("'\""))]
    return all(leaves_open("dataset", name, command.config_dir) for name in chosen)


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
                raise UsageError(f"{name} needs a value: type {called(name)}.")
            if getattr(command, VALUED[name]) is not None:
                raise UsageError(f"{name} is given twice: keep one of them.")
            setattr(command, VALUED[name], value)
        elif word.startswith("-") and not os.path.lexists(word):
            raise UsageError(no_flag(word, words, plain[0] if plain and plain[0] in VERBS else "run"))
        else:
            plain.append(word)
    return plain, []


def _check_flags(command: Command) -> None:
    for name in dict.fromkeys(flag for verb in VERBS.values() for flag in verb.flags):
        able = [verb.name for verb in VERBS.values() if name in verb.flags]
        if getattr(command, name) and command.verb not in able:
            verbs = " and ".join(f"'{verb}'" for verb in able)
            told = f"--{name.replace('_', '-')} belongs to {verbs}, but the verb is '{command.verb}'"
            is_folder = name == "out" and VERBS[command.verb].composes
            raise UsageError(f"{told}: type output_dir={shlex.quote(command.out or '')}." if is_folder else f"{told}.")
    if command.quiet and command.verbose:
        raise UsageError("--quiet and --verbose contradict each other: keep one of them.")
    if command.why is not None and command.why_again is not None:
        raise UsageError("--why and --why-again are two questions: ask one at a time.")
    if command.cfg not in (None, "job", "hydra", "all"):
        raise UsageError(f"--cfg: expected job, hydra or all, but got '{command.cfg}'.")
    if (command.resolve or command.package) and not command.cfg:
        raise UsageError("--resolve and --package belong to --cfg: type '--cfg job' with them.")


def _check_blanks(argv: list[str]) -> None:
    """Refuse a setting that the shell cut at a blank, such as 'a=[b, c]' without quotes."""
    words = list(argv)
    while words:
        spoken = [words.pop(0)]
        if words and words[0].startswith("=") and spoken[0] in everything():
            spoken.append(words.pop(0))
        while words and _is_cut("".join(spoken)) and not _is_setting(words[0]) and not words[0].startswith("-"):
            spoken.append(words.pop(0))
        if len(spoken) > 1:
            raise UsageError(f"{' '.join(spoken)}: leave the blanks out, {shlex.quote(_joined(spoken))}.")


def _joined(words: Sequence[str]) -> str:
    """Return a setting that was cut at blanks as it is typed; a blank inside brackets may stand for a comma."""
    text = words[0]
    for word in words[1:]:
        is_between = text.count("[") > text.count("]") and text[-1] not in ",[=" and word[0] not in ",]"
        text += f",{word}" if is_between else word
    return text


def _is_cut(word: str) -> bool:
    return _is_setting(word) and (word.endswith((",", "=")) or word.count("[") > word.count("]"))


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
