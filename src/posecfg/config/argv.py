"""What was typed, made fit for Hydra: verbs, flags in any place, bare paths, and paths with any character in them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from posecfg.config.compose import quote_path
from posecfg.config.hints import hint
from posecfg.errors import UsageError

VERBS = ("run", "plan", "verify", "models", "doctor")
PATH_KEYS = ("path", "output_dir", "dir")
FLAGS = {"-m": "multirun", "--multirun": "multirun", "--json": "json", "--probe": "probe", "--resolve": "resolve"}
VALUED = {"--cfg": "cfg", "-c": "cfg", "--config-dir": "config_dir", "-cd": "config_dir", "--package": "package"}
VALUED |= {"-p": "package"}
LITERALS = ("null", "???", "''", '""')


@dataclass
class Command:
    """A command line, taken apart."""

    verb: str = "run"
    overrides: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    multirun: bool = False
    json: bool = False
    probe: bool = False
    resolve: bool = False
    cfg: str | None = None
    config_dir: str | None = None
    package: str | None = None


def parse(argv: list[str]) -> Command:
    """Take ``argv`` (without the program's name) apart; a UsageError says what does not fit."""
    command = Command()
    words = list(argv)
    if words and words[0] in VERBS:
        command.verb = words.pop(0)
    plain = _flags(words, command)
    if command.verb in ("verify", "models", "doctor"):
        command.rest = plain
        return command
    paths = [word for word in plain if _is_path(word)]
    command.overrides = [tidy(word, command.multirun) for word in plain if word not in paths]
    if len(paths) > 1:
        raise UsageError(
            f"Expected one path, but got {len(paths)} ({', '.join(paths)}): name their folder, or quote a glob "
            "('films/*.mp4')."
        )
    for path in paths:
        if not os.path.lexists(path) and re.fullmatch(r"\w+", path):
            raise UsageError(f"There is no verb, file or folder '{path}'.{hint(path, VERBS)} Settings are key=value.")
        command.overrides.append(f"dataset.path={quote_path(os.path.expanduser(path))}")
    typed = {re.sub(r"^\++", "", o).partition("=")[0] for o in command.overrides}
    if "dataset.path" in typed and not typed & {"dataset", "experiment"}:
        command.overrides.insert(0, "dataset=folder")
    return command


def _flags(words: list[str], command: Command) -> list[str]:
    """Set the flags on ``command`` and return the words that are none."""
    plain = []
    while words:
        word = words.pop(0)
        name, _, value = word.partition("=")
        if word in FLAGS:
            setattr(command, FLAGS[word], True)
        elif name in VALUED:
            if not value:
                if not words:
                    raise UsageError(f"{word} needs a value: see 'python run.py --help'.")
                value = words.pop(0)
            setattr(command, VALUED[name], value)
        elif word == "--":
            plain += words
            break
        elif word.startswith("-") and not os.path.lexists(word):
            known = (*FLAGS, *VALUED, "--help", "--version")
            raise UsageError(f"There is no flag '{word}'.{hint(word, known)} Settings are key=value, without dashes.")
        else:
            plain.append(word)
    return plain


def _is_path(word: str) -> bool:
    return ("=" not in word.lstrip("~+") and not word.startswith("~")) or os.path.lexists(word)


def tidy(override: str, multirun: bool = False) -> str:
    """Quote the value of a path-like key so that Hydra's grammar leaves it alone."""
    key, equals, value = override.partition("=")
    if not equals or key.rsplit(".", 1)[-1] not in PATH_KEYS or value in LITERALS or not value:
        return override
    if value.startswith("${") or (len(value) > 1 and value[0] == value[-1] and value[0] in "'\""):
        return override
    value = os.path.expanduser(value)
    if multirun and "," in value and not os.path.lexists(value):
        return f"{key}={','.join(quote_path(os.path.expanduser(part)) for part in value.split(','))}"
    return f"{key}={quote_path(value)}"
