"""Locks of an output directory: one whole run works in it, or several shards of one split."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from posecfg.errors import InUse, OutputError
from posecfg.store import real_files
from posecfg.store.absence import matching, status


class Locks:
    """The locks of one directory; ``part`` is '' for a whole run and '-1of2' for a shard.

    A whole run holds ``lock`` alone; shards share it, and each holds its own. All are taken and judged behind a gate,
    one process at a time.
    """

    def __init__(self, home: Path, part: str) -> None:
        self.home, self.part = home, part

    @contextmanager
    def gate(self, name: str = "gate.lock") -> Iterator[None]:
        """Wait until no other run is starting in this directory, or does what another lock is for."""
        with _open(self.home / name, os.O_RDWR | os.O_CREAT) as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield

    def take(self, stack: ExitStack) -> None:
        """Take the locks of this run until ``stack`` ends; a run that holds one is named in the error."""
        self._take(stack, "lock", fcntl.LOCK_SH if self.part else fcntl.LOCK_EX)
        if not self.part:
            return
        self._take(stack, f"lock{self.part}", fcntl.LOCK_EX)
        split = self.part.rpartition("of")[2]
        for part, owner in self.others().items():
            if part.rpartition("of")[2] != split:
                raise OutputError(
                    f"'{self.home.parent}' is in use by {owner}: all shards of a run need the same number of parts."
                )

    def _take(self, stack: ExitStack, name: str, kind: int) -> None:
        stream = stack.enter_context(_open(self.home / name, os.O_RDWR | os.O_CREAT))
        try:
            fcntl.flock(stream, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = next(iter(self.others().values()), "") if name == "lock" else ""
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
        """Return the parts that other shards hold, with the process that does."""
        found = {}
        for path in matching(self.home, "lock-*of*"):
            part = path.name.removeprefix("lock")
            if part == self.part:
                continue
            with _open(path, os.O_RDONLY) as stream:
                try:
                    fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    found[part] = f"shard {part[1:].replace('of', '/')} ({_owner(stream)})"
        return found


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


def _open(path: Path, flags: int) -> IO[str]:
    mode = "r+" if flags & os.O_RDWR else "r"
    return os.fdopen(real_files.open_file(path, flags), mode, encoding="utf-8", errors="replace")


def _owner(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read().strip() or "another process"
