"""Layers of a checkpoint of Detectron2 as nodes of a graph, with normalisations folded into convolutions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from posecfg.models.onnx_graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32

    Arrays = Mapping[str, NDArray[Any]]

NORM = ("weight", "bias", "running_mean", "running_var")
_EPSILON = 1e-5


class Layers:
    """Adds layers to ``graph``, each by its name in ``arrays``."""

    def __init__(self, graph: Graph, arrays: Arrays) -> None:
        self.graph, self._arrays = graph, arrays
        self._known: dict[tuple[str, bytes], str] = {}

    def conv(self, values: str, name: str, stride: int = 1, groups: int = 1, relu: bool = False) -> str:
        """Add a convolution that keeps the size of the picture, but for its stride."""
        weight, bias = self._folded(name)
        made = self.graph.node(
            *("Conv", values, self._array(f"{name}.weight", weight), self._array(f"{name}.bias", bias)),
            strides=[stride, stride],
            pads=[weight.shape[-1] // 2] * 4,
            group=groups,
        )
        return self.graph.node("Relu", made) if relu else made

    def dense(self, values: str, name: str, cells: int = 1) -> str:
        """Add a layer between all values of a row and all of the next.

        With ``cells``, a row has all channels of a cell after those of the other, unlike the checkpoint's.
        """
        weight, bias = self._folded(name)
        if cells > 1:
            weight = weight.reshape(len(weight), -1, cells).swapaxes(1, 2).reshape(weight.shape)
        weights, shift = self._array(f"{name}.weight", weight), self._array(f"{name}.bias", bias)
        return self.graph.node("Gemm", values, weights, shift, transB=1)

    def spread(self, values: str, name: str) -> str:
        """Add a transposed convolution that doubles the size of the picture."""
        weight, bias = self._folded(name)
        return self.graph.node(
            *("ConvTranspose", values, self._array(f"{name}.weight", weight), self._array(f"{name}.bias", bias)),
            strides=[2, 2],
            pads=[weight.shape[-1] // 2 - 1] * 4,
        )

    def ints(self, *values: int) -> str:
        """Return the name of constant whole numbers (N,)."""
        import numpy as np

        return self._array("", np.array(values, np.int64))

    def reals(self, *values: float) -> str:
        """Return the name of constant numbers (N,)."""
        import numpy as np

        return self._array("", np.array(values, np.float32))

    def table(self, values: F32) -> str:
        """Return the name of constant numbers of any shape."""
        return self._array("", values)

    def columns(self, values: str, start: int, stop: int) -> str:
        """Return columns ``start`` to ``stop`` (not included) of a table."""
        return self.graph.node("Slice", values, self.ints(start), self.ints(stop), self.ints(1))

    def _array(self, name: str, values: NDArray[Any]) -> str:
        """Add constant values once: those of the same name, or small ones without a name that are equal."""
        key = (name, b"" if name else values.dtype.str.encode() + bytes(str(values.shape), "ascii") + values.tobytes())
        if key not in self._known:
            self._known[key] = self.graph.array(values)
        return self._known[key]

    def _folded(self, name: str) -> tuple[F32, F32]:
        """Return weight and bias of a layer, with the normalisation that follows it."""
        import numpy as np

        weight = self._arrays[f"{name}.weight"]
        if f"{name}.norm.weight" not in self._arrays:
            bias = self._arrays.get(f"{name}.bias")
            width = weight.shape[0]
            shift = np.zeros(width, np.float32) if bias is None else bias.astype(np.float32)
            return weight.astype(np.float32), shift
        scale, move, mean, variance = (self._arrays[f"{name}.norm.{part}"].astype(np.float64) for part in NORM)
        scale /= np.sqrt(variance + _EPSILON)
        folded = weight * scale[:, None, None, None].astype(np.float32)
        return folded.astype(np.float32), (move - mean * scale).astype(np.float32)
