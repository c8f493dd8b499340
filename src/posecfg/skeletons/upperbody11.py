"""Head, shoulders, arms; the first eleven keypoints of COCO."""

from posecfg.skeletons.coco17 import SKELETON as COCO17
from posecfg.skeletons.skeleton import Skeleton

_KEYPOINTS = COCO17.keypoints[:11]

SKELETON = Skeleton(
    name="upperbody11",
    keypoints=_KEYPOINTS,
    bones=tuple(bone for bone in COCO17.bones if set(bone) <= set(_KEYPOINTS)),
)
