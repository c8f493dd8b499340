"""Films whose pixels are not square, with a bright mark whose place in the square picture is known."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

MARK = (150, 60, 200, 90)
"""x0, y0, x1, y1 of the mark in px of the square picture, upright."""


def marked(size: tuple[int, int], aspect: Fraction, mark: tuple[int, int, int, int] = MARK) -> np.ndarray:
    """Return a picture (H, W, 3) stored in ``size`` (width, height); edges between stored px are shades of grey."""
    width, height = size
    edges = np.arange(width + 1) * float(aspect)
    across = np.clip(np.minimum(edges[1:], mark[2]) - np.maximum(edges[:-1], mark[0]), 0, None) / float(aspect)
    down = np.arange(height)
    inside = (down >= mark[1]) & (down < mark[3])
    grey = (40 + 180 * inside[:, None] * across[None]).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def encode(path: Path, images: list[np.ndarray], aspect: Fraction | None, **how) -> Path:
    """Encode pictures as they are stored, tagged with ``aspect`` in the codec; ``rotation`` turns them when shown."""
    codec, pixels, rotation = how.get("codec", "libx264"), how.get("pixels", "yuv444p"), how.get("rotation", 0)
    with av.open(str(path), "w", format=how.get("container")) as out:
        options = {"crf": "1", "preset": "ultrafast"} if codec == "libx264" else {}
        stream = out.add_stream(codec, rate=how.get("rate", 25), options=options)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = pixels
        if aspect is not None:
            stream.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def tagged(source: Path, path: Path, aspect: Fraction) -> Path:
    """Copy a film and tag the shape of its pixels in the container only."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        copy.codec_context.sample_aspect_ratio = aspect
        for packet in old.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                new.mux(packet)
    return path


def displayed(source: Path, path: Path, width: int) -> Path:
    """Copy a Matroska film, with a display width (below 256) in the place of "the unit of its display is unknown"."""
    data, unit = source.read_bytes(), b"\x54\xb2\x81\x04"
    assert data.count(unit) == 1
    path.write_bytes(data.replace(unit, b"\x54\xb0\x81" + bytes([width])))
    return path


def centre(image: np.ndarray, threshold: int = 130) -> tuple[float, float]:
    """Return the middle (x, y) of the bright mark in a picture (H, W) or (H, W, 3)."""
    grey = image.mean(axis=2) if image.ndim == 3 else image.astype(float)
    weight = np.clip(grey - threshold, 0, None)
    height, width = grey.shape
    total = weight.sum()
    return (
        float((weight.sum(axis=0) * (np.arange(width) + 0.5)).sum() / total),
        float((weight.sum(axis=1) * (np.arange(height) + 0.5)).sum() / total),
    )
