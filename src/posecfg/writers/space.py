"""Points in space that a writer can use: metres, x to the right of the image, y down, z away from the camera."""

from __future__ import annotations

from collections.abc import Collection

from posecfg.errors import ClipError, ConfigError
from posecfg.types import PoseTrack

UNIT, AXES = "metres", "y down"


def refuse_flat(given: Collection[str] | None) -> None:
    """Raise ``ConfigError`` if poses that have ``given`` beside pixels have no points in space; None is unknown."""
    if given is not None and "xyz" not in given:
        raise ConfigError(
            "Expected poses with points in space, but detector and lifter give none: type lifter=videopose3d, or "
            "detector=blazepose; rtmw3d has them with detector.pose.intrinsics, and `posecfg triangulate` from several "
            "cameras."
        )


def spatial(tracks: Collection[PoseTrack]) -> list[PoseTrack]:
    """Return the tracks of people who were found; raise ``ClipError`` if one has no points in space, or other axes."""
    there = [track for track in tracks if (track.valid | track.made).any()]
    for track in there:
        if track.xyz is None:
            raise ClipError("Expected poses with points in space, but those of this clip have none.")
        said = track.meaning.xyz or "nothing"
        if not said.startswith(UNIT) or AXES not in said:
            raise ClipError(
                "Expected points in metres, x to the right, y down and z away from the camera, but their model says of "
                f"them: {said}."
            )
    return there
