"""Say of the runs in a folder whether they work, have ended or are dead, and how far they are; watch them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.errors import UsageError
from posecfg.review.run_folders import run_folders
from posecfg.review.watching import HANGS, UNSURE, WAITS, WORKS, Folder, Watch
from posecfg.store.state_file import EVERY

GOES_ON = "Ctrl-C ends the watching alone: the run goes on."


def run(command: Command) -> int:
    """Show the runs in one folder; 1 says that one is dead, or ended with less than it was to do."""
    if len(command.paths) > 1:
        raise UsageError(f"status takes one folder, but got {len(command.paths)}: type it for each, or the one above.")
    watch = Watch(run_folders(Path(os.path.expanduser(command.paths[0])), "status"))
    found = watch.settled()
    if command.watch and not _watched(watch, found, command.json):
        return 0
    if command.watch:
        found = watch.settled()
    if command.json:
        print_json({"runs": [folder.data() for folder in found]})
    else:
        from posecfg.terminal.watching import show

        show(found)
    return 0 if all(folder.is_well for folder in found) else 1


def _watched(watch: Watch, found: Sequence[Folder], quiet: bool) -> bool:
    """Show runs until the last has ended; False where the user ends the watching before."""
    from posecfg.terminal.watching import showing

    try:
        with showing(quiet, GOES_ON) as show:
            while any(folder.verdict in (WORKS, HANGS, UNSURE, WAITS) for folder in found):
                show(found)
                time.sleep(EVERY)
                found = watch.look()
    except KeyboardInterrupt:
        sys.stderr.write("The run goes on; only the watching ended.\n")
        return False
    return True
