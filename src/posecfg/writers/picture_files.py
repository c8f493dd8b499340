"""Encode frames as pictures in several threads, each into a file of its own; only a few are held at a time."""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from posecfg.errors import ConfigError
from posecfg.pixels import Frames
from posecfg.protocols import Files
from posecfg.writers.choice import expect

if TYPE_CHECKING:
    from posecfg.arrays import U8

FORMATS = ("jpg", "png")


@dataclass(frozen=True)
class PictureFormat:
    """The format of pictures: jpg of a ``quality`` from 1 to 100, with colour at half size as films have it, or png.

    ``threads`` encode at the same time; 0 is one for each core of the machine.
    """

    name: str = "jpg"
    quality: int = 93
    threads: int = 2

    def __post_init__(self) -> None:
        expect("format", self.name, FORMATS)
        if isinstance(self.quality, bool) or not isinstance(self.quality, int) or not 1 <= self.quality <= 100:
            raise ConfigError(f"Expected quality to be a whole number from 1 to 100, but got {self.quality!r}.")
        if isinstance(self.threads, bool) or not isinstance(self.threads, int) or self.threads < 0:
            raise ConfigError(
                f"Expected threads to be 1 or more, or 0 for all of the machine's, but got {self.threads}."
            )

    def write(self, frames: Frames, number: int, stream: BinaryIO) -> None:
        """Write one of ``frames``."""
        if self.name == "png":
            import numpy as np

            from posecfg.drawing.png import encode

            stream.write(encode(np.ascontiguousarray(frames.one(number))))
        else:
            self.write_planes(frames.jpeg(number), stream)

    def write_planes(self, planes: tuple[U8, U8, U8], stream: BinaryIO) -> None:
        """Write a JPEG of brightness (H, W) and both colours at half size, in full range."""
        import numpy as np
        import simplejpeg

        # Unlike other encoders in Python, this one lets other threads work meanwhile.
        data = simplejpeg.encode_jpeg_yuv_planes(*map(np.ascontiguousarray, planes), quality=self.quality)
        if stream.write(data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class PictureFiles:
    """Writes pictures into ``files``, each with the facts ``about``; names must be new.

    ``end`` waits for all; after an error, ``abandon``. All is called in one thread at a time.
    """

    def __init__(self, files: Files, kind: PictureFormat, about: Mapping[str, Any]) -> None:
        self._files, self._kind, self._about = files, kind, about
        threads = kind.threads or os.cpu_count() or 1
        self._most = threads + 1
        self._pool = ThreadPoolExecutor(threads, "posecfg-pictures")
        self._waiting: deque[tuple[Future[None], ExitStack]] = deque()

    def add(self, name: str, frames: Frames, number: int) -> None:
        """Write frame ``number`` of ``frames`` as ``name``; wait where too many are being encoded."""
        while len(self._waiting) >= self._most:
            self._finish()
        block = ExitStack()
        stream = block.enter_context(self._files.open(name, self._about))
        self._waiting.append((self._pool.submit(self._write, frames, number, stream), block))

    def end(self) -> None:
        """Wait for the remaining pictures; no more may be added."""
        while self._waiting:
            self._finish()
        self._pool.shutdown()

    def abandon(self) -> None:
        """Drop the pictures that are not finished."""
        self._pool.shutdown(cancel_futures=True)
        while self._waiting:
            with suppress(_AbandonedError), self._waiting.popleft()[1]:
                raise _AbandonedError

    def _finish(self) -> None:
        """Close the file of the first picture once it is written; its errors are those of the file."""
        future, block = self._waiting.popleft()
        with block:
            future.result()

    def _write(self, frames: Frames, number: int, stream: BinaryIO) -> None:
        self._kind.write(frames, number, stream)


class _AbandonedError(Exception):
    """Ends the block of a file that is not wanted any more."""
