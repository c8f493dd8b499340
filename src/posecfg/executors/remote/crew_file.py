"""The file that tells agents where the driver of a run is, and the key by which they know each other."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from posecfg.errors import OutputError
from posecfg.layout import CREW, HOME
from posecfg.pipeline.work import Destination
from posecfg.store import real_files


@dataclass(frozen=True)
class CrewFile:
    """Where a driver is, and its key; ``token`` tells one run in a folder from the next."""

    hosts: Sequence[str]
    port: int
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    def text(self) -> str:
        """Return what the file holds."""
        values = {"hosts": list(self.hosts), "port": self.port, "key": self.key.hex(), "token": self.token}
        return json.dumps(values)

    def write(self, place: Path) -> None:
        """Write the file, which only this user can read."""
        real_files.make_folder(place.parent)
        place.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(place, flags, 0o600), "w", encoding="utf-8") as stream:
            stream.write(self.text())

    def remove(self, place: Path) -> None:
        """Remove the file, unless it is that of a run which took the place of this one."""
        with suppress(OSError, OutputError, ValueError):
            if real_files.read_bytes(place) == self.text().encode():
                real_files.unlink(place)


def place_of(destination: Destination) -> Path:
    """Return where the file of a run lies."""
    return place_in(destination.root / HOME, destination.part)


def place_in(home: Path, part: str) -> Path:
    """Return where the file of a part of a run lies."""
    return home / f"{CREW}{part}.json"
