"""The files that a run reads: never replaced, moved or removed, whatever a record says."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from posecfg.errors import is_of_machine
from posecfg.store.absence import cannot_read
from posecfg.types import Clip
from posecfg.video.suffixes import IMAGES


def _places(clip: Clip) -> Iterable[str]:
    """Return the path of a clip, and the folders below it that hold its pictures."""
    return dict.fromkeys([os.fspath(clip.path), *(os.path.dirname(clip.path / name) for name in clip.pictures)])


def namer(root: Path) -> Callable[[str], str | None]:
    """Return what names a folder below ``root`` as output names begin, with a slash at the end; None for others."""
    top = os.path.realpath(root)

    @cache
    def below(folder: str) -> str | None:
        real = os.path.realpath(folder)
        if real == top:
            return ""
        return real[len(top) + 1 :].replace(os.sep, "/") + "/" if real.startswith(top + os.sep) else None

    return below


@dataclass(frozen=True)
class Inputs:
    """Inputs by their ``names`` below the output folder, and by device and inode, which links and aliases share.

    ``folders`` are clips that are folders: their pictures are inputs.
    """

    names: frozenset[str] = frozenset()
    files: Mapping[int, frozenset[int]] = field(default_factory=dict)
    folders: Mapping[int, frozenset[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Path, clips: Iterable[Clip], others: Iterable[str] = ()) -> Inputs:
        """Look at the inputs of ``clips``, and at ``others``: files that are read too."""
        below = namer(root)
        names: set[str] = set()
        files: dict[int, set[int]] = {}
        folders: dict[int, set[int]] = {}
        for path in (*(place for clip in clips if clip.scene is None for place in _places(clip)), *others):
            above, name = os.path.split(path)
            start = below(above)
            if start is not None:
                names.add(start + name)
            try:
                seen = os.stat(path)
            except (OSError, ValueError):
                continue
            (folders if stat.S_ISDIR(seen.st_mode) else files).setdefault(seen.st_dev, set()).add(seen.st_ino)
        return cls(frozenset(names), _frozen(files), _frozen(folders))

    def has(self, root: Path, name: str) -> bool:
        """Tell whether the output name ``name`` is that of an input, or of another name of one."""
        folder, _, file = name.rpartition("/")
        is_picture = file.rpartition(".")[2].lower() in IMAGES and not file.startswith(".")
        if name in self.names or (is_picture and folder and folder in self.names):
            return True
        return _is_among(self.files, root / name) or (is_picture and _is_among(self.folders, root / folder))


def files_named_in(config: Any) -> list[str]:
    """Return every text of a configuration that is the path of a file: tables, stored poses, weights."""
    if isinstance(config, Mapping):
        return [path for value in config.values() for path in files_named_in(value)]
    if isinstance(config, (list, tuple)):
        return [path for value in config for path in files_named_in(value)]
    return [config] if isinstance(config, str) and "\0" not in config and os.path.isfile(config) else []


def _is_among(known: Mapping[int, frozenset[int]], path: Path) -> bool:
    if not known:
        return False
    try:
        seen = os.stat(path)
    except OSError as error:
        if is_of_machine(error):
            raise cannot_read(path, error) from error
        return False
    return seen.st_ino in known.get(seen.st_dev, ())


def _frozen(known: Mapping[int, set[int]]) -> dict[int, frozenset[int]]:
    return {device: frozenset(numbers) for device, numbers in known.items()}
