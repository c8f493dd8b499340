"""Write a few annotated frames of each clip, for a quick check of the poses."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from posecfg.drawing.colors import BONES, JOINTS, color
from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.timing import stage
from posecfg.types import Extraction
from posecfg.writers.names import Names
from posecfg.writers.people import people

# px; bones are 2 px wide then. The thinner ones of a film would be hard to see in a small still picture.
LEAST_RADIUS = 3.0


class Preview:
    """Write ``count`` PNG pictures of a clip, evenly spread over its rows, with every person drawn on them."""

    suffix = ".png"

    def __init__(self, path: str = "{id}", count: int = 1, kpt_thr: float = 0.3) -> None:
        if count < 1:
            raise ConfigError(f"Expected count to be at least 1, but got {count}.")
        self._names = Names(path, "")
        self._count, self._kpt_thr = count, kpt_thr

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts()

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Accept poses of any kind."""

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's only picture, or of the folder of its pictures."""
        return self._names(clip_id) + (self.suffix if self._count == 1 else "/")

    def write(self, extraction: Extraction, files: Files) -> None:
        """Decode the clip again and draw the chosen rows."""
        from posecfg.drawing.people import Artist
        from posecfg.drawing.png import encode
        from posecfg.video.planes import rgb

        if extraction.frames is None:
            raise ClipError("A preview needs the film, which is not available for stored poses.")
        joints, bones = [color(text) for text in JOINTS], [color(text) for text in BONES]
        artist = Artist(joints, bones, None, None, self._kpt_thr, LEAST_RADIUS)
        rows = self._rows(len(extraction.clock))
        names = {row: self._name(extraction.clip.id, row) for row in rows}
        wanted = {int(extraction.clock.indices[row]): row for row in rows}
        for frames in extraction.frames():
            hits = [(i, wanted.pop(int(index))) for i, index in enumerate(frames.indices) if int(index) in wanted]
            if hits:
                with stage("draw"):
                    pictures = frames.planes()
                for i, row in hits:
                    with stage("draw"):
                        artist(pictures[i], people(extraction, row))
                        image = rgb(pictures[i])
                    with files.open(names[row], {"kind": "png", "shape": list(image.shape)}) as stream:
                        stream.write(encode(image))
            if not wanted:
                return

    def _rows(self, total: int) -> list[int]:
        """Return the middles of ``count`` equal parts of the clip."""
        count = min(self._count, total)
        return [(2 * i + 1) * total // (2 * count) for i in range(count)]

    def _name(self, clip_id: str, row: int) -> str:
        base = self._names(clip_id)
        return f"{base}{self.suffix}" if self._count == 1 else f"{base}/{row:06d}{self.suffix}"
