"""What the file of a lease says: which process works on a part of a folder, and that it is still alive.

Locks may reach no further than one machine, and clocks of machines differ. A lease is a file that one process can make,
and that changes as long as this process lives.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from posecfg.errors import OutputError, TakenOver
from posecfg.layout import HOME
from posecfg.store import real_files
from posecfg.store.absence import cannot_read, is_absence, matching
from posecfg.store.process import GONE, Process

SCHEMA = 1
EXPIRY = 60.0
"""Seconds without a beat, as another machine counts them, after which its process counts as dead."""
LONGEST_EXPIRY = 3600.0
LIMIT = 4096
_TOKEN = re.compile("[0-9a-f]{32}")
_PARTS = re.compile(r"lease((?:-\d+of\d+)?)\.json")
# Digits of the beat: the file keeps its length, so that a reader never finds half of it.
_DIGITS = 12


@dataclass(frozen=True)
class Lease:
    """A lease of one process: ``token`` is its own alone, ``beat`` counts up while it lives.

    ``machine`` and ``born`` tell whether the process ``pid`` is the one that made it; ``damaged`` that the file says
    nothing of all this, so that its token stands for its content.
    """

    token: str
    host: str
    machine: str
    pid: int
    born: str
    expiry: float
    beat: int = 0
    damaged: bool = field(default=False, compare=False)

    @classmethod
    def own(cls) -> Lease:
        """Return a new lease of this process."""
        me = Process.own()
        return cls(os.urandom(16).hex(), me.host, me.machine, me.pid, me.born, EXPIRY)

    @property
    def process(self) -> Process:
        """The process that made it."""
        return Process(self.host, self.machine, self.pid, self.born)

    @property
    def owner(self) -> str:
        """The process, as the user knows it."""
        return "another process" if self.damaged else f"process {self.pid} on {self.host}"

    @property
    def is_gone(self) -> bool:
        """Whether the process was one of this machine and has ended; of others that is not known."""
        return self.process.life() == GONE

    def encode(self) -> bytes:
        """Return the bytes of the file: of all beats they are as many."""
        data = {"schema": SCHEMA, **asdict(self)}
        del data["damaged"], data["beat"]
        return f'{json.dumps(data)[:-1]}, "beat": {self.beat:{_DIGITS}d}}}\n'.encode()


_NAMES = {one.name for one in fields(Lease)} - {"damaged"}
_TEXTS = ("token", "host", "machine", "born")


def place(home: Path, part: str) -> Path:
    """Return where the lease of a part lies: '' for a whole run, '-1of2' for a shard."""
    return home / f"lease{part}.json"


def parts(home: Path) -> list[str]:
    """Return the parts that have a lease, of a process that is alive or not."""
    return [found[1] for path in matching(home, "lease*.json") if (found := _PARTS.fullmatch(path.name))]


def read(path: Path) -> Lease | None:
    """Return the lease at ``path``, None where there is none."""
    try:
        with os.fdopen(real_files.open_file(path, os.O_RDONLY), "rb") as stream:
            return decode(stream.read(LIMIT))
    except OSError as error:
        if is_absence(error):
            return None
        raise cannot_read(path, error) from error


def decode(data: bytes) -> Lease:
    """Return the lease that a file holds; any other content is that of a damaged one."""
    try:
        found: Any = json.loads(data)
        lease = Lease(**{name: found[name] for name in _NAMES})
        whole = found["schema"] == SCHEMA and all(isinstance(getattr(lease, name), str) for name in _TEXTS)
        whole = whole and all(type(number) is int and number >= 0 for number in (lease.pid, lease.beat))
        if whole and _TOKEN.fullmatch(lease.token) and 0 < lease.expiry <= LONGEST_EXPIRY:
            return lease
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    return Lease(hashlib.sha256(data).hexdigest()[:32], "", "", 0, "", EXPIRY, damaged=True)


def require(root: Path, part: str, token: str) -> None:
    """Refuse to go on for a run whose lease is another's now: it may write nothing any more. None has no ``token``."""
    if not token:
        return
    path = place(root / HOME, part)
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb", 0) as stream:
            data = stream.read(LIMIT) or b""
    except OSError as error:
        if not is_absence(error):
            raise cannot_read(path, error) from error
        data = b""
    if f'"token": "{token}"'.encode() not in data:
        raise taken_over(root, decode(data) if data else None)


def is_held(root: Path, part: str, token: str) -> bool:
    """Tell whether a run still has its lease, as far as that can be read."""
    try:
        require(root, part, token)
    except OutputError:
        return False
    return True


def taken_over(root: Path, found: Lease | None) -> TakenOver:
    """Return the error for a run whose lease was taken, by the process of the one that was ``found`` in its place."""
    if found is None:
        return TakenOver(
            f"'{root}' was moved or removed while the run was at work, or another run took it over and has ended, so "
            "that clips may be missing there: type the same command again."
        )
    return TakenOver(
        f"Another run took '{root}' over ({found.owner}), as this one gave no sign of life for {found.expiry:.0f} s: "
        "nothing more was written; wait for the other, then type the same command again."
    )
