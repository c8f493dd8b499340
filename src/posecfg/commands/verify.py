"""The verb ``verify``: check a folder of results."""

from __future__ import annotations

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.review.verify import verify
from posecfg.terminal.reading import Told


def run(command: Command) -> int:
    """Print what was found in the folder; 1 says that there are problems."""
    result = verify(command.words, Told() if command.inputs else None)
    if command.json:
        print_json(result)
    else:
        from posecfg.terminal.verified import show

        show(result)
    return 1 if result["problems"] else 0
