"""Films that were played, and the pictures that writers make of them."""

from __future__ import annotations

import dataclasses
import io

import av
from samples import extraction

from posecfg.samplers.every import All
from posecfg.video.video import Video

ROWS = 6


def extracted(clip, *tracks):
    """Return what a run holds of a clip once it was played."""
    video = Video(clip, All(), batch=4)
    for _ in video:
        pass
    whole = extraction(*tracks, clip_id=clip.id)
    return dataclasses.replace(whole, clip=clip, clock=video.clock(), frames=lambda: iter(Video(clip, All(), batch=4)))


def image(data):
    """Return the pixels (H, W, 3) of a picture file."""
    with av.open(io.BytesIO(data)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24").astype(int)


def plain(clip):
    """Return the frames of a clip as a detector gets them."""
    return [one.astype(int) for frames in Video(clip, All()) for one in frames.rgb()]
