"""Predict the next box of a person from the last ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64


class Trace:
    """The last box of a person, moved by its recent speed unless the person was missing in the last row.

    Without the speed, two people who cross each other's path would exchange identities.
    """

    def __init__(self, box: F32) -> None:
        import numpy as np

        self._box: F64 = box.astype(np.float64)
        self._step: F64 = np.zeros(4)
        self.unseen = 0

    def see(self, box: F32) -> None:
        """Update with the box of a row in which the person was found."""
        import numpy as np

        if self.unseen:
            self._step = np.zeros(4)
        else:
            shift = box.astype(np.float64) - self._box
            move = np.tile((shift[:2] + shift[2:]) / 2, 2)
            self._step = (self._step + move) / 2
        self._box = box.astype(np.float64)
        self.unseen = 0

    def miss(self) -> None:
        """Count a row in which the person was not found."""
        self.unseen += 1

    def expected(self) -> F64:
        """Return the box (4,) px that is expected in the next row."""
        return self._box if self.unseen else self._box + self._step
