"""Crop people from frames, many at once, as the input of a pose network."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from posecfg.detectors.topdown.affine import back, check_padding, matrix, regions, unbiased
from posecfg.detectors.topdown.graph import Opened, at_once
from posecfg.detectors.topdown.pixels import MEAN, STD, Tables
from posecfg.runtimes.memory import Portions
from posecfg.timing import stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32
    from posecfg.pixels import Frames
    from posecfg.types import Boxes

    Outputs = list[NDArray[Any]]


def shares(boxes: Sequence[Boxes]) -> list[slice]:
    """Return the slice of all people that the people of each frame are."""
    ends = list(itertools.accumulate((len(found) for found in boxes), initial=0))
    return [slice(*pair) for pair in itertools.pairwise(ends)]


class Crops:
    """Runs the network ``net`` on crops of people: their boxes, ``padding`` times as large, in the input's shape.

    ``mirror`` turns outputs for mirrored crops into those for the crops themselves; with it the network is run on both,
    and their mean is given. ``is_unbiased`` crops as ``affine.unbiased`` does.
    """

    def __init__(
        self,
        net: Opened,
        padding: float,
        batch: int | None,
        mirror: Callable[[Outputs], Outputs] | None = None,
        is_unbiased: bool = False,
    ) -> None:
        import numpy as np

        check_padding(padding)
        size, people = net.size, at_once(net.session, batch)
        self._each = 2 if mirror is not None and net.session.takes_many else 1
        self._portions = Portions(net.session, self._each * people, net.session.name)
        self._opencv, self._tables = net.opencv, Tables(net.opencv, MEAN, STD, bgr=False)
        self._size, self._padding, self._mirror = size, padding, mirror
        self._matrix = unbiased if is_unbiased else partial(matrix, net.opencv)
        self._rows: F32 = np.empty((self.batch, 3, size[1], size[0]), np.float32)
        self.device, self.weights, self.notes = net.session.device, net.weights, self._portions.notes

    @property
    def batch(self) -> int:
        """Number of people whose crops the graph gets at once."""
        return max(1, self._portions.limit // self._each)

    def __call__(self, frames: Frames, boxes: Sequence[Boxes]) -> Iterator[tuple[slice, Outputs]]:
        """Yield a slice of all people of ``boxes``, in order, and the outputs of the graph for them."""
        people = [(row, number) for row, found in enumerate(boxes) for number in range(len(found))]
        if not people:
            return
        pixels = frames.rgb()
        centres, extents = self._regions(boxes)
        for begin in range(0, len(people), batch := self.batch):
            part = people[begin : begin + batch]
            with stage("preprocess"):
                for row, (frame, _) in enumerate(part):
                    how = self._matrix(centres[begin + row], extents[begin + row], *self._size)
                    linear = self._opencv.INTER_LINEAR
                    picture = self._opencv.warpAffine(pixels[frame], how, self._size, flags=linear)
                    self._tables.write(picture, self._rows[row])
            for portion, outputs in self._run(self._rows[: len(part)]):
                yield slice(begin + portion.start, begin + portion.stop), outputs

    def _run(self, rows: F32) -> Iterator[tuple[slice, Outputs]]:
        """Yield slices of the rows, in order, and the outputs of the graph for each, or means with mirrored rows."""
        if self._mirror is None:
            yield from self._portions(rows)
            return
        import numpy as np

        both = np.concatenate([rows, rows[..., ::-1]])
        halves = [outputs for _, outputs in self._portions(both)]
        with stage("postprocess"):
            whole = [np.concatenate(parts) for parts in zip(*halves, strict=True)]
            direct, other = [one[: len(rows)] for one in whole], [one[len(rows) :] for one in whole]
            mean = [(a + b) * np.float32(0.5) for a, b in zip(direct, self._mirror(other), strict=True)]
        yield slice(0, len(rows)), mean

    def back(self, points: F32, boxes: Sequence[Boxes]) -> F32:
        """Return ``points`` (P, K, 2), in px of the input, of all people of ``boxes``, in px of their frames."""
        return back(points, *self._regions(boxes), *self._size)

    def _regions(self, boxes: Sequence[Boxes]) -> tuple[F32, F32]:
        import numpy as np

        xyxy = np.concatenate([found.xyxy for found in boxes])
        return regions(xyxy, self._padding, *self._size)
