"""Compare an exported graph with the network it was made from, on pictures, before it is accepted."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.environment import variables
from posecfg.errors import WeightsError
from posecfg.export import native
from posecfg.export.pictures import pictures, places
from posecfg.models import files, registry, trust
from posecfg.models.settings import Settings, using
from posecfg.openmmlab.compat import quiet

if TYPE_CHECKING:
    from posecfg.arrays import F32
    from posecfg.runtimes.onnx import Session

PX, METRES, SCORE = 0.01, 1e-4, 1e-3
"""Largest difference allowed: of a box or a keypoint (px), of a depth (metres), and of a score."""
LEAST = 5
BATCHES = (1, 3)
# Where the overlap of boxes is at its limit, or two bins are equally full, the last bit of a number decides.
TIES = 0.01
_NMS, _MOST = 0.6, 100
# Number of the best boxes of a picture that the threshold lets pass, before duplicates are removed.
_WANTED = 100


@dataclass
class Tally:
    """Counts of a comparison, and its largest differences.

    ``boxes`` were looked at and ``results`` compared, of which ``elsewhere`` are too far apart to be the same. ``px``
    and ``metres`` are the differences of the others.
    """

    boxes: int = 0
    results: int = 0
    elsewhere: int = 0
    px: float = 0.0
    metres: float | None = None
    raw: float = 0.0
    batches: list[int] = field(default_factory=lambda: list(BATCHES))


def check(network: Any, graph: Path) -> Tally:
    """Compare ``graph`` with ``network``; raise ``WeightsError`` for too many differences, or too little to compare."""
    from posecfg.runtimes.onnx import Session

    session = Session(graph, network.name, "cpu", os.cpu_count() or 1)
    tally = Tally(raw=_raw(network, session))
    with _known(network.name, graph):
        if network.kind == "boxes":
            _boxes(network, threshold(network, session), tally)
        else:
            _points(network, tally)
    if tally.boxes < LEAST:
        raise _refused(network.name, f"at least {LEAST} boxes to compare on", f"{tally.boxes}")
    if tally.elsewhere > max(1, TIES * tally.results):
        what = "boxes" if network.kind == "boxes" else "keypoints"
        raise _refused(
            network.name, f"{what} within {PX} px", f"{tally.elsewhere} of {tally.results} that are elsewhere"
        )
    return tally


def _refused(name: str, expected: str, got: str) -> WeightsError:
    return WeightsError(
        f"The graph made of '{name}' is thrown away: expected {expected}, but got {got}; use runtime=openmmlab instead."
    )


@contextmanager
def _known(name: str, graph: Path) -> Iterator[None]:
    """Use ``graph`` as the weights ``name`` inside the block, in this process only."""
    with tempfile.TemporaryDirectory(prefix="posecfg-") as folder:
        (Path(folder) / registry.entry(name).file).symlink_to(graph.resolve())
        with variables({"XDG_CONFIG_HOME": folder}), using(Settings(folders=(folder,))):
            trust.remember(name, files.digest(graph))
            yield


def _raw(network: Any, session: Session) -> float:
    """Return the largest difference of the raw outputs, as a share of the largest value (at least 1) of each."""
    import numpy as np
    import torch

    pixels, worst = _inputs(network), 0.0
    for rows in [pixels[:count] for count in BATCHES]:
        with quiet(), torch.inference_mode():
            wanted = [output.numpy() for output in network.graph(torch.from_numpy(rows))]
        for own, other in zip(wanted, session(rows), strict=True):
            if own.shape != other.shape:
                raise _refused(network.name, f"outputs of shape {own.shape}", f"{other.shape}")
            worst = max(worst, float(np.abs(own - other).max() / max(1.0, np.abs(own).max())))
    if not worst <= SCORE:
        raise _refused(network.name, f"outputs that differ by {SCORE:g} at most", f"{worst:.2g}")
    return worst


def _inputs(network: Any) -> F32:
    """Return the pictures as input (B, 3, H, W) float32 of the network, with roughly its own normalisation."""
    import cv2
    import numpy as np

    rows = [cv2.resize(picture, network.size) for frames in pictures() for picture in frames.pixels]
    pixels: F32 = (np.stack(rows).astype(np.float32) - np.float32(114)) / np.float32(58)
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))


def threshold(network: Any, session: Session) -> float:
    """Return a score that enough boxes pass, in a gap between two of them."""
    import numpy as np

    scores = [session(row[None])[1][0, :, 0] for row in _inputs(network)]
    # The best scores can all be equal, so only distinct scores count.
    best = -np.unique(-np.concatenate(scores))[: _WANTED * len(scores)]
    best = best[len(best) // 2 :]
    if len(best) < 2:
        return 0.0
    gap = int(np.argmax(best[:-1] - best[1:]))
    return float((best[gap] + best[gap + 1]) / 2)


def _boxes(network: Any, score_thr: float, tally: Tally) -> None:
    from posecfg.detectors.topdown.rtmdet import RtmDet

    several = pictures()
    wanted = [[native.boxes(network, one, score_thr, _NMS, _MOST) for one in frames.pixels] for frames in several]
    tally.boxes = sum(len(xyxy) for own in wanted for xyxy, _ in own)
    for batch in BATCHES:
        find = RtmDet(network.name, score_thr, _NMS, most=_MOST, device="cpu", threads=os.cpu_count() or 1, batch=batch)
        for own, frames in zip(wanted, several, strict=True):
            for (xyxy, scores), found in zip(own, find(frames), strict=True):
                _match(tally, (xyxy, scores), (found.xyxy, found.scores))


def _match(tally: Tally, own: tuple[F32, F32], found: tuple[F32, F32]) -> None:
    """Match boxes in both directions: each must have its counterpart in the other set."""
    import numpy as np

    tally.results += max(len(own[0]), len(found[0]))
    if not len(own[0]) or not len(found[0]):
        tally.elsewhere += max(len(own[0]), len(found[0]))
        return
    apart = np.abs(own[0][:, None] - found[0][None]).max(axis=2)
    apart[np.abs(own[1][:, None] - found[1][None]) > SCORE] = np.inf
    twins = apart.min(axis=1)
    tally.elsewhere += max(int((twins > PX).sum()), int((apart.min(axis=0) > PX).sum()))
    tally.px = max(tally.px, float(twins[twins <= PX].max(initial=0)))


def _points(network: Any, tally: Tally) -> None:
    from posecfg.detectors.topdown.simcc2d import SimCC2D
    from posecfg.detectors.topdown.simcc3d import SimCC3D

    deep = "simcc_z" in network.outputs
    several = [(frames, places(frames)) for frames in pictures()]
    wanted = [
        [native.points(network, one, boxes.xyxy) for one, boxes in zip(frames.pixels, people, strict=True)]
        for frames, people in several
    ]
    skeleton = {17: "coco17", 133: "wholebody133"}[wanted[0][0][0].shape[1]]
    tally.metres = 0.0 if deep else None
    seen = [own[1].max(axis=1) > 0 for frames in wanted for own in frames]
    tally.boxes = sum(int(one.sum()) for one in seen)
    for batch in BATCHES:
        head = SimCC3D if deep else SimCC2D
        find = head(network.name, skeleton, device="cpu", threads=os.cpu_count() or 1, batch=batch)
        for own, (frames, people) in zip(wanted, several, strict=True):
            for one, found in zip(own, find(frames, people), strict=True):
                _compare(tally, one, found)


def _compare(tally: Tally, own: tuple[F32, F32, F32 | None], found: Any) -> None:
    """Compare keypoint by keypoint; one that is missing must be missing in both."""
    import numpy as np

    xy, scores, depth = own
    there = scores > 0
    apart = np.where(there, np.abs(xy - found.xy).max(axis=2), np.where(np.isnan(found.xy[..., 0]), 0, np.inf))
    near = np.nan_to_num(apart, nan=np.inf) <= PX
    if depth is not None and found.depth is not None:
        deeper = np.where(there, np.abs(depth - found.depth), 0)
        near &= np.nan_to_num(deeper, nan=np.inf) <= METRES
        tally.metres = max(tally.metres or 0.0, float(deeper[near].max(initial=0)))
    tally.results += near.size
    tally.elsewhere += int((~near).sum())
    tally.px = max(tally.px, float(apart[near].max(initial=0)))
