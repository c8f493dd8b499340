"""The verb ``diff``: compare two folders of results, two clips, or two presets."""

from __future__ import annotations

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.errors import Incomparable, PosecfgError
from posecfg.review.diff import diff
from posecfg.terminal.reading import Told


def run(command: Command) -> int:
    """Print what differs; 1 says that something does, 2 that they cannot be compared."""
    try:
        result = diff(command.words, Told("clips", "{:,}".format))
    except PosecfgError as error:
        raise Incomparable(str(error)) from error
    if command.json:
        print_json(result)
    else:
        from posecfg.terminal.compared import show

        show(result)
    return int(result["exit_code"])
