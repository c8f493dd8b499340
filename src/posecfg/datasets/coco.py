"""List the pictures of COCO and COCO-WholeBody that an annotation file names, with the people annotated in them."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Literal

from posecfg.datasets.coco_file import CocoFile, read
from posecfg.datasets.coco_truth import CocoTruth
from posecfg.datasets.identifiers import legible, printable, safe, stem
from posecfg.datasets.location import locate
from posecfg.datasets.refused import Refused
from posecfg.errors import ConfigError
from posecfg.types import Clip, Listing
from posecfg.video.suffixes import IMAGES

EMPTY = ("keep", "skip")
TRIED = 100
"""Pictures by which the folder is found."""
_MISSING = "no such picture"


class Coco:
    """List the pictures of one annotation file as clips of ``pictures`` unrelated pictures each, in order of their ids.

    ``images`` is the folder that names of pictures are relative to; if it is null, it is looked for beside the file.
    ``empty`` says whether pictures without annotated people are kept: in them whoever is found is wrong.
    """

    def __init__(
        self,
        path: str,
        images: str | None = None,
        pictures: int = 500,
        empty: Literal["keep", "skip"] = "keep",
    ) -> None:
        if pictures < 1:
            raise ConfigError(f"Expected dataset.pictures to be 1 or more in a clip, but got {pictures}.")
        if empty not in EMPTY:
            raise ConfigError(f"Expected dataset.empty to be {' or '.join(EMPTY)}, but got {empty!r}.")
        self.path, self.images, self.pictures, self.empty = str(path), images, pictures, empty

    def scan(self) -> Listing:
        """List the clips; pictures that are not there, and entries that cannot be used, are left out and counted."""
        path, rest = locate(self.path)
        if rest or not path.is_file():
            raise ConfigError(
                f"Expected dataset.path to be a JSON file of COCO, such as annotations/person_keypoints_val2017.json, "
                f"but got '{self.path}'."
            )
        refused = Refused()
        file = read(path, refused)
        if not file.pictures:
            raise ConfigError(f"Expected '{self.path}' to list pictures, but all are left out: {refused or 'none'}.")
        root = self._root(path, file)
        there = _Folder(root)
        kept = [number for number, name in file.pictures.items() if self._keeps(file, number, name, there, refused)]
        if not kept:
            advice = "; name their folder with dataset.images=..." if _MISSING in refused.counts else "."
            raise ConfigError(
                f"Expected '{self.path}' to list pictures in '{root}', but all are left out: {refused}{advice}"
            )
        name = legible(stem(path.name)).replace("/", "_")
        parts = [kept[first : first + self.pictures] for first in range(0, len(kept), self.pictures)]
        digits = max(4, len(str(len(parts) - 1)))
        clips = [self._clip(file, root, f"{name}/{n:0{digits}d}", part) for n, part in enumerate(parts)]
        return Listing(tuple(clips), refused.excluded)

    def _keeps(self, file: CocoFile, number: int, name: str, there: _Folder, refused: Refused) -> bool:
        if reason := there.reason(name):
            refused.add(printable(name), reason)
        elif number in file.partly:
            refused.add(printable(name), "an annotation of it is left out: not all people in it are known")
        elif self.empty == "skip" and not file.people.get(number):
            refused.add(printable(name), "nobody is annotated: dataset.empty=keep takes it")
        else:
            return True
        return False

    @staticmethod
    def _clip(file: CocoFile, root: Path, clip_id: str, numbers: Sequence[int]) -> Clip:
        return Clip(
            id=safe(clip_id),
            path=root,
            source=clip_id,
            independent=True,
            truth=CocoTruth.of(file, numbers),
            pictures=tuple(file.pictures[number] for number in numbers),
        )

    def _root(self, path: Path, file: CocoFile) -> Path:
        """Return the folder of the pictures: the one that is named, or the first usual one that has one of them."""
        if self.images is not None:
            root = Path(os.path.expanduser(self.images))
            if not root.is_dir():
                raise ConfigError(f"Expected dataset.images to be the folder of the pictures, but got '{self.images}'.")
            return root
        above, split = path.parent.parent, path.stem.rpartition("_")[2]
        places = [above / "images", above / split, above / "images" / split, path.parent / "images", above, path.parent]
        names = [name for name in islice(file.pictures.values(), TRIED) if _is_inside(name)]
        for place in places:
            if any(os.path.isfile(place / name) for name in names):
                return place
        shown = ", ".join(f"'{place}'" for place in places)
        raise ConfigError(
            f"Expected the pictures of '{self.path}' in one of {shown}, but the first of them is in none: name their "
            "folder with dataset.images=..."
        )


class _Folder:
    """The files below a folder, each of whose folders is listed once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names: dict[str, frozenset[str]] = {}

    def reason(self, name: str) -> str | None:
        """Return why a picture is left out, None if it is there."""
        if not _is_inside(name):
            return "its name leads out of the folder of the pictures"
        if name.rpartition(".")[2].lower() not in IMAGES:
            return "its name is that of no picture"
        folder, _, last = name.rpartition("/")
        if folder not in self._names:
            self._names[folder] = self._listed(self._root / folder)
        return None if last in self._names[folder] else _MISSING

    @staticmethod
    def _listed(folder: Path) -> frozenset[str]:
        try:
            return frozenset(os.listdir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return frozenset()
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return frozenset()
            raise ConfigError(f"Expected to list '{folder}', but it cannot be ({error.strerror or error}).") from error


def _is_inside(name: str) -> bool:
    """Tell whether a name stays inside the folder that it is relative to."""
    if not name.isprintable() or "\\" in name or name.startswith("/"):
        return False
    return not {"", ".", ".."}.intersection(name.split("/"))
