"""The 85 points for sign language: upper body, outline of the face, hands; a subset of COCO-WholeBody."""

from posecfg.skeletons.skeleton import Skeleton
from posecfg.skeletons.wholebody133 import MESH, hand
from posecfg.skeletons.wholebody133 import SKELETON as WHOLEBODY133

_KEYPOINTS = (
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_hip",
    "right_hip",
    "right_jaw1",
    "right_jaw3",
    "right_jaw5",
    "right_jaw7",
    "chin",
    "left_jaw7",
    "left_jaw5",
    "left_jaw3",
    "left_jaw1",
    *(f"right_eyebrow{n}" for n in range(1, 6)),
    *(f"left_eyebrow{n}" for n in range(5, 0, -1)),
    "nose_bridge3",
    "right_nostril1",
    "nose_base",
    "left_nostril1",
    "mouth_right",
    "upper_lip_right2",
    "upper_lip_left2",
    "mouth_left",
    "lower_lip_left2",
    "lower_lip_right2",
    "inner_mouth_right",
    "inner_upper_lip_right",
    "inner_upper_lip",
    "inner_upper_lip_left",
    "inner_mouth_left",
    "inner_lower_lip_left",
    "inner_lower_lip",
    "inner_lower_lip_right",
    *hand("left"),
    *hand("right"),
)

SKELETON = Skeleton(
    name="wholebody85",
    keypoints=_KEYPOINTS,
    bones=tuple(bone for bone in WHOLEBODY133.bones if set(bone) <= set(_KEYPOINTS)),
    instead={name: point for name, point in MESH.items() if name in _KEYPOINTS},
)
