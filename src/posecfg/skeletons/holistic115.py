"""Body, lips and both hands of MediaPipe's holistic model, for sign language."""

from posecfg.skeletons.blazepose33 import SKELETON as BLAZEPOSE33
from posecfg.skeletons.facemesh468 import LIP_BONES, LIPS
from posecfg.skeletons.holistic75 import HAND_BONES, HANDS
from posecfg.skeletons.skeleton import Skeleton

SKELETON = Skeleton(
    name="holistic115",
    keypoints=(*BLAZEPOSE33.keypoints, *LIPS, *HANDS),
    bones=(*BLAZEPOSE33.bones, *LIP_BONES, *HAND_BONES),
)
