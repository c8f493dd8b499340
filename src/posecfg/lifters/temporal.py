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

_EPSILON = 1e-5
_COUNTS = ".num_batches_tracked"
_CONVOLUTION = re.compile(r"layers_conv\.(\d+)\.weight")
_NORMS = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True)
class Temporal:
    """A network: ``graph`` takes (B, joints in * 2, T + 2 * reach) and gives (B, joints out * 3, T)."""

    graph: bytes
    reach: int


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
    return None if taps % 2 else f"its convolutions look at {taps} frames, an even number"


def built(arrays: Arrays) -> Temporal:
    """Return the network of the arrays of a checkpoint, with its normalisations folded into its convolutions."""
    graph = Graph("videopose3d")
    taps = arrays["expand_conv.weight"].shape[-1]
    blocks = sum(1 for name in arrays if _CONVOLUTION.fullmatch(name)) // 2

    def layer(values: str, convolution: str, norm: str, dilation: int = 1) -> str:
        weight, bias = _folded(arrays, convolution, norm)
        made = graph.node("Conv", values, graph.array(weight), graph.array(bias), dilations=[dilation])
        return graph.node("Relu", made)

    values = layer("poses", "expand_conv", "expand_bn")
    reach, dilation = (taps - 1) // 2, taps
    axis = graph.array(_longs(2))
    for block in range(blocks):
        pad = (taps - 1) // 2 * dilation
        inner = graph.node("Slice", values, graph.array(_longs(pad)), graph.array(_longs(-pad)), axis)
        made = layer(values, f"layers_conv.{2 * block}", f"layers_bn.{2 * block}", dilation)
        made = layer(made, f"layers_conv.{2 * block + 1}", f"layers_bn.{2 * block + 1}")
        values = graph.node("Add", inner, made)
        reach, dilation = reach + pad, dilation * taps
    weight, bias = arrays["shrink.weight"].astype("float32"), arrays["shrink.bias"].astype("float32")
    last = graph.node("Conv", values, graph.array(weight), graph.array(bias))
    takes, gives = ("rows", arrays["expand_conv.weight"].shape[1], "padded"), ("rows", weight.shape[0], "frames")
    return Temporal(graph.bytes({"poses": takes}, {last: gives}), reach)


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
