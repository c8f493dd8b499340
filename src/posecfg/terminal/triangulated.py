"""Say how far points in space are from what the cameras saw of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from posecfg.store import record_files
from posecfg.text import printable, two_digits

SHOWN = 20


def lines(root: Path) -> Iterator[str]:
    """Yield a line for each of the first clips of a folder: mean distance, by camera, and how many were left out."""
    for number, (name, _) in enumerate(record_files.walk(root)):
        if number == SHOWN:
            yield " reprojection  the records of other clips tell theirs, under notes"
            return
        record = record_files.read(root / ".posecfg" / "clips" / name)
        told = None if record is None else record.made.get("notes", {}).get("reprojection")
        if record is not None and isinstance(told, Mapping) and told.get("px") is not None:
            # A record that was edited tells what it likes.
            with suppress(LookupError, TypeError, ValueError, AttributeError):
                yield printable(f" reprojection  {record.id}: {_line(told)}")


def _line(told: Mapping[str, Any]) -> str:
    cameras = ", ".join(f"{name} {px:.1f}" for name, px in told["by_camera"].items() if px is not None)
    return (
        f"{told['px']:.2f} px ({cameras}), {two_digits(told['cameras_left_out'])} cameras left out, "
        f"{told['triangulated']:.1%} of keypoints in space"
    )
