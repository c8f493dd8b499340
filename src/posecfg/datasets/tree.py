"""Walk a folder and list its files by name, without opening or stat-ing them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from posecfg.datasets.identifiers import natural, printable
from posecfg.datasets.pattern import Pattern
from posecfg.errors import ConfigError, is_of_machine
from posecfg.layout import HOME
from posecfg.store.own_outputs import vouched
from posecfg.types import Excluded
from posecfg.video.suffixes import FILMS, IMAGES


@dataclass(frozen=True)
class Tree:
    """The content of a folder: ``files`` are posix names relative to it, in natural order."""

    files: tuple[str, ...]
    excluded: tuple[Excluded, ...]


@dataclass(frozen=True)
class _Folder:
    name: str
    positions: frozenset[int] | None
    """How far a pattern has matched; None if everything below is wanted."""


class _Walk:
    def __init__(self, root: Path, pattern: Pattern | None, recursive: bool) -> None:
        self.root = os.fspath(root)
        self.pattern = pattern
        self.recursive = recursive
        self.files: list[str] = []
        self.excluded: list[Excluded] = []
        self.folders = [_Folder("", pattern.start if pattern else None)]
        self.links: list[_Folder] = []
        self.seen: dict[tuple[int, int], str] = {}
        self.ours: set[str] = set()

    def run(self) -> Tree:
        """Visit real folders first, so that a linked folder is listed under its own name if that is in the tree."""
        while self.folders or self.links:
            if not self.folders:
                self.links.sort(key=lambda folder: folder.name, reverse=True)
                self.folders.append(self.links.pop())
            self.visit(self.folders.pop())
        excluded = sorted(self.excluded, key=lambda item: natural(item.name))
        return Tree(tuple(sorted(self.files, key=natural)), tuple(excluded))

    def visit(self, folder: _Folder) -> None:
        path = os.path.join(self.root, folder.name) if folder.name else self.root
        try:
            status = os.stat(path)
            known = self.seen.setdefault((status.st_dev, status.st_ino), folder.name)
            if known != folder.name:
                self.exclude(folder.name, f"the same folder as '{printable(known) or '.'}'")
                return
            with os.scandir(path) as listed:
                entries = list(listed)
        except OSError as error:
            _raise_of_machine(path, error)
            self.exclude(folder.name or ".", f"cannot be listed: {error.strerror or error}")
            return
        if any(entry.name == HOME for entry in entries):
            self.ours |= {f"{folder.name}/{name}".lstrip("/") for name in vouched(Path(path))}
        for entry in entries:
            if not entry.name.startswith("."):
                self.meet(entry, folder)

    def meet(self, entry: os.DirEntry[str], folder: _Folder) -> None:
        name = f"{folder.name}/{entry.name}" if folder.name else entry.name
        positions = None
        if self.pattern and folder.positions is not None:
            positions = self.pattern.advance(folder.positions, entry.name)
            if not positions:
                return
        whole = positions is None or (self.pattern is not None and self.pattern.matched(positions))
        kind = _kind(entry)
        if kind == "folder":
            if positions is not None or self.recursive:
                (self.links if entry.is_symlink() else self.folders).append(_Folder(name, None if whole else positions))
        elif not whole:
            return
        elif name in self.ours:
            # A film or picture that was drawn might be missed; an array or a table is no input.
            if name.rpartition(".")[2].lower() in (*FILMS, *IMAGES):
                self.exclude(name, "written by an earlier run")
        elif kind == "file":
            self.files.append(name)
        else:
            self.exclude(name, kind)

    def exclude(self, name: str, reason: str) -> None:
        self.excluded.append(Excluded(printable(name), reason))


def _raise_of_machine(path: str, error: OSError) -> None:
    """Raise ``ConfigError`` for an error of the disk or the network, which would pass for an empty folder."""
    if is_of_machine(error):
        raise ConfigError(
            f"Expected to list all of '{printable(path)}', but the machine could not ({error.strerror or error}): look "
            "at the disk or the connection, and type the same command again."
        ) from error


def _kind(entry: os.DirEntry[str]) -> str:
    """Return 'file', 'folder', or why it is neither; only links need a stat."""
    try:
        if entry.is_dir():
            return "folder"
        if entry.is_file():
            return "file"
    except OSError as error:
        _raise_of_machine(entry.path, error)
        return f"cannot be followed: {error.strerror or error}"
    return "a broken link" if entry.is_symlink() else "not a regular file"


def walk(root: Path, pattern: Pattern | None = None, recursive: bool = True) -> Tree:
    """List the files below ``root``; with a pattern, those that match it and those below matching folders.

    Hidden names are left out, and folders that hold the outputs of a run. A folder that is reached twice, through a
    link, is listed once. ``recursive=False`` does not enter folders except as far as the pattern asks.
    """
    return _Walk(root, pattern, recursive).run()
