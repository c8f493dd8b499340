"""The verb ``reproduce``: make one clip again, and compare its files byte by byte."""

from __future__ import annotations

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.review.reproduce import reproduce


def run(command: Command) -> int:
    """Print what came of it; 1 says that something differs."""
    if command.json:
        from posecfg.terminal.progress import Quiet

        result = reproduce(command.words, command.out, Quiet())
        print_json(result)
    else:
        from posecfg.terminal.reproduced import Working, show

        result = reproduce(command.words, command.out, Working())
        show(result)
    return int(result["exit_code"])
