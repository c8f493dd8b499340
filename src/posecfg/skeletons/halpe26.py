"""Halpe: COCO's 17 keypoints, head, neck and middle of the hips, and three of each foot."""

from posecfg.skeletons.coco17 import SKELETON as COCO17
from posecfg.skeletons.skeleton import Skeleton

_SIDES = ("left", "right")
_PARTS = ("big_toe", "small_toe", "heel")
_FEET = tuple(f"{side}_{part}" for part in _PARTS for side in _SIDES)

SKELETON = Skeleton(
    name="halpe26",
    keypoints=(*COCO17.keypoints, "head", "neck", "mid_hip", *_FEET),
    bones=(
        *(bone for bone in COCO17.bones if "hip" not in bone[0] + bone[1] or "shoulder" not in bone[0] + bone[1]),
        ("head", "neck"),
        ("neck", "mid_hip"),
        *((f"{side}_ankle", f"{side}_{part}") for side in _SIDES for part in _PARTS),
    ),
    derived={"neck": ("left_shoulder", "right_shoulder"), "mid_hip": ("left_hip", "right_hip")},
)
