"""The command of a run as it is typed in a shell, to be typed again whole or for some of its clips."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from posecfg.config import floors
from posecfg.config.quoting import bare, parted

_FOLDER = "dataset=folder"
_PATH = re.compile(r"dataset\.path='([^'\\$,\[\]]+)'")
_PATHS = re.compile(r"dataset\.path=(?='\[)(.*)")
# What a list of paths may hold as it is.
_PLAIN = re.compile(r"[^\s,'\"\[\]\\$]+(?: [^\s,'\"\[\]\\$]+)*")
# A bare word with a slash or point in it is a path, and no verb.
_BARE = re.compile(r"(?!-)[^=\n]*[./][^=\n]*")
_CHOICE = ("redo", "only")


def of_job(overrides: Sequence[str]) -> str:
    """Return the command of a job that was told ``overrides``, its folder of films as a user types it."""
    words = [_listed(word) for word in overrides if not floors.is_override(word)]
    paths = [found[1] for word in words if (found := _PATH.fullmatch(word))]
    if _FOLDER in words and len(paths) == 1:
        words = [word for word in words if word != _FOLDER and not _PATH.fullmatch(word)]
        words.insert(0, paths[0] if _BARE.fullmatch(paths[0]) else f"dataset.path={paths[0]}")
    return shlex.join(["posecfg", *words])


def _listed(word: str) -> str:
    """Return several paths as a user types them, anything else as it is."""
    found = _PATHS.fullmatch(word)
    paths = parted(bare(found[1])) if found else None
    if not isinstance(paths, list) or not all(map(_PLAIN.fullmatch, paths)):
        return word
    return f"dataset.path=[{','.join(paths)}]"


def whole(command: str) -> str:
    """Return a command without ``redo=``, which was for the clips of that time alone."""
    return _without(command, _CHOICE[:1])


def of_all(command: str) -> str:
    """Return a command without any choice of clips, so that another choice may be added."""
    return _without(command, _CHOICE)


def _without(command: str, keys: Sequence[str]) -> str:
    words = shlex.split(command)
    kept = [word for word in words if word.lstrip("+").partition("=")[0] not in keys or "=" not in word]
    return command if kept == words else shlex.join(kept)
