"""Find weights on this machine; what does not hash to what it should is never handed out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from posecfg import backends
from posecfg.errors import WeightsError
from posecfg.models import files, registry
from posecfg.models.fetch import fetch
from posecfg.models.trust import expected


@dataclass(frozen=True)
class Status:
    """What is known of one file of weights here.

    ``state`` is present, missing, wrong (the hash differs) or untrusted (no hash to compare with). ``path`` and
    ``found`` (SHA-256) are None when it is missing; ``advice`` is what to type, "" when present.
    """

    name: str
    state: str
    path: Path | None
    expected: str
    found: str | None
    advice: str


def status(name: str) -> Status:
    """Look for the weights ``name``; a wrong file does not hide a right one in a later folder."""
    entry = registry.entry(name)
    wanted = expected(entry)
    paths = files.candidates(entry)
    if not paths:
        return Status(name, "missing", None, wanted, None, _how_to_get(entry))
    if not wanted:
        found = files.digest(paths[0])
        return Status(name, "untrusted", paths[0], wanted, found, f"posecfg models trust {name} {found}")
    for path in paths:
        if files.digest(path) == wanted:
            return Status(name, "present", path, wanted, wanted, "")
    again = f"pip uninstall -y {entry.inside} && " if entry.inside else ""
    return Status(name, "wrong", paths[0], wanted, files.digest(paths[0]), again + _how_to_get(entry))


def find(name: str, autofetch: bool = False) -> Path:
    """Return the path of the weights ``name``, or say what to type.

    Nothing is downloaded unless ``autofetch`` is true or ``POSECFG_AUTOFETCH`` is 1.
    """
    entry = registry.entry(name)
    here = status(name)
    if here.state == "missing" and entry.urls and (autofetch or os.environ.get("POSECFG_AUTOFETCH") == "1"):
        fetch(entry)
        here = status(name)
    if here.state == "present" and here.path is not None:
        return here.path
    if here.state == "missing":
        searched = f"inside the package '{entry.inside}'" if entry.inside else f"in {_quoted(files.folders())}"
        choice = f"choose {entry.instead}, or type: " if entry.instead else "type: "
        raise WeightsError(
            f"Expected the weights '{name}' ({entry.file}) {searched}, but found none; {choice}{here.advice}"
        )
    if here.state == "untrusted":
        raise WeightsError(
            f"The weights '{here.path}' have no published SHA-256 to compare with, and are refused until you say that "
            f"they are good: {here.advice}"
        )
    raise WeightsError(
        f"Expected '{here.path}' to have SHA-256 {here.expected}, but got {here.found}; to get the right file, type: "
        f"{here.advice}"
    )


def sha256(name: str) -> str:
    """Return the SHA-256 of the weights ``name`` as found."""
    return files.digest(find(name))


def _how_to_get(entry: registry.Entry) -> str:
    if entry.inside:
        return backends.advice(entry.inside)
    if not entry.urls:
        return f"models.dir=FOLDER, once '{entry.file}' lies there (nobody publishes it; {entry.what})"
    return f"posecfg models fetch {entry.name}"


def _quoted(folders: list[Path]) -> str:
    return ", ".join(f"'{folder}'" for folder in folders)
