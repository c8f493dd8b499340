"""Body, outlines of the face and both hands of MediaPipe's holistic model, for sign language."""

from posecfg.skeletons.blazepose33 import SKELETON as BLAZEPOSE33
from posecfg.skeletons.facemesh468 import BONES, CONTOURS
from posecfg.skeletons.holistic75 import HAND_BONES, HANDS
from posecfg.skeletons.skeleton import Skeleton

SKELETON = Skeleton(
    name="holistic203",
    keypoints=(*BLAZEPOSE33.keypoints, *CONTOURS, *HANDS),
    bones=(*BLAZEPOSE33.bones, *BONES, *HAND_BONES),
)
