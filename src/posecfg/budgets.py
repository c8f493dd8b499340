"""Limits on what files of unknown origin may take in memory: their sizes are read from headers before their data."""

from __future__ import annotations

import io
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from posecfg import environment
from posecfg.errors import ConfigError, PosecfgError
from posecfg.text import size

if TYPE_CHECKING:
    import zipfile

LOADED = 2 << 30
"""Bytes of arrays that one file may hold, unless the environment says another number."""
TEXT = 4
"""Bytes in memory that each byte of a JSON text is counted as."""
RECORD = 64 << 20
"""Bytes of a JSON file of ours: a record, a header, a list of hashes."""
LISTING = 512 << 20
"""Bytes of a JSON file of ours that names all clips."""
_DIRECTORY = 1 << 20
_PIECE = 1 << 16
_MAGIC = b"\x93NUMPY"
# Stored and deflated, which NumPy and posecfg write; the others have no bound on what a few bytes become.
_METHODS = (0, 8)


def most() -> int:
    """Return the bytes of arrays that one file may hold."""
    typed = os.environ.get(environment.LOADED) or ""
    if not typed:
        return LOADED
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 6 or int(typed) == 0:
        raise ConfigError(
            f"Expected {environment.LOADED} in the environment to be a whole number of GiB from 1, but got '{typed}'."
        )
    return int(typed) << 30


def check(path: Path, needed: int) -> None:
    """Refuse a file whose content takes ``needed`` bytes of memory, if those are too many."""
    room = most()
    if needed > room:
        gib = -(-needed // (1 << 30))
        raise PosecfgError(
            f"'{path}' would take {size(needed)} of memory, more than the {size(room)} that one file may: if you trust "
            f"it, set {environment.LOADED}={gib} in the environment."
        )


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, which a link may lead to; a ValueError says that it is something else."""
    return os.fdopen(_regular(path), "rb")


def read(path: Path, limit: int = RECORD) -> bytes:
    """Return the content of a regular file; raise ``ValueError`` if it has more than ``limit`` bytes."""
    with open_regular(path) as stream:
        return read_open(stream, limit)


def read_open(stream: BinaryIO, limit: int = RECORD) -> bytes:
    """Return the content of a file as ``read`` does, once it is open."""
    text = stream.read(min(limit, os.fstat(stream.fileno()).st_size) + 1)
    if len(text) > limit:
        raise ValueError(f"it has more than {size(limit)}")
    return text


@contextmanager
def archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip whose list of members has a limit."""
    import zipfile

    with _Limited(path) as stream, zipfile.ZipFile(stream) as opened:
        stream.limit = None
        yield opened


def member(opened: zipfile.ZipFile, name: str, limit: int = RECORD) -> bytes:
    """Return a member of a zip; raise ``ValueError`` if it has more than ``limit`` bytes, whatever the zip says."""
    _check_method(opened.getinfo(name))
    data = bytearray()
    with opened.open(name) as stream:
        # In pieces, since zipfile unpacks as much as is asked for, and only then cuts it to the declared size.
        while len(data) <= limit and (piece := stream.read(_PIECE)):
            data += piece
    if len(data) > limit:
        raise ValueError(f"{name} in it has more than {size(limit)}")
    return bytes(data)


@contextmanager
def npz(path: Path) -> Iterator[Any]:
    """Open an npz with NumPy once its arrays are known to be within the limit and as large as its zip says."""
    import numpy as np

    with archive(path) as opened:
        check(path, sum(_declared(opened, info) for info in opened.infolist()))
    with open_regular(path) as stream, np.load(stream, allow_pickle=False) as arrays:
        yield arrays


def check_npy(path: Path) -> None:
    """Refuse an npy that holds more than the limit, or less than it declares; what is no array is left to NumPy."""
    with open_regular(path) as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            return
        stream.seek(0)
        data, header = _array(stream)
        there = os.fstat(stream.fileno()).st_size
    if data + header > there:
        raise ValueError(f"its header declares {size(data)}, but the file has {size(there)}")
    check(path, data)


def _declared(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """Return the bytes of memory that a member takes."""
    _check_method(info)
    if info.filename.endswith(".json"):
        return info.file_size
    if not info.filename.endswith(".npy"):
        raise ValueError(f"{info.filename[:80]!r} in it is no array")
    with opened.open(info) as stream:
        data, header = _array(stream)
    if data + header != info.file_size:
        raise ValueError(f"{info.filename} declares {size(data)}, but the zip has {size(info.file_size)} for it")
    return data


def _array(stream: IO[bytes]) -> tuple[int, int]:
    """Return the bytes of the array that ``stream`` begins with, and of its header."""

    class Counted(io.RawIOBase):
        count = 0

        def read(self, length: int = -1) -> bytes:
            data = stream.read(length)
            self.count += len(data)
            return data

    source = Counted()
    shape, dtype = header(source)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, or is no array at all")
    if any(length < 0 for length in shape):
        raise ValueError(f"an array of shape {shape}")
    return prod(shape) * dtype.itemsize, source.count


def header(source: Any) -> tuple[tuple[int, ...], Any]:
    """Return shape and type of the array that a stream begins with; a ValueError says what is wrong with its header."""
    from numpy.lib import format as form

    version = form.read_magic(source)
    readers = {(1, 0): form.read_array_header_1_0, (2, 0): form.read_array_header_2_0}
    # The third differs from the second in its encoding only, and is what names of fields need: no array of ours.
    if version not in readers:
        raise ValueError(f"an array of format {version[0]}.{version[1]}, which posecfg does not read")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape, _, dtype = readers[version](source)
    except (RecursionError, MemoryError, SyntaxError, TokenError) as error:
        raise ValueError("an array with a header that cannot be read") from error
    return shape, dtype


def _check_method(info: zipfile.ZipInfo) -> None:
    if info.compress_type not in _METHODS:
        raise ValueError(f"{info.filename[:80]} in it is compressed in another way than NumPy does")


def _regular(path: Path) -> int:
    """Open a regular file and return its descriptor: a pipe may never be written to, and a device may have no end."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError("it is no regular file")
    return descriptor


class _Limited(io.BufferedReader):
    """A file of which no more than ``limit`` bytes are read at a time, since a zip declares how long its list is."""

    def __init__(self, path: Path) -> None:
        self.limit: int | None = _DIRECTORY
        super().__init__(io.FileIO(_regular(path)))

    def read(self, length: int | None = -1, /) -> bytes:
        if self.limit is None:
            return super().read(length)
        whole = length is None or length < 0
        data = super().read(self.limit + 1 if whole or (length or 0) > self.limit else length)
        if len(data) > self.limit:
            raise ValueError("it lists too many members")
        return data
