"""Read the outputs of graphs that remove duplicates and low scores themselves."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from posecfg.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32
    from posecfg.detectors.topdown.search import Rules
    from posecfg.runtimes.session import Session, Shape

log = logging.getLogger("posecfg.detectors")


def is_done(shapes: Sequence[Shape]) -> bool:
    """Tell whether outputs of these shapes are finished boxes: x0, y0, x1, y1, score, and maybe categories."""
    first, rest = shapes[0], shapes[1:]
    return len(first) == 3 and first[2] == 5 and [len(shape) for shape in rest] in ([], [2])


class Dets:
    """Reader of finished boxes; the graph removes scores below its own ``floor``, so lower ones cannot be asked for."""

    def __init__(self, session: Session, rules: Rules, floor: float | None) -> None:
        if floor is None:
            log.warning("%s has an unknown threshold inside: boxes with lower scores are lost", session.name)
        elif rules.score_thr < floor:
            raise ConfigError(
                f"score_thr={rules.score_thr:g} was asked for, but the graph '{session.name}' throws out everything "
                f"below {floor:g} itself: use a bbox_thr (and score_floor) of {floor:g} or more, or a model without a "
                "threshold inside, such as yolox_nano."
            )
        self._labelled = len(session.gives) == 2
        if not self._labelled and rules.category != 0:
            raise ConfigError(f"'{session.name}' knows people only: use category=0, not {rules.category}.")
        self._rules = rules

    def __call__(self, outputs: Sequence[NDArray[Any]], row: int) -> tuple[F32, F32]:
        """Return boxes (N, 4) in px of the input and scores (N,), of one picture and above the threshold."""
        found: F32 = outputs[0][row]
        wanted = found[:, 4] > self._rules.score_thr
        if self._labelled:
            wanted &= outputs[1][row] == self._rules.category
        return found[wanted, :4], found[wanted, 4]
