"""Summarise a tree by folder: number of files, their size, and the shape of a sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from posecfg.review.contents import Content


def heading(prefix: str) -> str:
    """Return how a sentence on a whole folder begins: with its name, where several folders are checked."""
    return f"{prefix.removesuffix('/')}: " if prefix else ""


@dataclass
class Folder:
    """Summary of one folder; the rows of a clip count once, whatever number of its files hold them."""

    files: int = 0
    bytes: int = 0
    nans: int = 0
    shapes: set[str] = field(default_factory=set)
    sample: str = ""
    clips: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows of all clips."""
        return sum(rows for rows, _ in self.clips.values())

    @property
    def missing(self) -> int:
        """Number of rows for which no file of the clip has any data."""
        return sum(missing for _, missing in self.clips.values())

    def add(self, clip: str, size: int, content: Content) -> None:
        """Count one file of a clip."""
        self.files += 1
        self.bytes += size
        self.nans += content.nans
        if content.rows is not None:
            rows, missing = self.clips.get(clip, (0, content.missing))
            self.clips[clip] = max(rows, content.rows), min(missing, content.missing)


class Folders:
    """Summaries of all folders, and one over them."""

    def __init__(self) -> None:
        self.folders: dict[str, Folder] = {}
        self.all = Folder()

    def add(self, name: str, size: int, content: Content, clip: str | None = None) -> None:
        """Count one file; without a record of its ``clip``, files that differ in their suffix belong together."""
        folder = self.folders.setdefault(PurePosixPath(name).parent.as_posix(), Folder())
        folder.sample = folder.sample or PurePosixPath(name).name
        if content.dtype not in ("", "npz") and content.rows is not None:
            inner = ", ".join(str(n) for n in content.shape[1:])
            folder.shapes.add(f"(T, {inner}) {content.dtype}" if inner else f"(T,) {content.dtype}")
        elif kind := content.dtype or PurePosixPath(name).suffix.removeprefix("."):
            folder.shapes.add(kind)
        for tally in (self.all, folder):
            tally.add(str(PurePosixPath(name).with_suffix("")) if clip is None else clip, size, content)

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
