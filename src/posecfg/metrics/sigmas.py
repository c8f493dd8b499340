"""How exactly people mark each keypoint of COCO and COCO-WholeBody: the sigmas of OKS, by name."""

from __future__ import annotations

from posecfg.skeletons.wholebody133 import SKELETON

BODY, FOOT, FACE, LEFT_HAND, RIGHT_HAND = (
    slice(0, 17),
    slice(17, 23),
    slice(23, 91),
    slice(91, 112),
    slice(112, 133),
)
PARTS: dict[str, slice] = {
    "whole": slice(0, 133),
    "body": BODY,
    "foot": FOOT,
    "face": FACE,
    "left_hand": LEFT_HAND,
    "right_hand": RIGHT_HAND,
}
"""Parts of COCO-WholeBody by name, as places in its skeleton."""

# In thousandths, in the order of the skeleton.
_BODY = (
    26,
    25,
    25,
    35,
    35,
    79,
    79,
    72,
    72,
    62,
    62,
    107,
    107,
    87,
    87,
    89,
    89,
)
_FOOT = (
    68,
    66,
    66,
    92,
    94,
    94,
)
_FACE = (
    42,
    43,
    44,
    43,
    40,
    35,
    31,
    25,
    20,
    23,
    29,
    32,
    37,
    38,
    43,
    41,
    45,
    13,
    12,
    11,
    11,
    12,
    12,
    11,
    11,
    13,
    15,
    9,
    7,
    7,
    7,
    12,
    9,
    8,
    16,
    10,
    17,
    11,
    9,
    11,
    9,
    7,
    13,
    8,
    11,
    12,
    10,
    34,
    8,
    8,
    9,
    8,
    8,
    7,
    10,
    8,
    9,
    9,
    9,
    7,
    7,
    8,
    11,
    8,
    8,
    8,
    10,
    8,
)
_HAND = (
    29,
    22,
    35,
    37,
    47,
    26,
    25,
    24,
    35,
    18,
    24,
    22,
    26,
    17,
    21,
    21,
    32,
    20,
    19,
    22,
    31,
)

SIGMAS: dict[str, float] = {
    name: thousandths / 1000
    for name, thousandths in zip(SKELETON.keypoints, (*_BODY, *_FOOT, *_FACE, *_HAND, *_HAND), strict=True)
}


def of_part(part: str) -> tuple[str, ...]:
    """Return the names of the keypoints of a part."""
    return SKELETON.keypoints[PARTS[part]]
