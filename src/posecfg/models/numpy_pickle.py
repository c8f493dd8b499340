"""Read pickles of plain data and NumPy arrays: nothing that they ask for is run."""

from __future__ import annotations

import os
import pickle
from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from posecfg import budgets
from posecfg.models.plain_pickle import Map, Plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = frozenset({"b1", "i1", "u1", "i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8"})
OBJECTS = "O8"
_MOST_AXES = 32


def read(path: Path) -> Any:
    """Return what a pickle holds; a ValueError tells what is wrong with it, or that it asks for what is not data.

    Each array of it is a ``Packed``.
    """
    with budgets.open_regular(path) as stream:
        budgets.check(path, os.fstat(stream.fileno()).st_size)
        return load(stream)


def load(stream: IO[bytes]) -> Any:
    """Return what an open pickle holds, as ``read`` does."""
    return _Reader(stream).load()


class Packed:
    """An array of a pickle: its numbers stay as they are in the file until they are asked for."""

    __slots__ = ("_data", "_kind", "_order", "shape")

    def __init__(self, *arguments: Any) -> None:
        self.shape: tuple[int, ...] = ()

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) != 5:
            raise pickle.UnpicklingError("it has an array that is none")
        _, shape, kind, fortran, data = state
        self.fill(data, kind, shape, "F" if fortran is True else "C")

    def fill(self, data: Any, kind: Any, shape: Any, order: Any) -> None:
        """Take what a pickle says of the array."""
        lengths = shape if isinstance(shape, tuple) else (None,)
        known = isinstance(kind, _Kind) and _is_among(order, "C", "F")
        fits = list if known and kind.name == OBJECTS else bytes | bytearray | str | _Text
        good = known and isinstance(data, fits)
        if not good or len(lengths) > _MOST_AXES or not all(type(n) is int and 0 <= n < 1 << 40 for n in lengths):
            raise pickle.UnpicklingError("it has an array that is none")
        self.shape, self._kind, self._order, self._data = lengths, kind, order, data

    @property
    def has_objects(self) -> bool:
        """Whether its items are objects, not numbers."""
        return isinstance(getattr(self, "_data", None), list)

    def objects(self) -> list[Any]:
        """Return the items of an array of objects, in order; a ValueError says that it is none."""
        data: Any = getattr(self, "_data", None)
        if not isinstance(data, list) or prod(self.shape) != len(data):
            raise ValueError("it has an array of other things than objects")
        return data

    def array(self) -> NDArray[Any]:
        """Return the array, read-only; a ValueError tells what is wrong with it."""
        import numpy as np

        data: Any = getattr(self, "_data", None)
        if data is None or isinstance(data, list):
            raise ValueError("it has an array without numbers")
        data = data.text if isinstance(data, _Text) else data
        data = data.encode("latin1") if isinstance(data, str) else data
        dtype = np.dtype(f"<{self._kind.name}")
        if prod(self.shape) * dtype.itemsize != len(data):
            raise ValueError("it has an array of another size than its data")
        found: NDArray[Any] = np.frombuffer(data, dtype).reshape(self.shape, order=self._order)
        return found


class _Kind:
    """Stands for a type of numbers."""

    __slots__ = ("name",)

    def __init__(self, name: Any, *others: Any) -> None:
        if type(name) is not str or (name not in _KINDS and name != OBJECTS):
            what = repr(name[:20]) if isinstance(name, str) else "what has no name"
            raise pickle.UnpicklingError(f"it has an array of {what}, which are no numbers")
        self.name: str = name

    def __setstate__(self, state: Any) -> None:
        order = state[1] if isinstance(state, tuple) and len(state) > 1 else None
        if not _is_among(order, "<", "|", "="):
            raise pickle.UnpicklingError("its numbers are not little-endian")


class _Text:
    """Stands for bytes that an old pickle holds as a text."""

    __slots__ = ("text",)

    def __init__(self, text: Any, encoding: Any = None) -> None:
        if not isinstance(text, str) or not _is_among(encoding, "latin1", "latin-1"):
            raise pickle.UnpicklingError("it encodes what is no text")
        self.text = text

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError("it changes a text")


class _Maker:
    """Stands for a function or class; nothing in a file can change it."""

    __slots__ = ("_make",)

    def __init__(self, make: Any = None) -> None:
        self._make = make

    def __call__(self, *arguments: Any) -> Any:
        return self._make(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError("it changes a function")


def _is_among(text: Any, *known: str) -> bool:
    return type(text) is str and text in known


def _framed(data: Any, kind: Any, shape: Any, order: Any) -> Packed:
    made = Packed()
    made.fill(data, kind, shape, order)
    return made


def _scalar(kind: Any, data: Any) -> Packed:
    return _framed(data, kind, (), "C")


_KNOWN: dict[str, Any] = {
    "collections.OrderedDict": Map,
    "numpy.ndarray": _Maker(),
    "numpy.dtype": _Kind,
    "_codecs.encode": _Text,
}
for _core in ("numpy.core", "numpy._core"):
    _KNOWN[f"{_core}.multiarray._reconstruct"] = Packed
    _KNOWN[f"{_core}.multiarray.scalar"] = _Maker(_scalar)
    _KNOWN[f"{_core}.numeric._frombuffer"] = _Maker(_framed)


class _Reader(Plain):
    """Make plain data, mappings and arrays of a pickle, and nothing else; texts may be those of Python 2."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream, encoding="latin1")

    def find_class(self, module: str, name: str, /) -> Any:
        """Return what stands for a class or function that the pickle names."""
        whole = f"{module}.{name}"
        if whole not in _KNOWN:
            raise pickle.UnpicklingError(f"it asks for {whole[:100]}")
        return _KNOWN[whole]

    def persistent_load(self, told: Any, /) -> Any:
        """Refuse data outside of the pickle."""
        raise pickle.UnpicklingError("it refers to data outside of it")
