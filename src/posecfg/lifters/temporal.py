"""VideoPose3D's network of dilated convolutions over time, as an ONNX graph made of a checkpoint's arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from posecfg.models.onnx_graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

WIDEST = 10_000
"""Most frames that a network may look at for one; the published one looks at 243."""
_EPSILON = 1e-5
# No larger power is needed to know that it is too many frames.
_EXPONENT = 10
_COUNTS = ".num_batches_tracked"
_CONVOLUTION = re.compile(r"layers_conv\.(\d+)\.weight")
_END = 2**62
_NORMS = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True)
class Temporal:
    """A network: ``graph`` takes (B, T + 2 * reach, joints in * 2) and gives (B, T, joints out * 3).

    T is a multiple of ``step``.
    """

    graph: bytes
    reach: int
    step: int


def shapes(found: Mapping[str, tuple[int, ...]], joints: int, out: int) -> dict[str, tuple[int, ...]]:
    """Return the arrays that a network of the size of ``found`` has, by name; a ValueError tells what is wrong."""
    if "expand_conv.weight" not in found:
        raise ValueError("it lacks expand_conv.weight")
    width, taps = found["expand_conv.weight"][0], found["expand_conv.weight"][-1]
    blocks = sum(1 for name in found if _CONVOLUTION.fullmatch(name)) // 2
    wanted: dict[str, tuple[int, ...]] = {"expand_conv.weight": (width, joints * 2, taps)}
    norms = ["expand_bn"]
    for block in range(blocks):
        wanted[f"layers_conv.{2 * block}.weight"] = (width, width, taps)
        wanted[f"layers_conv.{2 * block + 1}.weight"] = (width, width, 1)
        norms += [f"layers_bn.{2 * block}", f"layers_bn.{2 * block + 1}"]
    wanted |= {f"{norm}.{part}": (width,) for norm in norms for part in _NORMS}
    return wanted | {"shrink.weight": (out * 3, width, 1), "shrink.bias": (out * 3,)}


def misfit(found: Mapping[str, tuple[int, ...]], joints: int, out: int) -> str | None:
    """Say why arrays of these shapes are no such network, or None where they are one."""
    own = {name: shape for name, shape in found.items() if not name.endswith(_COUNTS)}
    try:
        wanted = shapes(own, joints, out)
    except (ValueError, IndexError) as error:
        return str(error)
    lacking = [name for name in wanted if name not in own]
    besides = [name for name in own if name not in wanted]
    other = [
        f"{name} of {own[name]}, not {wanted[name]}" for name in wanted if own.get(name, wanted[name]) != wanted[name]
    ]
    for what, names in (("it lacks", lacking), ("it has", besides), ("it has", other)):
        if names:
            return f"{what} {', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}"
    taps = wanted["expand_conv.weight"][-1]
    if taps % 2 == 0:
        return f"its convolutions look at {taps} frames, an even number"
    blocks = sum(1 for name in own if _CONVOLUTION.fullmatch(name)) // 2
    field = taps ** min(blocks + 1, _EXPONENT)
    return f"it looks at more than {WIDEST:,} frames at a time" if field > WIDEST else None


def built(arrays: Arrays, paired: bool = True) -> Temporal:
    """Return the network of the arrays of a checkpoint, with its normalisations folded into its convolutions.

    With ``paired``, convolutions of three taps give two frames at a time for four products, not six.
    """
    layers = _Layers(arrays)
    taps = arrays["expand_conv.weight"].shape[-1]
    blocks = sum(1 for name in arrays if _CONVOLUTION.fullmatch(name)) // 2
    paired = paired and taps == 3
    values = layers.convolved("poses", "expand_conv", "expand_bn")
    reach, dilation = (taps - 1) // 2, taps
    for block in range(blocks):
        pad = (taps - 1) // 2 * dilation
        wide = layers.in_pairs if paired else layers.convolved
        made = wide(values, f"layers_conv.{2 * block}", f"layers_bn.{2 * block}", dilation)
        made = layers.convolved(made, f"layers_conv.{2 * block + 1}", f"layers_bn.{2 * block + 1}")
        values = layers.graph.node("Add", layers.cut(values, pad, -pad or None), made)
        reach, dilation = reach + pad, dilation * taps
    weight = arrays["shrink.weight"]
    last = layers.graph.node("Add", layers.times(values, weight[:, :, 0].T), layers.real(arrays["shrink.bias"]))
    takes, gives = ("rows", "padded", arrays["expand_conv.weight"].shape[1]), ("rows", "frames", weight.shape[0])
    step = 2 * dilation // taps if paired and blocks else 1
    return Temporal(layers.graph.bytes({"poses": takes}, {last: gives}), reach, step)


class _Layers:
    """A graph of values (B, T, channels), whose convolutions over time are matrix products."""

    def __init__(self, arrays: Arrays) -> None:
        self.graph = Graph("videopose3d")
        self._arrays = arrays

    def real(self, values: NDArray[Any]) -> str:
        return self.graph.array(values.astype("float32"))

    def cut(self, values: str, start: int, end: int | None) -> str:
        """Return the frames from ``start`` to ``end``."""
        ends = _END if end is None else end
        return self.graph.node("Slice", values, *(self.graph.array(_longs(one)) for one in (start, ends, 1)))

    def times(self, values: str, matrix: NDArray[Any]) -> str:
        return self.graph.node("MatMul", values, self.real(matrix))

    def convolved(self, values: str, convolution: str, norm: str, dilation: int = 1) -> str:
        """Return the convolution with its normalisation and what is above 0: the frames of its taps side by side."""
        weight, bias = _folded(self._arrays, convolution, norm)
        last = weight.shape[2] - 1
        if last:
            starts = [tap * dilation for tap in range(last + 1)]
            ends = [start - last * dilation or None for start in starts]
            parts = [self.cut(values, start, end) for start, end in zip(starts, ends, strict=True)]
            values = self.graph.node("Concat", *parts, axis=2)
        return self._above_zero(self.times(values, weight.transpose(2, 1, 0).reshape(-1, len(weight))), bias)

    def in_pairs(self, values: str, convolution: str, norm: str, dilation: int) -> str:
        """Return what ``convolved`` does for taps p, q and r, each frame together with the one ``dilation`` after it.

        Both stand on frames a, b, c and d, ``dilation`` apart: they are p a + q b + r c and p b + q c + r d. With s as
        (b + c) (p + q + r) / 2 and t as (c - b) (p - q + r) / 2, that is s + t + (a - c) p and s - t + (d - b) r.
        """
        graph = self.graph
        weight, bias = _folded(self._arrays, convolution, norm)
        p, q, r = weight.astype("float64").transpose(2, 1, 0)
        pairs = graph.node("Reshape", values, graph.array(_longs(0, -1, 2, dilation, weight.shape[1])))
        early, late = (graph.node("Gather", pairs, graph.array(_longs(half)[0]), axis=2) for half in (0, 1))
        a, b, c, d = (self.cut(half, *ends) for ends in ((0, -1), (1, None)) for half in (early, late))
        s = self.times(graph.node("Add", b, c), (p + q + r) / 2)
        t = self.times(graph.node("Sub", c, b), (p - q + r) / 2)
        one = graph.node("Add", graph.node("Add", s, t), self.times(graph.node("Sub", a, c), p))
        other = graph.node("Add", graph.node("Sub", s, t), self.times(graph.node("Sub", d, b), r))
        axis = graph.array(_longs(2))
        joined = graph.node("Concat", *(graph.node("Unsqueeze", half, axis) for half in (one, other)), axis=2)
        return self._above_zero(graph.node("Reshape", joined, graph.array(_longs(0, -1, len(weight)))), bias)

    def _above_zero(self, values: str, bias: NDArray[Any]) -> str:
        return self.graph.node("Relu", self.graph.node("Add", values, self.real(bias)))


def _folded(arrays: Arrays, convolution: str, norm: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return weight and bias of a convolution with the normalisation that follows it."""
    import numpy as np

    scale, shift, mean, variance = (arrays[f"{norm}.{part}"].astype(np.float64) for part in _NORMS)
    scale /= np.sqrt(variance + _EPSILON)
    weight = arrays[f"{convolution}.weight"] * scale[:, None, None]
    return weight.astype(np.float32), (shift - mean * scale).astype(np.float32)


def _longs(*values: int) -> NDArray[Any]:
    import numpy as np

    return np.array(values, np.int64)
