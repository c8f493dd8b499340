"""Map a person's box to the input of a pose network, and keypoints back."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from posecfg.errors import ConfigError

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64


def check_padding(padding: float) -> None:
    """Raise ``ConfigError`` for a padding of 0 or less, or above 10, where a person would be hardly visible."""
    if not 0 < padding <= 10:
        raise ConfigError(f"Expected padding to be above 0 and at most 10, but got {padding}.")


def regions(xyxy: F32, padding: float, width: int, height: int) -> tuple[F32, F32]:
    """Return centres and extents (P, 2) px: ``xyxy`` (P, 4), ``padding`` times as large, in the shape of the input.

    A box that is narrower than ``width`` to ``height`` grows in width, another in height.
    """
    import numpy as np

    centres = (xyxy[:, :2] + xyxy[:, 2:]) * np.float32(0.5)
    across, down = ((xyxy[:, 2:] - xyxy[:, :2]) * np.float32(padding)).T
    shape = np.float32(width / height)
    wide = across > down * shape
    extents = np.where(wide, [across, across / shape], [down * shape, down]).T
    return centres, extents.astype(np.float32)


def matrix(opencv: ModuleType, centre: F32, extent: F32, width: int, height: int) -> F64:
    """Return the (2, 3) map from px of the picture to px of the input.

    It is computed from three points: the middle, the middle of the left edge, and one as far below that. Float32 points
    are used, not a scale, since the published models' own pipelines round that way.
    """
    import numpy as np

    left = np.float32(centre[0] - np.float64(extent[0]) / 2)
    reach = centre[0] - left
    there = np.array([centre, (left, centre[1]), (left, centre[1] + reach)], np.float32)
    here = np.array([(width / 2, height / 2), (0, height / 2), (0, height / 2 + width / 2)], np.float32)
    found: F64 = opencv.getAffineTransform(there, here)
    return found


def unbiased(centre: F32, extent: F32, width: int, height: int) -> F64:
    """Return the (2, 3) map from px of the picture to px of the input by which corners of regions are middles of px.

    The first px of the input shows the left edge of the region and the last one its right edge: ViTPose's crops.
    """
    import numpy as np

    scale = (np.array([width, height], np.float64) - 1) / extent
    shift = scale * (extent / 2 - centre)
    found: F64 = np.array([[scale[0], 0, shift[0]], [0, scale[1], shift[1]]], np.float32).astype(np.float64)
    return found


def back(points: F32, centres: F32, extents: F32, width: int, height: int) -> F32:
    """Return ``points`` (P, K, 2) in px of the input as px of the picture."""
    import numpy as np

    share = points / np.array([width, height], np.float64)
    found: F32 = (share * extents[:, None] + centres[:, None] - 0.5 * extents[:, None]).astype(np.float32)
    return found
