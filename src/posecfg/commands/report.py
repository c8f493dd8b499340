"""The verb ``report``: one page of runs or of a sweep, made to be passed on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.errors import ConfigError, UsageError
from posecfg.layout import PAGE
from posecfg.suggestions import hint

if TYPE_CHECKING:
    from posecfg.page.shown import Wishes

USAGE = "report FOLDER [FOLDER ...] [--out report.html] [clips=48] [--no-pictures] [--blur-faces]"
MOST_CLIPS = 2000


def run(command: Command) -> int:
    """Make the page, and say where it is and what is worst in it."""
    from posecfg.terminal.reading import Told

    folders, wishes = parse(command)
    page = make(folders, wishes, command.out, Told("clips", "{:,}".format, "read"))
    if command.json:
        print_json({**page, "exit_code": 0})
        return 0
    from posecfg.terminal.console import literal
    from posecfg.terminal.reported import told

    console = literal()
    console.print(told(page, console.width))
    return 0


def make(folders: Sequence[str], wishes: Wishes, out: str | None, tick: Any) -> dict[str, Any]:
    """Make the page of some folders; return what is told of it as JSON values."""
    from posecfg.page import written
    from posecfg.page.document import documents
    from posecfg.page.report import page_of, worst
    from posecfg.page.sources import source

    found = source(folders)
    place = Path(os.path.expanduser(out)) if out else Path(os.path.relpath(found.folder / PAGE))
    written.check(place)
    page = page_of(found, wishes, place.absolute().parent, tick)
    table = written.table_of(place)
    data, files = documents(page, written.beside(place).name)
    written.write_beside(place, files)
    written.write(place, data)
    written.write(table, written.table(page.data["jobs"]))
    return {
        "page": str(place),
        "table": str(table),
        "bytes": len(data) + sum(map(len, files.values())),
        "folder": str(written.beside(place)) if files else None,
        "kind": found.kind,
        "title": found.title,
        "notes": page.data["notes"],
        "shown": page.data["picked"],
        "measures": page.data["measures"],
        "jobs": page.data["jobs"],
        "worst": worst(page.data),
    }


def parse(command: Command) -> tuple[list[str], Wishes]:
    """Return the folders and what is wanted of the page; a UsageError says what is wrong with the words."""
    from posecfg.page.report import CLIPS
    from posecfg.page.shown import Wishes

    folders, clips = [], CLIPS
    for word in command.words:
        key, equals, value = word.partition("=")
        if not equals or os.path.lexists(os.path.expanduser(word)):
            folders.append(word)
        elif key == "clips":
            clips = _clips(value)
        else:
            raise UsageError(f"report has no '{key}='.{hint(key, ('clips',))} Type: {USAGE}")
    if not folders:
        raise UsageError(f"Expected a folder of results, but got none. Type: {USAGE}")
    return folders, Wishes(clips, not command.no_pictures, command.blur_faces)


def _clips(value: str) -> int:
    try:
        number = int(value)
    except ValueError:
        number = -1
    if not 0 <= number <= MOST_CLIPS:
        raise ConfigError(f"Expected clips= to be a whole number from 0 to {MOST_CLIPS:,}, but got '{value}'.")
    return number
