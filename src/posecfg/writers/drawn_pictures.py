"""The pictures of a clip with people drawn on them, in a folder, where a film is not wanted."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from posecfg.errors import ClipError
from posecfg.protocols import Files
from posecfg.timing import stage

if TYPE_CHECKING:
    from posecfg.pixels import Planes

SUFFIX = ".png"


class DrawnPictures:
    """Writes ``<folder>/frame_000000.png`` and so on for the frames that it gets, in order."""

    def __init__(self, folder: str, files: Files, kind: str) -> None:
        self._folder, self._files, self._about = folder, files, {"kind": kind}
        self._number = 0

    def begin(self, tick: Fraction) -> None:
        """Do nothing: pictures have no times."""

    def add(self, picture: Planes, index: int, time: float) -> None:
        """Write a picture, and take ownership of it."""
        from posecfg.drawing.png import encode
        from posecfg.video.planes import release, rgb

        with stage("encode"):
            data = encode(rgb(picture))
            release(picture)
        with stage("write"), self._files.open(f"{self._folder}/frame_{self._number:06d}{SUFFIX}", self._about) as file:
            file.write(data)
        self._number += 1

    def end(self) -> None:
        """Refuse a clip without frames."""
        if not self._number:
            raise ClipError("Expected at least one frame to draw people on, but there was none.")
