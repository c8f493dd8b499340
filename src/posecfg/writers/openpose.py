"""Write OpenPose JSON: one file a row, with BODY_25, face and hands."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal

from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.refine.convert import convert
from posecfg.skeletons.body25 import SKELETON as BODY25
from posecfg.skeletons.skeleton import Skeleton, unreachable
from posecfg.skeletons.wholebody133 import FACE, MESH, hand
from posecfg.types import Extraction, PoseTrack
from posecfg.writers.choice import expect
from posecfg.writers.names import Names
from posecfg.writers.points import Points, idle

if TYPE_CHECKING:
    from posecfg.arrays import F64

FRAMES = ("row", "index")
# The middles of irises, where a face mesh has them.
_PUPILS = {"right_eye": "face_468", "left_eye": "face_473"}
PARTS = {
    "pose": BODY25,
    "face": Skeleton("openpose face", (*FACE, "right_eye", "left_eye"), instead=MESH | _PUPILS),
    "hand_left": Skeleton("openpose left hand", hand("left")),
    "hand_right": Skeleton("openpose right hand", hand("right")),
}
DECIMALS = (3, 3, 6)


class Openpose:
    """Write ``<path>/<name>_<number>_keypoints.json`` for each row, version 1.3, in pixels.

    ``people`` are those present in the row, with the track's id; a point that is missing, or that the detector's
    skeleton cannot give, is 0, 0, 0. Face and hands are filled when more than half of their points can be given, the
    pupils from irises, else from the eyes of the body. ``frame`` numbers files by output ``row``, without holes, or by
    the frame's ``index`` in the film, where a frame that fills several rows is written once. A person whose pose a
    refine step made up is marked ``"interpolated": true``, which readers of OpenPose's files ignore.
    """

    suffix = ".json"

    def __init__(
        self, path: str = "{id}_json", frame: Literal["row", "index"] = "row", mask: bool = False, kpt_thr: float = 0.3
    ) -> None:
        expect("frame", frame, FRAMES)
        self._folders = Names(path, "")
        self._by_index = frame == "index"
        self._points = Points(None, mask, kpt_thr)

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(operational=idle(mask))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Accept poses of any kind: points that the skeleton cannot give are written as missing."""

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's first file."""
        return self._name(clip_id, 0)

    def _name(self, clip_id: str, number: int) -> str:
        return f"{self._folders(clip_id)}/{clip_id.rpartition('/')[2]}_{number:012d}_keypoints.json"

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the files of one clip."""
        people = [(track, _parts(self._points(track))) for track in extraction.tracks]
        written: set[int] = set()
        for row, index in enumerate(extraction.clock.indices.tolist()):
            number = index if self._by_index else row
            if number in written:
                continue
            written.add(number)
            present = [_person(t, parts, row) for t, parts in people if t.valid[row] or t.made[row]]
            made = sum(bool(track.made[row]) for track, _ in people)
            about = {"kind": "openpose", "missing": "zero", "made": made}
            text = json.dumps({"version": 1.3, "people": present}, separators=(",", ":"))
            with files.open(self._name(extraction.clip.id, number), about) as stream:
                stream.write(text.encode())


def _parts(track: PoseTrack) -> dict[str, F64 | None]:
    """Return each part as (T, points, 3) x, y, score with zeros for what is missing, or None."""
    return {name: _part(track, target) for name, target in PARTS.items()}


def _part(track: PoseTrack, target: Skeleton) -> F64 | None:
    import numpy as np

    absent = set(unreachable(track.skeleton, target))
    given = tuple(name for name in target.keypoints if name not in absent)
    if target is not BODY25 and len(given) * 2 <= len(target):
        return None
    part = convert(track, Skeleton(target.name, given, derived=target.derived, instead=target.instead))
    out = np.zeros((len(track), len(target), 3))
    places = [target.index[name] for name in given]
    out[:, places, :2] = part.xy
    out[:, places, 2] = part.scores
    out[~np.isfinite(out[..., :2]).all(axis=2)] = 0
    out = np.nan_to_num(out, nan=0.0, posinf=0.0, neginf=0.0)
    return np.stack([np.round(out[..., axis], places) for axis, places in enumerate(DECIMALS)], axis=-1)


def _person(track: PoseTrack, parts: dict[str, F64 | None], row: int) -> dict[str, Any]:
    person: dict[str, Any] = {"person_id": [track.id]}
    for name, values in parts.items():
        person[f"{name}_keypoints_2d"] = [] if values is None else values[row].ravel().tolist()
    for name in parts:
        person[f"{name}_keypoints_3d"] = []
    return {**person, "interpolated": True} if track.made[row] else person
