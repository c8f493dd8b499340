"""The body and both hands, without feet and face; a subset of COCO-WholeBody."""

from posecfg.skeletons.coco17 import SKELETON as COCO17
from posecfg.skeletons.skeleton import Skeleton
from posecfg.skeletons.wholebody133 import SKELETON as WHOLEBODY133
from posecfg.skeletons.wholebody133 import hand

_KEYPOINTS = (*COCO17.keypoints, *hand("left"), *hand("right"))

SKELETON = Skeleton(
    name="bodyhands59",
    keypoints=_KEYPOINTS,
    bones=tuple(bone for bone in WHOLEBODY133.bones if set(bone) <= set(_KEYPOINTS)),
)
