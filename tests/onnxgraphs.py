"""ONNX graphs of a few hundred bytes with known answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

OPSET, IR = 17, 9


def save(path: Path, nodes, takes, gives, constants: Mapping[str, np.ndarray]) -> Path:
    """Write a graph; ``takes`` and ``gives`` are (name, shape) or (name, shape, type)."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    def port(name, shape, kind=TensorProto.FLOAT):
        return helper.make_tensor_value_info(name, kind, shape)

    graph = helper.make_graph(
        nodes,
        "tiny",
        [port(*one) for one in takes],
        [port(*one) for one in gives],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def constant(
    path: Path, outputs: Mapping[str, np.ndarray], size=(64, 64), batch="n", gain=0.0, told=True, plane=None
) -> Path:
    """Write a graph that answers each row of (batch, 3, H, W) with ``outputs`` + ``gain`` x the row's mean.

    ``outputs`` have no batch dimension; int64 ones are given as they are. ``told`` False leaves their shapes open.
    With ``plane`` the mean is that of one plane only.
    """
    from onnx import TensorProto, helper

    planes = (0, 3) if plane is None else (plane, plane + 1)
    constants: dict[str, np.ndarray] = {"gain": np.float32(gain), "channels": np.array([1], np.int64)}
    constants |= {name: np.array([value], np.int64) for name, value in zip(("from", "to"), planes, strict=True)}
    nodes = [
        helper.make_node("Slice", ["input", "from", "to", "channels"], ["seen"]),
        helper.make_node("ReduceMean", ["seen"], ["mean"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Mul", ["mean", "gain"], ["scaled"]),
    ]
    gives = []
    for name, value in outputs.items():
        constants[f"{name}_shape"] = np.array([-1, *(1 for _ in value.shape)], np.int64)
        constants[f"{name}_value"] = value[None]
        nodes.append(helper.make_node("Reshape", ["scaled", f"{name}_shape"], [f"{name}_term"]))
        term, kind = f"{name}_term", TensorProto.FLOAT
        if value.dtype == np.int64:
            kind = TensorProto.INT64
            nodes.append(helper.make_node("Sub", [term, term], [f"{name}_zero"]))
            nodes.append(helper.make_node("Cast", [f"{name}_zero"], [f"{name}_whole"], to=kind))
            term = f"{name}_whole"
        nodes.append(helper.make_node("Add", [term, f"{name}_value"], [name if told else f"{name}_all"]))
        shape = value.shape
        if not told:
            # Cut to a length that is computed from the picture's numbers: nothing can tell it before.
            constants[f"{name}_starts"] = np.zeros(value.ndim, np.int64)
            constants[f"{name}_lengths"] = np.array(value.shape, np.int64)
            constants[f"{name}_axes"] = np.arange(1, value.ndim + 1)
            nodes += [
                helper.make_node("ReduceSum", ["input"], [f"{name}_sum"], keepdims=0),
                helper.make_node("Sub", [f"{name}_sum", f"{name}_sum"], [f"{name}_none"]),
                helper.make_node("Cast", [f"{name}_none"], [f"{name}_int"], to=TensorProto.INT64),
                helper.make_node("Add", [f"{name}_int", f"{name}_lengths"], [f"{name}_ends"]),
                helper.make_node(
                    "Slice", [f"{name}_all", *(f"{name}_{k}" for k in ("starts", "ends", "axes"))], [name]
                ),
            ]
            shape = [f"{name}_{i}" for i in range(value.ndim)]
        gives.append((name, (batch, *shape), kind))
    return save(path, nodes, [("input", (batch, 3, size[1], size[0]))], gives, constants)


def glow(path: Path, side=64, reach=2.0, batch="n") -> Path:
    """Write a detector of red, with the outputs of RTMDet's three heads.

    In each cell of 8, 16 and 32 px the score is sigmoid(the mean of the third plane - 1); the boxes reach ``reach``
    cells to all sides.
    """
    from onnx import helper

    nodes = [helper.make_node("Slice", ["input", "two", "three", "one"], ["red"])]
    constants: dict[str, np.ndarray] = {
        "two": np.array([2], np.int64),
        "three": np.array([3], np.int64),
        "one": np.array([1], np.int64),
        "bias": np.float32(1),
        "nothing": np.float32(0),
    }
    gives = []
    for stride in (8, 16, 32):
        cells = side // stride
        constants[f"reach{stride}"] = np.full((1, 4, 1, 1), reach * stride, np.float32)
        nodes += [
            helper.make_node(
                "AveragePool", ["red"], [f"mean{stride}"], kernel_shape=[stride] * 2, strides=[stride] * 2
            ),
            helper.make_node("Sub", [f"mean{stride}", "bias"], [f"cls{stride}"]),
            helper.make_node("Mul", [f"mean{stride}", "nothing"], [f"zero{stride}"]),
            helper.make_node("Add", [f"zero{stride}", f"reach{stride}"], [f"reg{stride}"]),
        ]
        gives.append((f"cls{stride}", (batch, 1, cells, cells)))
    gives += [(f"reg{stride}", (batch, 4, side // stride, side // stride)) for stride in (8, 16, 32)]
    return save(path, nodes, [("input", (batch, 3, side, side))], gives, constants)


def spots(path: Path, size=(24, 32), points=17, z: np.ndarray | None = None, batch="n") -> Path:
    """Write a pose head that finds the reddest column and the reddest row, for all ``points`` the same.

    The bins are the maxima of the first plane, two bins a px. ``z`` (points, D) are constant bins of a third output.
    """
    from onnx import helper

    width, height = size
    constants: dict[str, np.ndarray] = {
        "zero": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "tiles": np.array([1, points, 1], np.int64),
        "nothing": np.float32(0),
    }
    nodes = [helper.make_node("Slice", ["input", "zero", "one", "one"], ["red"])]
    gives = []
    for name, axis, length in (("simcc_x", 2, width), ("simcc_y", 3, height)):
        constants[f"{name}_shape"] = np.array([-1, 1, 2 * length], np.int64)
        constants[f"{name}_long"] = np.array([-1, length, 1], np.int64)
        nodes += [
            helper.make_node("ReduceMax", ["red"], [f"{name}_max"], axes=[axis], keepdims=0),
            helper.make_node("Reshape", [f"{name}_max", f"{name}_long"], [f"{name}_column"]),
            helper.make_node("Concat", [f"{name}_column", f"{name}_column"], [f"{name}_pairs"], axis=2),
            helper.make_node("Reshape", [f"{name}_pairs", f"{name}_shape"], [f"{name}_bins"]),
            helper.make_node("Tile", [f"{name}_bins", "tiles"], [name]),
        ]
        gives.append((name, (batch, points, 2 * length)))
    if z is not None:
        constants["z_value"], constants["first"] = z[None].astype(np.float32), np.array([0], np.int64)
        nodes += [
            helper.make_node("Gather", ["simcc_x", "first"], ["z_some"], axis=2),
            helper.make_node("Mul", ["z_some", "nothing"], ["z_zero"]),
            helper.make_node("Add", ["z_zero", "z_value"], ["simcc_z"]),
        ]
        gives.append(("simcc_z", (batch, *z.shape)))
    return save(path, nodes, [("input", (batch, 3, height, width))], gives, constants)


def warm(path: Path, size=(24, 32), points=17, batch="n") -> Path:
    """Write a pose head of heatmaps: each is the first plane, four px averaged on each side, less 0.02 a keypoint."""
    from onnx import helper

    width, height = size
    falls = np.arange(points, dtype=np.float32)[None, :, None, None] * np.float32(-0.02)
    constants: dict[str, np.ndarray] = {
        "zero": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "tiles": np.array([1, points, 1, 1], np.int64),
        "falls": falls,
    }
    nodes = [
        helper.make_node("Slice", ["input", "zero", "one", "one"], ["red"]),
        helper.make_node("AveragePool", ["red"], ["mean"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Tile", ["mean", "tiles"], ["many"]),
        helper.make_node("Add", ["many", "falls"], ["heatmaps"]),
    ]
    gives = [("heatmaps", (batch, points, height // 4, width // 4))]
    return save(path, nodes, [("input", (batch, 3, height, width))], gives, constants)
