"""List the films of AIST++: dances by nine cameras, with splits, a list of sequences to ignore, and annotations."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from posecfg.datasets import aist_lists
from posecfg.datasets.aist_cameras import settings
from posecfg.datasets.aist_downloads import plan
from posecfg.datasets.aist_lists import names
from posecfg.datasets.aist_names import ALL, UNFIT, VIEWS, Take, parse
from posecfg.datasets.aist_status import AistTree
from posecfg.datasets.aist_truth import AistTruth
from posecfg.datasets.identifiers import printable, stem, suffix
from posecfg.datasets.location import locate
from posecfg.datasets.refused import Refused
from posecfg.datasets.tree import walk
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.types import Clip, Downloads, Listing
from posecfg.types.status import Status
from posecfg.video.suffixes import FILMS

EVERY = "all"
IGNORED = "ignore_list.txt"
SPLITS = ("train", "val", "test")


class Aist:
    """List films such as ``gBR_sBM_c01_d04_mBR0_ch01`` below ``videos``, in one folder or one for each split.

    ``path`` is the folder of annotations: ``keypoints2d``, ``splits``, ``ignore_list.txt``. ``split`` is the name of a
    list in ``splits``, or of several, or all. ``views`` are cameras, c01 to c09, or all. Sequences of the ignore list
    are left out unless ``ignore`` is false. A film that is named for all cameras, ``cAll``, is that of ``call_view``.
    ``keypoints3d`` says which points in space are known.
    """

    def __init__(
        self,
        path: str = ".",
        split: str | Sequence[str] = EVERY,
        views: str | Sequence[str] = ("c01",),
        videos: str | None = None,
        ignore: bool = True,
        call_view: str | None = None,
        keypoints3d: Literal["optimised", "plain", "none"] = "optimised",
    ) -> None:
        self.path, self.videos, self.ignore = str(path), videos, ignore
        self.split = tuple(dict.fromkeys(map(str, _listed(split))))
        if not self.split or (EVERY in self.split and len(self.split) > 1):
            raise ConfigError(f"Expected dataset.split to be {EVERY}, or lists in splits, but got {list(self.split)}.")
        self.views = VIEWS if views == EVERY else tuple(_view(one, "views") for one in _listed(views))
        self.call_view = None if call_view is None else _view(call_view, "call_view")
        self.keypoints3d = str(keypoints3d)

    def scan(self) -> Listing:
        """List the clips by sequence and view."""
        root, rest = locate(self.path)
        self._refuse_folder(root)
        films = self._films(root)
        if rest or not root.is_dir() or not films:
            where = films if films is None else f"'{printable(str(self._folder(root)))}'"
            raise ConfigError(
                f"Expected dataset.path to be the folder of AIST++, with films in {where or 'videos'}, but got "
                f"'{self.path}': name it, or the folder of the films with dataset.videos=..."
            )
        refused = Refused()
        found = self._sorted_out(films, refused)
        wanted, ignored = self._sequences(root, found), names(root / IGNORED) if self.ignore else set()
        clips, splits = [], self._splits(root)
        for sequence in wanted:
            if sequence in ignored:
                refused.add(sequence, f"on {IGNORED}: dataset.ignore=false takes it")
                continue
            clips += list(self._views_of(root, sequence, found, refused, splits))
        if not clips:
            raise ConfigError(f"Expected films of AIST++ in '{self.path}', but all are left out: {refused}.")
        return Listing(tuple(clips), refused.excluded, self._folder(root))

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(truths=("keypoints3d",))

    def downloads(self) -> Downloads:
        """Say which films of the split's sequences and views can be downloaded, and which are here."""
        root, rest = locate(self.path)
        if rest or not root.is_dir():
            raise ConfigError(
                f"Expected dataset.path to be the folder of AIST++, with keypoints2d or splits, but got '{self.path}'."
            )
        folder = self._folder(root)
        here = {take.film: folder / name for take, name in self._sorted_out(self._films(root) or [], Refused()).items()}
        ignored = names(root / IGNORED) if self.ignore else set()
        split = None if self._every else (self._single(), self._sequences(root, ()))
        return plan(root, folder, split, self.views, ignored, here)

    def status(self, read: bool) -> Status:
        """Say what the tree has of each split, or of the one that is asked for; ``read`` opens films and annotations.

        A tree without lists is one split of all sequences that there is something of.
        """
        root, _ = locate(self.path)
        self._refuse_folder(root)
        found = self._sorted_out(self._films(root) or [], Refused())
        lists = aist_lists.lists(root)
        if not self._every:
            self._sequences(root, found)
            lists = {name: lists[name] for name in self.split}
        splits = {name: [one for one in names(path) if parse(one)] for name, path in lists.items()}
        if not splits:
            annotated = {path.stem for path in (root / "keypoints2d").glob("*.pkl") if parse(path.stem)}
            splits = {EVERY: sorted(annotated | {take.sequence for take in found})}
        if not any(splits.values()):
            raise ConfigError(
                f"Expected dataset.path to be the folder of AIST++, with splits, keypoints2d or videos, but got "
                f"'{self.path}', which has none of its sequences."
            )
        ignored = frozenset(names(root / IGNORED) if self.ignore else ())
        films = {take: self._folder(root) / name for take, name in found.items()}
        return AistTree(root, films, ignored, read).status(splits, self.views)

    @property
    def _every(self) -> bool:
        return self.split == (EVERY,)

    def _single(self) -> str:
        """Return the one split that films are downloaded for, into a folder of its own."""
        if len(self.split) > 1:
            raise ConfigError(
                f"Expected one split to download films of, but got {', '.join(self.split)}: type one after another, "
                f"the first with dataset.split={self.split[0]}."
            )
        return self.split[0]

    def _folder(self, root: Path) -> Path:
        return root / "videos" if self.videos is None else Path(os.path.expanduser(self.videos))

    def _films(self, root: Path) -> list[str] | None:
        folder = self._folder(root)
        return [name for name in walk(folder).files if suffix(name) in FILMS] if folder.is_dir() else None

    def _refuse_folder(self, root: Path) -> None:
        """Refuse a folder of films that was named and is not there."""
        folder = self._folder(root)
        if self.videos is None or folder.is_dir():
            return
        below = root / self.videos
        hint = f"type dataset.videos='{printable(str(below))}'" if below.is_dir() else "name one that is there"
        raise ConfigError(
            f"Expected dataset.videos to be the folder of the films, but there is no folder "
            f"'{printable(os.path.abspath(folder))}': {hint}; a relative one counts from the current folder, not from "
            "dataset.path."
        )

    def _sorted_out(self, films: Sequence[str], refused: Refused) -> dict[Take, str]:
        """Map each take to its film; of several, the one in the split's own folder comes first."""
        found: dict[Take, str] = {}
        for name in sorted(films, key=lambda name: (name.partition("/")[0] not in self.split, name)):
            take = parse(stem(name).rpartition("/")[2])
            if take is None:
                refused.add(printable(name), "its name is none of AIST++")
            elif take.view == ALL and self.call_view is None:
                refused.add(printable(name), "its name says no camera: type dataset.call_view=c01 if it is c01's")
            else:
                take = Take(take.sequence, self.call_view) if take.view == ALL and self.call_view else take
                if take in found:
                    refused.add(printable(name), f"the same film as '{printable(found[take])}'")
                else:
                    found[take] = name
        return found

    def _sequences(self, root: Path, found: Iterable[Take]) -> list[str]:
        """Return the sequences of the splits, in order; of all, those that have a film."""
        if self._every:
            return sorted({take.sequence for take in found})
        return sorted(set().union(*(self._listed_in(root, split) for split in self.split)))

    @staticmethod
    def _listed_in(root: Path, split: str) -> set[str]:
        """Return the sequences of one split."""
        file = root / aist_lists.FOLDER / f"{split}.txt"
        if not os.path.lexists(file) or "/" in split:
            known = aist_lists.lists(root)
            near = difflib.get_close_matches(split, known, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise ConfigError(
                f"Expected dataset.split to be {EVERY} or a list in splits ({', '.join(known) or 'there is none'}), "
                f"but got '{split}'.{hint}"
            )
        return names(file)

    def _splits(self, root: Path) -> dict[str, dict[str, str]]:
        """Return for each sequence which split it belongs to: of the chosen kind, whichever of its lists is chosen."""
        kind = "crossmodal" if self.split[0].startswith("crossmodal") else "pose"
        lists = ((name, names(root / aist_lists.FOLDER / f"{kind}_{name}.txt")) for name in SPLITS)
        return {sequence: {"split": name} for name, sequences in lists for sequence in sequences}

    def _views_of(
        self,
        root: Path,
        sequence: str,
        found: dict[Take, str],
        refused: Refused,
        splits: dict[str, dict[str, str]],
    ) -> Iterator[Clip]:
        if parse(sequence) is None:
            refused.add(
                sequence, f"a list in splits ({', '.join(self.split)}) names it, but it is no sequence of AIST++"
            )
            return
        annotated = (root / "keypoints2d" / f"{sequence}.pkl").is_file()
        setting = settings(root / "cameras").get(sequence)
        for view in VIEWS:
            take = Take(sequence, view)
            name = found.get(take)
            if view not in self.views:
                if name is not None:
                    refused.add(take.film, "another view: dataset.views=all takes it")
            elif name is None:
                refused.add(take.film, "no film")
            elif reason := UNFIT.get((sequence, view)):
                refused.add(take.film, reason)
            else:
                yield Clip(
                    id=take.film,
                    path=self._folder(root) / name,
                    source=printable(name),
                    group=sequence,
                    view=str(take.index),
                    camera=view,
                    meta=take.meta | splits.get(sequence, {}),
                    truth=AistTruth(root, sequence, take.index, self.keypoints3d, setting) if annotated else None,
                )


def _listed(values: str | Sequence[str]) -> Sequence[str]:
    return [values] if isinstance(values, str) else values


def _view(value: str, key: str) -> str:
    if value not in VIEWS:
        raise ConfigError(f"Expected dataset.{key} among {', '.join(VIEWS)}, but got '{value}'.")
    return value
