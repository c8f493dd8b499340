"""Decode SimCC outputs: two or three rows of bins a keypoint, one for each axis; the fullest bin is its position."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from posecfg import skeletons
from posecfg.detectors.topdown.crops import Crops
from posecfg.detectors.topdown.graph import Opened
from posecfg.errors import ConfigError
from posecfg.skeletons.skeleton import Skeleton

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32
    from posecfg.runtimes.session import Session

BINS = 2
"""Bins per px of the input."""
RULES = ("min", "mean")


def check_rule(score: str) -> None:
    """Raise ``ConfigError`` if ``score`` is not one of ``RULES``."""
    if score not in RULES:
        raise ConfigError(f"Expected score to be min or mean, the smaller or the mean of both axes, but got '{score}'.")


def check_axes(session: Session, size: tuple[int, int], points: int, skeleton: str, axes: int) -> tuple[int, ...]:
    """Return the bins of each axis; raise an error unless the graph gives ``points`` keypoints for this ``size``."""
    shapes = [shape[1:] for shape in session.shapes(3, size[1], size[0])]
    across, down = (BINS * side for side in size)
    given = tuple(shape[1] or 0 for shape in shapes if len(shape) == 2)
    if len(shapes) != axes or len(given) != axes or given[:2] != (across, down):
        depth = ["NxKxD"] if axes == 3 else []
        wanted = ", ".join([f"NxKx{across}", f"NxKx{down}", *depth])
        maps = ["choose detector/pose=vitpose for a graph of heatmaps"] if [len(one) for one in shapes] == [3] else []
        raise session.unlike(f"outputs of {wanted}", f"gives {', '.join(map(str, session.gives))}", *maps)
    if {shape[0] for shape in shapes} != {points}:
        kinds = " and ".join(sorted({str(shape[0]) for shape in shapes}))
        raise session.unlike(f"the {points} keypoints of {skeleton}", f"gives {kinds}", skeletons.advice(shapes[0][0]))
    return given


def head(
    net: Opened, skeleton: Skeleton, axes: int, padding: float, batch: int | None, flip_test: bool = False
) -> Crops:
    """Return ``Crops`` that run the network; raise an error unless it gives ``skeleton`` as bins of ``axes`` axes.

    ``flip_test`` averages the bins of each crop and of the mirrored crop.
    """
    check_axes(net.session, net.size, len(skeleton), skeleton.name, axes)
    return Crops(net, padding, batch, partial(mirrored, swaps=skeleton.swaps) if flip_test else None)


def mirrored(outputs: list[NDArray[Any]], swaps: Sequence[int]) -> list[NDArray[Any]]:
    """Return bins (P, K, W) of mirrored crops as those of the crops: left and right change places, x runs backwards."""
    x, *others = (one[:, list(swaps)] for one in outputs)
    return [x[..., ::-1], *others]


def peaks(x: F32, y: F32, rule: str) -> tuple[F32, F32]:
    """Return positions (P, K, 2) px of the input and scores (P, K) of bins ``x`` (P, K, Wx) and ``y`` (P, K, Wy).

    Scores are the bins' own values, not probabilities; ``rule`` (min or mean) combines those of both axes. A score that
    is not above 0 means no point: NaN, with score 0.
    """
    import numpy as np

    places = np.stack([x.argmax(axis=2), y.argmax(axis=2)], axis=2).astype(np.float32) / np.float32(BINS)
    both = x.max(axis=2), y.max(axis=2)
    scores: F32 = np.minimum(*both) if rule == "min" else (both[0] + both[1]) / np.float32(2)
    there = np.isfinite(scores) & (scores > 0)
    places[~there] = np.nan
    return places, np.where(there, scores, np.float32(0))


def depths(z: F32, reach: float) -> F32:
    """Return depths (P, K) of bins ``z`` (P, K, Wz): -``reach`` at the first, ``reach`` minus one bin at the last."""
    import numpy as np

    middle = z.shape[2] / BINS / 2
    places = z.argmax(axis=2).astype(np.float32) / np.float32(BINS)
    found: F32 = ((places / middle - 1) * reach).astype(np.float32)
    return found
