"""AIST++ as plain arrays, with the calls of its official loader; pickles are read without running what is in them.

``from posecfg.datasets.aist_loader import AISTDataset``
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from posecfg import budgets
from posecfg.datasets import aist_cameras
from posecfg.datasets.aist_arrays import entry, read
from posecfg.datasets.aist_names import ALL, VIEWS
from posecfg.errors import ClipError, ConfigError
from posecfg.models.numpy_pickle import Packed
from posecfg.samplers.fps import Fps
from posecfg.types import Clip
from posecfg.video.video import Video

if TYPE_CHECKING:
    from posecfg.arrays import F64, U8


@dataclass(frozen=True)
class Camera:
    """A camera as its file has it: in centimetres, turned by a vector."""

    name: str
    size: Sequence[int]
    matrix: F64
    rotation: F64
    translation: F64
    distortions: F64

    def get_name(self) -> str:
        """Return c01 to c09."""
        return self.name

    def get_size(self) -> Sequence[int]:
        """Return width and height in px."""
        return self.size

    def get_camera_matrix(self) -> F64:
        """Return the intrinsic matrix (3, 3)."""
        return self.matrix

    def get_rotation(self) -> F64:
        """Return the vector (3,) of the turn from the world to the camera."""
        return self.rotation

    def get_translation(self) -> F64:
        """Return the shift (3,) in centimetres."""
        return self.translation

    def get_distortions(self) -> F64:
        """Return the coefficients k1, k2, p1, p2, k3."""
        return self.distortions


@dataclass(frozen=True)
class CameraGroup:
    """The nine cameras of a setting."""

    cameras: tuple[Camera, ...]


class AISTDataset:
    """The folder of annotations: its places, and the setting of each sequence, as ``mapping_seq2env`` and back."""

    VIEWS: ClassVar[list[str]] = list(VIEWS)

    def __init__(self, anno_dir: str | os.PathLike[str]) -> None:
        root = Path(anno_dir)
        if not root.is_dir():
            raise ConfigError(f"Expected the folder of annotations of AIST++, but there is no '{anno_dir}'.")
        # With a slash at the end, as the official loader has them.
        folders = [os.path.join(anno_dir, f"{name}/") for name in ("cameras", "motions", "keypoints3d", "keypoints2d")]
        self.camera_dir, self.motion_dir, self.keypoint3d_dir, self.keypoint2d_dir = folders
        self.filter_file = os.path.join(anno_dir, "ignore_list.txt")
        self.mapping_seq2env = dict(aist_cameras.settings(root / "cameras"))
        self.mapping_env2seq: dict[str, list[str]] = {}
        for sequence, setting in self.mapping_seq2env.items():
            self.mapping_env2seq.setdefault(setting, []).append(sequence)

    @classmethod
    def get_video_name(cls, seq_name: str, view: str) -> str:
        """Return the name of the film of a view."""
        return seq_name.replace(ALL, view)

    @classmethod
    def get_seq_name(cls, video_name: str) -> tuple[str, str]:
        """Return the sequence of a film, and its view."""
        tags = video_name.split("_")
        place = 1 if len(tags) == 3 else 2
        if len(tags) <= place:
            raise ConfigError(f"Expected the name of a film of AIST++, but got '{video_name}'.")
        view, tags[place] = tags[place], ALL
        return "_".join(tags), view

    @classmethod
    def load_camera_group(cls, camera_dir: str | os.PathLike[str], env_name: str) -> CameraGroup:
        """Return the cameras of a setting."""
        import numpy as np

        path = Path(camera_dir) / f"{env_name}.json"
        aist_cameras.load(path)
        listed: list[Any] = json.loads(budgets.read(path))
        arrays = ("matrix", "rotation", "translation", "distortions")
        return CameraGroup(
            tuple(
                Camera(str(one["name"]), one["size"], *(np.array(one[name], np.float64) for name in arrays))
                for one in listed
            )
        )

    @classmethod
    def load_motion(cls, motion_dir: str | os.PathLike[str], seq_name: str) -> tuple[Any, Any, Any]:
        """Return the poses, the scaling and the translations of SMPL."""
        whole = _whole(motion_dir, seq_name, "motions")
        return whole["smpl_poses"], whole["smpl_scaling"], whole["smpl_trans"]

    @classmethod
    def load_keypoint3d(cls, keypoint_dir: str | os.PathLike[str], seq_name: str, use_optim: bool = False) -> Any:
        """Return the points (N, 17, 3) in space, in centimetres."""
        return _whole(keypoint_dir, seq_name, "keypoints3d")["keypoints3d_optim" if use_optim else "keypoints3d"]

    @classmethod
    def load_keypoint2d(cls, keypoint_dir: str | os.PathLike[str], seq_name: str) -> tuple[Any, Any, Any]:
        """Return keypoints (9, N, 17, 3), scores of people (9, N) and time stamps (N,) in milliseconds.

        Of files of the newer kind, lists: keypoints and boxes of people by view and frame, and time stamps by view.
        """
        whole = _whole(keypoint_dir, seq_name, "keypoints2d")
        people = "det_scores" if "det_scores" in whole else "bboxes"
        return whole["keypoints2d"], whole[people], whole["timestamps"]

    @classmethod
    def load_frames(
        cls, video_path: str | os.PathLike[str], frame_ids: Sequence[int] | None = None, fps: float = 60
    ) -> U8 | None:
        """Return frames (N, H, W, 3), blue first, by their numbers at an exact rate; None if there is none."""
        import numpy as np

        path = Path(video_path)
        if not path.is_file():
            return None
        wanted = None if frame_ids is None else {int(number): place for place, number in enumerate(frame_ids)}
        found: dict[int, U8] = {}
        video, taken = Video(Clip(path.stem, path), Fps(fps, mode="resample")), 0
        for batch in video:
            first, taken = taken, len(video.rows)
            for number in range(first, taken):
                if wanted is None or number in wanted:
                    found[number] = batch.rgb()[0, ..., ::-1]
            if wanted is not None and len(found) == len(wanted):
                break
        order = sorted(found) if wanted is None else [number for number in map(int, frame_ids or ()) if number in found]
        return np.stack([found[number] for number in order]) if order else None


class _Named(dict[str, Any]):
    """What a file holds by name; what it lacks is told with its path."""

    def __init__(self, path: Path, known: dict[str, Any]) -> None:
        super().__init__(known)
        self._path = path

    def __missing__(self, name: str) -> Any:
        raise ClipError(
            f"Expected '{self._path}' to hold '{name}' of AIST++, but it holds {', '.join(self) or 'nothing'}."
        )


def _whole(folder: str | os.PathLike[str], sequence: str, what: str) -> _Named:
    path = Path(folder) / f"{sequence}.pkl"
    return _Named(path, read(path, what, _named))


def _named(whole: Any) -> dict[str, Any]:
    if not isinstance(whole, dict):
        raise ValueError("it holds no values by name")
    known: dict[int, Any] = {}
    return {str(name): _plain(entry(whole, name), known) for name in whole}


def _plain(value: Any, known: dict[int, Any]) -> Any:
    """Return a value of a pickle with NumPy's arrays and numbers in it, free to be changed.

    ``known`` are those made: what a file has in several places stays one thing, as a few bytes can name it many times.
    """
    if id(value) not in known:
        known[id(value)] = _made(value, known)
    return known[id(value)]


def _made(value: Any, known: dict[int, Any]) -> Any:
    import numpy as np

    if isinstance(value, list | tuple):
        return type(value)(_plain(one, known) for one in value)
    if isinstance(value, dict):
        return {name: _plain(one, known) for name, one in value.items()}
    if not isinstance(value, Packed):
        return value
    try:
        items = value.objects()
    except ValueError:
        array = value.array()
        return array.copy() if array.shape else array[()]
    made = np.empty(len(items), object)
    made[:] = [_plain(one, known) for one in items]
    return made.reshape(value.shape)
