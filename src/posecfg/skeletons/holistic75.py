"""MediaPipe's holistic model without its face: BlazePose's 33 landmarks and both hands."""

from posecfg.skeletons.blazepose33 import SKELETON as BLAZEPOSE33
from posecfg.skeletons.skeleton import Skeleton
from posecfg.skeletons.wholebody133 import hand, hand_bones

HANDS = (*hand("left"), *hand("right"))
HAND_BONES = (*hand_bones("left"), *hand_bones("right"))

SKELETON = Skeleton(
    name="holistic75",
    keypoints=(*BLAZEPOSE33.keypoints, *HANDS),
    bones=(*BLAZEPOSE33.bones, *HAND_BONES),
)
