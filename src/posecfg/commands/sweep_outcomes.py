"""What came of the jobs of a start: each leaves its outcome in its folder below that of the sweep.

So the outcomes of jobs that ran in other processes, or on other machines, are found there.
"""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg import process
from posecfg.config.compose import LISTED, Job
from posecfg.runs.report import FAILED_SOME, STOPPED
from posecfg.store import real_files

OUTCOME, BEGUN, END, BEAT = "posecfg.json", "posecfg.begun", "posecfg.end", "posecfg.beat"
# Why no more jobs are started: one failed under on_error=stop, or the user asked for an end, of jobs in work too.
FAILED, STOPPED_BY_USER, AT_ONCE = "failed", "stopped", "at once"


@dataclass(frozen=True)
class Start:
    """One start of the program, as its jobs know it wherever they run; its files are told from others' by ``token``.

    ``kept`` are the outcomes of jobs that run in the process of the start itself, ``words`` what was typed.
    """

    token: str
    pid: int
    host: str
    kept: dict[int, dict[str, Any]] = field(default_factory=dict, compare=False)
    words: tuple[str, ...] = ()

    @classmethod
    def now(cls, words: Sequence[str] = ()) -> Start:
        """Return the start of this process, for which ``words`` were typed."""
        return cls(uuid.uuid4().hex, os.getpid(), socket.gethostname(), words=tuple(words))

    @property
    def is_here(self) -> bool:
        """Whether this is the process of the start."""
        return self.pid == os.getpid() and self.host == socket.gethostname()

    @property
    def is_near(self) -> bool:
        """Whether this is the machine of the start."""
        return self.host == socket.gethostname()


def begin(start: Start, folder: Path, number: int) -> None:
    """Note that a job of the sweep in ``folder`` was started, and by which process."""
    noted = {"pid": os.getpid(), "host": socket.gethostname(), "start": start.token}
    with suppress(OSError):
        _put(_place(folder, number, BEGUN), noted)


def leave(start: Start, folder: Path, number: int | None, outcome: dict[str, Any]) -> None:
    """Leave the outcome of a job, or that of a single run in ``folder`` itself.

    On a full disk, which was said before, it is only in memory.
    """
    with suppress(OSError):
        place = folder / OUTCOME if number is None else _place(folder, number, OUTCOME)
        _put(place, {**outcome, "start": start.token})
        place.with_name(BEGUN).unlink(missing_ok=True)


def end(start: Start, folder: Path, why: str) -> None:
    """Let no more jobs of the sweep in ``folder`` be started."""
    with suppress(OSError):
        _put(folder / END, {"why": why, "start": start.token})


def ended(start: Start, folder: Path) -> str:
    """Return why no more jobs are to be started, or an empty text."""
    found = _read(start, folder / END)
    return "" if found is None else str(found.get("why", STOPPED_BY_USER))


def beat(start: Start, folder: Path, number: int) -> None:
    """Show jobs on other machines that the start is there, by a number that changes."""
    with suppress(OSError):
        _put(folder / BEAT, {"number": number, "start": start.token})


def last_beat(start: Start, folder: Path) -> Any:
    """Return the number that the start has shown last."""
    return (_read(start, folder / BEAT) or {}).get("number")


def begun(start: Start, folder: Path, number: int) -> dict[str, Any] | None:
    """Return the process and machine of a job that was started and has no outcome yet."""
    return _read(start, _place(folder, number, BEGUN))


def outcome(start: Start, folder: Path, number: int) -> dict[str, Any] | None:
    """Return what a job left, or None."""
    found = _read(start, _place(folder, number, OUTCOME))
    return None if found is None else {name: value for name, value in found.items() if name != "start"}


def collect(start: Start, folder: Path | None, jobs: Sequence[Job], stopped: bool) -> list[dict[str, Any]]:
    """Return the outcomes that jobs left, in their order, with a line for each job that left none.

    Which jobs there are is not known where a sweeper decides while it runs. ``stopped`` says that the user stopped all.
    """
    found = dict(start.kept)
    numbers = range(len(jobs)) if jobs[0].sweep == LISTED else _numbers(folder)
    if folder is not None:
        left = {number: outcome(start, folder, number) for number in numbers if number not in found}
        found |= {number: one for number, one in left.items() if one is not None}
    why = STOPPED_BY_USER if stopped else "" if folder is None else ended(start, folder)
    if jobs[0].sweep == LISTED and found:
        for number in numbers:
            found.setdefault(number, _missing(start, folder, number, jobs[number], why))
    outcomes = [found[number] for number in sorted(found)]
    if stopped and outcomes and STOPPED not in [one["exit_code"] for one in outcomes]:
        outcomes.append({"error": "stopped between two jobs", "exit_code": STOPPED})
    if len(outcomes) < len(jobs) and not stopped:
        outcomes.append({"error": "some jobs left no outcome", "exit_code": 1})
    return outcomes


def _missing(start: Start, folder: Path | None, number: int, job: Job, why: str) -> dict[str, Any]:
    lost = folder is not None and begun(start, folder, number) is not None
    code = 1 if lost and why in ("", FAILED) else {"": 1, FAILED: FAILED_SOME}.get(why, STOPPED)
    text = "no outcome was left" if lost else "not started"
    return {"job": number, "overrides": list(job.overrides), "error": text, "exit_code": code}


def _numbers(folder: Path | None) -> Iterator[int]:
    with suppress(OSError):
        yield from sorted(int(name) for name in os.listdir(folder) if name.isdecimal()) if folder is not None else ()


def _place(folder: Path, number: int, name: str) -> Path:
    return folder / str(number) / name


def _put(path: Path, data: dict[str, Any]) -> None:
    """Write a file that appears at once, so that nothing half-written is read."""
    temporary = path.with_name(f"{path.name}.{process.unique()}.part")
    try:
        real_files.write_bytes(temporary, json.dumps(data, indent=1).encode())
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _read(start: Start, path: Path) -> dict[str, Any] | None:
    """Return the content of a file of this start, or None: others lie in a folder that was used before."""
    try:
        found = json.loads(real_files.read_bytes(path))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("start") == start.token else None


def align_scores(outcomes: Sequence[dict[str, Any]]) -> None:
    """Give each outcome every score that was asked for in any of them, None where it is not known."""
    names = {
        name: None for one in outcomes for name in one.get("scores", {}) if name not in one.get("scores_earlier", ())
    }
    for one in outcomes if names else ():
        one["scores"] = names | one.get("scores", {})
