"""Read what a pickle of torch holds as plain data and places of tensors: nothing that it asks for is run."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

from posecfg.models.plain_pickle import Map, Plain

KINDS = {
    **{"Float": "<f4", "Double": "<f8", "Half": "<f2", "Bool": "?"},
    **{"Long": "<i8", "Int": "<i4", "Short": "<i2", "Char": "<i1", "Byte": "<u1"},
}
WIDTHS = {"BFloat16": 2, "ComplexFloat": 8, "ComplexDouble": 16}
_MOST_AXES = 32


class Saved(NamedTuple):
    """A tensor in the file: part of a storage, which is read when it is asked for."""

    key: str
    kind: str
    length: int
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Useless:
    """Stands for an object that is neither plain data nor a tensor: its data are dropped, and no code runs."""

    __slots__ = ()

    def __init__(self, *arguments: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass


class _Maker:
    """Stands for a function of torch that makes a tensor; nothing in a file can change it."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make

    def __call__(self, *arguments: Any) -> Any:
        return self._make(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError("it changes a function")


class _Storage(NamedTuple):
    kind: str


def _tensor(storage: Any, start: Any, shape: Any, strides: Any, *others: Any) -> Saved:
    whole = (start, *shape, *strides) if isinstance(shape, tuple) and isinstance(strides, tuple) else (None,)
    if not isinstance(storage, Saved) or not all(type(number) is int and 0 <= number < 1 << 40 for number in whole):
        raise pickle.UnpicklingError("it has a tensor that is none")
    last = start + sum((number - 1) * step for number, step in zip(shape, strides, strict=True))
    if len(shape) > _MOST_AXES or prod(shape) > storage.length or (prod(shape) and last >= storage.length):
        raise pickle.UnpicklingError("it has a tensor that is larger than its storage")
    return storage._replace(start=start, shape=shape, strides=strides)


_KNOWN: dict[str, Any] = {
    "collections.OrderedDict": Map,
    "torch.Size": _Maker(lambda lengths=(): lengths),
    "torch._utils._rebuild_tensor_v2": _Maker(_tensor),
    "torch._utils._rebuild_tensor": _Maker(_tensor),
    "torch._utils._rebuild_parameter": _Maker(lambda tensor, *others: tensor),
    "_codecs.encode": _Useless,
}


class Reader(Plain):
    """Make plain data, mappings and places of tensors of a pickle, and nothing else.

    ``storages`` are the kinds and lengths of those that it names.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self.storages: dict[str, tuple[str, int]] = {}

    def find_class(self, module: str, name: str, /) -> Any:
        """Return what stands for a class or function that the pickle names."""
        whole = f"{module}.{name}"
        if whole in _KNOWN:
            return _KNOWN[whole]
        if module == "torch" and name.endswith("Storage") and name[:-7] in {*KINDS, *WIDTHS}:
            return _Storage(name[:-7])
        if module.partition(".")[0] == "numpy":
            return _Useless
        raise pickle.UnpicklingError(f"it asks for {whole[:100]}")

    def persistent_load(self, told: Any, /) -> Saved:
        """Return the storage that the pickle refers to."""
        mark, kind, key, _, length = told[:5] if isinstance(told, tuple) and len(told) >= 5 else (None,) * 5
        good = (
            type(mark) is str
            and mark == "storage"
            and isinstance(kind, _Storage)
            and isinstance(key, str)
            and type(length) is int
        )
        if not good or not 0 <= length < 1 << 40 or (len(told) > 5 and told[5] is not None):
            raise pickle.UnpicklingError("it refers to what is no storage")
        if self.storages.setdefault(key, (kind.kind, length)) != (kind.kind, length):
            raise pickle.UnpicklingError("it tells two lengths of one storage")
        return Saved(key, kind.kind, length, 0, (length,), (1,))
