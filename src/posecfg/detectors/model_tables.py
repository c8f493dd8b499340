"""Read and shorten a TensorFlow Lite model in place: a table of bytes in which everything is found by offsets."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNKNOWN, CONVOLUTION, DEPTHWISE, DEQUANTIZE = -1, 3, 4, 6
"""Kinds of operators."""

# The order of fields in the tables of a model, its graph, a kind of operators, an operator, a tensor and a buffer.
_KINDS, _SUBGRAPHS, _BUFFERS = 1, 2, 4
_TENSORS, _OUTPUTS, _OPERATORS = 0, 2, 3
_OLD_KIND, _KIND = 0, 3
_KIND_OF, _INPUTS_OF, _OUTPUTS_OF = 0, 1, 2
_SHAPE, _TYPE, _BUFFER = 0, 1, 2
_DATA = 0
# By the number of their type.
_NUMBERS = {0: "<f4", 1: "<f2"}


class Operator(NamedTuple):
    """An operator: its kind, and the numbers of the tensors that it reads and makes; -1 is one that it does without."""

    kind: int
    inputs: list[int]
    outputs: list[int]


class Model:
    """A model of one graph, whose lists are shortened where they are."""

    def __init__(self, model: bytes) -> None:
        self._data = bytearray(model)
        root = self._follow(0)
        self._graph = self._follow(self._list(root, _SUBGRAPHS)[0])
        kinds = [self._kind(self._follow(place)) for place in self._list(root, _KINDS)]
        self._kinds = dict(enumerate(kinds))
        self._buffers = [self._follow(place) for place in self._list(root, _BUFFERS)]
        self._tensors = [self._follow(place) for place in self._list(self._graph, _TENSORS)]
        self._shapes = [self._list(tensor, _SHAPE) for tensor in self._tensors]
        self._numbers = [self._scalar(tensor, _BUFFER, "<I") for tensor in self._tensors]
        self._places = self._list(self._graph, _OPERATORS)
        self._outputs = self._list(self._graph, _OUTPUTS)

    def __bytes__(self) -> bytes:
        return bytes(self._data)

    @property
    def outputs(self) -> list[int]:
        """The numbers of the tensors that the graph gives."""
        return [self._number(place) for place in self._outputs]

    @property
    def operators(self) -> list[Operator]:
        """The operators, in the order in which they run."""
        return [self._operator(self._follow(place)) for place in self._places]

    def give(self, output: int, tensor: int) -> None:
        """Give a tensor as an output."""
        struct.pack_into("<i", self._data, self._outputs[output], tensor)

    def keep(self, numbers: list[int]) -> None:
        """Run these operators alone."""
        tables = [self._follow(self._places[number]) for number in numbers]
        for place, table in zip(self._places, tables, strict=False):
            struct.pack_into("<I", self._data, place, table - place)
        struct.pack_into("<I", self._data, self._places[0] - 4, len(tables))
        self._places = self._places[: len(tables)]

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Return the shape of a tensor."""
        return tuple(self._number(place) for place in self._shapes[tensor])

    def stored(self, tensor: int) -> NDArray[np.floating[Any]] | None:
        """Return the numbers of a tensor that is part of the model; None of one that is computed, or is no floats."""
        import numpy as np

        form, room = _NUMBERS.get(self._scalar(self._tensors[tensor], _TYPE, "<b")), self._room(tensor)
        if form is None or not room:
            return None
        return np.frombuffer(bytes(self._data[room.start : room.stop]), form).reshape(self.shape(tensor))

    def shares(self, tensor: int) -> bool:
        """Return whether another tensor has its shape or its numbers in the same place."""
        return self._shapes.count(self._shapes[tensor]) > 1 or self._numbers.count(self._numbers[tensor]) > 1

    def take(self, tensor: int, axis: int, kept: NDArray[np.intp]) -> None:
        """Keep the entries ``kept`` of an axis of a tensor, whether it is computed or part of the model."""
        numbers = self.stored(tensor)
        if numbers is not None:
            room, left = self._room(tensor), numbers.take(kept, axis).tobytes()
            self._data[room.start : room.start + len(left)] = left
            struct.pack_into("<I", self._data, room.start - 4, len(left))
        struct.pack_into("<i", self._data, self._shapes[tensor][axis], len(kept))

    def _operator(self, table: int) -> Operator:
        lists = ([self._number(one) for one in self._list(table, field)] for field in (_INPUTS_OF, _OUTPUTS_OF))
        return Operator(self._kinds.get(self._scalar(table, _KIND_OF, "<I"), UNKNOWN), *lists)

    def _kind(self, table: int) -> int:
        # Models of older writers have the first field alone.
        return max(self._scalar(table, _OLD_KIND, "<b"), self._scalar(table, _KIND, "<i"))

    def _room(self, tensor: int) -> range:
        """Return where the bytes of a tensor are."""
        return self._list(self._buffers[self._numbers[tensor]], _DATA, 1)

    def _number(self, place: int) -> int:
        return int(struct.unpack_from("<i", self._data, place)[0])

    def _follow(self, place: int) -> int:
        """Return where the offset at ``place`` leads."""
        return place + int(struct.unpack_from("<I", self._data, place)[0])

    def _field(self, table: int, field: int) -> int:
        """Return the place of a field of a table, 0 if it has none."""
        fields = table - self._number(table)
        size, entry = int(struct.unpack_from("<H", self._data, fields)[0]), 4 + 2 * field
        offset = int(struct.unpack_from("<H", self._data, fields + entry)[0]) if entry < size else 0
        return table + offset if offset else 0

    def _scalar(self, table: int, field: int, form: str) -> int:
        place = self._field(table, field)
        return int(struct.unpack_from(form, self._data, place)[0]) if place else 0

    def _list(self, table: int, field: int, width: int = 4) -> range:
        """Return the places of the entries, ``width`` bytes each, of a list that is a field; of a missing one none."""
        place = self._field(table, field)
        if not place:
            return range(0)
        start = self._follow(place)
        return range(start + 4, start + 4 + width * int(struct.unpack_from("<I", self._data, start)[0]), width)
