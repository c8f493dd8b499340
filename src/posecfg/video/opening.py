"""Open the source of a clip: scene, folder of pictures, picture or film."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av

from posecfg.errors import Unreadable
from posecfg.types import Clip
from posecfg.video.animated import is_animated
from posecfg.video.bound import MAX_PIXELS
from posecfg.video.computed import Computed
from posecfg.video.container import Threads
from posecfg.video.faults import translated
from posecfg.video.film import Film
from posecfg.video.images import SUFFIXES, Images
from posecfg.video.reel import Reel

if TYPE_CHECKING:
    from av.codec.hwaccel import HWAccel


def open_reel(
    clip: Clip, threads: Threads = "auto", accel: HWAccel | None = None, max_pixels: int | None = MAX_PIXELS
) -> Reel:
    """Open the scene, folder of pictures, picture or film of ``clip`` as a source of frames.

    A picture of more than ``max_pixels`` is an error; None is no bound.
    """
    if clip.scene is not None:
        return Computed(clip.scene)
    path = Path(clip.path)
    with translated(path):
        if path.is_dir() or (path.suffix.lower() in SUFFIXES and not is_animated(path)):
            return Images(path, clip.independent, max_pixels, clip.pictures)
        try:
            return Film(path, threads, accel, max_pixels)
        except Unreadable as error:
            if path.suffix.lower() == ".webp" and path.is_file():
                raise Unreadable(
                    f"Expected {path} to be a film or a picture, but the FFmpeg of PyAV {av.__version__} cannot play "
                    "animated WebP: make a GIF or an MP4 of it."
                ) from error
            raise
