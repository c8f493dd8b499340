"""Write recordings for the Rerun viewer: the film, and its people over the film's own times."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from types import ModuleType
from typing import Any

from posecfg import backends
from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Extraction, PoseTrack
from posecfg.writers.names import Names
from posecfg.writers.points import Points, idle

WANTED_BY = "writer=rerun"
TIMELINE, FRAMES = "time", "frame"
# What its viewer plays of what it holds.
PLAYED = (".mp4",)


class Rerun:
    """Write one recording a clip: ``film``, ``film/person_<id>`` in pixels, and ``space/person_<id>`` in space.

    Keypoints have their names and bones. The timelines are ``time``, the film's own, and ``frame``. Where a person is
    missing nothing is shown. With ``film``, an mp4 is put into the recording as it is; others are left out.
    """

    suffix = ".rrd"

    def __init__(
        self,
        path: str = "{id}",
        film: bool = True,
        keypoints: str | Sequence[str] | Sequence[int] | None = None,
        mask: bool = False,
        kpt_thr: float = 0.3,
    ) -> None:
        backends.check("rerun", WANTED_BY)
        if not isinstance(film, bool):
            raise ConfigError(f"Expected film to be true or false, but got {film!r}.")
        self._names, self._film = Names(path, self.suffix), film
        self._points = Points(keypoints, mask, kpt_thr)

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built: ids in its files are drawn anew each time."""
        return Facts(packages=("rerun",), ordered=True, timed=True, operational=idle(mask))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if poses lack the keypoints that are asked for."""
        self._points.target(skeleton)

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the recording of one clip, also of one in which no person was found."""
        clip = extraction.clip
        if clip.independent:
            raise ClipError("Expected a clip whose frames follow each other, but these pictures are unrelated.")
        rr = backends.require("rerun", WANTED_BY)
        target = self._points.target(extraction.skeleton)
        tracks = [self._points(track) for track in extraction.tracks]
        about = {
            "kind": "rerun",
            "shape": [len(tracks), len(extraction.clock), len(target)],
            "made": sum(int(track.made.sum()) for track in tracks),
        }
        recording = rr.RecordingStream("posecfg", recording_id=clip.id, send_properties=False)
        recording.set_log_time_enabled(False)
        recording.set_log_tick_enabled(False)
        held = recording.binary_stream()
        recording.log("/", _context(rr, target), static=True)
        if self._film and clip.scene is None and clip.path.suffix.lower() in PLAYED and clip.path.is_file():
            _film(rr, recording, extraction)
        for track in tracks:
            _person(rr, recording, extraction, track)
        with files.open(self._names(clip.id), about) as stream:
            stream.write(held.read(flush=True))


def _context(rr: ModuleType, skeleton: Skeleton) -> Any:
    names = [rr.AnnotationInfo(id=number, label=name) for number, name in enumerate(skeleton.keypoints)]
    person = rr.ClassDescription(
        info=rr.AnnotationInfo(id=0, label="person"),
        keypoint_annotations=names,
        keypoint_connections=list(skeleton.edges),
    )
    return rr.AnnotationContext([person])


def _times(rr: ModuleType, extraction: Extraction, rows: Any) -> list[Any]:
    clock = extraction.clock
    return [rr.TimeColumn(TIMELINE, duration=clock.times[rows]), rr.TimeColumn(FRAMES, sequence=clock.indices[rows])]


def _film(rr: ModuleType, recording: Any, extraction: Extraction) -> None:
    """Put the film in, and say which of its frames each row shows."""
    import numpy as np

    asset = rr.AssetVideo(path=extraction.clip.path)
    recording.log("film", asset, static=True)
    stamps, indices = np.asarray(asset.read_frame_timestamps_nanos()), extraction.clock.indices
    rows = np.flatnonzero(indices < len(stamps))
    if len(rows):
        shown = rr.VideoFrameReference.columns_nanos(stamps[indices[rows]])
        recording.send_columns("film", indexes=_times(rr, extraction, rows), columns=shown)


def _person(rr: ModuleType, recording: Any, extraction: Extraction, track: PoseTrack) -> None:
    """Put a person in: the known keypoints of each row, none in rows without the person."""
    import numpy as np

    places = [("film", rr.Points2D, track.xy)]
    if track.xyz is not None:
        places.append(("space", rr.Points3D, track.xyz))
    every = np.arange(len(track))
    for where, kind, points in places:
        known = np.isfinite(points).all(axis=2)
        keypoints = np.broadcast_to(np.arange(known.shape[1]), known.shape)[known]
        columns = kind.columns(positions=points[known], keypoint_ids=keypoints, class_ids=np.zeros(len(keypoints), int))
        parts = columns.partition(known.sum(axis=1))
        recording.send_columns(f"{where}/person_{track.id}", indexes=_times(rr, extraction, every), columns=parts)
