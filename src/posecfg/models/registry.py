"""Registry of the weights that posecfg knows: addresses, hash, size and licence of each."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any

from posecfg.errors import WeightsError
from posecfg.models import own_files

_SHA256, _PREFIX = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{8,63}")
# How alike a name is that was mistyped rather than a part of several.
_TYPING = 0.9
# Models that were never published, each with the related models that were: users ask for them.
NEVER = {"rtmw3d_m": ("rtmw3d_l", "rtmw3d_x")}


@dataclass(frozen=True)
class Entry:
    """One file of weights.

    ``file`` is a plain name, or a posix path inside the package ``inside``. ``sha256`` is "" and ``bytes`` 0 when
    unknown; ``sha256_prefix`` is the published part of a hash that is not published in full, ``about`` a rough size
    where the exact one is unknown. ``archive`` is the name of the file inside the zip, where the addresses lead to a
    zip. ``made_from`` are the weights from which ``posecfg models export`` makes this file. ``instead`` is an override
    for a run without this file. ``commercial`` is whether the licence allows commercial use; ``caution`` is what it
    does not say about where the weights may be used. ``own`` is a file of the user's own,
    whose path is ``name``: it is what was asked for, whatever its hash.
    """

    name: str
    file: str
    sha256: str
    licence: str
    commercial: bool
    cite: str
    what: str
    used_by: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    bytes: int = 0
    about: int = 0
    inside: str | None = None
    instead: str | None = None
    sha256_prefix: str = ""
    archive: str | None = None
    made_from: str | None = None
    caution: str = ""
    own: bool = False

    def __post_init__(self) -> None:
        if self.sha256 and not is_sha256(self.sha256):
            raise ValueError(f"Expected the sha256 of {self.name} to be 64 hex digits, but got '{self.sha256}'.")
        if self.sha256_prefix and (self.sha256 or not _PREFIX.fullmatch(self.sha256_prefix)):
            raise ValueError(
                f"Expected the sha256_prefix of {self.name} to be 8 hex digits or more, without a sha256 beside it, "
                f"but got '{self.sha256_prefix}'."
            )
        if self.about and self.bytes:
            raise ValueError(f"Expected {self.name} to have bytes or about, but it has both.")
        path = PurePosixPath(self.file)
        if path.is_absolute() or ".." in path.parts or (not self.inside and len(path.parts) != 1):
            raise ValueError(f"Expected the file of {self.name} to stay in its folder, but got '{self.file}'.")

    @property
    def way(self) -> str:
        """How the file is got: fetch, export, install (a package that has it), or "" for one of the user's own."""
        if self.inside:
            return "install"
        return "fetch" if self.urls else "export" if self.made_from else ""

    @property
    def allowed(self) -> bool | None:
        """Whether commercial use is allowed; None where the licence does, but the training data had terms."""
        return None if self.commercial and self.caution else self.commercial


def is_sha256(text: str) -> bool:
    """Tell whether ``text`` is a SHA-256 as 64 lower-case hex digits."""
    return _SHA256.fullmatch(text) is not None


def parse(text: str) -> dict[str, Entry]:
    """Read a registry from TOML."""
    return {name: _entry(name, table) for name, table in tomllib.loads(text).items()}


def _entry(name: str, table: Mapping[str, Any]) -> Entry:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Entry(name=name, **{"sha256": "", **fields})


@cache
def load() -> Mapping[str, Entry]:
    """Return the registry that ships with posecfg."""
    return parse(resources.files("posecfg.models").joinpath("registry.toml").read_text("utf-8"))


def names() -> list[str]:
    """List the names of the weights, sorted."""
    return sorted(load())


def entry(name: str) -> Entry:
    """Return the entry called ``name``; a path stands for a file of the user's own."""
    if own_files.is_path(name) and not unpublished(name):
        return _own(name)
    found = load().get(name)
    if found is None:
        if never := unpublished(name):
            raise WeightsError(never)
        raise WeightsError(_unknown(name))
    return found


def family(word: str) -> list[str]:
    """Return the weights whose names have ``word`` in them, those of the option of that name first."""
    plain = _plain(word)
    found = [one for one in load().values() if plain and plain in one.name]
    usual = {f"{group}={plain}" for group in ("detector", "lifter", "detector/boxes", "detector/pose")}
    return [one.name for one in sorted(found, key=lambda one: (not usual & set(one.used_by), one.name))]


def _unknown(name: str) -> str:
    """Say that there are no such weights, and which could be meant."""
    if Path(name).is_file():
        return f"There are no weights '{name}'. For the file of that name type ./{name}"
    plain, several = _plain(name), family(name)
    near = difflib.get_close_matches(plain, names(), n=1, cutoff=_TYPING) or (several if len(several) == 1 else [])
    if several and not near:
        return (
            f"'{name}' is no whole name of weights: it could mean {', '.join(several)}. Name one of them, or several."
        )
    near = near or difflib.get_close_matches(plain, names(), n=1)
    hint = f" Did you mean '{near[0]}'?" if near else " Type posecfg models list for the names."
    return f"There are no weights '{name}'.{hint}"


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _own(path: str) -> Entry:
    return Entry(
        name=path,
        file=own_files.label(path),
        sha256="",
        licence="yours to know",
        commercial=False,
        cite="",
        what="a file of your own",
        own=True,
    )


def unpublished(name: str) -> str:
    """Say that weights were never published, also for the spelling of file names; return "" for other names."""
    plain = _plain(name)
    for absent, siblings in NEVER.items():
        if re.match(rf"{absent}(_8xb|_torch|\W|$)", plain):
            return f"'{name}' was never published: there are {' and '.join(siblings)} only."
    return ""
