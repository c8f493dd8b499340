"""The server behind ``forked_runs.py``: it has all modules loaded, and forks for each run."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import json
import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from forked_runs import ACTS, HANG, ORPHANS, Sick, Strike

PATIENCE = 2.0
# PR_SET_CHILD_SUBREAPER: workers whose parent was killed become children of the server, which so sees their end.
SUBREAPER = 36


def serve() -> None:
    """Answer one line a run until there are no more."""
    _load(sys.argv[1:])
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    folder = Path.cwd()
    for line in sys.stdin:
        asked = json.loads(line)
        log, said, errors = folder / "operations.txt", folder / "said.txt", folder / "errors.txt"
        for path in (log, said, errors, folder / "once"):
            path.unlink(missing_ok=True)
        if not asked["whole"]:
            _compose(tuple(asked["words"]))
        child = os.fork()
        if child == 0:
            _be(asked, (said, errors if asked["place"] else said), log)
        code = _wait(child, asked["after"], asked["limit"])
        text, complaints, operations = (_text(path) for path in (said, errors, log))
        told = {"code": code, "said": text, "complaints": complaints, "operations": operations.splitlines()}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""


def _load(packages: Sequence[str]) -> None:
    """Import what every run needs, so that a fork has it."""
    import pkgutil
    import sqlite3

    import av
    import hydra
    import numpy.ma
    import numpy.random
    import rich.progress

    import posecfg

    for package in packages:
        __import__(package)
    for module in (sqlite3, av, hydra, numpy, rich.progress):
        assert module
    for found in pkgutil.walk_packages(posecfg.__path__, "posecfg."):
        if ".export" not in found.name:
            __import__(found.name)
    from posecfg.config.compose import compose

    # Hydra then knows its plugins, and pages that are parsed are kept.
    compose([])
    gc.collect()
    gc.freeze()


COMPOSED: dict[tuple[str, ...], Any] = {}


def _compose(words: tuple[str, ...]) -> None:
    """Compose what a run of ``words`` will ask for; what is wrong with them is the run's own to say."""
    from posecfg.commands.command_line import parse
    from posecfg.config.compose import compose
    from posecfg.errors import PosecfgError

    if words not in COMPOSED and words[0] != "verify":
        with contextlib.suppress(PosecfgError):
            COMPOSED[words] = compose(parse(list(words)).overrides)


def _shorten(words: tuple[str, ...]) -> None:
    """Let this process take the configuration that is composed already, and start its run without Hydra."""
    from posecfg.commands import run as command
    from posecfg.errors import PosecfgError
    from posecfg.models.settings import Settings, using
    from posecfg.runs import run as runs
    from posecfg.runs.report import Report
    from posecfg.terminal.console import literal
    from posecfg.terminal.progress import Plain

    def start(command: Any, words: Any, jobs: Any, executor: Any) -> tuple[None, list[dict[str, Any]]]:
        try:
            with using(Settings.of(jobs[0].config)):
                return None, [runs.run(jobs[0], Plain(literal()), executor=executor).data()]
        except PosecfgError as error:
            sys.stderr.write(f"posecfg: {error}\n")
            return None, [Report("", error=str(error)).data()]

    for name, value in {"compose": lambda *asked: COMPOSED[words], "_start": start}.items():
        assert hasattr(command, name)
        setattr(command, name, value)


def _wait(child: int, after: float | None, limit: float) -> int | str:
    """Wait for a run and all its workers; kill it after a while where that was asked, or where it takes too long."""
    fd = os.pidfd_open(child)
    with contextlib.closing(os.fdopen(fd)):
        ended = bool(select.select([fd], [], [], limit if after is None else after)[0])
        if not ended and after is None:
            os.killpg(child, signal.SIGKILL)
        elif not ended:
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    late = time.monotonic() + PATIENCE
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-child, os.WNOHANG)[0] == 0:
            if time.monotonic() > late:
                os.killpg(child, signal.SIGKILL)
                return ORPHANS
            time.sleep(0.005)
    return HANG if not ended and after is None else os.waitstatus_to_exitcode(status)


def _be(asked: dict[str, Any], streams: tuple[Path, Path], log: Path) -> None:
    """Become one run; never return."""
    from posecfg import cli

    os.setsid()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    for stream, path in enumerate(streams, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), stream)
    sys.stdout, sys.stderr = (io.TextIOWrapper(os.fdopen(number, "wb", closefd=False)) for number in (1, 2))
    if asked["place"]:
        os.chdir(asked["place"])
        os.environ.clear()
        tempfile.tempdir = None
    os.environ.update(asked["env"])
    sys.argv = ["posecfg", *asked["words"]]
    if not asked["whole"] and tuple(asked["words"]) in COMPOSED:
        _shorten(tuple(asked["words"]))
    if asked["shim"]:
        _arm(asked, log)
    code: int | None = 97
    try:
        cli.main()
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else 96
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        _end_children()
        os._exit(code or 0)


def _end_children() -> None:
    """Do what the interpreter does at its end with what multiprocessing started."""
    from multiprocessing import resource_tracker

    tracker: Any = resource_tracker._resource_tracker
    if tracker._fd is not None:
        os.close(tracker._fd)


def _arm(asked: dict[str, Any], log: Path) -> None:
    shim = ctypes.CDLL(asked["shim"])
    if asked["sick"]:
        sick = Sick(**asked["sick"])
        low, high = ctypes.c_longlong(sick.low), ctypes.c_longlong(sick.high)
        shim.sicken(sick.root.encode(), ctypes.c_long(sick.first), low, high, sick.error, str(log).encode())
    if asked["strike"]:
        strike = Strike(**asked["strike"])
        act = ACTS[strike.act]
        if strike.worker:
            told = {"ROOT": strike.root, "AT": strike.at, "ACT": act, "LOG": log, "ONCE": log.with_name("once")}
            told |= {"LOOKS": int(strike.looks)}
            os.environ.update({f"STRIKE_{name}": str(value) for name, value in told.items()})
        else:
            root, where = strike.root.encode(), str(log).encode()
            how = int(strike.lasting), int(strike.looks)
            shim.strike_arm(root, ctypes.c_long(strike.at), act, *how, where, b"")


if __name__ == "__main__":
    serve()
