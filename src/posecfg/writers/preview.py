"""Write a few annotated frames of each clip, for a quick check of the poses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from posecfg.drawing.colors import BONES, JOINTS, color
from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.timing import stage
from posecfg.types import Extraction, Person, Sight
from posecfg.writers.names import Names
from posecfg.writers.people import people

if TYPE_CHECKING:
    from posecfg.pixels import Planes

# px; bones are 2 px wide then. The thinner ones of a film would be hard to see in a small still picture.
LEAST_RADIUS = 3.0
NOBODY = "no person was found"


class Preview:
    """Write ``count`` PNG pictures of a clip, with every person drawn on them.

    They are evenly spread over the rows in which somebody is seen. Where nobody is, they are spread over the clip, and
    say so. Of a clip that a policy drops there is one picture, of the frame for which it is dropped, with the reason.
    """

    suffix = ".png"

    def __init__(self, path: str = "{id}", count: int = 1, kpt_thr: float = 0.3) -> None:
        if count < 1:
            raise ConfigError(f"Expected count to be at least 1, but got {count}.")
        self._names = Names(path, "")
        self._count, self._kpt_thr = count, kpt_thr

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(shows_dropped=True)

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Accept poses of any kind."""

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's only picture, or of the folder of its pictures."""
        return self._names(clip_id) + (self.suffix if self._count == 1 else "/")

    def write(self, extraction: Extraction, files: Files) -> None:
        """Decode the clip again and draw the chosen rows."""
        if extraction.frames is None:
            raise ClipError("A preview needs the film, which is not available for stored poses.")
        rows = self._rows(extraction)
        wanted = {int(extraction.clock.indices[row]): row for row in rows}
        texts = () if any(people(extraction, row) for row in rows) else (NOBODY,)
        for frames in extraction.frames():
            hits = [(i, wanted.pop(int(index))) for i, index in enumerate(frames.indices) if int(index) in wanted]
            if hits:
                with stage("draw"):
                    pictures = frames.planes()
                for i, row in hits:
                    name = self._name(extraction.clip.id, row)
                    self._picture(pictures[i], people(extraction, row), texts, name, files)
            if not wanted:
                return

    def write_dropped(self, sight: Sight, files: Files) -> None:
        """Draw the people of the frame for which a clip is dropped, and write the reason on it."""
        poses = sight.poses
        shown = [Person(k, poses.skeleton, poses.xy[row], poses.scores[row]) for k, row in enumerate(sight.people)]
        brief = sight.reason.partition(":")[0]
        with stage("draw"):
            picture = sight.frames.planes()[sight.number]
        self._picture(picture, shown, (sight.reason, brief), self._name(sight.clip.id, sight.row), files)

    def _picture(self, picture: Planes, shown: Sequence[Person], texts: Sequence[str], name: str, files: Files) -> None:
        """Draw people and the first of ``texts`` for which there is room, and write the picture."""
        from posecfg.drawing.label import caption
        from posecfg.drawing.people import Artist
        from posecfg.drawing.png import encode
        from posecfg.video.planes import rgb

        joints, bones = [color(text) for text in JOINTS], [color(text) for text in BONES]
        with stage("draw"):
            Artist(joints, bones, None, None, self._kpt_thr, LEAST_RADIUS)(picture, shown)
            caption(picture, texts)
            image = rgb(picture)
        with files.open(name, {"kind": "png", "shape": list(image.shape)}) as stream:
            stream.write(encode(image))

    def _rows(self, extraction: Extraction) -> list[int]:
        """Return the middles of ``count`` equal parts of the rows that show most: people, else whatever there is."""
        import numpy as np

        valid = [track.valid for track in extraction.tracks]
        drawn = [track.valid & (track.scores >= self._kpt_thr).any(axis=1) for track in extraction.tracks]
        made = [track.made for track in extraction.tracks]
        every = np.ones(len(extraction.clock), bool)
        there = next(rows for rows in (_any(drawn), _any(valid), _any(made), every) if rows.any() or rows is every)
        known = np.flatnonzero(there)
        count = min(self._count, len(known))
        return [int(known[(2 * i + 1) * len(known) // (2 * count)]) for i in range(count)]

    def _name(self, clip_id: str, row: int) -> str:
        base = self._names(clip_id)
        return f"{base}{self.suffix}" if self._count == 1 else f"{base}/{row:06d}{self.suffix}"


def _any(marks: Sequence[Any]) -> Any:
    import numpy as np

    return np.any(marks, axis=0) if marks else np.zeros(0, bool)
