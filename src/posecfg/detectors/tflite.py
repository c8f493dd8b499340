"""Run a TensorFlow Lite graph with one input and one output, on the runtime that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from posecfg import backends
from posecfg.errors import BackendMissing, ClipError, WeightsError
from posecfg.models.roads import cure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGES = {"litert": "ai_edge_litert", "tensorflow": "tensorflow"}


def load(runtime: str, wanted_by: str) -> Callable[..., Any]:
    """Import ``runtime``, one of ``PACKAGES``, and return its interpreter class."""
    if runtime == "tensorflow":
        kind = getattr(backends.require("tensorflow", wanted_by).lite, "Interpreter", None)
    else:
        kind = getattr(backends.require("ai_edge_litert.interpreter", wanted_by), "Interpreter", None)
    if kind is None:
        raise BackendMissing(
            f"{wanted_by} needs an interpreter of TensorFlow Lite models, which the installed {PACKAGES[runtime]} has "
            f"no longer: {backends.advice('ai_edge_litert')}, and use detector.runtime=litert"
        )
    return cast("Callable[..., Any]", kind)


class Graph:
    """The weights ``name`` on an interpreter: ``shape`` and ``dtype`` of the input, ``gives`` the output's shape."""

    def __init__(self, interpreter: Callable[..., Any], name: str, path: Path, threads: int) -> None:
        try:
            self._graph = interpreter(model_path=str(path), num_threads=threads)
            self._graph.allocate_tensors()
            inputs, outputs = self._graph.get_input_details(), self._graph.get_output_details()
        except (ValueError, RuntimeError) as error:
            raise WeightsError(
                f"Expected '{path}' to be a TensorFlow Lite model, but it cannot be loaded ({_sentence(error)}); "
                f"{cure(name)}"
            ) from error
        self.shape, self.dtype = _shape(inputs[0]), inputs[0]["dtype"]
        self.gives = _shape(outputs[0])
        self._input, self._output = inputs[0]["index"], outputs[0]["index"]

    def __call__(self, array: NDArray[Any]) -> NDArray[np.float32]:
        """Run the graph on an array of its ``shape`` and ``dtype``."""
        try:
            self._graph.set_tensor(self._input, array)
            self._graph.invoke()
            result: NDArray[np.float32] = self._graph.get_tensor(self._output)
        except (ValueError, RuntimeError) as error:
            raise ClipError(f"The TensorFlow Lite model did not work: {_sentence(error)}") from error
        return result


def _shape(details: dict[str, Any]) -> tuple[int, ...]:
    return tuple(int(length) for length in details["shape"])


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".") or "it does not say why"
