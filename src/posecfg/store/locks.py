"""Who works in an output directory: one whole run, or several shards of one split.

Each holds a lock, by which the system itself knows when its process ends, and a lease, which processes of other
machines see too.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from posecfg.errors import NO_LOCKS, InUse, OutputError
from posecfg.store import lease, lease_keeper, lease_taking, real_files
from posecfg.store.absence import matching, status


class Locks:
    """The locks and leases of one directory; ``part`` is '' for a whole run and '-1of2' for a shard.

    A whole run holds ``lock`` alone; shards share it, and each holds its own. All are taken and judged behind a gate,
    one process at a time.
    """

    def __init__(self, home: Path, part: str) -> None:
        self.home, self.part = home, part

    @contextmanager
    def gate(self, name: str = "gate.lock") -> Iterator[None]:
        """Wait until no other run is starting in this directory, or does what another lock is for."""
        with _open(self.home / name, os.O_RDWR | os.O_CREAT) as stream:
            lock(stream, fcntl.LOCK_EX)
            with lease_taking.turn(self.home / f"{name.removesuffix('.lock')}.lease.json"):
                lease.require(self.home.parent, self.part, lease_keeper.token(self.home, self.part))
                yield

    def take(self, stack: ExitStack) -> None:
        """Take the locks and the lease of this run until ``stack`` ends; a run that holds one is named in the error."""
        self._take(stack, "lock", fcntl.LOCK_SH if self.part else fcntl.LOCK_EX)
        if self.part:
            self._take(stack, f"lock{self.part}", fcntl.LOCK_EX)
            for part, owner in self._locked().items():
                if self._is_rival(part):
                    raise self._other_split(owner)
        self._refuse_rivals()
        stack.enter_context(lease_taking.held(lease.place(self.home, self.part)))
        # Another machine may have looked at the same moment.
        self._refuse_rivals()

    def _take(self, stack: ExitStack, name: str, kind: int) -> None:
        stream = stack.enter_context(_open(self.home / name, os.O_RDWR | os.O_CREAT))
        try:
            lock(stream, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = next(iter(self._locked().values()), "") if name == "lock" else ""
            owner = owner or _owner(stream)
            raise InUse(
                f"'{self.home.parent}' is in use by {owner}: wait for it, stop it, or choose another output_dir=.",
                owner,
            ) from error
        if kind == fcntl.LOCK_EX:
            stream.seek(0)
            stream.truncate(0)
            stream.write(f"process {os.getpid()} on {socket.gethostname()}")
            stream.flush()

    def others(self) -> dict[str, str]:
        """Return the parts that other shards hold, or may hold, with the process that does."""
        return {**self._leased(), **self._locked()}

    def refuse_unsure(self) -> None:
        """Raise ``Unsure`` if it is not known yet of another part whether its process is alive."""
        for part in self._leased().keys() - self._locked().keys():
            path = lease.place(self.home, part)
            found = lease.read(path)
            left = None if found is None else lease_taking.silence(path, found)
            if found is not None and left:
                lease_taking.refuse_alive(path, found, _named(part, found.owner))

    def dead(self, parts: Iterable[str]) -> list[str]:
        """Return those of ``parts`` that a run of another kind left, which no shard of this split can be at work in."""
        return sorted(part for part in {*parts} - self.others().keys() if self._is_rival(part))

    def _locked(self) -> dict[str, str]:
        found = {}
        for path in matching(self.home, "lock-*of*"):
            part = path.name.removeprefix("lock")
            if part == self.part:
                continue
            with _open(path, os.O_RDONLY) as stream:
                try:
                    lock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    found[part] = _named(part, _owner(stream))
        return found

    def _leased(self) -> dict[str, str]:
        found = {}
        for part in lease.parts(self.home):
            path = lease.place(self.home, part)
            one = lease.read(path) if part != self.part else None
            if one is not None and lease_taking.silence(path, one) != 0:
                found[part] = _named(part, one.owner)
        return found

    def _is_rival(self, part: str) -> bool:
        """Tell whether no other run may hold a part while this one works."""
        split = self.part.rpartition("of")[2]
        return part != self.part and (not split or part.rpartition("of")[2] != split)

    def _refuse_rivals(self) -> None:
        """Raise an error if another run that is alive, or may be, holds a part that excludes this one."""
        for part in filter(self._is_rival, lease.parts(self.home)):
            path = lease.place(self.home, part)
            found = lease.read(path)
            if found is None:
                continue
            owner = _named(part, found.owner)
            if self.part and part and lease_taking.silence(path, found) is None:
                raise self._other_split(owner)
            lease_taking.refuse_alive(path, found, owner)

    def _other_split(self, owner: str) -> OutputError:
        return OutputError(
            f"'{self.home.parent}' is in use by {owner}: all shards of a run need the same number of parts."
        )


def lock(stream: IO[Any] | int, kind: int) -> None:
    """Lock a file; where the file system knows no locks, nothing is done: there, leases have to do."""
    try:
        fcntl.flock(stream, kind)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise


def mark(home: Path) -> tuple[int, int] | None:
    """Return what tells the lock of a directory from that of another one in its place, as long as it is held."""
    seen = status(home / "lock")
    return None if seen is None else (seen.st_dev, seen.st_ino)


def require_same(home: Path, held: tuple[int, int] | None) -> None:
    """Refuse a directory that was moved or removed while a run held it, of which clips would be missing."""
    if mark(home) != held:
        raise OutputError(
            f"'{home.parent}' was moved or removed while the run was at work, so that clips may be missing there: type "
            "the same command again."
        )


def _named(part: str, owner: str) -> str:
    return f"shard {part[1:].replace('of', '/')} ({owner})" if part else owner


def _open(path: Path, flags: int) -> IO[str]:
    mode = "r+" if flags & os.O_RDWR else "r"
    return os.fdopen(real_files.open_file(path, flags), mode, encoding="utf-8", errors="replace")


def _owner(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read().strip() or "another process"
