"""Pictures to compare networks on: the same on every machine, with shapes that networks detect."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NoReturn

from posecfg.types import Boxes

if TYPE_CHECKING:
    from posecfg.arrays import I64, U8
    from posecfg.pixels import Planes

SIZES = ((640, 480), (360, 640), (1280, 720))
COUNT = 3
_PEOPLE = 2


class Pictures:
    """Unrelated pictures ``pixels`` (B, H, W, 3) uint8 RGB, as a detector takes the frames of a film."""

    tick = Fraction(1, 30)

    def __init__(self, pixels: U8) -> None:
        import numpy as np

        self.pixels = pixels
        self.indices = np.arange(len(pixels))
        self.times = self.indices / 30
        self.size = (pixels.shape[2], pixels.shape[1])

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def fills(self) -> I64:
        """Return how many output rows each picture fills, (B,)."""
        import numpy as np

        return np.ones(len(self), np.int64)

    @property
    def moments(self) -> None:
        """Return None: pictures are taken as they are."""

    def jpeg(self, number: int) -> tuple[U8, U8, U8]:
        """Raise ``NotImplementedError``: the comparison does not use it."""
        self._refuse()

    def one(self, number: int) -> U8:
        """Return one picture."""
        picture: U8 = self.pixels[number]
        return picture

    def rgb(self, width: int | None = None, height: int | None = None, quick: bool = False) -> U8:
        """Return all pixels (B, H, W, 3) uint8, at their own size only."""
        if (width, height) not in ((None, None), self.size):
            self._refuse()
        return self.pixels

    def crop(self, boxes: I64, width: int, height: int, quick: bool = False) -> U8:
        """Raise ``NotImplementedError``: the comparison does not use it."""
        self._refuse()

    def planes(self, size: tuple[int, int] | None = None) -> list[Planes]:
        """Raise ``NotImplementedError``: the comparison does not use it."""
        self._refuse()

    def luma(self, step: int = 1) -> U8:
        """Raise ``NotImplementedError``: the comparison does not use it."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise NotImplementedError("These pictures are there at their own size only.")


def pictures() -> list[Pictures]:
    """Return a few pictures of each size: soft colours, hard edges, and noise."""
    import cv2
    import numpy as np

    dice = np.random.default_rng(0)
    found = []
    for width, height in SIZES:
        stack = np.empty((COUNT, height, width, 3), np.uint8)
        for picture in stack:
            soft = cv2.resize(dice.uniform(0, 255, (5, 7, 3)), (width, height), interpolation=cv2.INTER_CUBIC)
            for _ in range(12):
                corner, extent = dice.integers(0, (width, height)), dice.integers(8, (width // 2, height // 2))
                colour = tuple(map(float, dice.uniform(0, 255, 3)))
                cv2.rectangle(soft, tuple(map(int, corner)), tuple(map(int, corner + extent)), colour, -1)
            picture[...] = np.clip(soft + dice.normal(0, 12, soft.shape), 0, 255)
        found.append(Pictures(stack))
    return found


def places(frames: Pictures) -> list[Boxes]:
    """Return boxes of people who might be in each picture, some of them beyond its edge."""
    import numpy as np

    width, height = frames.size
    dice = np.random.default_rng(width)
    found = []
    for _ in range(len(frames)):
        extents = dice.uniform(0.15, 0.7, (_PEOPLE, 2)) * (width, height)
        corners = dice.uniform(-0.1, 0.6, (_PEOPLE, 2)) * (width, height)
        xyxy = np.concatenate([corners, corners + extents], axis=1).astype(np.float32)
        found.append(Boxes(xyxy, np.ones(_PEOPLE, np.float32)))
    return found
