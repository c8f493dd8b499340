"""Where a page is written to: no file of another program is ever replaced, and no half a page is left."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from posecfg import process
from posecfg.errors import OutputError
from posecfg.page.document import GENERATOR
from posecfg.store import real_files
from posecfg.text import printable, text_cell

_HEAD = 1 << 16
# How our files begin. A page of another program may quote ours, but does not begin with it.
_PAGE = re.compile(
    rb'<!doctype html>\n<html lang="en">\n<head>\n(?:<meta [^<>]*>\n)*<meta name="generator" content="%s">\n'
    % GENERATOR.encode()
)
_TABLE = re.compile(rb"job,state,[^\n]*\bfolder,error,command\b")
_CLIP = re.compile(rb"posecfg\.take\(\d+,")
SUFFIX = ".html"


def check(out: Path) -> None:
    """Refuse a place that a page cannot go to: no page by its name, in no folder, or taken by another file."""
    if out.suffix.lower() != SUFFIX:
        raise OutputError(f"Expected --out to end in {SUFFIX}, but got '{out}'.")
    if not out.absolute().parent.is_dir():
        raise OutputError(f"Expected --out in a folder that is there, but there is no '{out.absolute().parent}'.")
    _refuse(out, _PAGE)
    _refuse(table_of(out), _TABLE)


def table_of(out: Path) -> Path:
    """Return the place of the table that lies beside a page."""
    return out.with_suffix(".csv")


def beside(out: Path) -> Path:
    """Return the place of the folder with clips that lies beside a page which is too large for one file."""
    return out.with_name(f"{out.stem}_files")


def write_beside(out: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of the folder beside a page, and take away those of an earlier page."""
    folder = beside(out)
    if not files and not folder.is_dir():
        return
    try:
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():
            raise OutputError(f"'{folder}' is a link: type --out with another name.")
        for name in files:
            _refuse(folder / name, _CLIP)
        for name, data in files.items():
            write(folder / name, data)
        for path in folder.glob("clip-*.js"):
            if path.name not in files and _begins(path, _CLIP):
                path.unlink()
        if not files and not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise OutputError(f"Expected to write '{folder}', but got: {error.strerror or error}.") from error


def _refuse(path: Path, head: re.Pattern[bytes]) -> None:
    """Refuse to replace a file that is none of ours."""
    if not os.path.lexists(path):
        return
    if not _begins(path, head):
        raise OutputError(f"'{path}' is there already, and is no page of posecfg: type --out with another name.")


def _begins(path: Path, head: re.Pattern[bytes]) -> bool:
    """Tell whether a plain file begins as only ours do."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as stream:
            return head.match(stream.read(_HEAD)) is not None
    except OSError:
        return False


def write(path: Path, data: bytes) -> None:
    """Write a file whole, in the place of an earlier one."""
    aside = path.with_name(f".{path.name}.{process.unique()}.part")
    try:
        real_files.write_bytes(aside, data)
        os.replace(aside, path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise OutputError(f"Expected to write '{path}', but got: {error.strerror or error}.") from error


def table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the sheet as CSV: a row for each job, with all that is known of it; columns of a kind are together."""
    lines = [_line(row) for row in rows]
    columns = list(dict.fromkeys(name for kind in zip(*lines, strict=True) for part in kind for name in part))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: value for part in line for name, value in part.items()} for line in lines)
    return stream.getvalue().encode(errors="replace")


def _line(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is known of a job, in parts: its name and settings, where it is, its clips, and its measures."""
    texts = (
        {"job": row["name"], "state": row["state"], **row["settings"]},
        {"folder": row["folder"], "error": row["error"] or "", "command": row["command"]},
    )
    numbers = (row["clips"], {f"skipped: {name}": number for name, number in row["dropped"].items()}, row["measures"])
    return [
        *({printable(key): text_cell(str(value)) for key, value in part.items()} for part in texts),
        *({printable(key): value for key, value in part.items()} for part in numbers),
    ]
