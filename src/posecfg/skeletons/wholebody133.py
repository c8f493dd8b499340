"""COCO-WholeBody: 133 keypoints of body, feet, face (iBUG-68) and hands.

The face points, which the data set only numbers, have names with a side, so that mirroring follows from the names.
Sides are the person's own; numbers count away from the ear, from the outer end of a brow, or from the wrist.
"""

import itertools

from posecfg.skeletons.coco17 import SKELETON as COCO17
from posecfg.skeletons.facemesh468 import points
from posecfg.skeletons.skeleton import Skeleton

FEET = ("left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel")

FACE = (
    *(f"right_jaw{n}" for n in range(1, 9)),
    "chin",
    *(f"left_jaw{n}" for n in range(8, 0, -1)),
    *(f"right_eyebrow{n}" for n in range(1, 6)),
    *(f"left_eyebrow{n}" for n in range(5, 0, -1)),
    *(f"nose_bridge{n}" for n in range(1, 5)),
    "right_nostril1",
    "right_nostril2",
    "nose_base",
    "left_nostril2",
    "left_nostril1",
    "right_eye_outer",
    "right_eye_upper1",
    "right_eye_upper2",
    "right_eye_inner",
    "right_eye_lower2",
    "right_eye_lower1",
    "left_eye_inner",
    "left_eye_upper2",
    "left_eye_upper1",
    "left_eye_outer",
    "left_eye_lower1",
    "left_eye_lower2",
    "mouth_right",
    "upper_lip_right1",
    "upper_lip_right2",
    "upper_lip",
    "upper_lip_left2",
    "upper_lip_left1",
    "mouth_left",
    "lower_lip_left1",
    "lower_lip_left2",
    "lower_lip",
    "lower_lip_right2",
    "lower_lip_right1",
    "inner_mouth_right",
    "inner_upper_lip_right",
    "inner_upper_lip",
    "inner_upper_lip_left",
    "inner_mouth_left",
    "inner_lower_lip_left",
    "inner_lower_lip",
    "inner_lower_lip_right",
)

# Where these points are on MediaPipe's face mesh.
_NUMBERS = (
    *(127, 234, 93, 132, 58, 172, 150, 176, 152, 400, 379, 397, 288, 361, 323, 454, 356),
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300),
    *(168, 197, 5, 4, 75, 97, 2, 326, 305),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),
    *(78, 82, 13, 312, 308, 317, 14, 87),
)
MESH = dict(zip(FACE, points(_NUMBERS), strict=True))
"""The point of the face mesh in the place of each point of the face."""

FINGERS = ("thumb", "forefinger", "middle_finger", "ring_finger", "pinky_finger")


def hand(side: str) -> tuple[str, ...]:
    """List the 21 names of one hand, from the wrist to the tip of each finger."""
    return (f"{side}_hand_root", *(f"{side}_{finger}{n}" for finger in FINGERS for n in range(1, 5)))


def hand_bones(side: str) -> tuple[tuple[str, str], ...]:
    """Return the bones of one hand, from the wrist along each finger."""
    chains = [(f"{side}_hand_root", *(f"{side}_{finger}{n}" for n in range(1, 5))) for finger in FINGERS]
    return tuple(pair for chain in chains for pair in itertools.pairwise(chain))


def _foot_bones(side: str) -> tuple[tuple[str, str], ...]:
    return tuple((f"{side}_ankle", f"{side}_{part}") for part in ("big_toe", "small_toe", "heel"))


SKELETON = Skeleton(
    name="wholebody133",
    keypoints=(*COCO17.keypoints, *FEET, *FACE, *hand("left"), *hand("right")),
    bones=(
        *COCO17.bones,
        *_foot_bones("left"),
        *_foot_bones("right"),
        *hand_bones("left"),
        *hand_bones("right"),
    ),
    instead=MESH,
)
