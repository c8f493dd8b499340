"""What comes out of a clip: people over its rows, and everything that writers get."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from posecfg.shapes import same
from posecfg.types.clip import Clip, Clock
from posecfg.types.detections import Detections
from posecfg.types.people import Meaning
from posecfg.types.shown import line, markup
from posecfg.types.track import PoseTrack

if TYPE_CHECKING:
    from posecfg.arrays import F32
    from posecfg.pixels import Frames
    from posecfg.skeletons.skeleton import Skeleton
    from posecfg.timing import Laps


@dataclass(frozen=True, eq=False)
class Extraction:
    """The result for one clip, which writers get.

    ``notes`` holds counts and reasons (JSON values), ``timings`` what each thread did, ``about`` the provenance (JSON
    values). ``frames()`` decodes again, one batch at a time, the same frames that the rows stand for. ``seconds`` (T,)
    float32 is what each row took from pixels to poses, NaN in rows that no detector looked at, None if unknown.
    ``several`` means that the policy can keep more than one person. ``detections`` is everybody that the detector saw,
    None where no writer asks for it.
    """

    clip: Clip
    clock: Clock
    skeleton: Skeleton
    meaning: Meaning
    tracks: tuple[PoseTrack, ...]
    notes: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, Laps] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    frames: Callable[[], Iterator[Frames]] | None = None
    seconds: F32 | None = None
    several: bool = False
    detections: Detections | None = None

    __eq__ = same

    def __repr__(self) -> str:
        """Return one line: arrays of a whole film are no text."""
        return line(self.clip, self.clock, self.skeleton, self.meaning, self.tracks)

    def _repr_html_(self) -> str:
        return markup(repr(self), self.clock, self.tracks)
