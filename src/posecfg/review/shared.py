"""Check the files over all clips of a folder: each as it was written, and of the clips that are here now."""

from __future__ import annotations

from pathlib import Path

from posecfg.errors import PosecfgError
from posecfg.review.contents import Content
from posecfg.review.tree import Folders, heading
from posecfg.store import shared_files
from posecfg.store.absence import status
from posecfg.store.clip_parts import Parts, state
from posecfg.store.replacing import is_as_recorded
from posecfg.store.shared_files import SharedRecord


class Shared:
    """The files over all clips of one run directory; ``seen`` are those that records list."""

    def __init__(self, root: Path, folders: Folders, prefix: str = "") -> None:
        self.root, self.folders, self.prefix = root, folders, prefix
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.seen: set[str] = set()

    def check(self) -> None:
        """Compare every file with its record, and the record with the clips."""
        try:
            for record in shared_files.every(self.root):
                self._check(record)
        except PosecfgError as error:
            self.problems.append(f"{heading(self.prefix)}{error}")

    def _check(self, record: SharedRecord) -> None:
        whose = "the same metric=[...]" if record.writer.startswith("metric.") else f"{record.writer} among the writers"
        again = f"run again, with {whose}, to write it anew"
        self.seen |= record.files.keys()
        self.notes += [f"{heading(self.prefix)}writer={record.writer}: {text}" for text in record.notes]
        whole = self._is_of_clips(record)
        for name, known in record.files.items():
            seen = status(self.root / name)
            if seen is None:
                self._wrong(f"{name} is missing: {again}")
                continue
            if not is_as_recorded(self.root / name, known):
                self._wrong(f"{name} is not what was written (its size or content differs): {again}")
                continue
            self.folders.add(f"{self.prefix}{name}", seen.st_size, Content(dtype=Path(name).suffix[1:]), name)
            if not whole:
                self._wrong(f"{name} is not of the clips that are here now: {again}")
        if not whole and not record.files:
            self.problems.append(
                f"{heading(self.prefix)}writer={record.writer} has not made its files over all clips: {again}"
            )

    def _is_of_clips(self, record: SharedRecord) -> bool:
        """Tell whether files are made of the clips that are here."""
        if record.parts:
            return record.parts == Parts.of(self.root, record.writer, record.identity, record.settings).digest
        return record.state == state(self.root, record.identity, record.settings)

    def _wrong(self, text: str) -> None:
        self.problems.append(f"{self.prefix}{text}")
