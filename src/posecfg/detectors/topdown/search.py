"""Find people in whole pictures with a network, for any format of its outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from posecfg.detectors.topdown.graph import Opened, at_once
from posecfg.detectors.topdown.letterbox import Fit, Letterbox
from posecfg.detectors.topdown.nms import distinct
from posecfg.detectors.topdown.pixels import Tables
from posecfg.errors import ConfigError
from posecfg.runtimes.memory import Portions
from posecfg.timing import stage
from posecfg.types import Boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32
    from posecfg.pixels import Frames


class Reader(Protocol):
    """Reads the boxes from a graph's outputs."""

    def __call__(self, outputs: Sequence[NDArray[Any]], row: int) -> tuple[F32, F32]:
        """Return boxes (N, 4) in px of the input and scores (N,), of one picture and above the threshold."""


@dataclass(frozen=True)
class Rules:
    """Limits of what is reported: scores above ``score_thr``, overlaps up to ``nms`` (None: any), ``most`` boxes."""

    score_thr: float
    nms: float | None
    category: int
    most: int

    def __post_init__(self) -> None:
        for name, value in (("score_thr", self.score_thr), ("nms", self.nms)):
            if value is not None and not 0 <= value <= 1:
                raise ConfigError(f"Expected {name} to be from 0 to 1, but got {value}.")
        for name, number, least in (("category", self.category, 0), ("most", self.most, 1)):
            if number < least:
                raise ConfigError(f"Expected {name} to be at least {least}, but got {number}.")

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Rules:
        """Return the rules among the arguments of a box detector."""
        return cls(given["score_thr"], given["nms"], given["category"], given["most"])

    def best(self, xyxy: F32, scores: F32) -> Boxes:
        """Return the boxes to report, of boxes ``xyxy`` (N, 4) px with ``scores`` (N,)."""
        import numpy as np

        # Leaves out boxes that a network computed to be empty, NaN or infinite.
        whole = np.isfinite(xyxy).all(axis=1) & (xyxy[:, 2:] > xyxy[:, :2]).all(axis=1)
        xyxy, scores = xyxy[whole], scores[whole]
        kept = np.argsort(-scores, kind="stable") if self.nms is None else distinct(xyxy, scores, self.nms)
        kept = kept[: self.most]
        return Boxes(xyxy[kept].astype(np.float32), scores[kept].astype(np.float32))


class Search:
    """Runs the network ``net`` on whole frames; ``read`` reads boxes from its outputs.

    ``mean`` and ``std`` are those of red, green and blue that the network was trained with; it takes blue first.
    """

    def __init__(
        self,
        net: Opened,
        read: Reader,
        rules: Rules,
        batch: int | None,
        mean: Sequence[float] = (0, 0, 0),
        std: Sequence[float] = (1, 1, 1),
    ) -> None:
        self._portions = Portions(net.session, at_once(net.session, batch), net.session.name)
        self._letterbox = Letterbox(net.opencv, Tables(net.opencv, mean, std, bgr=True), *net.size)
        self._read, self._rules = read, rules
        self.device, self.weights, self.notes = net.session.device, net.weights, self._portions.notes

    @property
    def batch(self) -> int:
        """Number of frames that the graph gets at once."""
        return self._portions.limit

    def __call__(self, frames: Frames) -> list[Boxes]:
        """Return the people of each frame, the highest score first."""
        pixels = frames.rgb()
        found: list[Boxes] = []
        for begin in range(0, len(pixels), batch := self.batch):
            with stage("preprocess"):
                rows, fit = self._letterbox(pixels[begin : begin + batch])
            for portion, outputs in self._portions(rows):
                with stage("postprocess"):
                    found += [self._boxes(outputs, row, fit) for row in range(portion.stop - portion.start)]
        return found

    def _boxes(self, outputs: Sequence[NDArray[Any]], row: int, fit: Fit) -> Boxes:
        xyxy, scores = self._read(outputs, row)
        return self._rules.best(fit.back(xyxy), scores)
