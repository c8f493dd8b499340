"""MediaPipe's holistic model with irises: BlazePose's 33 landmarks, the face mesh, and both hands."""

from posecfg.skeletons.blazepose33 import SKELETON as BLAZEPOSE33
from posecfg.skeletons.facemesh478 import SKELETON as FACE
from posecfg.skeletons.holistic75 import HAND_BONES, HANDS
from posecfg.skeletons.skeleton import Skeleton

SKELETON = Skeleton(
    name="holistic553",
    keypoints=(*BLAZEPOSE33.keypoints, *FACE.keypoints, *HANDS),
    bones=(*BLAZEPOSE33.bones, *FACE.bones, *HAND_BONES),
)
