"""Write images and annotations in the layout of COCO, which MMPose trains on."""

from __future__ import annotations

import difflib
import json
import re
import shutil
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from posecfg import budgets, skeletons
from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.finishing import FinishedRun, part_name
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton, unreachable
from posecfg.types import Clip, Extraction
from posecfg.writers.choice import expect
from posecfg.writers.coco_files import join, part_lines
from posecfg.writers.coco_labels import Labels
from posecfg.writers.frames import MAPPING, PicturePen, decoded, mapping
from posecfg.writers.names import Names
from posecfg.writers.picture_files import PictureFiles, PictureFormat

IMAGES = ("extract", "link", "copy", "none")
SKELETONS = ("coco17", "wholebody133", "own")
ABOUT = {"kind": "coco"}
SUFFIX = ".jpg"


class Coco:
    """Write ``<path>/<split>/images`` and ``<path>/<split>/annotations/<split>.json``, ids from 1 in the clips' order.

    Each row is an image ``<clip>_frame_000000.jpg``. ``split`` is one name for all clips; None takes what the data set
    says of each, train where it says nothing. ``images`` are extracted, linked or copied from the folder ``frames``
    that ``writer=frames`` wrote to, or left out. ``skeleton`` is coco17 or wholebody133, own for the keypoints that
    poses have under their own names, None for the first of wholebody133, coco17 and own that poses can give.
    ``results`` also writes a list of results with scores. See ``Labels`` for the others.
    """

    suffix = SUFFIX

    def __init__(
        self,
        path: str = "coco",
        split: str | None = None,
        images: Literal["extract", "link", "copy", "none"] = "extract",
        frames: str | None = None,
        quality: int = 93,
        threads: int = 2,
        skeleton: Literal["coco17", "wholebody133", "own"] | None = None,
        least: int = 5,
        margin: float = 20,
        seen_thr: float = 0.5,
        hidden_thr: float = 0.3,
        results: bool = False,
    ) -> None:
        expect("images", images, IMAGES)
        if skeleton is not None:
            expect("skeleton", skeleton, SKELETONS)
        self._folder = Names(path, "", fixed=True)("all") if _is_name(path) else _refused("path", path)
        if split is not None and not (_is_name(split) and "/" not in split):
            _refused("split", split)
        if (images in ("link", "copy")) != (frames is not None):
            raise ConfigError(
                "Expected frames to name the folder of writer=frames where images=link or copy, and only there, "
                f"but got images={images} and frames={frames!r}."
            )
        if frames is not None and not Path(frames).expanduser().is_dir():
            raise _no_folder(Path(frames).expanduser())
        if not isinstance(least, int) or least < 1 or not margin >= 0:
            raise ConfigError(f"Expected least from 1 and margin from 0, but got least={least!r} margin={margin!r}.")
        if not 0 <= hidden_thr <= seen_thr:
            raise ConfigError(
                f"Expected 0 <= hidden_thr <= seen_thr, but got hidden_thr={hidden_thr} seen_thr={seen_thr}."
            )
        self._split, self._images, self._frames, self._results = split, images, frames, results
        self._kind = PictureFormat("jpg", quality, threads)
        self._skeleton = skeleton
        self._labels = least, margin, seen_thr, hidden_thr

    @staticmethod
    def facts(images: str, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        extracts = images == "extract"
        # Where pictures come from is not what they are, nor is a second name; of those that were taken from elsewhere
        # ``quality`` says what they were made with.
        idle = ("quality",) if images == "none" else ("images",)
        return Facts(
            ordered=True,
            filmed=extracts,
            undrawn=extracts,
            concludes=extracts,
            finishes=True,
            operational=("threads", "frames", *idle),
        )

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if poses of ``skeleton`` have not all keypoints that are written."""
        target = self._target(skeleton)
        if missing := unreachable(skeleton, target):
            raise ConfigError(
                f"{target.name} cannot be made from {skeleton.name}, which lacks {', '.join(missing[:5])}: choose a "
                "detector that finds them, or leave writer=coco out."
            )

    def _target(self, skeleton: Skeleton) -> Skeleton:
        if self._skeleton is not None:
            return skeleton if self._skeleton == "own" else skeletons.load(self._skeleton)
        known = (skeletons.load(name) for name in ("wholebody133", "coco17"))
        return next((one for one in known if not unreachable(skeleton, one)), skeleton)

    def target(self, clip_id: str) -> str:
        """Return the name of what is kept of a clip for the files over all."""
        return part_name("coco", clip_id)

    def places(self, clip: Clip) -> dict[str, str]:
        """Return the annotations that a clip goes into, and the name of its first image."""
        split = self._split_of(clip)
        images = {} if self._images == "none" else {".images": self._image(clip, 0)}
        return {"": f"{self._folder}/{split}/annotations/{split}.json", **images}

    def _image(self, clip: Clip, row: int) -> str:
        return f"{self._folder}/{self._split_of(clip)}/images/{_name(clip, row)}"

    def _split_of(self, clip: Clip) -> str:
        split = self._split or clip.meta.get("split") or "train"
        if not isinstance(split, str) or not _is_name(split) or "/" in split:
            raise ClipError(f"Expected the clip's split to be a name, but got {split!r}: type writer.coco.split=train.")
        return split

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the images of one clip, and keep its part of the annotations."""
        if self._images == "extract":
            decoded(extraction, files, self.begin)
        elif self._images != "none":
            self._take(extraction, files)
        self.conclude(extraction, files)

    @contextmanager
    def begin(self, clip: Clip, files: Files) -> Iterator[PicturePen]:
        """Start the images of a clip; leaving the block finishes them."""
        pictures = PictureFiles(files, self._kind, ABOUT)
        try:
            yield PicturePen(pictures, lambda row: self._image(clip, row))
        except BaseException:
            pictures.abandon()
            raise

    def _take(self, extraction: Extraction, files: Files) -> None:
        """Copy or link the pictures of the clip that ``writer=frames`` made."""
        clip, rows = extraction.clip, len(extraction.clock)
        folder = Path(self._frames or "").expanduser() / clip.id
        found = sorted(folder.glob(f"frame_*{SUFFIX}"))
        if [path.name for path in found] != [f"frame_{row:06d}{SUFFIX}" for row in range(rows)]:
            raise ClipError(
                f"Expected {rows:,} pictures, one a row, in '{folder}', but found {len(found):,}: run writer=[frames] "
                "with the same sampler first, or type writer.coco.images=extract."
            )
        self._expect_same(extraction, folder)
        for row, path in enumerate(found):
            if not stat.S_ISREG(path.lstat().st_mode):
                raise ClipError(f"Expected a picture at '{path}', but it is no regular file.")
            if self._images == "link":
                files.link(self._image(clip, row), path, ABOUT)
                continue
            with path.open("rb") as source, files.open(self._image(clip, row), ABOUT) as stream:
                shutil.copyfileobj(source, stream)

    @staticmethod
    def _expect_same(extraction: Extraction, folder: Path) -> None:
        """Refuse pictures of another film, or of other frames: their table is not that of these rows."""
        table = folder / MAPPING
        try:
            told = json.loads(budgets.read(table, budgets.LISTING))
        except (OSError, ValueError, RecursionError):
            told = None
        if told != json.loads(json.dumps(mapping(extraction, SUFFIX))):
            raise ClipError(
                f"Expected '{table}' to be of '{extraction.clip.source}' as it is now, frame by frame, but it is not: "
                "run writer=[frames] with the same sampler once more, or type writer.coco.images=extract."
            )

    def conclude(self, extraction: Extraction, files: Files) -> None:
        """Keep the clip's part of the files over all clips."""
        clip, size, rows = extraction.clip, extraction.clock.size, len(extraction.clock)
        target = self._target(extraction.skeleton)
        labels = Labels(target, *self._labels)
        images = ({"file_name": _name(clip, row), "width": size[0], "height": size[1]} for row in range(rows))
        tracks = extraction.tracks
        annotations = ((row, one.id, entry) for one in tracks for row, entry in labels.annotations(one, size))
        results = ((row, one.id, entry) for one in tracks for row, entry in labels.results(one))
        found = sorted(results, key=_row) if self._results else ()
        with files.open(self.target(clip.id), {"kind": "part"}) as stream:
            for line in part_lines(self._split_of(clip), target, images, sorted(annotations, key=_row), found):
                stream.write(line)

    def finish(self, run: FinishedRun) -> None:
        """Join the parts of all clips."""
        join(run, self._folder, self._results)


def _name(clip: Clip, row: int) -> str:
    return f"{clip.id}_frame_{row:06d}{SUFFIX}"


def _row(entry: tuple[int, int, Any]) -> int:
    return entry[0]


def _is_name(text: Any) -> bool:
    return isinstance(text, str) and text not in (".", "..") and re.fullmatch(r"[^{}\\\0]+", text) is not None


def _no_folder(folder: Path) -> ConfigError:
    names = [path.name for path in folder.parent.glob("*/")] if folder.parent.is_dir() else []
    near = difflib.get_close_matches(folder.name, names, n=1)
    hint = f" Did you mean '{folder.with_name(near[0])}'?" if near else ""
    return ConfigError(f"Expected frames to name the folder of writer=frames, but there is no folder '{folder}'.{hint}")


def _refused(key: str, value: Any) -> str:
    raise ConfigError(f"Expected {key} to be a plain name, but got {value!r}.")
