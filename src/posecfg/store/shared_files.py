"""Files over all clips of a folder: what is recorded of them, and the steps in which they appear.

A record says what may be under each name: before a file is moved there, both what was there and what comes. So a kill
leaves no file that is not known, and the next run makes all anew.
"""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from posecfg.layout import HOME
from posecfg.store import real_files, record_files, sync
from posecfg.store.absence import cannot_read, is_absence, matching, status
from posecfg.store.file_record import is_inside, is_text
from posecfg.store.fingerprint import Stamp
from posecfg.store.inputs import Inputs
from posecfg.store.replacing import Content, cannot_write, is_as_recorded, remove_recorded, set_aside
from posecfg.store.staging import Staging, replace_bytes

SHARED = "shared"
SCHEMA = 1


@dataclass(frozen=True)
class SharedRecord:
    """The files over all clips of one writer: what may be under each name, and the ``state`` that they are of.

    The state is that of all records, ``parts`` the hash of the parts, "" where there are none; both are "" while files
    are replaced. ``stamps`` are what the file system told of the files when they were written. ``reason`` says why
    there is none, ``notes`` are for the user.
    """

    writer: str
    identity: str = ""
    settings: str = ""
    state: str = ""
    parts: str = ""
    files: Mapping[str, tuple[Content, ...]] = field(default_factory=dict)
    stamps: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    reason: str = ""
    notes: tuple[str, ...] = ()
    clips: int = 0

    def whole(self, root: Path) -> SharedRecord | None:
        """Return the record with the present stamps, or None unless all files are as they were written.

        A file is read only where in doubt: if it has another stamp than the record knows.
        """
        stamps: dict[str, tuple[int, ...]] = {}
        for name, known in self.files.items():
            # Before the content, so that what is changed meanwhile is in doubt the next time.
            seen = status(root / name)
            if seen is None:
                return None
            stamps[name] = tuple(Stamp.of(seen))
            if stamps[name] != self.stamps.get(name) and not is_as_recorded(root / name, known):
                return None
        return replace(self, stamps=stamps) if self.state else None

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {"schema": SCHEMA, **vars(self)}


def read(root: Path, writer: str) -> SharedRecord | None:
    """Return what is recorded of a writer's files; None where there is no record, or a damaged one."""
    return _read(_place(root, writer), writer)


def every(root: Path) -> list[SharedRecord]:
    """Return the records of all writers."""
    found = []
    for path in matching(root / HOME / SHARED, "*.json"):
        record = _read(path, urllib.parse.unquote(path.name.removesuffix(".json")))
        found += [] if record is None else [record]
    return found


def _place(root: Path, writer: str) -> Path:
    return root / HOME / SHARED / f"{urllib.parse.quote(writer, safe='')}.json"


def _read(path: Path, writer: str) -> SharedRecord | None:
    try:
        data = record_files.decode(real_files.read_bytes(path))
        files = {name: tuple((int(size), str(sha)) for size, sha in known) for name, known in data["files"].items()}
        stamps = {str(name): tuple(map(int, stamp)) for name, stamp in data["stamps"].items()}
        texts = [data[name] for name in ("identity", "settings", "state", "parts", "reason")]
        notes, clips = tuple(map(str, data["notes"])), int(data["clips"])
    except OSError as error:
        if is_absence(error):
            return None
        raise cannot_read(path, error) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    if data.get("schema") != SCHEMA or data.get("writer") != writer or not all(map(is_inside, files)):
        return None
    if not all(map(is_text, texts)):
        return None
    identity, settings, state, parts, reason = texts
    return SharedRecord(writer, identity, settings, state, parts, files, stamps, reason, notes, clips)


def renew(root: Path, record: SharedRecord, state: str, scratch: Path) -> SharedRecord:
    """Record that the files are of this state too: records or stamps changed, and no part did."""
    now = replace(record, state=state)
    _save(_place(root, record.writer), now, scratch, [])
    return now


def owned(root: Path, kept: SharedRecord | None) -> dict[str, Content | None]:
    """Return the files that may be replaced, with what is there of what was written."""
    files = kept.files if kept is not None else {}
    return {
        name: next((one for one in known if is_as_recorded(root / name, [one])), known[-1] if known else None)
        for name, known in files.items()
    }


def publish(
    root: Path, record: SharedRecord, staging: Staging, kept: SharedRecord | None, inputs: Inputs, altered: list[str]
) -> SharedRecord:
    """Move the staged files to their names, remove those that are no more, and return the ``record`` of what is there.

    The names under which files are kept that were edited since are added to ``altered``.
    """
    before = dict(kept.files) if kept is not None else {}
    now: dict[str, tuple[Content, ...]] = {file.name: ((file.bytes, file.sha256),) for file in staging.written}
    place, scratch = _place(root, record.writer), staging.aside / "record.part"
    coming = {name: (*before.get(name, ()), *now.get(name, ())) for name in {**before, **now}}
    if coming:
        temporaries = [file.temporary for file in staging.written]
        changed = _save(place, SharedRecord(record.writer, files=coming), scratch, temporaries)
        _flush(root, changed)
    try:
        staging.publish()
    finally:
        altered += staging.altered.values()
    gone = [name for name in before if name not in now]
    for name in gone:
        if not any([remove_recorded(root, name, content, inputs) for content in before[name]]):
            set_aside(root, name, inputs, altered)
    folders = {**staging.changed, **{(root / name).parent: None for name in gone if (root / name).parent.is_dir()}}
    # A file that loses its first name gets another change time.
    staging.discard()
    stamps = {name: tuple(Stamp.of((root / name).stat())) for name in now}
    done = replace(record, files=now, stamps=stamps)
    _flush(root, _save(place, done, scratch, list(folders)))
    return done


def _save(place: Path, record: SharedRecord, scratch: Path, others: list[Path]) -> list[Path]:
    return replace_bytes(place, json.dumps(record.to_json(), indent=1).encode() + b"\n", scratch, others)


def _flush(root: Path, folders: list[Path]) -> None:
    try:
        sync.flush(folders)
    except OSError as error:
        raise cannot_write(root, error) from error
