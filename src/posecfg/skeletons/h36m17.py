"""Human3.6M: the 17 joints that 2D-to-3D lifters use.

Derived from a skeleton without them, ``neck_base`` and ``head`` are the nose and the middle of the eyes: good enough
for viewing, not for absolute errors against true Human3.6M joints.
"""

from posecfg.skeletons.skeleton import Skeleton

SKELETON = Skeleton(
    name="h36m17",
    keypoints=(
        "pelvis",
        "right_hip",
        "right_knee",
        "right_ankle",
        "left_hip",
        "left_knee",
        "left_ankle",
        "spine",
        "thorax",
        "neck_base",
        "head",
        "left_shoulder",
        "left_elbow",
        "left_wrist",
        "right_shoulder",
        "right_elbow",
        "right_wrist",
    ),
    bones=(
        ("pelvis", "right_hip"),
        ("right_hip", "right_knee"),
        ("right_knee", "right_ankle"),
        ("pelvis", "left_hip"),
        ("left_hip", "left_knee"),
        ("left_knee", "left_ankle"),
        ("pelvis", "spine"),
        ("spine", "thorax"),
        ("thorax", "neck_base"),
        ("neck_base", "head"),
        ("thorax", "left_shoulder"),
        ("left_shoulder", "left_elbow"),
        ("left_elbow", "left_wrist"),
        ("thorax", "right_shoulder"),
        ("right_shoulder", "right_elbow"),
        ("right_elbow", "right_wrist"),
    ),
    derived={
        "pelvis": ("left_hip", "right_hip"),
        "thorax": ("left_shoulder", "right_shoulder"),
        "spine": ("pelvis", "thorax"),
        "neck_base": ("nose",),
        "head": ("left_eye", "right_eye"),
    },
)
