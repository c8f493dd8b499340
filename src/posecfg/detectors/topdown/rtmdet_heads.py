"""Read the raw outputs of RTMDet: maps of its three heads, or boxes and scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from posecfg.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32, I64
    from posecfg.detectors.topdown.search import Rules
    from posecfg.runtimes.session import Session, Shape

STRIDES = (8, 16, 32)
# Candidates of each head that are decoded, as in the models' own pipeline.
_CANDIDATES = 1000


def is_maps(shapes: Sequence[Shape]) -> bool:
    """Tell whether outputs of these shapes are maps: of scores from each head, then of boxes from each."""
    return len(shapes) == 6 and all(len(shape) == 4 for shape in shapes)


class Decoded:
    """Reader of boxes (B, N, 4) in px of the input and scores (B, N, C), head after head."""

    def __init__(self, session: Session, rules: Rules, size: tuple[int, int]) -> None:
        width, height = size
        self._counts = [(width // stride) * (height // stride) for stride in STRIDES]
        shapes = session.shapes(3, height, width)
        lengths = [shape[1:] for shape in shapes]
        fits = len(shapes) == 2 and lengths[0] == (sum(self._counts), 4) and len(lengths[1]) == 2
        if not fits or lengths[1][0] != sum(self._counts):
            raise _unlike(session, sum(self._counts))
        _check(session, rules, lengths[1][1] or 0)
        self._rules, self._size = rules, size

    def __call__(self, outputs: Sequence[NDArray[Any]], row: int) -> tuple[F32, F32]:
        """Return boxes (N, 4) in px of the input and scores (N,), of one picture and above the threshold."""
        import numpy as np

        xyxy: F32 = outputs[0][row]
        scores: F32 = outputs[1][row, :, self._rules.category]
        begins = np.cumsum([0, *self._counts])
        heads = zip(begins, self._counts, strict=False)
        kept = np.concatenate([begin + _best(scores[begin : begin + n], self._rules) for begin, n in heads])
        return _inside(xyxy[kept], self._size), scores[kept]


class Maps:
    """Reader of maps of logits (B, C, h, w) and of distances to four edges (B, 4, h, w), of strides 8, 16 and 32."""

    def __init__(self, session: Session, rules: Rules, size: tuple[int, int]) -> None:
        width, height = size
        maps = [(height // stride, width // stride) for stride in STRIDES]
        shapes = session.shapes(3, height, width)
        categories = shapes[0][1] or 0
        wanted = [(categories, *one) for one in maps] + [(4, *one) for one in maps]
        if [shape[1:] for shape in shapes] != wanted:
            raise _unlike(session, sum(h * w for h, w in maps))
        _check(session, rules, categories)
        self._rules, self._size = rules, size

    def __call__(self, outputs: Sequence[NDArray[Any]], row: int) -> tuple[F32, F32]:
        """Return boxes (N, 4) in px of the input and scores (N,), of one picture and above the threshold."""
        import numpy as np

        boxes, found = [], []
        for logits, edges, stride in zip(outputs[:3], outputs[3:], STRIDES, strict=True):
            with np.errstate(over="ignore"):
                scores: F32 = 1 / (1 + np.exp(-logits[row, self._rules.category].reshape(-1)))
            kept = _best(scores, self._rules)
            y, x = np.divmod(kept, logits.shape[3])
            priors = np.stack([x, y] * 2, axis=1).astype(np.float32) * stride
            distances = edges[row].reshape(4, -1)[:, kept].T
            boxes.append(priors + distances * np.array([-1, -1, 1, 1], np.float32))
            found.append(scores[kept])
        return _inside(np.concatenate(boxes), self._size), np.concatenate(found)


def _best(scores: F32, rules: Rules) -> I64:
    """Return the indices of the best scores above the threshold, the highest first."""
    import numpy as np

    wanted = np.flatnonzero(scores > rules.score_thr)
    best: I64 = wanted[np.argsort(-scores[wanted], kind="stable")[:_CANDIDATES]]
    return best


def _inside(xyxy: F32, size: tuple[int, int]) -> F32:
    import numpy as np

    edges: F32 = np.clip(xyxy, 0, np.array(size * 2, np.float32))
    return edges


def _check(session: Session, rules: Rules, categories: int) -> None:
    if rules.category >= categories:
        raise ConfigError(
            f"'{session.name}' knows {categories} categories, counted from 0, but category={rules.category} is asked: "
            "people are category=0."
        )
    if rules.nms is None:
        raise ConfigError(f"'{session.name}' gives many boxes for each person: nms cannot be null; 0.6 is usual.")


def _unlike(session: Session, boxes: int) -> Exception:
    return session.unlike(
        f"outputs of Nx{boxes}x4 and Nx{boxes}xC, or six maps, or one output of NxMx5",
        f"gives {', '.join(map(str, session.gives))}",
    )
