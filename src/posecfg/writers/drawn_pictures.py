"""The pictures of a clip with people drawn on them, in a folder, where a film is not wanted."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from posecfg.errors import ClipError
from posecfg.protocols import Files
from posecfg.timing import stage
from posecfg.writers.picture_files import PictureFormat

if TYPE_CHECKING:
    from posecfg.pixels import Planes

_KIND = PictureFormat("jpg", threads=1)
SUFFIX = f".{_KIND.name}"


class DrawnPictures:
    """Writes ``<folder>/frame_000000.jpg`` and so on, each called after the row that its frame fills first."""

    def __init__(self, folder: str, files: Files, kind: str) -> None:
        self._folder, self._files, self._about = folder, files, {"kind": kind}
        self._is_empty = True

    def begin(self, tick: Fraction) -> None:
        """Do nothing: pictures have no times."""

    def add(self, picture: Planes, index: int, time: float, row: int = 0) -> None:
        """Write a picture, and take ownership of it."""
        from posecfg.video.planes import jpeg, release

        name = f"{self._folder}/frame_{row:06d}{SUFFIX}"
        with stage("encode"), self._files.open(name, self._about) as file:
            _KIND.write_planes(jpeg(picture), file)
        release(picture)
        self._is_empty = False

    def end(self) -> None:
        """Refuse a clip without frames."""
        if self._is_empty:
            raise ClipError("Expected at least one frame to draw people on, but there was none.")
