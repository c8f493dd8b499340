"""A batch of frames whose pixels are converted only on request."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from posecfg.timing import stage
from posecfg.video.bound import pixel_bytes
from posecfg.video.crop import crop
from posecfg.video.planes import planes, view
from posecfg.video.reel import Shot, turned
from posecfg.video.reformat import as_jpeg, reformat

if TYPE_CHECKING:
    import av

    from posecfg.arrays import F64, I64, U8
    from posecfg.pixels import Planes


class FrameBatch:
    """Frames of one size, held in the decoder's format.

    ``indices`` (B,) and ``times`` (B,) seconds count from the first frame of the file; ``size`` is (width, height) px
    of the upright image with square pixels. ``moments`` are those of all rows that the frames fill.
    """

    def __init__(
        self,
        shots: Sequence[Shot],
        tick: Fraction,
        size: tuple[int, int],
        fills: Sequence[int] | None = None,
        moments: Sequence[float] | None = None,
    ) -> None:
        self.indices: I64 = np.array([shot.index for shot in shots], np.int64)
        self.times: F64 = np.array([float(shot.ticks * tick) for shot in shots], np.float64)
        self.size = size
        self.tick = tick
        self._shots = shots
        self._fills = [1] * len(shots) if fills is None else list(fills)
        self.moments: F64 | None = None if moments is None else np.array(moments, np.float64)

    @property
    def fills(self) -> I64:
        """Return how many output rows each frame fills, (B,)."""
        return np.array(self._fills, np.int64)

    def jpeg(self, number: int) -> tuple[U8, U8, U8]:
        """Return brightness (H, W) and both colours at half size of one frame, upright, as JPEG files have them."""
        shot = self._shots[number]
        converted = as_jpeg(shot.picture, *turned(self.size, shot.rotation))
        luma, blue, red = (shot.upright(view(plane)) for plane in converted.planes)
        return luma, blue, red

    def one(self, number: int) -> U8:
        """Return frame ``number`` of these alone, (H, W, 3) uint8 RGB, upright."""
        shot = self._shots[number]
        picture = reformat(shot.picture, *turned(self.size, shot.rotation), "rgb24")
        return shot.upright(picture.to_ndarray().astype(np.uint8, copy=False))

    @property
    def nbytes(self) -> int:
        """How many bytes the frames take as the decoder gave them."""
        return sum(pixel_bytes(shot.given) for shot in self._shots)

    def __len__(self) -> int:
        return len(self._shots)

    def rgb(self, width: int | None = None, height: int | None = None, quick: bool = False) -> U8:
        """Return (B, H, W, 3) uint8, upright, contiguous; one of the two sizes alone keeps the proportions."""
        own_width, own_height = self.size
        if width is None:
            width = own_width if height is None else max(1, round(own_width * height / own_height))
        if height is None:
            height = max(1, round(own_height * width / own_width))
        return self._converted("rgb24", (width, height), quick)

    def crop(self, boxes: I64, width: int, height: int, quick: bool = False) -> U8:
        """Return one box of each frame, scaled: (B, height, width, 3) uint8, upright, black outside of the picture."""
        with stage("preprocess"):
            pairs = zip(self._shots, boxes, strict=True)
            return np.stack([crop(shot, self.size, box, width, height, quick) for shot, box in pairs])

    def planes(self, size: tuple[int, int] | None = None) -> list[Planes]:
        """Return a copy of each frame in YUV 4:2:0, upright, to draw on and to encode; of ``size`` if one is given."""
        return [planes(shot, size or self.size) for shot in self._shots]

    def luma(self, step: int = 1) -> U8:
        """Return (B, H, W) uint8 brightness as the film stores it (video range stays 16 to 235), upright.

        Above 1, ``step`` takes every n-th pixel of every n-th row only, which is much cheaper.
        """
        if all(self._shows_luma(shot) for shot in self._shots):
            return _stacked([self._luma(shot, step) for shot in self._shots])
        return self._converted("gray", self.size)[:, ::step, ::step]

    def _shows_luma(self, shot: Shot) -> bool:
        high = turned(self.size, shot.rotation)[1]
        return shot.picture.format.name in _LUMA_FIRST and shot.picture.height == high

    def _luma(self, shot: Shot, step: int) -> U8:
        """Return brightness (H, W), upright; of pixels that are not square, the nearest of its row."""
        plane, width = _plane(shot.picture), turned(self.size, shot.rotation)[0]
        if shot.picture.width == width:
            return shot.upright(plane)[::step, ::step]
        upright = shot.upright(plane)
        rows, columns = (
            (np.arange(0, wanted, step) * 2 + 1) * stored // (2 * wanted)
            for wanted, stored in zip(self.size[::-1], upright.shape, strict=True)
        )
        return upright[np.ix_(rows, columns)]

    def _converted(self, pixels: str, size: tuple[int, int], quick: bool = False) -> U8:
        with stage("preprocess"):
            return self._reformatted(pixels, size, quick)

    def _reformatted(self, pixels: str, size: tuple[int, int], quick: bool) -> U8:
        images = []
        for shot in self._shots:
            width, height = turned(size, shot.rotation)
            picture = reformat(shot.picture, width, height, pixels, quick)
            images.append(shot.upright(picture.to_ndarray().astype(np.uint8, copy=False)))
            fresh = picture is not shot.picture
        if len(images) == 1 and fresh and images[0].flags.c_contiguous:
            return images[0][None]
        return _stacked(images)


# Formats with one byte of brightness a pixel in the first plane: these need no conversion.
_LUMA_FIRST = frozenset(
    ("gray", "nv12", "nv21", *(f"yuv{j}{chroma}p" for j in ("", "j") for chroma in ("420", "422", "440", "444")))
)


def _stacked(images: list[U8]) -> U8:
    """Copy views of the decoder's buffers, of any rotation, into one C-contiguous array."""
    out = np.empty((len(images), *images[0].shape), np.uint8)
    for row, image in zip(out, images, strict=True):
        row[...] = image
    return out


def _plane(picture: av.VideoFrame) -> U8:
    plane = picture.planes[0]
    rows: U8 = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: picture.height, : picture.width]
