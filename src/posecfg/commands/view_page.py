"""Open the page of a folder of results in a browser; it is made first where it is not there, or older than they are."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from pathlib import Path

from posecfg.commands import report
from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.layout import HOME, PAGE

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")
"""Variables without which Linux has no screen for a browser."""


def open_page(folder: str, command: Command) -> int:
    """Make the page if that is needed, say where it is, and open it where there is a screen."""
    from posecfg.page.shown import Wishes
    from posecfg.terminal.reading import Told

    page = Path(os.path.expanduser(folder)) / PAGE
    if not _is_new(page):
        told = report.make([folder], Wishes(), None, Told("clips", "{:,}".format, "read"))
        page = Path(told["page"])
    if command.json:
        print_json({"page": str(page), "exit_code": 0})
        return 0
    if command.serve:
        return _serve(page)
    opened = _has_screen() and webbrowser.open(page.absolute().as_uri())
    print(f"{page} is open in the browser." if opened else f"{page}: open it in a browser, here or elsewhere.")
    return 0


def _is_new(page: Path) -> bool:
    """Tell whether a page is there and newer than what runs wrote of themselves beside it."""
    try:
        made = page.stat().st_mtime
        homes = [page.parent / HOME, *page.parent.glob(f"*/{HOME}")]
        states = [path.stat().st_mtime for home in homes for path in home.glob("state*.json")]
    except OSError:
        return False
    return bool(states) and made > max(states)


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in SCREENS)


def _serve(page: Path) -> int:
    from posecfg.page.serving import serving

    with serving(page) as address:
        print(f"{page} is at {address} of this machine, until Ctrl-C.", flush=True)
        if _has_screen():
            webbrowser.open(address)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return 0
