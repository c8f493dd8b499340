"""One clip as one side of a comparison has it: its outcome, its files by hash, and how to read its poses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from posecfg import loading
from posecfg.errors import PosecfgError
from posecfg.review import poses
from posecfg.review.poses import Seen
from posecfg.store import file_lists
from posecfg.store.absence import status
from posecfg.store.clip_record import ClipRecord
from posecfg.store.file_record import FileRecord
from posecfg.store.ledger_row import Row
from posecfg.store.replacing import known_content

KINDS = ("npz", "npy")
# Of the clock, what says which frames there were; rows are compared by themselves.
_NOT_COMPARED = ("rows", "moments")


@dataclass(frozen=True)
class Made:
    """The result of a clip; ``files`` map names to hashes, ``native`` are those that poses can be read from.

    ``missing`` are rows without anybody, ``content`` the hash of the input, "" where it is not known. ``gone`` is the
    number of files that are not there, or cannot be read.
    """

    id: str
    status: str
    reason: str = ""
    rows: int | None = None
    people: int | None = None
    missing: int | None = None
    clock: Mapping[str, Any] = field(default_factory=dict)
    content: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    native: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    root: Path = Path()
    gone: int = 0

    @classmethod
    def alone(cls, path: Path, about: Mapping[str, Any], **more: Any) -> Made:
        """Return a file of which no record tells."""
        seen = known_content(path)
        files = {"": seen[1] if seen else ""}
        return cls(path.stem, "done", files=files, native=((path.name, about),), root=path.parent, **more)

    def only(self, name: str) -> Made:
        """Return the clip with one of its files alone."""
        native = tuple(one for one in self.native if one[0] == name)
        return replace(self, files={"": self.files.get(name, "")}, native=native)

    def first(self, kind: str) -> Made:
        """Return the clip with the first of its files of a kind alone."""
        return self.only(next(name for name, about in self.native if about.get("kind") == kind))

    @property
    def is_one_file(self) -> bool:
        """Whether this is one file of a clip alone."""
        return "" in self.files

    @property
    def named(self) -> Mapping[str, str]:
        """The hashes of files by their names without the clip's, which may be called otherwise on the other side."""
        return {name.replace(self.id, "{id}"): sha for name, sha in self.files.items()}

    def kinds(self) -> list[str]:
        """Return the kinds of native files that there are, the one that tells most first."""
        there = [about.get("kind", Path(name).suffix[1:]) for name, about in self.native]
        return [kind for kind in KINDS if kind in there]

    def seen(self, kind: str) -> Seen | None:
        """Read the poses from native files of a kind."""
        if len(self.native) == 1 and not self.native[0][1]:
            path = self.root / self.native[0][0]
            return poses.of_npz(path) if kind == "npz" else poses.of_npy(path, {})
        return poses.of_files(self.root, self.native, kind)


def of_record(root: Path, record: ClipRecord, timed: Collection[str] = ()) -> Made:
    """Return a clip as its record tells, with the content that its files have now; files of ``timed`` do not count."""
    files: dict[str, str] = {}
    gone = 0
    writers = {name: one for name, one in record.writers.items() if name not in timed}
    for file in (file for one in writers.values() for file in one.files):
        if isinstance(file, FileRecord):
            now = _present(root, file)
            files[file.name], gone = now, gone + (not now)
        else:
            alone = replace(record, writers={"": next(w for w in writers.values() if file in w.files)})
            listed = file_lists.contents(root, alone)
            files |= {name: content[1] if content else "" for name, content in listed.items()}
    native = tuple((file.name, file.about) for file in record.files if isinstance(file, FileRecord))
    missing = record.facts.get("rows_missing")
    clock = record.made.get("clock", {})
    people = record.made.get("people")
    return Made(
        record.id,
        record.status,
        record.reason,
        rows=record.frames,
        people=people if isinstance(people, int) else None,
        missing=missing if isinstance(missing, int) else None,
        clock={key: value for key, value in clock.items() if key not in _NOT_COMPARED},
        content=record.input.content,
        files=files,
        native=tuple(one for one in native if one[1].get("kind") in KINDS),
        root=root,
        gone=gone,
    )


def _present(root: Path, file: FileRecord) -> str:
    """Return the hash of a file as it is now, "" where it is gone: it is read only if it may have been altered."""
    seen = status(root / file.name)
    if seen is None:
        return ""
    if (seen.st_size, seen.st_mtime_ns) == (file.bytes, file.mtime_ns):
        return file.sha256
    content = known_content(root / file.name)
    return content[1] if content else ""


def of_row(row: Row) -> Made:
    """Return a clip of which only the ledger tells, as it failed."""
    return Made(row.id, row.status, row.reason)


def of_npz(path: Path) -> Made:
    """Return what a native npz tells of its clip."""
    header = loading.read_header(path)
    if header is None:
        raise PosecfgError(f"'{path}' was not written by writer=npz.")
    clock = header.get("clock")
    known = {key: value for key, value in clock.items() if key not in _NOT_COMPARED} if isinstance(clock, dict) else {}
    tracks = header.get("tracks")
    return Made.alone(path, {}, clock=known, people=len(tracks) if isinstance(tracks, list) else None)
