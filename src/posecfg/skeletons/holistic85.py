"""The 85 points of MediaPipe's holistic model that the paper on YouTube-ASL uses; two of them are irises."""

from posecfg.skeletons.facemesh468 import points
from posecfg.skeletons.holistic75 import HANDS
from posecfg.skeletons.holistic553 import SKELETON as HOLISTIC553
from posecfg.skeletons.skeleton import Skeleton

_BODY = ("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_hip", "right_hip")
_FACE = (
    *(0, 4, 13, 14, 17, 33, 37, 39, 46, 52, 55, 61, 64, 81, 82, 93, 133, 151, 152, 159, 172, 178, 181, 263, 269),
    *(276, 282, 285, 291, 294, 311, 323, 362, 386, 397, 468, 473),
)
_KEYPOINTS = (*_BODY, *points(_FACE), *HANDS)

SKELETON = Skeleton(
    name="holistic85",
    keypoints=_KEYPOINTS,
    bones=tuple(bone for bone in HOLISTIC553.bones if set(bone) <= set(_KEYPOINTS)),
)
