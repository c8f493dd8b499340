"""Take out of MediaPipe's networks what no graph here uses; what is left gives the same numbers to the last digit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from posecfg.detectors.model_tables import CONVOLUTION, DEPTHWISE, DEQUANTIZE, Model, Operator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The graph takes a model's outputs by their order.
LANDMARKS, MASK = 0, 2
# Channels are computed so many at a time. Layers of fewer add their products up in another order, which depends on how
# many there are.
_TILE = 16
_ENOUGH = 2 * _TILE


def without_mask(model: bytes) -> bytes:
    """Return a pose model with its landmarks in the place of the mask of the person, a third of the model's time.

    Operations that only the mask needs are left out.
    """
    tables = Model(model)
    tables.give(MASK, tables.outputs[LANDMARKS])
    needed, kept, operators = set(tables.outputs), list[int](), tables.operators
    for number, operator in reversed(list(enumerate(operators))):
        if needed.intersection(operator.outputs):
            needed.update(operator.inputs)
            kept.append(number)
    tables.keep(kept[::-1])
    return bytes(tables)


def without_ignored_channels(model: bytes) -> bytes:
    """Return a model without channels that the next layer multiplies by zero: a tenth of the model of a hand.

    A channel is left out where it is made by a convolution, filtered by itself, and then weighed with zeros alone by
    convolutions.
    """
    tables = Model(model)
    operators = tables.operators
    for filtering in operators:
        if filtering.kind == DEPTHWISE:
            _shorten(tables, operators, filtering)
    return bytes(tables)


def _shorten(tables: Model, operators: list[Operator], filtering: Operator) -> None:
    """Take the ignored channels of one filter out of it, of the convolution before it, and of the layers after it."""
    import numpy as np

    made, filtered = filtering.inputs[0], filtering.outputs[0]
    before = [operator for operator in operators if made in operator.outputs]
    signals = [made, filtered]
    after = [operator for operator in operators if filtered in operator.inputs]
    reads = Counter(tensor for operator in operators for tensor in operator.inputs)
    channels = tables.shape(made)[-1]
    if (
        [one.kind for one in before] != [CONVOLUTION]
        or {one.kind for one in after} != {CONVOLUTION}
        or any(len(one.inputs) < 3 or min(one.inputs) < 0 for one in (before[0], filtering, *after))
        or any(tables.shape(signal)[-1:] != (channels,) for signal in signals)
        or any(tables.shape(one.outputs[0])[-1] < _ENOUGH for one in after)
        or reads[made] != 1
        or set(tables.outputs).intersection(signals)
    ):
        return
    # Each with the axis of its channels.
    weights = [(before[0].inputs[1], 0), (before[0].inputs[2], 0), (filtering.inputs[1], 3), (filtering.inputs[2], 0)]
    weights += [(one.inputs[1], 3) for one in after]
    sources = [_source(operators, tensor) for tensor, _ in weights]
    heeding = [tables.stored(source) for source in sources[4:]]
    if any(tables.shares(one) or reads[one] != 1 for one in sources) or any(reads[one] != 1 for one, _ in weights):
        return
    heeded = np.zeros(channels, bool)
    for numbers in heeding:
        if numbers is None or numbers.shape[-1] != channels:
            return
        heeded |= (numbers != 0).any(axis=tuple(range(numbers.ndim - 1)))
    kept = _filled(heeded)
    for source, (tensor, axis) in zip(sources, weights, strict=True):
        for one in {source, tensor}:
            tables.take(one, axis, kept)
    for tensor in signals:
        tables.take(tensor, 3, kept)


def _filled(heeded: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the heeded channels, and of the others as many as fill the last tile."""
    import numpy as np

    spare = np.flatnonzero(~heeded)[: -np.count_nonzero(heeded) % _TILE]
    return np.sort(np.concatenate([np.flatnonzero(heeded), spare]))


def _source(operators: list[Operator], tensor: int) -> int:
    """Return the tensor whose half floats are made the floats of this one, or this one."""
    for operator in operators:
        if operator.kind == DEQUANTIZE and tensor in operator.outputs:
            return operator.inputs[0]
    return tensor
