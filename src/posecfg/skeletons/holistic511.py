"""MediaPipe's holistic model with irises and without hands: BlazePose's 33 landmarks and the face mesh."""

from posecfg.skeletons.blazepose33 import SKELETON as BLAZEPOSE33
from posecfg.skeletons.facemesh478 import SKELETON as FACE
from posecfg.skeletons.skeleton import Skeleton

SKELETON = Skeleton(
    name="holistic511",
    keypoints=(*BLAZEPOSE33.keypoints, *FACE.keypoints),
    bones=(*BLAZEPOSE33.bones, *FACE.bones),
)
