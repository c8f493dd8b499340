"""Whether published files are as they were written: what the file system tells first, and their content in doubt.

Files of a folder that has a list are each looked at as any other: a folder's own status tells nothing of a file that is
edited in place. What the file system tells of all of them is kept as one number.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Set
from dataclasses import replace
from pathlib import Path

from posecfg.errors import is_of_machine
from posecfg.store import file_lists, list_stamps
from posecfg.store.absence import cannot_read
from posecfg.store.clip_record import ClipRecord
from posecfg.store.file_record import Entry, FileRecord, FolderRecord
from posecfg.store.fingerprint import Stamp
from posecfg.store.ledger_row import OutputStamp, Row, unseen
from posecfg.store.replacing import digest, known_content


def is_untouched(root: str, clip_id: str, file: OutputStamp) -> bool:
    """Tell whether a file, or each of a folder, has the very stamp that it had when its content was last known."""
    name, size, mtime, ctime, inode = file
    if name.endswith("/"):
        data = file_lists.read_bytes(Path(root), clip_id, name, mtime)
        return data is not None and list_stamps.are(f"{root}/{name}", data, ctime)
    try:
        seen = os.stat(f"{root}/{name}")
    except OSError:
        return False
    return (seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino) == (size, mtime, ctime, inode)


def intact(root: Path, clip_id: str, file: Entry, known: Set[OutputStamp]) -> OutputStamp | None:
    """Return what the file system tells now of a file or folder if its content is as recorded, else None.

    The content is read unless what is told is ``known`` already.
    """
    if isinstance(file, FolderRecord):
        return _intact(root, clip_id, file, known)
    try:
        seen = (file.name, *Stamp.of(os.stat(root / file.name)))
        is_same = seen in known or digest(root / file.name) == (file.bytes, file.sha256)
    except OSError as error:
        if is_of_machine(error):
            raise cannot_read(root / file.name, error) from error
        return None
    return seen if is_same else None


def _intact(root: Path, clip_id: str, folder: FolderRecord, known: Set[OutputStamp]) -> OutputStamp | None:
    listed = file_lists.read(root, clip_id, folder.name, folder.number)
    if listed is None:
        return None
    try:
        told = [os.stat(root / name) for name in listed]
        seen = _seen(folder, told)
        if seen in known:
            return seen
        sizes = [size for size, _ in listed.values()] == [one.st_size for one in told]
        return seen if sizes and all(digest(root / name) == content for name, content in listed.items()) else None
    except OSError as error:
        if is_of_machine(error):
            raise cannot_read(root / folder.name, error) from error
        return None


def harm(root: Path, clip_id: str, file: Entry) -> str:
    """Say in which way a file, or the files of a folder, are not as recorded."""
    if isinstance(file, FileRecord):
        return _harm(root, file.name, file.bytes)
    listed = file_lists.read(root, clip_id, file.name, file.number)
    if listed is None:
        return f"the list of the {file.count:,} files in {file.name} is lost or damaged"
    lost = [name for name in listed if not os.path.lexists(root / name)]
    if lost:
        return f"{len(lost):,} of {file.count:,} files in {file.name} are missing, the first is {min(lost)}"
    sizes = (name for name, (size, _) in listed.items() if os.lstat(root / name).st_size != size)
    other = next(sizes, None) or next((n for n, content in listed.items() if known_content(root / n) != content), None)
    return f"of the {file.count:,} files in {file.name} some are not what was written{f', as {other}' if other else ''}"


def _harm(root: Path, name: str, size: int) -> str:
    try:
        seen = os.lstat(root / name)
    except OSError:
        return f"{name} is missing"
    if not stat.S_ISREG(seen.st_mode):
        return f"{name} is no file"
    if seen.st_size != size:
        return f"{name} has {seen.st_size:,} bytes, but {size:,} were written"
    return f"{name} has the size that was written, but another content"


def stamped(root: Path, row: Row, record: ClipRecord, writers: Collection[str]) -> Row:
    """Return the row of a clip that was just committed, with the stamps of what these ``writers`` wrote for it now.

    What the clip had before keeps the unknown ones of its record, so that its content is looked at once.
    """
    files = [
        _fresh(root, record.id, file) if name in writers else unseen(file)
        for name, writer in record.writers.items()
        for file in writer.files
    ]
    return replace(row, files=tuple(files))


def _fresh(root: Path, clip_id: str, file: Entry) -> OutputStamp:
    """Return what the file system tells of files that were just written, unless they seem to be edited since."""
    try:
        if isinstance(file, FileRecord):
            seen = Stamp.of(os.stat(root / file.name))
            return (file.name, *seen) if seen[:2] == (file.bytes, file.mtime_ns) else unseen(file)
        listed = file_lists.read(root, clip_id, file.name, file.number) or {}
        told = [os.stat(root / name) for name in listed]
    except OSError:
        return unseen(file)
    sizes = [size for size, _ in listed.values()] == [one.st_size for one in told]
    is_theirs = listed and sizes and all(one.st_mtime_ns <= file.mtime_ns for one in told)
    return _seen(file, told) if is_theirs else unseen(file)


def _seen(folder: FolderRecord, told: Iterable[os.stat_result]) -> OutputStamp:
    return folder.name, folder.bytes, folder.number, list_stamps.stand_for(told), folder.count
