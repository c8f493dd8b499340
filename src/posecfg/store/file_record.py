"""What a record says of the files of a clip: one entry for each, or one for many that are in one folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posecfg.layout import HOME, PARTS
from posecfg.store.clip_facts import MOST
from posecfg.store.list_stamps import number

_FILE: dict[str, Any] = {"name": str, "bytes": int, "sha256": str, "mtime_ns": int, "about": dict}
_FOLDER: dict[str, Any] = {"name": str, "count": int, "bytes": int, "sha256": str, "mtime_ns": int, "about": dict}
# What verify compares files with; other facts about a file may be anything.
_ABOUT: dict[str, Any] = {"kind": str, "clipped": int, "shape": list}
_TEXTS = ("channels", "bounded", "columns", "keypoints")
_SHA256 = re.compile("[0-9a-f]{64}")


def is_text(value: Any) -> bool:
    """Tell whether ``value`` is text that can be encoded."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def is_inside(name: str) -> bool:
    """Tell whether ``name`` is the plain posix name of an output: below the root, and not among our own records."""
    parts = name.split("/")
    plain = "\0" not in name and not any(part in ("", ".", "..") for part in parts)
    return plain and is_text(name) and (parts[0].casefold() != HOME or name.startswith(f"{PARTS}/"))


@dataclass(frozen=True)
class FileRecord:
    """A file that a writer published: its name below the output folder, size, hash and time, and facts about it."""

    name: str
    bytes: int
    sha256: str
    mtime_ns: int
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FolderRecord:
    """Many files that a writer published in one folder, whose name ends with a slash.

    ``count`` and ``bytes`` are those of all, ``sha256`` is the hash of their list (``file_lists``), ``mtime_ns`` the
    latest of their times. Other files may be in the folder too.
    """

    name: str
    count: int
    bytes: int
    sha256: str
    mtime_ns: int
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The hash of the list, short enough for a row of the ledger."""
        return number(self.sha256)


Entry = FileRecord | FolderRecord


def entry(data: Mapping[str, Any]) -> Entry:
    """Return the entry behind JSON values that ``fits_entry``."""
    if data["name"].endswith("/"):
        return FolderRecord(**{name: data[name] for name in _FOLDER})
    return FileRecord(**{name: data[name] for name in _FILE})


def fits_entry(data: Any) -> bool:
    """Tell whether JSON values are an entry for a file or a folder below the output folder."""
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return False
    is_folder = data["name"].endswith("/")
    if not all(isinstance(data.get(key), kind) for key, kind in (_FOLDER if is_folder else _FILE).items()):
        return False
    if is_folder and not (0 < data["count"] <= MOST and _SHA256.fullmatch(data["sha256"])):
        return False
    return is_inside(data["name"].removesuffix("/")) and abs(data["bytes"]) <= MOST and _fits_about(data["about"])


def _fits_about(about: dict[str, Any]) -> bool:
    if any(key in about and not isinstance(about[key], kind) for key, kind in _ABOUT.items()):
        return False
    lists = [about.get(key, []) for key in _TEXTS]
    return all(isinstance(one, list) and all(isinstance(text, str) for text in one) for one in lists)
