"""The command line: verbs, one-line errors, exit codes. Nothing heavy is imported before it is needed."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from posecfg.errors import PosecfgError
from posecfg.version import __version__

INTERRUPTED = 130
COMPLETION = ("-sc", "--shell-completion")


def main() -> NoReturn:
    """Run the program and exit with its code."""
    argv = sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks is shown escaped; it must not end a run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        os.getcwd()
        code = dispatch(argv)
        sys.stdout.flush()
    except PosecfgError as error:
        code = _complain(str(error), error.exit_code, "--json" in argv)
    except KeyboardInterrupt:
        code = _complain("stopped.", INTERRUPTED, "--json" in argv)
    except BrokenPipeError:
        _drop_output()
        code = 0
    except OSError as error:
        _drop_output()
        code = _complain(_explain(error), 1)
    sys.exit(code)


def _complain(text: str, code: int, as_json: bool = False) -> int:
    for line in text.splitlines() or [""]:
        sys.stderr.write(f"posecfg: {line}\n")
    if as_json:
        from posecfg.commands.output import print_json

        print_json({"error": text, "exit_code": code})
    return code


def _drop_output() -> None:
    """Keep the interpreter from complaining once more when it flushes what cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explain(error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return "The current folder is gone: change to one that is there."
    where = f"'{error.filename}'" if error.filename else "The output"
    return f"{where} cannot be read or written ({error.strerror or error})."


def dispatch(argv: list[str]) -> int:
    """Do what ``argv`` asks for and return the exit code."""
    if any(word in ("-h", "--help") for word in argv):
        from posecfg.commands.verbs import VERBS
        from posecfg.terminal import manual

        sys.stdout.write(manual.page([(verb.name, verb.sentence, verb.arguments) for verb in VERBS.values()]))
        return 0
    if "--version" in argv:
        sys.stdout.write(f"posecfg {__version__}\n")
        return 0
    if any(word in COMPLETION for word in argv):
        from posecfg.commands import hydra_app

        return hydra_app.complete(argv)

    from posecfg.commands.command_line import parse
    from posecfg.commands.verbs import VERBS

    command = parse(argv)
    return VERBS[command.verb](command)
