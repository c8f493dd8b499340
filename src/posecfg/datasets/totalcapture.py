"""List the films of TotalCapture (five subjects, eight synchronised cameras), found by name in any layout."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from posecfg.datasets import takes, totalcapture_files
from posecfg.datasets.identifiers import distinct, natural, printable, safe, stem, suffix
from posecfg.datasets.location import any_case, locate
from posecfg.datasets.takes import Take, Values
from posecfg.datasets.totalcapture_truth import MarkerTruth
from posecfg.datasets.tree import walk
from posecfg.errors import ConfigError
from posecfg.types import Clip, Excluded, Listing

FILMS = ("mp4", "avi", "mov", "mkv")
_MATTE = re.compile(r"(^|/)mattes?/|[ _-]mattes?$", re.IGNORECASE)


class TotalCapture:
    """List films such as ``TC_S1_acting1_cam1.mp4`` as ``S1/acting1/S1_acting1_cam1``.

    ``subjects``, ``actions``, ``cameras`` keep what they name (null keeps all); ``start_from`` leaves out takes before
    ``S2`` or ``S2/freestyle1``. Films with other names are taken under these names if nothing is filtered. The joints
    that markers measured are known poses, where ``annotations``, the folder of the films if null, has them: a
    ``gt_skel_gbl_pos.txt`` below folders named after subject and action, and ``calibration.cal``.
    """

    def __init__(
        self,
        path: str = "../totalcapture_dataset/Videos",
        subjects: Values = None,
        actions: Values = None,
        cameras: Values = None,
        start_from: str | None = None,
        annotations: str | None = None,
    ) -> None:
        self.path, self.annotations = str(path), annotations
        self.subjects = takes.subjects(subjects)
        self.actions = takes.actions(actions)
        self.cameras = takes.cameras(cameras)
        self.start = takes.start(start_from)

    def scan(self) -> Listing:
        """List the clips by subject, action and camera; report the published films that this folder lacks."""
        root = any_case(Path(os.path.expanduser(self.path)))
        root, rest = locate(os.fspath(root))
        if rest or not root.is_dir():
            raise ConfigError(f"Expected dataset.path to be TotalCapture's folder of films, but got '{self.path}'.")
        tree = walk(root)
        films = [name for name in tree.files if suffix(name) in FILMS]
        kept, others, refused = _sorted_out(films)
        left: Counter[tuple[str, str]] = Counter()
        chosen = {}
        for take, name in kept.items():
            reason = self._reason(take)
            if reason:
                left[take.group, reason] += 1
            else:
                chosen[take] = name
        if self._filters:
            refused += [Excluded(printable(name), "its name says no subject, action and camera") for name in others]
            others = []
        refused += [Excluded(f"{group} ({count})", reason) for (group, reason), count in left.items()]
        if not chosen and not others:
            raise self._nothing(tree.files, refused)
        refused += [Excluded(name, "not found") for name in takes.absent(kept, lambda take: not self._reason(take))]
        return Listing(_clips(root, chosen, others, self._truths(root, tree.files)), (*tree.excluded, *refused))

    def _truths(self, root: Path, files: Sequence[str]) -> Callable[[Take], MarkerTruth | None]:
        """Return what gives the known poses of a take, None where there are none."""
        folder = root if self.annotations is None else Path(os.path.expanduser(self.annotations))
        if not folder.is_dir():
            raise ConfigError(
                "Expected dataset.annotations to be the folder with gt_skel_gbl_pos.txt of each take and "
                f"calibration.cal, but got '{self.annotations}'."
            )
        positions, cameras = totalcapture_files.found(files if self.annotations is None else walk(folder).files)
        calibration = None if cameras is None else folder / cameras

        def truth(take: Take) -> MarkerTruth | None:
            name = positions.get((take.subject, take.action))
            return None if name is None else MarkerTruth(folder / name, calibration, take.camera)

        return truth

    @property
    def _filters(self) -> bool:
        return any(chosen is not None for chosen in (self.subjects, self.actions, self.cameras, self.start))

    def _reason(self, take: Take) -> str | None:
        """Return why a take is left out, None if it is kept."""
        if self.subjects is not None and take.subject not in self.subjects:
            return "not among dataset.subjects"
        if self.actions is not None and take.action not in self.actions:
            return "not among dataset.actions"
        if self.cameras is not None and take.camera not in self.cameras:
            return "not among dataset.cameras"
        if self.start is not None and take.order < self.start:
            return "before dataset.start_from"
        return None

    def _nothing(self, files: Sequence[str], refused: Sequence[Excluded]) -> ConfigError:
        sentence = f"Expected '{self.path}' to hold films such as TC_S1_acting1_cam1.mp4 (.{', .'.join(FILMS)})"
        if refused:
            return ConfigError(
                f"{sentence} that are kept, but all are left out: {refused[0].name}, {refused[0].reason}."
            )
        found = "nothing" if not files else f"no film among {len(files)} {'file' if len(files) == 1 else 'files'}"
        return ConfigError(f"{sentence}, but found {found}.")


def _sorted_out(films: Sequence[str]) -> tuple[dict[Take, str], list[str], list[Excluded]]:
    """Sort films by name into one for each take, those with other names, and those left out."""
    kept: dict[Take, str] = {}
    others, refused = [], []
    for name in films:
        take = takes.parse(stem(name).rpartition("/")[2])
        if _MATTE.search(stem(name)):
            refused.append(Excluded(printable(name), "a matte, not a film"))
        elif take is None:
            others.append(name)
        elif take in kept:
            refused.append(Excluded(printable(name), f"the same take as '{printable(kept[take])}'"))
        else:
            kept[take] = name
    return kept, others, refused


def _clips(
    root: Path, chosen: dict[Take, str], others: Sequence[str], truth: Callable[[Take], MarkerTruth | None]
) -> tuple[Clip, ...]:
    ids = distinct({name: take.id for take, name in chosen.items()} | {name: stem(name) for name in others})
    clips = [
        Clip(
            id=safe(ids[name]),
            path=root / name,
            source=printable(name),
            group=take.group,
            view=str(take.camera - 1),
            camera=f"cam{take.camera}",
            meta={"subject": take.subject, "action": take.action, "camera": take.camera},
            truth=truth(take),
        )
        for take, name in chosen.items()
    ]
    clips += [Clip(safe(ids[name]), root / name, printable(name)) for name in others]
    return tuple(sorted(clips, key=lambda clip: natural(clip.id)))
