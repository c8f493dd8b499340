"""The record of one clip: a JSON file that is written last, so that its presence marks the clip as done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from posecfg.store.clip_facts import MOST, fit_facts
from posecfg.store.file_record import Entry, FolderRecord, entry, fits_entry, is_text

SCHEMA = 1
WITH_FOLDERS = 2
"""The schema of records with entries for folders, which versions that know none take for no records."""
UNKNOWN = -1
"""Stands for a number of the file system that an earlier version did not record."""
EARLIER_WHOLE = 16 << 20
"""Bytes up to which earlier versions hashed an input whole; above, what they called sha256 is of samples."""
STATUSES = ("done", "skipped")

_NUMBER = (int, float)
_FIELDS: dict[str, Any] = {
    **{"id": str, "identity": str, "token": str, "input": dict, "writers": dict, "facts": dict, "reason": str},
    **{"attempt": int, "frames": int, "seconds": _NUMBER, "at": _NUMBER},
}
_OPTIONAL: dict[str, Any] = {
    **{"warnings": list, "clock": dict, "people": int, "meta": dict, "meaning": dict, "notes": dict, "weights": dict},
    **{"versions": dict, "device": (str, type(None)), "configurations": list},
}
_INPUT: dict[str, Any] = {"bytes": int, "mtime_ns": int}
_INPUT_OPTIONAL: dict[str, Any] = {"sha256": str, "sampled": str, "ctime_ns": int, "inode": int, "path": str}


@dataclass(frozen=True)
class WriterRecord:
    """What a writer or metric made of a clip: the identity of its settings, and its files, or why it ``refused``."""

    identity: str
    files: tuple[Entry, ...] = ()
    refused: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the writer's part of the record as JSON values."""
        reason = {"refused": self.refused} if self.refused else {}
        return {"identity": self.identity, "files": [vars(file) for file in self.files], **reason}


@dataclass(frozen=True)
class InputRecord:
    """The input when it was read: what the file system told of it, for a fast comparison, and a hash of its content.

    ``sha256`` is of the whole content, ``sampled`` of samples of it; one of them is "". ``path`` is absolute, "" where
    it is not known.
    """

    bytes: int
    mtime_ns: int
    sha256: str = ""
    sampled: str = ""
    ctime_ns: int = UNKNOWN
    inode: int = UNKNOWN
    path: str = ""

    @property
    def content(self) -> str:
        """The hash of the content."""
        return self.sha256 or self.sampled

    def to_json(self) -> dict[str, Any]:
        """Return what is known as JSON values."""
        return {name: value for name, value in vars(self).items() if value not in ("", UNKNOWN)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> InputRecord | None:
        """Return the record behind JSON values, or None where they are none; see ``EARLIER_WHOLE``."""
        known = {**_INPUT, **{name: kind for name, kind in _INPUT_OPTIONAL.items() if name in data}}
        if any(type(data.get(key)) is not kind for key, kind in known.items()):
            return None
        found = cls(**_only(data, known))
        if not found.content:
            return None
        if found.ctime_ns == UNKNOWN and found.bytes > EARLIER_WHOLE:
            return replace(found, sha256="", sampled=found.content)
        return found


@dataclass(frozen=True)
class ClipRecord:
    """The record of a clip.

    ``facts`` are what gates, resume and reports need (JSON values), ``made`` what is known of a result: people,
    skeleton, clock, notes, device, weights, versions and so on; of a clip that was skipped before there was one, it has
    ``configurations`` alone, the names of those that the clip's files were made with. ``token`` tells one commit from
    another.
    """

    id: str
    source: str
    status: str
    reason: str
    identity: str
    input: InputRecord
    attempt: int
    at: float
    facts: Mapping[str, Any] = field(default_factory=dict)
    writers: Mapping[str, WriterRecord] = field(default_factory=dict)
    frames: int = 0
    seconds: float = 0.0
    made: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    token: str = ""

    @property
    def files(self) -> Iterator[Entry]:
        """The entries for all files of the clip."""
        return (file for writer in self.writers.values() for file in writer.files)

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        own = {name: value for name, value in vars(self).items() if name not in ("made", "warnings", "token")}
        has_folders = any(isinstance(file, FolderRecord) for file in self.files)
        return {
            "schema": WITH_FOLDERS if has_folders else SCHEMA,
            **own,
            "input": self.input.to_json(),
            "writers": {name: writer.to_json() for name, writer in self.writers.items()},
            **self.made,
            "warnings": list(self.warnings),
            "token": self.token,
        }

    @classmethod
    def from_json(cls, data: Any) -> ClipRecord | None:
        """Return the record behind JSON values, or None where they are not a record of a known schema."""
        source = InputRecord.from_json(data["input"]) if _fits(data) else None
        if source is None:
            return None
        own = {name: data[name] for name in (*_FIELDS, "status") if name not in ("input", "writers")}
        writers = {
            name: WriterRecord(
                writer["identity"],
                tuple(map(entry, writer["files"])),
                writer.get("refused", ""),
            )
            for name, writer in data["writers"].items()
        }
        known = {*_FIELDS, "schema", "source", "status", "warnings"}
        return cls(
            source=str(data.get("source", data["id"])),
            input=source,
            writers=writers,
            warnings=tuple(str(warning) for warning in data.get("warnings", ())),
            made={name: value for name, value in data.items() if name not in known},
            **own,
        )


def _only(data: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in names}


def _fits(data: Any) -> bool:
    if (
        not isinstance(data, dict)
        or data.get("schema") not in (SCHEMA, WITH_FOLDERS)
        or data.get("status") not in STATUSES
    ):
        return False
    if any(not isinstance(data.get(key), kind) for key, kind in _FIELDS.items()):
        return False
    if any(key in data and not isinstance(data[key], kind) for key, kind in _OPTIONAL.items()):
        return False
    if any(abs(data[key]) > MOST for key in ("attempt", "frames", "seconds", "at")) or not is_text(data["id"]):
        return False
    if not isinstance(data.get("clock", {}).get("rows", 0), int):
        return False
    writers = data["writers"]
    return fit_facts(data["facts"]) and all(map(_fits_writer, writers.values())) and _has_files(data, writers)


def _has_files(data: Mapping[str, Any], writers: Mapping[str, Any]) -> bool:
    """Tell whether each writer has files where people were found, or a reason to have none; metrics have none."""
    if data["status"] != "done" or not data.get("people"):
        return True
    return all(one["files"] or one.get("refused") for name, one in writers.items() if not name.startswith("metric."))


def _fits_writer(writer: Any) -> bool:
    return (
        isinstance(writer, dict)
        and isinstance(writer.get("identity"), str)
        and isinstance(writer.get("files"), list)
        and isinstance(writer.get("refused", ""), str)
        and all(map(fits_entry, writer["files"]))
    )
