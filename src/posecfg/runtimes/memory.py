"""Run a graph with smaller batches when a device runs out of memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32

    Outputs = list[NDArray[Any]]

log = logging.getLogger("posecfg.runtimes")
_SIGNS = ("out of memory", "failed to allocate", "bad_alloc", "bad allocation", "alloc_failed", "allocation failed")


class OutOfMemory(Exception):
    """The device has no memory for this many rows."""


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether a runtime's error is about memory; few runtimes have an error class for that."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(sign in text for sign in _SIGNS)


class Portions:
    """Runs a graph on at most ``limit`` rows at once; if memory runs out, on half as many from then on."""

    def __init__(self, graph: Callable[[F32], Outputs], limit: int, name: str) -> None:
        self._graph, self._name = graph, name
        self.limit = limit
        self.notes: dict[str, Any] = {}

    def __call__(self, rows: F32) -> Iterator[tuple[slice, Outputs]]:
        """Yield slices of the rows, in order, and the outputs of the graph for each."""
        start = 0
        while start < len(rows):
            portion = rows[start : start + self.limit]
            try:
                given = self._graph(portion)
            except OutOfMemory as error:
                self._halve(len(portion), error)
                continue
            yield slice(start, start + len(portion)), given
            start += len(portion)

    def _halve(self, tried: int, error: OutOfMemory) -> None:
        if tried == 1:
            raise ClipError(
                f"'{self._name}' ran out of memory with a single picture ({error}): use a smaller model, fewer workers "
                "or device=cpu."
            ) from error
        self.limit = tried // 2
        self.notes[f"{self._name}_batch"] = self.limit
        log.warning(
            "%s ran out of memory with %d pictures at once and goes on with %d: a smaller batch saves the attempt",
            self._name,
            tried,
            self.limit,
        )
