"""The verb ``doctor``: say which packages and weights work here, and what to type to get the others."""

from __future__ import annotations

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.review.doctor import examine, exit_code


def run(command: Command) -> int:
    """Print one line a package; 1 says that one is missing which nothing works without."""
    rows = examine()
    if command.json:
        print_json(rows)
    else:
        from posecfg.terminal.tables import show_doctor

        show_doctor(rows)
    return exit_code(rows)
