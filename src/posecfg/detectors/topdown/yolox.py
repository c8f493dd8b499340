"""YOLOX, a fast box detector without anchors: find people in the whole picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from posecfg.detectors.topdown import graph
from posecfg.detectors.topdown.dets import Dets, is_done
from posecfg.detectors.topdown.graph import opened
from posecfg.detectors.topdown.search import Rules, Search
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.types import Boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32
    from posecfg.runtimes.session import Session

_STRIDES = (8, 16, 32)


class YoloX:
    """Find people above ``score_thr``; of boxes that overlap by more than ``nms`` the better one is kept.

    ``category`` is the model's number of the category of people. ``most`` limits the boxes of a frame. ``floor`` is the
    threshold inside graphs that give finished boxes (null: unknown), ``side`` the px of a square input that the graph
    leaves open.
    """

    def __init__(
        self,
        model: str = "yolox_nano",
        score_thr: float = 0.3,
        nms: float | None = 0.45,
        category: int = 0,
        most: int = 100,
        floor: float | None = 0.3,
        side: int | None = None,
        device: str = "auto",
        threads: int = 1,
        batch: int | None = None,
        weights: str | None = None,
    ) -> None:
        rules = Rules(score_thr, nms, category, most)
        net = opened(model, "onnx", device, threads, side, weights)
        done = is_done(net.session.shapes(3, net.size[1], net.size[0]))
        read = Dets(net.session, rules, floor) if done else Grid(net.session, rules, net.size)
        self._search = Search(net, read, rules, batch)
        self.device, self.batch = self._search.device, self._search.batch
        self.weights: Mapping[str, str] = self._search.weights
        self.notes: Mapping[str, Any] = self._search.notes

    @staticmethod
    def facts(model: str, device: str, threads: int, batch: int | None, weights: str | None, **rules: Any) -> Facts:
        """Return the facts known before the component is built; refuse arguments that are wrong with any weights."""
        Rules.of(rules)
        return graph.facts(model, "onnx", device, threads, batch, weights, shares=True)

    def __call__(self, frames: Frames) -> list[Boxes]:
        """Return the people of each frame, the highest score first."""
        return self._search(frames)


class Grid:
    """Reader of raw output (B, N, 5 + C): box, score of an object, and score of each category.

    A box is the offset of its middle from its cell, and the logarithms of its sides, in cells of 8, 16 and 32 px.
    """

    def __init__(self, session: Session, rules: Rules, size: tuple[int, int]) -> None:
        import numpy as np

        grids = [np.indices((size[1] // stride, size[0] // stride)).reshape(2, -1)[::-1].T for stride in _STRIDES]
        self._cells = np.concatenate(grids).astype(np.float32)
        self._strides = np.repeat(np.array(_STRIDES, np.float32), [len(grid) for grid in grids])[:, None]
        shapes = session.shapes(3, size[1], size[0])
        count, width = shapes[0][1:] if len(shapes) == 1 and len(shapes[0]) == 3 else (0, 0)
        if count != len(self._cells) or width is None or width < 6:
            raise session.unlike(
                f"an output of Nx{len(self._cells)}x(5 + categories), or one of NxMx5",
                f"gives {', '.join(map(str, session.gives))}",
            )
        if rules.category >= width - 5:
            raise ConfigError(
                f"'{session.name}' knows {width - 5} categories, counted from 0, but category={rules.category} is "
                "asked: people are category=0."
            )
        if rules.nms is None:
            raise ConfigError(f"'{session.name}' gives many boxes for each person: nms cannot be null; 0.45 is usual.")
        self._rules = rules

    def __call__(self, outputs: Sequence[NDArray[Any]], row: int) -> tuple[F32, F32]:
        """Return boxes (N, 4) in px of the input and scores (N,), of one picture and above the threshold."""
        import numpy as np

        raw: F32 = outputs[0][row]
        scores = raw[:, 4] * raw[:, 5 + self._rules.category]
        wanted = np.flatnonzero(scores > self._rules.score_thr)
        strides = self._strides[wanted]
        middles = (raw[wanted, :2] + self._cells[wanted]) * strides
        with np.errstate(over="ignore"):
            halves = np.exp(raw[wanted, 2:4]) * strides / 2
        return np.concatenate([middles - halves, middles + halves], axis=1), scores[wanted]
