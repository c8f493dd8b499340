"""Locks of an output directory: one whole run works in it, or several shards of one split."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from posecfg.errors import OutputError


class Locks:
    """The locks of one directory; ``part`` is '' for a whole run and '-1of2' for a shard.

    A whole run holds ``lock`` alone; shards share it, and each holds its own. All are taken and judged behind a gate,
    one process at a time.
    """

    def __init__(self, home: Path, part: str) -> None:
        self.home, self.part = home, part

    @contextmanager
    def gate(self) -> Iterator[None]:
        """Wait until no other run is starting in this directory."""
        with (self.home / "gate.lock").open("a+b") as stream:
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
        stream = stack.enter_context((self.home / name).open("a+", encoding="utf-8"))
        try:
            fcntl.flock(stream, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = next(iter(self.others().values()), "") if name == "lock" else ""
            raise OutputError(
                f"'{self.home.parent}' is in use by {owner or _owner(stream)}: wait for it, stop it, or choose another "
                "output_dir=."
            ) from error
        if kind == fcntl.LOCK_EX:
            stream.truncate(0)
            stream.write(f"process {os.getpid()} on {socket.gethostname()}")
            stream.flush()

    def others(self) -> dict[str, str]:
        """Return the parts that other shards hold, with the process that does."""
        found = {}
        for path in sorted(self.home.glob("lock-*of*")):
            part = path.name.removeprefix("lock")
            if part == self.part:
                continue
            with path.open("r", encoding="utf-8") as stream:
                try:
                    fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    found[part] = f"shard {part[1:].replace('of', '/')} ({_owner(stream)})"
        return found


def _owner(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read().strip() or "another process"
