"""Say how far points in space are from what the cameras saw of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from posecfg.text import printable, two_digits

SHOWN = 20


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each of the first clips: mean distance, by camera, and how many cameras were left out.

    ``told`` is by clip what ``detector=triangulated`` notes.
    """
    for number, (clip_id, errors) in enumerate(told.items()):
        if number == SHOWN:
            yield " reprojection  the records of other clips tell theirs, under notes"
            return
        # A record that was edited tells what it likes.
        with suppress(LookupError, TypeError, ValueError, AttributeError):
            yield printable(f" reprojection  {clip_id}: {_line(errors)}")


def _line(told: Mapping[str, Any]) -> str:
    cameras = ", ".join(f"{name} {px:.1f}" for name, px in told["by_camera"].items() if px is not None)
    return (
        f"{told['px']:.2f} px ({cameras}), {two_digits(told['cameras_left_out'])} cameras left out, "
        f"{told['triangulated']:.1%} of keypoints in space"
    )
