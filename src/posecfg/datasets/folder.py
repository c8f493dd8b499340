"""List the films in a folder, one film, or all that match a pattern."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from posecfg.datasets.identifiers import distinct, natural, printable, safe, stem, suffix
from posecfg.datasets.location import locate
from posecfg.datasets.pattern import Pattern
from posecfg.datasets.tree import walk
from posecfg.errors import ConfigError
from posecfg.types import Clip, Excluded, Listing
from posecfg.video.suffixes import FILMS, IMAGES

TABLES = frozenset({"csv", "tsv"})


class Folder:
    """List films by their names.

    ``path`` is a folder, one file of any suffix, or a glob pattern (``**`` for any depth). With ``images``, a folder
    that holds images and no film is one clip; ``independent`` means that such images are unrelated. A clip's id is its
    path below the folder without suffix; adding a film can change the id of another that would have the same.
    """

    def __init__(
        self,
        path: str,
        recursive: bool = True,
        extensions: Sequence[str] = FILMS,
        images: bool = False,
        independent: bool = False,
    ) -> None:
        self.path = str(path)
        self.recursive = recursive
        self.extensions = tuple(extension.lower().lstrip(".") for extension in extensions)
        self.images = images
        self.independent = independent

    def scan(self) -> Listing:
        """List the clips in natural order; files that are left out are counted by suffix."""
        root, rest = locate(self.path)
        if not rest and not root.is_dir():
            if not root.is_file():
                raise ConfigError(f"Expected dataset.path to be a folder or a file, but '{self.path}' is neither.")
            if suffix(root.name) in TABLES:
                typed = shlex.quote(f"dataset.path={self.path}")
                raise ConfigError(
                    f"Expected dataset.path to be a film or a folder of films, but '{self.path}' is a table: for the "
                    f"segments that it lists, type dataset=manifest {typed} dataset.videos=FOLDER."
                )
            return Listing(self._clips(root.parent, [root.name], []), root=root.parent)
        pattern = Pattern(rest) if rest else None
        tree = walk(root, pattern, self.recursive)
        if pattern and pattern.names_suffix:
            films, others = list(tree.files), []
        else:
            films = [name for name in tree.files if suffix(name) in self.extensions]
            others = [name for name in tree.files if suffix(name) not in self.extensions]
        folders: list[str] = []
        if self.images:
            folders, others = _image_folders(films, others)
        excluded = (*tree.excluded, *_tally(others, self.images))
        if not films and not folders:
            raise self._nothing(excluded, "match" if pattern else "hold")
        return Listing(self._clips(root, films, folders), excluded, root)

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
        found = "; ".join(f"{item.name} ({item.reason})" for item in excluded[:5]) or "nothing"
        more = f"; and {len(excluded) - 5} more" if len(excluded) > 5 else ""
        looked = f"a film (.{', .'.join(self.extensions[:5])})"
        if len(self.extensions) > 5:
            looked = f"{looked[:-1]} and {len(self.extensions) - 5} more in dataset.extensions)"
        deep = "" if self.recursive else ", looking into no folder below it (dataset.recursive=false)"
        return ConfigError(f"Expected '{self.path}' to {verb} {looked}{deep}, but found {found}{more}.")


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
