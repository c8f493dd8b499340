"""Find weights on this machine; a file with a wrong hash is never returned."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from posecfg.errors import WeightsError
from posecfg.models import files, own_files, registry, settings
from posecfg.models.roads import absent, roads
from posecfg.models.trust import accepts, refuses, wanted


@dataclass(frozen=True)
class Status:
    """The state of one file of weights on this machine.

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
    """Look up the state of the weights ``name``; a wrong file does not hide a right one in a later folder."""
    entry = registry.entry(name)
    expected = wanted(entry)
    paths = files.candidates(entry)
    if not paths:
        return Status(name, "missing", None, expected, None, "" if entry.own else roads([entry]))
    for path in paths:
        found = files.digest(path)
        if accepts(entry, found):
            return Status(name, "present", path, expected, found, "")
    for path in paths:
        found = files.digest(path)
        if not refuses(entry, found):
            return Status(name, "untrusted", path, expected, found, f"posecfg models trust {name} {found}")
    again = f"pip uninstall -y {entry.inside} && " if entry.inside else ""
    return Status(name, "wrong", paths[0], expected, files.digest(paths[0]), again + roads([entry]))


def find(name: str, autofetch: bool = False) -> Path:
    """Return the path of the weights ``name``, or say what to type.

    Nothing is downloaded unless ``autofetch`` is true or the settings say so.
    """
    entry = registry.entry(name)
    here = status(name)
    if here.state == "missing" and entry.urls and (autofetch or settings.current().autofetch):
        # Few runs download, and what a download imports takes as long as all of posecfg's models.
        from posecfg.models.fetch import fetch

        fetch(entry)
        here = status(name)
    if here.state == "present" and here.path is not None:
        if strays := files.strays(here.path):
            raise WeightsError(
                f"Expected '{here.path}' to have its tensors in its own folder, but got '{strays[0]}': export it "
                "again, or put the file beside it."
            )
        return here.path
    if here.state == "missing":
        raise WeightsError(_nowhere(name) if entry.own else absent([entry]))
    if here.state == "untrusted":
        raise WeightsError(
            f"The weights '{here.path}' have no published SHA-256 to compare with{_but(here.expected)}, and are "
            f"refused until you say that they are good: {here.advice}"
        )
    raise WeightsError(
        f"Expected '{here.path}' to have SHA-256 {here.expected}, but got {here.found}; to get the right file, type: "
        f"{here.advice}"
    )


def problems(names: Iterable[str], autofetch: bool = False) -> list[WeightsError]:
    """Return the errors of the weights ``names``: one for all that are missing, and one for each other problem.

    With ``autofetch``, weights that can be downloaded do not count as missing; nothing is downloaded here.
    """
    found: list[WeightsError] = []
    missing: list[registry.Entry] = []
    for name in dict.fromkeys(names):
        try:
            entry = registry.entry(name)
            if entry.own or status(name).state != "missing":
                find(name)
            elif not (autofetch and entry.urls):
                missing.append(entry)
        except WeightsError as error:
            found.append(error)
    return [WeightsError(absent(missing)), *found] if missing else found


def sha256(name: str) -> str:
    """Return the SHA-256 of the weights ``name`` as found."""
    return files.digest(find(name))


@dataclass
class Loading:
    """Weights that are being loaded: where they lie, and what records keep of them, their name and SHA-256."""

    path: Path
    weights: dict[str, str]


@contextmanager
def loading(name: str) -> Iterator[Loading]:
    """Find weights for a component that loads them in the block; files that change meanwhile are refused.

    What is recorded is then the hash of what was loaded.
    """
    path = find(name)
    before = files.statuses(path)
    sha = files.digest(path)
    yield Loading(path, {own_files.label(name): sha})
    if files.statuses(path) != before or files.digest(path) != sha:
        raise WeightsError(f"The weights '{path}' were changed while they were loaded: type the same command again.")


def expected(name: str) -> str:
    """Return the SHA-256 of the weights ``name`` as found, or as published where they are still to be fetched."""
    here = status(name)
    return here.found if here.state == "present" and here.found else registry.entry(name).sha256


def _nowhere(path: str) -> str:
    """Say that a file of the user's own is not there, or is none."""
    place = own_files.located(path)
    what = "that is no regular file" if os.path.lexists(place) else "there is no such file"
    return f"Expected weights in '{place}', but {what}: check the path."


def _but(beginning: str) -> str:
    return f" (but its beginning, {beginning.removesuffix('...')}, which fits)" if beginning else ""
