"""The files of a clip that are in one folder: one entry in its record, and a list of them below ``.posecfg/files``.

A record and the ledger are parsed for every clip of a plan, so neither may grow with the rows of a clip. What is
replaced, removed or verified must be known file by file all the same: the record has the hash of the list, so that a
list that is damaged, or of another result, is none. Lists are plain lines, in which names are found quickly.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from posecfg import budgets
from posecfg.layout import HOME
from posecfg.store import real_files
from posecfg.store.absence import cannot_read, is_absence
from posecfg.store.clip_record import ClipRecord
from posecfg.store.file_record import Entry, FileRecord, FolderRecord, is_inside
from posecfg.store.ledger_row import OutputStamp
from posecfg.store.list_stamps import number
from posecfg.store.replacing import Content, known_content

FILES = "files"
FROM = 16
"""Files of one folder from which on they have a list: the entries of fewer fit into one block of a disk (4 kB)."""
SUMMED = "made"
"""The fact about files of which the folder has the sum; all others must be the same for all."""
NAME = re.compile(r"[0-9a-f]{20}-[0-9a-f]{15}\.txt")


def fold(files: Iterable[FileRecord]) -> tuple[Entry, ...]:
    """Return the entries for files, with one for those of each folder that has a list."""
    return tuple(found for found, _ in _folded(files))


def lists(root: Path, clip_id: str, files: Iterable[FileRecord]) -> dict[Path, bytes]:
    """Return the lists of files of a clip by their places."""
    found = _folded(files)
    return {place(root, clip_id, one.name, one.number): data for one, data in found if isinstance(one, FolderRecord)}


def place(root: Path, clip_id: str, folder: str, list_number: int) -> Path:
    """Return where the list of a folder is; another result has another place, so that none is written in place."""
    owner = hashlib.sha256(f"{clip_id}\0{folder}".encode(errors="surrogatepass")).hexdigest()[:20]
    return root / HOME / FILES / f"{owner}-{list_number:015x}.txt"


def places(root: Path, record: ClipRecord | None) -> set[Path]:
    """Return the places of all lists that a record needs."""
    if record is None:
        return set()
    return {place(root, record.id, file.name, file.number) for file in record.files if isinstance(file, FolderRecord)}


def read(root: Path, clip_id: str, folder: str, list_number: int) -> dict[str, Content] | None:
    """Return the files that a list names, with what was written; None where there is none, or a damaged one."""
    data = read_bytes(root, clip_id, folder, list_number)
    if data is None:
        return None
    found: dict[str, Content] = {}
    for line in data.decode(errors="replace").split("\n")[:-1]:
        parts = line.split(" ", 2)
        if len(parts) != 3 or not parts[1].isdecimal() or "/" in parts[2] or not is_inside(folder + parts[2]):
            return None
        found[folder + parts[2]] = int(parts[1]), parts[0]
    return found


def read_bytes(root: Path, clip_id: str, folder: str, list_number: int) -> bytes | None:
    """Return a list as it was written, None where there is none, or a damaged one."""
    path = place(root, clip_id, folder, list_number)
    try:
        data = real_files.read_bytes(path, budgets.LISTING)
    except OSError as error:
        if is_absence(error):
            return None
        raise cannot_read(path, error) from error
    except ValueError:
        return None
    return data if number(hashlib.sha256(data).hexdigest()) == list_number else None


def of_folder(root: Path, clip_id: str, folder: FolderRecord) -> list[FileRecord] | None:
    """Return a record for each file of a folder; None where its list is lost."""
    found = read(root, clip_id, folder.name, folder.number)
    if found is None:
        return None
    about = {key: value for key, value in folder.about.items() if key != SUMMED}
    return [FileRecord(name, size, sha, folder.mtime_ns, about) for name, (size, sha) in found.items()]


def contents(root: Path, record: ClipRecord) -> dict[str, Content | None]:
    """Return every file that a record vouches for, with what was written.

    Where a list is lost, what is in its folder tells: if the hash of all files there fits, they are those of the list;
    otherwise each may be one of them, and what was written is not known (None).
    """
    known: dict[str, Content | None] = {}
    unknown: set[str] = set()
    for file in record.files:
        if isinstance(file, FileRecord):
            known[file.name] = file.bytes, file.sha256
            continue
        listed = read(root, record.id, file.name, file.number) or _recovered(root, file)
        known |= listed or {}
        unknown |= set() if listed else set(there(root, file.name))
    return {**dict.fromkeys(unknown), **known}


def names(root: Path, clip_id: str, files: Iterable[OutputStamp]) -> tuple[set[str], bool]:
    """Return the names of all files of a ledger's row, and whether no list is lost."""
    found: set[str] = set()
    whole = True
    for name, _, mtime, *_ in files:
        listed = read(root, clip_id, name, mtime) if name.endswith("/") else (name,)
        found.update(listed or ())
        whole &= listed is not None
    return found, whole


def there(root: Path, folder: str) -> list[str]:
    """Return the names of all regular files in a folder."""
    try:
        with os.scandir(root / folder) as entries:
            return [folder + entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError as error:
        if is_absence(error):
            return []
        raise cannot_read(root / folder, error) from error


def _recovered(root: Path, folder: FolderRecord) -> dict[str, Content] | None:
    found = there(root, folder.name)
    if len(found) != folder.count:
        return None
    seen = {name: content for name in found if (content := known_content(root / name)) is not None}
    data = _encode(FileRecord(name, size, sha, 0) for name, (size, sha) in seen.items())
    return seen if hashlib.sha256(data).hexdigest() == folder.sha256 else None


def _folded(files: Iterable[FileRecord]) -> Iterator[tuple[Entry, bytes]]:
    """Yield each entry with its list, which is empty for a single file."""
    groups: dict[str, list[FileRecord]] = {}
    for file in files:
        groups.setdefault(file.name.rpartition("/")[0], []).append(file)
    for folder, group in groups.items():
        about = _about(group) if folder and len(group) >= FROM else None
        if about is None:
            yield from ((file, b"") for file in group)
            continue
        data = _encode(group)
        size, latest = sum(file.bytes for file in group), max(file.mtime_ns for file in group)
        sha = hashlib.sha256(data).hexdigest()
        yield FolderRecord(f"{folder}/", len(group), size, sha, latest, about), data


def _about(group: Sequence[FileRecord]) -> dict[str, Any] | None:
    """Return the facts about all files of a folder; None where they differ, or a name takes more than one line."""
    first = _shared(group[0])
    numbers = [file.about[SUMMED] for file in group if type(file.about.get(SUMMED)) is int]
    if any("\n" in file.name or _shared(file) != first for file in group) or len(numbers) not in (0, len(group)):
        return None
    return {**first, SUMMED: sum(numbers)} if numbers else first


def _shared(file: FileRecord) -> dict[str, Any]:
    return {key: value for key, value in file.about.items() if key != SUMMED or type(value) is not int}


def _encode(files: Iterable[FileRecord]) -> bytes:
    lines = sorted((file.name.rpartition("/")[2], file.bytes, file.sha256) for file in files)
    return "".join(f"{sha} {size} {name}\n" for name, size, sha in lines).encode()
