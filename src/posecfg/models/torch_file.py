"""Read the arrays of a file that torch saved, without torch, and without running what a pickle may ask for."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from posecfg import budgets
from posecfg.models.torch_pickle import KINDS, WIDTHS, Reader, Saved

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001


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
            if one.kind not in KINDS:
                raise ValueError(f"{name} holds {one.kind}, which is not read")
            whole = np.frombuffer(data[one.key], KINDS[one.kind])
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
        content = Reader(io.BytesIO(budgets.member(archive, names["data.pkl"]))).load()

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
        if Reader(stream).load() != _MAGIC:
            raise ValueError("it does not begin as a file of torch")
        if Reader(stream).load() != _PROTOCOL:
            raise ValueError("it is of another version of torch's format")
        about = plain(Reader(stream).load())
        if about.get("little_endian") is not True:
            raise ValueError("its numbers are not little-endian")
        reader = Reader(stream)
        content, keys = reader.load(), Reader(stream).load()
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
        if not isinstance(key, str) or key not in storages:
            raise ValueError("it has a storage that no tensor belongs to")
        kind, length = storages[key]
        head = stream.read(8)
        if len(head) < 8 or int.from_bytes(head, "little", signed=True) != length:
            raise ValueError(f"its storage {key[:20]!r} is cut short, or of another length than it says")
        places[key] = stream.tell()
        if places[key] + length * _width(kind) > end:
            raise ValueError(f"its storage {key[:20]!r} is cut short")
        stream.seek(length * _width(kind), os.SEEK_CUR)
    return places


def _width(kind: str) -> int:
    if kind in KINDS:
        return 1 if kind == "Bool" else int(KINDS[kind][2:])
    return WIDTHS[kind]
