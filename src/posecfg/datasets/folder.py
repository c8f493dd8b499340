"""List the films in a folder, one film, all that match a pattern, or several of these."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from posecfg.datasets.identifiers import distinct, natural, printable, safe, stem, suffix
from posecfg.datasets.location import locate
from posecfg.datasets.pattern import Pattern
from posecfg.datasets.several import common_root, search
from posecfg.datasets.tree import walk
from posecfg.errors import ConfigError
from posecfg.layout import RUN
from posecfg.types import Clip, Excluded, Listing
from posecfg.video.suffixes import FILMS, IMAGES

TABLES = frozenset({"csv", "tsv"})


class Folder:
    """List films by their names.

    ``path`` is a folder, one file of any suffix, a glob pattern (``**`` for any depth), or a list of these. With
    ``images``, a folder that holds images and no film is one clip; ``independent`` means that such images are
    unrelated. A clip's id is its path below the folder without suffix, below the folder that all have in common where
    several are named; adding a film can change the id of another that would have the same.
    """

    def __init__(
        self,
        path: str | Sequence[str],
        recursive: bool = True,
        extensions: Sequence[str] = FILMS,
        images: bool = False,
        independent: bool = False,
    ) -> None:
        self.paths = [path] if isinstance(path, str) else list(path)
        if not self.paths:
            raise ConfigError("Expected dataset.path to name something, but got [].")
        self.path = str(self.paths[0])
        self.recursive = recursive
        self.extensions = tuple(extension.lower().lstrip(".") for extension in extensions)
        self.images = images
        self.independent = independent

    def scan(self) -> Listing:
        """List the clips in natural order; files that are left out are counted by suffix."""
        if len(self.paths) > 1:
            return self._several()
        root, rest = locate(self.path)
        if not rest and not root.is_dir():
            if not root.is_file():
                raise ConfigError(f"Expected dataset.path to be a folder or a file, but '{self.path}' is neither.")
            _refuse_table(self.path)
            return Listing(self._clips(root.parent, [root.name], []), root=root.parent)
        pattern = Pattern(rest) if rest else None
        tree = walk(root, pattern, self.recursive)
        if pattern and pattern.names_suffix:
            films, others = list(tree.files), []
        else:
            films = self._films(tree.files)
            others = [name for name in tree.files if suffix(name) not in self.extensions]
        folders: list[str] = []
        if self.images:
            folders, others = _image_folders(films, others)
        excluded = (*tree.excluded, *_tally(others, self.images))
        if not films and not folders:
            raise self._nothing(excluded, "match" if pattern else "hold")
        return Listing(self._clips(root, films, folders), excluded, root)

    def _several(self) -> Listing:
        """List what several paths name, as films of the folder that all have in common."""
        root = common_root(self.paths)
        named = search(self.paths, root, self.recursive)
        films = list(dict.fromkeys([*named.matched, *self._films([*named.files, *named.below])]))
        if not films:
            # A film of an odd suffix; beside others it is what an unquoted films/* names too.
            for name in named.files:
                _refuse_table(name)
            films = named.files
        taken = set(films)
        folders, others = list[str](), [name for name in named.below if name not in taken]
        if self.images:
            folders, others = _image_folders(films, others)
        others += [name for name in named.files if name not in taken]
        excluded = (*named.excluded, *_tally(others, self.images))
        if not films and not folders:
            raise self._nothing(excluded, "hold")
        return Listing(self._clips(root, films, folders), excluded, root)

    def _films(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if suffix(name) in self.extensions]

    def _clips(self, root: Path, films: Iterable[str], folders: Iterable[str]) -> tuple[Clip, ...]:
        wanted = {name: stem(name) for name in films}
        stills = {name or os.path.basename(os.path.abspath(root)) or "images": name for name in folders}
        ids = distinct(wanted | {name: name for name in stills})
        clips = [Clip(safe(ids[name]), root / name, printable(name)) for name in wanted]
        clips += [
            Clip(safe(ids[name]), root / below, printable(below), independent=self.independent)
            for name, below in stills.items()
        ]
        return tuple(sorted(clips, key=lambda clip: natural(clip.id)))

    def _nothing(self, excluded: Sequence[Excluded], verb: str) -> ConfigError:
        if len(self.paths) == 1 and os.path.isfile(os.path.join(os.path.expanduser(self.path), RUN)):
            told = (
                f"but '{self.path}' holds the results of a run: type posecfg view {shlex.quote(self.path)} to see them"
            )
            return ConfigError(f"Expected a folder of films, {told}.")
        found = "; ".join(f"{item.name} ({item.reason})" for item in excluded[:5]) or "nothing"
        more = f"; and {len(excluded) - 5} more" if len(excluded) > 5 else ""
        looked = f"a film (.{', .'.join(self.extensions[:5])})"
        if len(self.extensions) > 5:
            looked = f"{looked[:-1]} and {len(self.extensions) - 5} more in dataset.extensions)"
        deep = "" if self.recursive else ", looking into no folder below it (dataset.recursive=false)"
        place = f"'{self.path}'" if len(self.paths) == 1 else f"the {len(self.paths):,} paths"
        return ConfigError(f"Expected {place} to {verb} {looked}{deep}, but found {found}{more}.")


def _refuse_table(path: str) -> None:
    if suffix(path) in TABLES:
        typed = shlex.quote(f"dataset.path={path}")
        raise ConfigError(
            f"Expected dataset.path to be a film or a folder of films, but '{path}' is a table: for the segments that "
            f"it lists, type dataset=manifest {typed} dataset.videos=FOLDER."
        )


def _image_folders(films: Iterable[str], others: Iterable[str]) -> tuple[list[str], list[str]]:
    """Separate the folders that are clips of images from the files that are not taken."""
    filmed = {name.rpartition("/")[0] for name in films}
    taken: dict[str, None] = {}
    left = []
    for name in others:
        folder = name.rpartition("/")[0]
        if suffix(name) in IMAGES and folder not in filmed:
            taken[folder] = None
        else:
            left.append(name)
    return list(taken), left


def _tally(names: Iterable[str], images: bool) -> list[Excluded]:
    """Count files that are not taken, by suffix."""
    tally = []
    for kind, count in sorted(Counter(suffix(name) for name in names).items()):
        what = f".{printable(kind)}" if kind else "without a suffix"
        reason = "not a video suffix"
        if kind in IMAGES:
            reason = "beside films" if images else "not a video suffix; dataset.images=true takes folders of images"
        tally.append(Excluded(f"{count} {'file' if count == 1 else 'files'} {what}", reason))
    return tally
