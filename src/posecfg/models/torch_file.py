"""Read the arrays of a file that torch saved, without torch, and without running what a pickle may ask for."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from posecfg import budgets

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_KINDS = {
    **{"Float": "<f4", "Double": "<f8", "Half": "<f2", "Bool": "?"},
    **{"Long": "<i8", "Int": "<i4", "Short": "<i2", "Char": "<i1", "Byte": "<u1"},
}
_WIDTHS = {"BFloat16": 2, "ComplexFloat": 8, "ComplexDouble": 16}
_MOST_AXES = 32
_DAMAGE = (pickle.UnpicklingError, EOFError, LookupError, TypeError, AttributeError, MemoryError, OverflowError)


class Saved(NamedTuple):
    """A tensor in the file: part of a storage, which is read when it is asked for."""

    key: str
    kind: str
    length: int
    start: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True)
class TorchFile:
    """An open file of torch: ``content`` is what was saved, with a ``Saved`` for each tensor.

    What is neither plain data nor a tensor, such as the state of a random generator, is there as something without use.
    """

    path: Path
    content: Any
    _read: Callable[[Iterable[Saved]], dict[str, bytes]]

    def arrays(self, tensors: Mapping[str, Saved]) -> dict[str, NDArray[Any]]:
        """Return the arrays of some tensors; a ValueError tells what is wrong. Other storages are not read."""
        import numpy as np

        storages = {one.key: one for one in tensors.values()}
        budgets.check(self.path, sum(one.length * _width(one.kind) for one in storages.values()))
        data = self._read(storages.values())
        found = {}
        for name, one in tensors.items():
            if one.kind not in _KINDS:
                raise ValueError(f"{name} holds {one.kind}, which is not read")
            whole = np.frombuffer(data[one.key], _KINDS[one.kind])
            steps = [step * whole.itemsize for step in one.strides]
            view = np.lib.stride_tricks.as_strided(whole[one.start :], one.shape, steps, writeable=False)
            found[name] = np.array(view)
        return found


def opened(path: Path) -> TorchFile:
    """Open a file of torch, in its zip format or the stream of before 2020.

    A ValueError or OSError tells why it is none, or that it asks for what is not data.
    """
    with path.open("rb") as stream:
        begin = stream.read(4)
    return _zip(path) if begin == b"PK\3\4" else _stream(path)


def plain(found: Any) -> dict[str, Any]:
    """Return a mapping that was saved; {} for anything else."""
    return {key: value for key, value in found.items() if isinstance(key, str)} if isinstance(found, dict) else {}


def _zip(path: Path) -> TorchFile:
    with _archive(path) as archive:
        names = {name.partition("/")[2]: name for name in archive.namelist()}
        if "data.pkl" not in names:
            raise ValueError("it is a zip without data.pkl")
        if "byteorder" in names and budgets.member(archive, names["byteorder"], 16).strip() != b"little":
            raise ValueError("its numbers are big-endian")
        content = _Reader(io.BytesIO(budgets.member(archive, names["data.pkl"]))).load()

    def read(storages: Iterable[Saved]) -> dict[str, bytes]:
        found = {}
        with _archive(path) as archive:
            for one in storages:
                size = one.length * _width(one.kind)
                if f"data/{one.key}" not in names:
                    raise ValueError(f"its storage {one.key[:20]!r} is missing")
                found[one.key] = budgets.member(archive, names[f"data/{one.key}"], size)
                if len(found[one.key]) < size:
                    raise ValueError(f"its storage {one.key[:20]!r} is cut short")
        return found

    return TorchFile(path, content, read)


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with budgets.archive(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, LookupError, RuntimeError, OverflowError) as error:
        raise ValueError(f"its zip is damaged ({error})") from error


def _stream(path: Path) -> TorchFile:
    with path.open("rb") as stream:
        if _Reader(stream).load() != _MAGIC:
            raise ValueError("it does not begin as a file of torch")
        if _Reader(stream).load() != _PROTOCOL:
            raise ValueError("it is of another version of torch's format")
        about = plain(_Reader(stream).load())
        if about.get("little_endian") is not True:
            raise ValueError("its numbers are not little-endian")
        reader = _Reader(stream)
        content, keys = reader.load(), _Reader(stream).load()
        places = _places(stream, keys, reader.storages)

    def read(storages: Iterable[Saved]) -> dict[str, bytes]:
        found = {}
        with path.open("rb") as stream:
            for one in storages:
                if one.key not in places:
                    raise ValueError(f"its storage {one.key[:20]!r} is missing")
                stream.seek(places[one.key])
                found[one.key] = stream.read(one.length * _width(one.kind))
                if len(found[one.key]) < one.length * _width(one.kind):
                    raise ValueError(f"its storage {one.key[:20]!r} is cut short")
        return found

    return TorchFile(path, content, read)


def _places(stream: BinaryIO, keys: Any, storages: Mapping[str, tuple[str, int]]) -> dict[str, int]:
    """Return where each storage begins, which its length in 8 bytes stands before."""
    end, places = os.fstat(stream.fileno()).st_size, {}
    for key in keys if isinstance(keys, list) else ():
        if key not in storages:
            raise ValueError("it has a storage that no tensor belongs to")
        kind, length = storages[key]
        head = stream.read(8)
        if len(head) < 8 or int.from_bytes(head, "little", signed=True) != length:
            raise ValueError(f"its storage {str(key)[:20]!r} is cut short, or of another length than it says")
        places[key] = stream.tell()
        if places[key] + length * _width(kind) > end:
            raise ValueError(f"its storage {str(key)[:20]!r} is cut short")
        stream.seek(length * _width(kind), os.SEEK_CUR)
    return places


def _width(kind: str) -> int:
    if kind in _KINDS:
        return 1 if kind == "Bool" else int(_KINDS[kind][2:])
    return _WIDTHS[kind]


class _Map(dict[Any, Any]):
    """A mapping of the file; attributes that the file gives it are dropped."""

    __slots__ = ()

    def __setstate__(self, state: Any) -> None:
        pass


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
    "collections.OrderedDict": _Map,
    "torch.Size": _Maker(lambda lengths=(): lengths),
    "torch._utils._rebuild_tensor_v2": _Maker(_tensor),
    "torch._utils._rebuild_tensor": _Maker(_tensor),
    "torch._utils._rebuild_parameter": _Maker(lambda tensor, *others: tensor),
    "_codecs.encode": _Useless,
}


class _Reader(pickle.Unpickler):
    """Make plain data, mappings and places of tensors of a pickle, and nothing else.

    ``storages`` are the kinds and lengths of those that it names.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self.storages: dict[str, tuple[str, int]] = {}

    def load(self) -> Any:
        """Return what the pickle holds; a ValueError tells what is wrong with it."""
        try:
            return super().load()
        except _DAMAGE as error:
            raise ValueError(str(error) or "its pickle is damaged") from error

    def find_class(self, module: str, name: str, /) -> Any:
        """Return what stands for a class or function that the pickle names."""
        whole = f"{module}.{name}"
        if whole in _KNOWN:
            return _KNOWN[whole]
        if module == "torch" and name.endswith("Storage") and name[:-7] in {*_KINDS, *_WIDTHS}:
            return _Storage(name[:-7])
        if module.partition(".")[0] == "numpy":
            return _Useless
        raise pickle.UnpicklingError(f"it asks for {whole[:100]}")

    def persistent_load(self, told: Any, /) -> Saved:
        """Return the storage that the pickle refers to."""
        mark, kind, key, _, length = told[:5] if isinstance(told, tuple) and len(told) >= 5 else (None,) * 5
        good = mark == "storage" and isinstance(kind, _Storage) and isinstance(key, str) and type(length) is int
        if not good or not 0 <= length < 1 << 40 or (len(told) > 5 and told[5] is not None):
            raise pickle.UnpicklingError("it refers to what is no storage")
        if self.storages.setdefault(key, (kind.kind, length)) != (kind.kind, length):
            raise pickle.UnpicklingError("it tells two lengths of one storage")
        return Saved(key, kind.kind, length, 0, (length,), (1,))
