"""Open the source of a clip: scene, folder of pictures, picture or film."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from posecfg.types import Clip
from posecfg.video.computed import Computed
from posecfg.video.container import Threads
from posecfg.video.film import Film
from posecfg.video.images import SUFFIXES, Images
from posecfg.video.reel import Reel

if TYPE_CHECKING:
    from av.codec.hwaccel import HWAccel


def open_reel(clip: Clip, threads: Threads = "auto", accel: HWAccel | None = None) -> Reel:
    """Open the scene, folder of pictures, picture or film of ``clip`` as a source of frames."""
    if clip.scene is not None:
        return Computed(clip.scene)
    path = Path(clip.path)
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return Images(path, clip.independent)
    return Film(path, threads, accel)
