"""Whether published files are as they were written: what the file system tells first, and their content in doubt."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from posecfg.errors import is_of_machine
from posecfg.store.absence import cannot_read
from posecfg.store.clip_record import FileRecord
from posecfg.store.fingerprint import Stamp
from posecfg.store.ledger_row import OutputStamp, Row
from posecfg.store.replacing import digest


def is_untouched(root: str, file: OutputStamp) -> bool:
    """Tell whether a file is there with the very stamp that it had when its content was last known."""
    name, size, mtime, ctime, inode = file
    try:
        seen = os.stat(f"{root}/{name}")
    except OSError:
        return False
    return (seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino) == (size, mtime, ctime, inode)


def intact(root: Path, file: FileRecord, known: Stamp | None) -> Stamp | None:
    """Return the file's stamp if its content is as recorded, else None; it is read unless its stamp is ``known``."""
    try:
        seen = Stamp.of(os.stat(root / file.name))
        is_same = seen == known or digest(root / file.name) == (file.bytes, file.sha256)
    except OSError as error:
        if is_of_machine(error):
            raise cannot_read(root / file.name, error) from error
        return None
    return seen if is_same else None


def stamped(root: Path, row: Row, written: Collection[str]) -> Row:
    """Return the row of a clip that was just committed, with the stamps of the files that were ``written`` for it.

    What the clip had before keeps the unknown ones of its record, so that its content is looked at once.
    """
    files = []
    for name, *numbers in row.files:
        known = Stamp(*numbers)
        if name in written:
            try:
                seen = Stamp.of(os.stat(root / name))
                known = seen if seen[:2] == known[:2] else known
            except OSError:
                pass
        files.append((name, *known))
    return replace(row, files=tuple(files))
