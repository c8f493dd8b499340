"""MediaPipe's face mesh: 468 points that are known by their numbers, as `face_33`; bones are its usual outlines."""

import itertools

from posecfg.skeletons.skeleton import FLAT, Skeleton

_OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152),
    *(148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10),
)
_LIPS = (
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
)
_EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (263, 249, 390, 373, 374, 380, 381, 382, 362),
    (263, 466, 388, 387, 386, 385, 384, 398, 362),
)
_BROWS = ((46, 53, 52, 65, 55), (70, 63, 105, 66, 107), (276, 283, 282, 295, 285), (300, 293, 334, 296, 336))


def points(numbers: tuple[int, ...] | range) -> tuple[str, ...]:
    """Name points of the mesh by their numbers."""
    return tuple(f"{FLAT}{number}" for number in numbers)


def chains(*lines: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    """Return the bones along lines through points of the mesh."""
    return tuple(pair for line in lines for pair in itertools.pairwise(points(line)))


def numbers(*lines: tuple[int, ...]) -> tuple[int, ...]:
    """Return the numbers on lines, each once, from the lowest."""
    return tuple(sorted({number for line in lines for number in line}))


LIPS = points(numbers(*_LIPS))
"""The 40 points around the mouth, outside and inside."""
LIP_BONES = chains(*_LIPS)
CONTOURS = points(numbers(_OVAL, *_LIPS, *_EYES, *_BROWS))
"""The 128 points on outlines: of the face, lips, eyes and brows."""
BONES = chains(_OVAL, *_LIPS, *_EYES, *_BROWS)

SKELETON = Skeleton(name="facemesh468", keypoints=points(range(468)), bones=BONES)
