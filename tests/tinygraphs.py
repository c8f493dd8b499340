"""A TensorFlow Lite graph of 900 bytes with known answers, and an interpreter made of Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np

SIDE = 32
KEYPOINTS = 17


def write(path: Path, dtype: str = "uint8", shape=(1, SIDE, SIDE, 3), gives=(1, 1, KEYPOINTS, 3)) -> Path:
    """Write a graph that gives the first px of the picture, divided by 255."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    kinds, ops, kind = schema.TensorType, schema.BuiltinOperator, getattr(schema.TensorType, dtype.upper())
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.buffers, model.operatorCodes = 3, [schema.BufferT()], []

    def tensor(shape, kind, values=None):
        one = schema.TensorT()
        one.name, one.shape, one.type, one.buffer = f"t{len(graph.tensors)}", list(shape), kind, 0
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(values.tobytes(), np.uint8)
            model.buffers.append(buffer)
            one.buffer = len(model.buffers) - 1
        graph.tensors.append(one)
        return len(graph.tensors) - 1

    def operator(code, inputs, name, **options):
        one, entry = schema.OperatorT(), schema.OperatorCodeT()
        entry.builtinCode = entry.deprecatedBuiltinCode = code
        entry.version = 1
        model.operatorCodes.append(entry)
        one.opcodeIndex, one.inputs = len(model.operatorCodes) - 1, inputs
        one.builtinOptionsType = getattr(schema.BuiltinOptions, name)
        one.builtinOptions = getattr(schema, f"{name}T")()
        for key, value in options.items():
            setattr(one.builtinOptions, key, value)
        graph.operators.append(one)
        return one

    graph.tensors, graph.operators = [], []
    picture = tensor(shape, kind)
    begin = tensor((len(shape),), kinds.INT32, np.zeros(len(shape), np.int32))
    size = tensor((len(gives),), kinds.INT32, np.array(gives, np.int32))
    scale = tensor((1,), kinds.FLOAT32, np.array([1 / 255], np.float32))
    cut, number, answer = tensor(gives, kind), tensor(gives, kinds.FLOAT32), tensor(gives, kinds.FLOAT32)
    operator(ops.SLICE, [picture, begin, size], "SliceOptions").outputs = [cut]
    operator(ops.CAST, [cut], "CastOptions", inDataType=kind, outDataType=kinds.FLOAT32).outputs = [number]
    operator(ops.MUL, [number, scale], "MulOptions").outputs = [answer]
    graph.inputs, graph.outputs, model.subgraphs = [picture], [answer], [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(bytes(builder.Output()))
    return path


class Spots:
    """An interpreter whose model finds a red, a green and a blue spot.

    Shoulders are red, hips green, the other keypoints blue; the scores are 0.9, or 0.1 of a spot that is not there.
    """

    side = 96
    red, green = (5, 6), (11, 12)

    def __init__(self, model_path, num_threads):
        self.loaded = model_path, num_threads

    def allocate_tensors(self):
        pass

    def get_input_details(self):
        return [{"shape": np.array([1, self.side, self.side, 3]), "dtype": np.uint8, "index": 3}]

    def get_output_details(self):
        return [{"shape": np.array([1, 1, KEYPOINTS, 3]), "index": 8}]

    def set_tensor(self, index, picture):
        assert (index, picture.shape, picture.dtype) == (3, (1, self.side, self.side, 3), np.uint8)
        self.picture = picture[0].astype(float)

    def invoke(self):
        pass

    def get_tensor(self, index):
        assert index == 8
        places = (np.arange(self.side) + 0.5) / self.side
        points = np.zeros((KEYPOINTS, 3), np.float32)
        for channel, rows in enumerate((self.red, self.green, [i for i in range(17) if i not in (5, 6, 11, 12)])):
            spot = self.picture[..., channel]
            there = spot.max() > 60
            weight = spot if there else np.ones_like(spot)
            at = [(weight.sum(axis=1) @ places) / weight.sum(), (weight.sum(axis=0) @ places) / weight.sum()]
            points[list(rows)] = (*at, 0.9 if there else 0.1)
        return points[None, None]
