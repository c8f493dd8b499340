"""Run a graph in memory that has several inputs, on ONNX Runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError
from posecfg.runtimes.memory import OutOfMemory
from posecfg.runtimes.onnx import run, started

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32


class Joint:
    """The graph ``graph`` of our own making: ``device`` is the one that it runs on."""

    def __init__(self, graph: bytes, name: str, device: str, threads: int) -> None:
        self._name = name
        self._session, self.device = started(graph, name, device, threads)

    def __call__(self, **given: F32) -> list[NDArray[Any]]:
        """Return the outputs for the inputs ``given``, by their names."""
        try:
            return run(self._session, self._name, given)
        except OutOfMemory as error:
            raise ClipError(
                f"'{self._name}' ran out of memory ({error}): use a smaller model, fewer workers or device=cpu."
            ) from error
