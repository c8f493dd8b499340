"""Take a lease that is free or of a dead process, and give it back; of several that want it, one gets it.

A file that has a lease is moved or removed only by the one process that made a claim with the token of that lease in
its name, which no two can make. So one that read an old state, or slept meanwhile, never touches the lease of another.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from posecfg import process
from posecfg.errors import InUse, OutputError, Unsure
from posecfg.store import file_systems, lease_keeper, moves, real_files
from posecfg.store.lease import Lease, read
from posecfg.store.process import Process

CLAIM = ".claim"
TURN_SECONDS = 0.02, 1.0
"""Seconds between the first two looks of one that waits for its turn, and the most between two later ones."""


@dataclass(frozen=True)
class _Seen:
    token: str
    beat: int
    since: float
    moved: bool


# What was last seen of each lease: only its changes, by the clock of this machine, tell that its process lives.
_seen: dict[Path, _Seen] = {}


def silence(path: Path, lease: Lease) -> float | None:
    """Return for how many seconds a lease must not change until its process counts as dead: 0 if it is.

    None says that it is alive: its lease changed since an earlier look. On a disk of this machine, a process of this
    machine that is alive has a lock, which is looked at too, and what a loss of power damaged is of one that was here.
    """
    if lease_keeper.is_own(lease):
        return None
    me = Process.own()
    if lease.is_gone or lease.process == me:
        return 0.0
    if (lease.damaged or lease.host == me.host) and file_systems.is_local(path.parent):
        return 0.0
    now, before = time.monotonic(), _seen.get(path)
    if before is None or (before.token, before.beat) != (lease.token, lease.beat):
        before = _seen[path] = _Seen(lease.token, lease.beat, now, before is not None)
    left = before.since + lease.expiry - now
    return 0.0 if left <= 0 else None if before.moved else left


def refuse_alive(path: Path, lease: Lease, owner: str = "") -> None:
    """Raise ``InUse`` if the process of a lease is alive, ``Unsure`` if that is not known yet."""
    left, owner = silence(path, lease), owner or lease.owner
    where = path.parent.parent
    if left is None:
        raise InUse(f"'{where}' is in use by {owner}: wait for it, stop it, or choose another output_dir=.", owner)
    if left > 0:
        raise Unsure(
            f"'{where}' is in use by {owner}, or was when that one was killed: wait {left:.0f} s to see which, or "
            "choose another output_dir=.",
            owner,
            left,
        )


def take(path: Path, lease: Lease | None = None) -> Lease:
    """Make a lease at ``path``, in place of that of a dead process, and keep it alive; ``InUse`` says who has it."""
    mine = lease or Lease.own()
    lease_keeper.keep(path, mine)
    try:
        # On a disk of this machine half a lease is dead, and need not appear whole.
        if not file_systems.is_local(path.parent) or not _write_new(path, mine.encode()):
            with _aside(path, mine) as aside:
                while not _make(aside, path):
                    found = read(path)
                    if found is not None:
                        refuse_alive(path, found)
                        if _succeed(path, found, mine, aside):
                            break
    except BaseException:
        lease_keeper.drop(mine)
        raise
    lease_keeper.begin()
    return mine


def give_back(path: Path, lease: Lease) -> None:
    """Remove a lease of this process, if it still has it; nothing is raised: it ends with the process anyway."""
    if not lease_keeper.is_own(lease):
        return
    try:
        if file_systems.is_local(path.parent):
            with suppress(OSError, OutputError):
                if _has(path, lease):
                    real_files.unlink(path)
            return
        other = Lease.own()
        with suppress(OSError, OutputError), _aside(path, other) as aside, _claim(path, lease, other, aside) as claim:
            if claim is not None and _has(path, lease):
                real_files.unlink(path)
    finally:
        lease_keeper.drop(lease)


@contextmanager
def held(path: Path) -> Iterator[Lease]:
    """Hold a lease at ``path``; ``InUse`` says who has it."""
    lease = take(path)
    try:
        yield lease
    finally:
        give_back(path, lease)


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Wait until no other process has the lease at ``path``, and hold it; on a disk of this machine a lock suffices."""
    if file_systems.is_local(path.parent):
        yield
        return
    pause, most = TURN_SECONDS
    while True:
        try:
            lease = take(path)
            break
        except InUse:
            time.sleep(pause)
            pause = min(most, 1.5 * pause)
    try:
        yield
    finally:
        give_back(path, lease)


def _succeed(path: Path, dead: Lease, mine: Lease, aside: Path) -> bool:
    """Put the lease at ``aside`` in the place of a dead one; False where another process was first."""
    with _claim(path, dead, mine, aside) as claim:
        if claim is None or not _has(path, dead):
            return False
        try:
            moves.replace(claim, path)
        except FileNotFoundError:
            # This process slept until it was taken for dead itself.
            return False
        return True


@contextmanager
def _claim(path: Path, lease: Lease, mine: Lease, aside: Path) -> Iterator[Path | None]:
    """Claim the sole right to move or remove the file that has ``lease``; None where another process was first."""
    claim = path.with_name(f"{path.stem}.{lease.token}{CLAIM}")
    if not _make(aside, claim):
        other = read(claim)
        if other is not None:
            refuse_alive(claim, other)
            with _claim(path, other, mine, aside) as right:
                if right is not None and _has(claim, other):
                    real_files.unlink(claim)
        yield None
        return
    try:
        yield claim
    finally:
        if _has(claim, mine):
            real_files.unlink(claim)


def _has(path: Path, lease: Lease) -> bool:
    found = read(path)
    return found is not None and found.token == lease.token


@contextmanager
def _aside(path: Path, lease: Lease) -> Iterator[Path]:
    """Write a lease to a file aside, so that it appears whole."""
    aside = path.with_name(f".{path.name}.{process.unique()}-{lease.token[:8]}")
    real_files.write_bytes(aside, lease.encode())
    try:
        yield aside
    finally:
        with suppress(OSError):
            os.unlink(aside)


def _make(aside: Path, target: Path) -> bool:
    """Give a lease its name; False where there is a file of this name."""
    try:
        moves.link(aside, target)
    except FileExistsError:
        return False
    except (OSError, NotImplementedError):  # not every file system knows links
        return _write_new(target, real_files.read_bytes(aside))
    return True


def _write_new(target: Path, data: bytes) -> bool:
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno == errno.EEXIST:
            return False
        raise
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    return True
