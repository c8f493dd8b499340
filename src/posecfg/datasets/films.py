"""Find films in folders by their names, without opening them."""

from __future__ import annotations

import difflib
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from posecfg.datasets.identifiers import natural, printable, stem, suffix
from posecfg.datasets.tree import walk
from posecfg.errors import ConfigError
from posecfg.types import Excluded

MISSING = "video not found"
SEVERAL = "video not found: several differ from its name only in case"
BESIDE = "another film of the same name is taken"


@dataclass(frozen=True)
class Film:
    """A film: its place in the order of all, its ``path``, and its ``name`` below the folder that was searched."""

    rank: int
    path: Path
    name: str


class Films:
    """The films below ``folders``, none of them opened.

    Of several with one name, the one whose suffix comes first in ``extensions`` is used, then whose folder comes first.
    """

    def __init__(self, folders: Sequence[Path], extensions: Sequence[str]) -> None:
        self._extensions = extensions
        self._excluded: list[Excluded] = []
        self._beside: dict[str, None] = {}
        self._stems: dict[str, list[Film]] = {}
        self._folded: dict[str, set[str]] = {}
        self._below: dict[str, Film] = {}
        found = self._search(folders)
        order = {kind: place for place, kind in enumerate(extensions)}
        ranked = sorted(range(len(found)), key=lambda i: (natural(found[i][1]), found[i][0]))
        films = [
            (found[i][0], Film(rank, folders[found[i][0]] / found[i][1], found[i][1])) for rank, i in enumerate(ranked)
        ]
        for _, film in sorted(films, key=lambda item: (order[suffix(item[1].name)], item[0], item[1].rank)):
            for whole in (film.name, stem(film.name)):
                self._below.setdefault(whole, film)
            name = _last(stem(film.name))
            self._stems.setdefault(name, []).append(film)
            self._folded.setdefault(_fold(name), set()).add(name)

    def find(self, name: str) -> Film | str:
        """Return the film called ``name``, with or without its suffix, or the reason why there is none.

        A name with a slash is a path below one of the folders that were searched.
        """
        if "/" in name:
            return self._below.get(name.removeprefix("./"), MISSING)
        films = self._stems.get(name)
        if films is None and suffix(name) in self._extensions:
            films = [film for film in self._stems.get(stem(name), ()) if _last(film.name) == name]
        if not films:
            alike = self._folded.get(_fold(name), set())
            if len(alike) != 1:
                return SEVERAL if alike else MISSING
            films = self._stems[next(iter(alike))]
        first = films[0]
        for other in films[1:]:
            self._beside[f"{printable(other.name)} ({printable(first.name)} is taken)"] = None
        return first

    @property
    def excluded(self) -> list[Excluded]:
        """Return folders that could not be searched, and films that share the name of one that was found."""
        return [*self._excluded, *(Excluded(name, BESIDE) for name in self._beside)]

    def nearest(self, name: str) -> str:
        """Return the film whose name is most like ``name``."""
        near = difflib.get_close_matches(name, self._stems, n=1, cutoff=0.0)
        return printable(self._stems[near[0]][0].name)

    def _search(self, folders: Sequence[Path]) -> list[tuple[int, str]]:
        """List films as the index of their folder and the name below it."""
        found: list[tuple[int, str]] = []
        files = 0
        for place, folder in enumerate(folders):
            if not folder.is_dir():
                raise ConfigError(
                    f"Expected dataset.videos to be a folder of films, but {_fault(folder)}: type "
                    "dataset.videos=FOLDER."
                )
            tree = walk(folder)
            files += len(tree.files)
            found += [(place, name) for name in tree.files if suffix(name) in self._extensions]
            self._excluded += tree.excluded
        if not found:
            what = f"no film among {files} {'file' if files == 1 else 'files'}" if files else "nothing"
            where = "' or '".join(map(str, folders))
            raise ConfigError(f"Expected '{where}' to hold films, but found {what}: type dataset.videos=FOLDER.")
        return found


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _fault(folder: Path) -> str:
    if folder.exists():
        return f"'{folder}' is a file"
    names = sorted(os.listdir(folder.parent)) if folder.parent.is_dir() else []
    near = difflib.get_close_matches(folder.name, names, n=1)
    return f"there is no '{folder}'" + (f" (did you mean '{folder.parent / near[0]}'?)" if near else "")
