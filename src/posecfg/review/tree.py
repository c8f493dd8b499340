"""Summarise a tree by folder: number of files, their size, and the shape of a sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from posecfg.review.contents import Content


@dataclass
class Folder:
    """Summary of one folder."""

    files: int = 0
    bytes: int = 0
    rows: int = 0
    missing: int = 0
    nans: int = 0
    shapes: set[str] = field(default_factory=set)
    sample: str = ""


class Folders:
    """Summaries of all folders, and counts over them."""

    def __init__(self) -> None:
        self.folders: dict[str, Folder] = {}
        self.files = self.bytes = self.rows = self.missing = self.nans = 0

    def add(self, name: str, size: int, content: Content) -> None:
        """Count one file."""
        folder = self.folders.setdefault(PurePosixPath(name).parent.as_posix(), Folder())
        folder.sample = folder.sample or PurePosixPath(name).name
        if content.dtype not in ("", "npz") and content.rows is not None:
            inner = ", ".join(str(n) for n in content.shape[1:])
            folder.shapes.add(f"(T, {inner}) {content.dtype}" if inner else f"(T,) {content.dtype}")
        elif kind := content.dtype or PurePosixPath(name).suffix.removeprefix("."):
            folder.shapes.add(kind)
        for tally in (self, folder):
            tally.files += 1
            tally.bytes += size
            tally.rows += content.rows or 0
            tally.missing += content.missing
            tally.nans += content.nans

    def data(self) -> list[dict[str, Any]]:
        """Return the folders as JSON values, in order."""
        return [
            {
                "folder": name,
                "files": folder.files,
                "bytes": folder.bytes,
                "rows": folder.rows,
                "missing_rows": folder.missing,
                "nan": folder.nans,
                "contents": sorted(folder.shapes),
                "sample": folder.sample,
            }
            for name, folder in sorted(self.folders.items())
        ]
