"""COCO-WholeBody without the feet, of which MediaPipe's holistic model lacks the small toes."""

from posecfg.skeletons.coco17 import SKELETON as COCO17
from posecfg.skeletons.skeleton import Skeleton
from posecfg.skeletons.wholebody133 import FACE, MESH, hand
from posecfg.skeletons.wholebody133 import SKELETON as WHOLEBODY133

_KEYPOINTS = (*COCO17.keypoints, *FACE, *hand("left"), *hand("right"))

SKELETON = Skeleton(
    name="wholebody127",
    keypoints=_KEYPOINTS,
    bones=tuple(bone for bone in WHOLEBODY133.bones if set(bone) <= set(_KEYPOINTS)),
    instead=MESH,
)
