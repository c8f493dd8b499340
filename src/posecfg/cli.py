"""The command line: verbs, one-line errors, exit codes. Nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from posecfg import __version__
from posecfg.errors import PosecfgError

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
        _dump({"error": text, "exit_code": code})
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
        from posecfg.terminal import manual

        sys.stdout.write(manual.page())
        return 0
    if "--version" in argv:
        sys.stdout.write(f"posecfg {__version__}\n")
        return 0
    if any(word in COMPLETION for word in argv):
        from posecfg.commands import hydra_app

        return hydra_app.complete(argv)

    from posecfg.commands.command_line import parse

    command = parse(argv)
    verbs: dict[str, Callable[[Any], int]] = {
        "run": _run,
        "plan": _plan,
        "verify": _verify,
        "models": _models,
        "doctor": _doctor,
    }
    return verbs[command.verb](command)


def _run(command: Any) -> int:
    from posecfg.commands import hydra_app, run

    return hydra_app.show(command) if command.cfg else run.run(command)


def _plan(command: Any) -> int:
    from posecfg.config.compose import compose
    from posecfg.models.settings import environment
    from posecfg.review.plan import plan

    jobs = compose(command.overrides, command.multirun, command.config_dir)
    plans = []
    for job in jobs:
        with environment(job.config):
            plans.append(plan(job, bool(job.sweep), command.probe))
    if command.json:
        _dump(plans if jobs[0].sweep else plans[0])
    else:
        from posecfg.terminal.plans import show

        for one in plans:
            show(one)
    return 1 if any(one["problems"] for one in plans) else 0


def _verify(command: Any) -> int:
    from posecfg.review.verify import verify

    result = verify(command.rest)
    if command.json:
        _dump(result)
    else:
        from posecfg.terminal.verified import show

        show(result)
    return 1 if result["problems"] else 0


def _models(command: Any) -> int:
    from posecfg.models import command as models
    from posecfg.models import verbs
    from posecfg.terminal.tables import show_models

    rows = models.do(command.rest)
    if command.json:
        _dump(rows)
    else:
        show_models(rows)
    return verbs.exit_code(rows)


def _doctor(command: Any) -> int:
    from posecfg.review.doctor import examine, exit_code
    from posecfg.terminal.tables import show_doctor

    rows = examine()
    if command.json:
        _dump(rows)
    else:
        show_doctor(rows)
    return exit_code(rows)


def _dump(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
