"""SynthPose: COCO's 17 keypoints and 35 anatomical markers, as laboratories glue them on skin.

Markers that lie on both sides of a joint are called lateral and medial; the heel is the marker on the calcaneus.
"""

from posecfg.skeletons.coco17 import SKELETON as COCO17
from posecfg.skeletons.skeleton import Skeleton

_ARM = tuple(
    f"{side}_{place}_{joint}"
    for joint in ("elbow", "wrist")
    for place in ("lateral", "medial")
    for side in ("right", "left")
)
_LEG = tuple(
    f"{side}_{part}"
    for part in (
        "asis",
        "psis",
        "lateral_knee",
        "medial_knee",
        "lateral_ankle",
        "medial_ankle",
        "fifth_metatarsal",
        "toe",
        "big_toe",
    )
    for side in ("right", "left")
)


def _side(side: str) -> tuple[tuple[str, str], ...]:
    """Return the bones between the markers of one side."""
    places = ("lateral", "medial")
    return (
        ("sternum", f"{side}_acromion"),
        ("c7", f"{side}_acromion"),
        *((f"{side}_acromion", f"{side}_{place}_elbow") for place in places),
        *((f"{side}_{place}_elbow", f"{side}_{place}_wrist") for place in places),
        (f"{side}_asis", f"{side}_psis"),
        *((f"{side}_asis", f"{side}_{place}_knee") for place in places),
        *((f"{side}_{place}_knee", f"{side}_{place}_ankle") for place in places),
        *((f"{side}_{place}_ankle", f"{side}_heel") for place in places),
        (f"{side}_heel", f"{side}_fifth_metatarsal"),
        (f"{side}_fifth_metatarsal", f"{side}_toe"),
        (f"{side}_toe", f"{side}_big_toe"),
    )


SKELETON = Skeleton(
    name="synthpose52",
    keypoints=(
        *COCO17.keypoints,
        "sternum",
        "right_acromion",
        "left_acromion",
        *_ARM,
        *_LEG,
        "left_heel",
        "right_heel",
        "c7",
        "l2",
        "t11",
        "t6",
    ),
    bones=(
        *COCO17.bones,
        *_side("left"),
        *_side("right"),
        ("left_asis", "right_asis"),
        ("left_psis", "right_psis"),
        ("c7", "t6"),
        ("t6", "t11"),
        ("t11", "l2"),
    ),
)
