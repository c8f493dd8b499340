"""How far the run in a folder is: a small file of each run or shard, which it writes anew as it goes.

It is a convenience for those who watch, and never the truth about clips: no run reads it. Its file is replaced in one
step, without a wait for the disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from posecfg.store import real_files
from posecfg.store.absence import matching
from posecfg.store.process import Process

SCHEMA = 1
EVERY = 2.0
"""Seconds between two beats of a run."""
NAMED = 50
"""The most clips in work that are named."""
LIMIT, MOST = 1 << 20, 1 << 62
"""The most bytes of a file, and a number that none in it reaches."""
BEGINS, WORKS, ENDS, OVER = "begins", "works", "ends", "over"
"""What a run is at: it lists and compares, works on clips, makes files over all clips, or has ended."""
_PREFIX, _SUFFIX = "state", ".json"


@dataclass(frozen=True)
class ClipInWork:
    """A clip in work: where, for how many seconds, and how many of its frames are done, of about ``of``."""

    id: str
    where: str = ""
    seconds: float = 0.0
    frames: int = 0
    of: int | None = None


@dataclass(frozen=True)
class RunState:
    """The state of a run at one of its beats.

    ``token`` names this run among all of the folder. ``started`` is the time of its own machine's clock. ``executor``
    is as it was typed, ``engine`` what runs its workers, of which ``ready`` are ready, where the executor tells.
    ``clips`` are all; ``already`` were done before, ``dropped`` are skipped by now or before, and ``left`` have no
    outcome yet. ``time_left`` is in seconds. ``stop`` is 'finish' or 'drop' once that was asked for from the host
    ``stop_host``. ``ended`` names how the run ended, as ``Report.ending`` does, with its ``error`` and ``exit_code``,
    at the time ``ended_at`` of its own machine.
    """

    process: Process
    token: str = ""
    beat: int = 0
    phase: str = BEGINS
    started: float = 0.0
    seconds: float = 0.0
    command: tuple[str, ...] = ()
    folder: str = ""
    executor: str = ""
    engine: str = ""
    workers: int = 0
    ready: int | None = None
    waiting: tuple[str, ...] = ()
    clips: int = 0
    to_do: int = 0
    already: int = 0
    done: int = 0
    dropped: int = 0
    failed: int = 0
    left: int = 0
    frames: int = 0
    frames_per_second: float = 0.0
    time_left: float | None = None
    in_work: int = 0
    clips_in_work: tuple[ClipInWork, ...] = field(default=())
    stop: str = ""
    stop_host: str = ""
    ended: str = ""
    error: str | None = None
    exit_code: int | None = None
    ended_at: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        data = asdict(self)
        return {"schema": SCHEMA, **data.pop("process"), **data}

    @classmethod
    def from_json(cls, data: Any) -> RunState | None:
        """Return the state that ``data`` holds, None if it holds none."""
        try:
            if data["schema"] != SCHEMA:
                return None
            process = Process(**{one.name: _fitting(data[one.name], one.default) for one in fields(Process)})
            told: dict[str, Any] = {name: _read(name, data[name], default) for name, default in _DEFAULTS.items()}
            return cls(process, **told)
        except (KeyError, TypeError, ValueError, OverflowError):
            return None


_DEFAULTS: Mapping[str, Any] = {one.name: one.default for one in fields(RunState) if one.name != "process"}
_NUMBERS = frozenset({"time_left", "ended_at"})


def _read(name: str, value: Any, default: Any) -> Any:
    """Return a value of one key as the dataclass has it."""
    if name == "clips_in_work":
        keys = {one.name: one.default for one in fields(ClipInWork) if one.name != "id"}
        return tuple(
            ClipInWork(_fitting(one["id"], ""), **{key: _fitting(one[key], like) for key, like in keys.items()})
            for one in value[:NAMED]
        )
    if isinstance(default, tuple):
        return tuple(_fitting(one, "") for one in value)
    if name == "error":
        return None if value is None else _fitting(value, "")
    return _fitting(value, 0.0 if name in _NUMBERS and value is not None else default)


def _fitting(value: Any, like: Any) -> Any:
    """Return a text or number of the kind of ``like``, where None stands for a whole number or nothing."""
    if isinstance(like, str) and isinstance(value, str):
        return value
    if like is None and value is None:
        return None
    if isinstance(value, bool) or isinstance(like, str) or not isinstance(value, int | float):
        raise TypeError("another kind of value")
    if not 0 <= value < MOST or (not isinstance(like, float) and not isinstance(value, int)):
        raise ValueError("no number of anything")
    return value


def place(home: Path, part: str) -> Path:
    """Return where the state of a part is: '' for a whole run, '-1of2' for a shard."""
    return home / f"{_PREFIX}{part}{_SUFFIX}"


def read(path: Path) -> RunState | None:
    """Return the state in a file, None where there is none, or a damaged one."""
    try:
        return RunState.from_json(json.loads(real_files.read_bytes(path, LIMIT)))
    except (OSError, ValueError, RecursionError):
        return None


def states(home: Path) -> dict[str, RunState]:
    """Return the states of all parts in a folder. The list of names is read anew: a network may remember old ones."""
    found = {path.name[len(_PREFIX) : -len(_SUFFIX)]: read(path) for path in matching(home, f"{_PREFIX}*{_SUFFIX}")}
    return {part: state for part, state in found.items() if state is not None}


class Pen:
    """Write the state of one run into its folder, which is followed where it is moved to.

    What a kill left of an earlier run is removed first, of the state and of ``others`` beside it.
    """

    def __init__(self, home: Path, part: str, token: str, *others: str) -> None:
        self._folder = -1  # Below it, nothing can be opened or removed, as errors of each step say.
        with suppress(OSError):
            self._folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._name = place(home, part).name
        self._aside = f"{self._name}.{Process.own().host.replace(os.sep, '-')}-{token}"
        with suppress(OSError):
            for name in os.listdir(self._folder) if self._folder >= 0 else ():
                if name.startswith((f"{self._name}.", *others)):
                    self.remove(name)

    def write(self, state: RunState) -> None:
        """Replace the file in one step."""
        data = json.dumps(state.to_json(), separators=(",", ":")).encode()
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(self._aside, flags, 0o666, dir_fd=self._folder), "wb") as stream:
                stream.write(data)
            os.replace(self._aside, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except OSError:
            self.remove(self._aside)
            raise

    def take(self, name: str) -> bytes | None:
        """Read and remove a small file beside the state; None where there is none, which costs one look."""
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            with os.fdopen(os.open(name, flags, dir_fd=self._folder), "rb") as stream:
                data = stream.read(LIMIT)
        except OSError:
            return None
        self.remove(name)
        return data

    def remove(self, name: str) -> None:
        """Remove a file beside the state, where there is one."""
        with suppress(OSError):
            os.unlink(name, dir_fd=self._folder)

    def close(self) -> None:
        """Let the folder go."""
        with suppress(OSError):
            os.close(self._folder)
