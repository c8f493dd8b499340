"""The role of writers that make files over all clips of a folder, from the part that they keep of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from posecfg.layout import PARTS
from posecfg.types import Clip


class Part(Protocol):
    """What a writer kept of one finished clip."""

    @property
    def id(self) -> str:
        """The clip's id."""

    def read(self) -> bytes:
        """Return the content, as it was written."""


class FinishedRun(Protocol):
    """The finished clips of a folder, and where to write what is made of them all."""

    @property
    def parts(self) -> Sequence[Part]:
        """The parts of all clips that were made alike, sorted by id: those of earlier runs and of other splits too."""

    @property
    def others(self) -> int:
        """How many finished clips were made or written with other settings, and have no part here."""

    def open(self, name: str, about: Mapping[str, Any] | None = None) -> AbstractContextManager[BinaryIO]:
        """Open ``name`` (posix, relative to the output root) for writing; it appears when all are written."""

    def note(self, text: str) -> None:
        """Tell the user something about the files."""


class Finishing(Protocol):
    """A writer that makes files over all clips: its ``write`` also writes one part, under the name ``part_name``."""

    def places(self, clip: Clip) -> Mapping[str, str]:
        """Return where a clip goes, by what it is: '' is the file over all clips, others are files of its own."""

    def finish(self, run: FinishedRun) -> None:
        """Write the files over all clips, equal for equal parts; raise ``Dropped`` if there is nothing to write.

        It is called by one process at a time, after the last clip of a run, whenever a clip or a file is not as before.
        """


def part_name(kind: str, clip_id: str) -> str:
    """Return the name under which a writer of this ``kind`` writes its part of a clip."""
    return f"{PARTS}/{kind}/{clip_id}.part"
