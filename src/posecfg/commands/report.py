"""The verb ``report``: one page of runs or of a sweep, made to be passed on."""

from __future__ import annotations

import os
from pathlib import Path

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.errors import UsageError

USAGE = "report FOLDER [FOLDER ...] [--out report.html] [clips=48] [--no-pictures] [--blur-faces]"
NAME = "report.html"


def run(command: Command) -> int:
    """Make the page, and say where it is."""
    from posecfg.page.document import html
    from posecfg.page.report import Wishes, page_of
    from posecfg.page.sources import source

    if not command.words:
        raise UsageError(f"Expected a folder of results, but got none. Type: {USAGE}")
    found = source(command.words)
    out = Path(os.path.expanduser(command.out)) if command.out else found.folder / NAME
    page = page_of(found, Wishes(), out.absolute().parent)
    data = html(page)
    out.write_bytes(data)
    if command.json:
        print_json({"page": str(out), "bytes": len(data), "exit_code": 0})
    else:
        print(out)
    return 0
