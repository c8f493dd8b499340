"""RTMDet, OpenMMLab's box detector: find people in the whole picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from posecfg.detectors.topdown import graph
from posecfg.detectors.topdown.dets import Dets, is_done
from posecfg.detectors.topdown.graph import opened
from posecfg.detectors.topdown.pixels import MEAN, STD
from posecfg.detectors.topdown.rtmdet_heads import Decoded, Maps, is_maps
from posecfg.detectors.topdown.search import Reader, Rules, Search
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.runtimes.session import Session
from posecfg.types import Boxes


class RtmDet:
    """Find people above ``score_thr``; of boxes that overlap by more than ``nms`` the better one is kept.

    ``category`` is the model's number of the category of people. ``most`` limits the boxes of a frame. ``floor`` is the
    threshold inside graphs that give finished boxes (null: unknown), ``side`` the px of a square input that the graph
    leaves open.
    """

    def __init__(
        self,
        model: str = "rtmdet_m",
        score_thr: float = 0.3,
        nms: float | None = 0.6,
        category: int = 0,
        most: int = 100,
        floor: float | None = 0.3,
        side: int | None = None,
        runtime: Literal["onnx", "openmmlab"] = "onnx",
        device: str = "auto",
        threads: int = 1,
        batch: int | None = None,
        weights: str | None = None,
    ) -> None:
        rules = Rules(score_thr, nms, category, most)
        net = opened(model, runtime, device, threads, side, weights)
        read = _reader(net.session, rules, floor, net.size)
        self._search = Search(net, read, rules, batch, MEAN, STD)
        self.device, self.batch = self._search.device, self._search.batch
        self.weights: Mapping[str, str] = self._search.weights
        self.notes: Mapping[str, Any] = self._search.notes

    @staticmethod
    def facts(
        model: str, runtime: str, device: str, threads: int, batch: int | None, weights: str | None, **rules: Any
    ) -> Facts:
        """Return the facts known before the component is built; refuse arguments that are wrong with any weights."""
        Rules.of(rules)
        return graph.facts(model, runtime, device, threads, batch, weights, shares=True)

    def __call__(self, frames: Frames) -> list[Boxes]:
        """Return the people of each frame, the highest score first."""
        return self._search(frames)


def _reader(session: Session, rules: Rules, floor: float | None, size: tuple[int, int]) -> Reader:
    shapes = session.shapes(3, size[1], size[0])
    if is_done(shapes):
        return Dets(session, rules, floor)
    return Maps(session, rules, size) if is_maps(shapes) else Decoded(session, rules, size)
