"""The entry point: it imports little, so that Ctrl-C ends the program in one line from its first moment on."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

INTERRUPTED = 130


def main() -> NoReturn:
    """Run the program and exit with its code."""
    try:
        code = _run()
    except KeyboardInterrupt:
        # It came before signals are heeded, or after the program's last line.
        code = _stopped()
        from posecfg.interruption import end_at_once

        end_at_once(code)
    sys.exit(code)


def _run() -> int:
    from posecfg.environment import leave_current_folder

    leave_current_folder()

    from posecfg.interruption import end_at_once, heeding

    with heeding():
        try:
            from posecfg.commands import program

            code = program.main(sys.argv[1:])
        except KeyboardInterrupt:
            code = _stopped()
        if code == INTERRUPTED:
            # Not after the block, or a signal that follows could come between the two.
            end_at_once(code)
        return code


def _stopped() -> int:
    if sys.stderr is not None:
        sys.stderr.write("posecfg: stopped.\n")
    return INTERRUPTED
