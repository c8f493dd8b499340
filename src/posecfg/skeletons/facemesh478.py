"""MediaPipe's face mesh with irises: the middle of each (468 right, 473 left) and its edge."""

from posecfg.skeletons.facemesh468 import BONES, chains, points
from posecfg.skeletons.skeleton import Skeleton

IRISES = chains((469, 470, 471, 472, 469), (474, 475, 476, 477, 474))

SKELETON = Skeleton(name="facemesh478", keypoints=points(range(478)), bones=(*BONES, *IRISES))
