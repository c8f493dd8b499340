"""Take the mask of a person out of a pose model, which no graph here uses: a third of the model's time.

A model is a table of bytes in which everything is found by offsets, so that a list is shortened where it is. What is
left is computed by the same operations as before, to the last digit.
"""

from __future__ import annotations

import struct

# The order of fields in the tables of a TensorFlow Lite model.
_SUBGRAPHS, _OUTPUTS, _OPERATORS = 2, 2, 3
_INPUTS_OF, _OUTPUTS_OF = 1, 2
# The graph takes a model's outputs by their order.
LANDMARKS, MASK = 0, 2


def without_mask(model: bytes) -> bytes:
    """Return the model with its landmarks in the place of the mask, and without operations that only the mask needs."""
    data = bytearray(model)
    graph = _list(data, _follow(data, 0), _SUBGRAPHS)[0]
    graph = _follow(data, graph)
    outputs = _list(data, graph, _OUTPUTS)
    operators = _list(data, graph, _OPERATORS)
    struct.pack_into("<i", data, outputs[MASK], _number(data, outputs[LANDMARKS]))
    needed = {_number(data, place) for place in outputs}
    kept: list[int] = []
    for place in reversed(operators):
        operator = _follow(data, place)
        if needed & {_number(data, one) for one in _list(data, operator, _OUTPUTS_OF)}:
            needed |= {_number(data, one) for one in _list(data, operator, _INPUTS_OF)}
            kept.append(operator)
    for place, operator in zip(operators, reversed(kept), strict=False):
        struct.pack_into("<I", data, place, operator - place)
    struct.pack_into("<I", data, operators[0] - 4, len(kept))
    return bytes(data)


def _number(data: bytearray, place: int) -> int:
    return int(struct.unpack_from("<i", data, place)[0])


def _follow(data: bytearray, place: int) -> int:
    """Return where the offset at ``place`` leads."""
    return place + int(struct.unpack_from("<I", data, place)[0])


def _list(data: bytearray, table: int, field: int) -> range:
    """Return the places of the entries, 4 bytes each, of a list that is a field of a table; of a missing one none."""
    fields = table - _number(data, table)
    size, entry = int(struct.unpack_from("<H", data, fields)[0]), 4 + 2 * field
    offset = int(struct.unpack_from("<H", data, fields + entry)[0]) if entry < size else 0
    if not offset:
        return range(0)
    start = _follow(data, table + offset)
    return range(start + 4, start + 4 + 4 * int(struct.unpack_from("<I", data, start)[0]), 4)
