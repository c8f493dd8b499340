"""Components of a .pose file: which keypoints each has, as pose-format calls them, and what connects them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from posecfg.skeletons.skeleton import FLAT as MESH_POINT
from posecfg.skeletons.skeleton import Skeleton
from posecfg.skeletons.wholebody133 import hand

FLAT, SPACE = "XYC", "XYZC"
MEDIAPIPE = "blazepose33"
"""The skeleton whose keypoints pose-format has of MediaPipe, by the same names in capitals."""
LANDMARKS, WORLD = "POSE_LANDMARKS", "POSE_WORLD_LANDMARKS"
MESH = "FACE_LANDMARKS"
# Skeletons whose parts pose-format has of MediaPipe's holistic model.
_HOLISTIC = ("holistic", "facemesh")
_JOINTS = ("MCP", "PIP", "DIP", "TIP")
_OF_HAND = {
    "thumb": tuple(f"THUMB_{joint}" for joint in ("CMC", "MCP", "IP", "TIP")),
    "forefinger": tuple(f"INDEX_FINGER_{joint}" for joint in _JOINTS),
    "middle_finger": tuple(f"MIDDLE_FINGER_{joint}" for joint in _JOINTS),
    "ring_finger": tuple(f"RING_FINGER_{joint}" for joint in _JOINTS),
    "pinky_finger": tuple(f"PINKY_{joint}" for joint in _JOINTS),
}
# Parts of a body by the words that names of their keypoints have; the first that fits counts.
_FINGERS = ("thumb", "forefinger", "middle_finger", "ring_finger", "pinky_finger", "hand_root")
_FACE = ("jaw", "chin", "eyebrow", "nose_b", "nostril", "mouth", "lip", "_eye_")
BODY, FACE, LEFT_HAND, RIGHT_HAND = "BODY", "FACE", "LEFT_HAND", "RIGHT_HAND"


@dataclass(frozen=True)
class Component:
    """Some ``keypoints`` of a skeleton by their ``indices``, and their names in the file; ``limbs`` connect these."""

    name: str
    keypoints: tuple[str, ...]
    indices: tuple[int, ...]
    points: tuple[str, ...]
    limbs: tuple[tuple[int, int], ...]
    in_space: bool = False
    is_deep: bool = False

    @property
    def format(self) -> str:
        """The letters of its numbers: coordinates, and the confidence."""
        return SPACE if self.in_space or self.is_deep else FLAT


def components(skeleton: Skeleton, in_space: bool, is_deep: bool = False) -> list[Component]:
    """Return the components of a skeleton, and once more those with points in space where there are any.

    As pose-format has MediaPipe's holistic model: ``is_deep`` gives all parts their depth, and only the body is there
    once more.
    """
    if skeleton.name.removeprefix("part of ").startswith(_HOLISTIC):
        parts = [replace(part, is_deep=is_deep) for part in _holistic(skeleton)]
        return [*parts, *(_in_space(part) for part in parts if in_space and part.name == LANDMARKS)]
    flat = list(_flat(skeleton))
    return [*flat, *(_in_space(one) for one in flat)] if in_space else flat


def _holistic(skeleton: Skeleton) -> Iterator[Component]:
    hands = {name: f"{side.upper()}_HAND_LANDMARKS" for side in ("left", "right") for name in hand(side)}
    parts = [MESH if name in skeleton.flat else hands.get(name, LANDMARKS) for name in skeleton.keypoints]
    for part in (LANDMARKS, MESH, *dict.fromkeys(hands.values())):
        if chosen := [k for k, own in enumerate(parts) if own == part]:
            one = _component(part, skeleton, chosen, False)
            yield replace(one, points=tuple(map(_mediapipe, one.keypoints)))


def _mediapipe(name: str) -> str:
    """Return the name that MediaPipe has for a keypoint of its holistic model; those of the mesh are numbers."""
    if name.startswith(MESH_POINT):
        return name.removeprefix(MESH_POINT)
    finger = name.partition("_")[2]
    if finger == "hand_root":
        return "WRIST"
    joints = _OF_HAND.get(finger.rstrip("1234"), ())
    return joints[int(finger[-1]) - 1] if joints and finger[-1].isdigit() else name.upper()


def _flat(skeleton: Skeleton) -> Iterator[Component]:
    if skeleton.name == MEDIAPIPE:
        yield _component(LANDMARKS, skeleton, range(len(skeleton)), True)
        return
    parts = [_part(name) for name in skeleton.keypoints]
    for part in (BODY, FACE, LEFT_HAND, RIGHT_HAND):
        if chosen := [k for k, own in enumerate(parts) if own == part]:
            yield _component(part, skeleton, chosen, False)


def _component(name: str, skeleton: Skeleton, chosen: Sequence[int], capitals: bool) -> Component:
    places = {k: place for place, k in enumerate(chosen)}
    keypoints = tuple(skeleton.keypoints[k] for k in chosen)
    limbs = tuple((places[a], places[b]) for a, b in skeleton.edges if a in places and b in places)
    points = tuple(map(str.upper, keypoints)) if capitals else keypoints
    return Component(name, keypoints, tuple(chosen), points, limbs)


def _in_space(one: Component) -> Component:
    name = WORLD if one.name == LANDMARKS else f"{one.name}_WORLD"
    return Component(name, one.keypoints, one.indices, one.points, one.limbs, in_space=True)


def _part(name: str) -> str:
    if any(word in name for word in _FINGERS):
        return LEFT_HAND if name.startswith("left") else RIGHT_HAND
    return FACE if any(word in name for word in _FACE) else BODY
