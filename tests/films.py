"""Tiny synthetic films of every awkward kind; each frame carries its number as a bar code in its pixels."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

BITS = 12
SIZE = (96, 64)


def picture(number: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """Return frame ``number`` (H, W, 3): a bar code in the top quarter, a moving bright bar on a ramp below."""
    width, height = size
    image = np.empty((height, width, 3), np.uint8)
    image[:] = np.linspace(40, 160, width).astype(np.uint8)[None, :, None]
    bar = number * 3 % width
    image[height // 2 :, bar : bar + 6] = 220
    edges = np.linspace(0, width, BITS + 1).round().astype(int)
    for bit in range(BITS):
        image[: height // 4, edges[bit] : edges[bit + 1]] = 235 if number >> bit & 1 else 20
    return image


def read_code(image: NDArray[np.uint8]) -> int:
    """Read the frame number back from an upright RGB or luma image of any size."""
    grey = image.mean(axis=2) if image.ndim == 3 else image
    height, width = grey.shape
    row = grey[height // 16 : max(height * 3 // 16, height // 16 + 1)].mean(axis=0)
    return sum(int(row[int((bit + 0.5) * width / BITS)] > 128) << bit for bit in range(BITS))


class _Pipe:
    """A sink that cannot seek, as a live recorder writes."""

    def __init__(self) -> None:
        self.data = io.BytesIO()

    def write(self, data: bytes) -> int:
        return self.data.write(data)


def write(
    path: Path,
    numbers: Iterable[int] = range(90),
    *,
    fps: Fraction | int = 30,
    times: Sequence[Fraction] | None = None,
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    gop: int = 15,
    bframes: int = 2,
    rotation: int = 0,
    offset: Fraction | int = 0,
    container: str | None = None,
    live: bool = False,
    tick: Fraction | None = None,
    options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
    aspect: Fraction | None = None,
) -> Path:
    """Encode ``numbers``; frame i is shown at ``times[i]`` or ``offset + i / fps``; ``size`` is the upright one.

    ``aspect`` tags pixels as so many times as wide as high, in the codec.
    """
    numbers = list(numbers)
    sink: Any = _Pipe() if live else str(path)
    with av.open(sink, "w", format=container, options=options or {}) as out:
        stream: Any = out.add_stream(codec, rate=fps, options=codec_options or {})
        width, height = size if rotation % 180 == 0 else size[::-1]
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.thread_count = 1
        stream.gop_size = gop
        if codec.startswith(("libx264", "mpeg4")):
            stream.max_b_frames = bframes
        base = tick or Fraction(1, 1) / Fraction(fps)
        stream.time_base = stream.codec_context.time_base = base
        if aspect:
            stream.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        for i, number in enumerate(numbers):
            image = np.rot90(picture(number, size), -(rotation // 90) % 4)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
            shown = times[i] if times is not None else offset + i / Fraction(fps)
            frame.pts, frame.time_base = int(shown / base), base
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    if live:
        path.write_bytes(sink.data.getvalue())
    return path


def remux(source: Path, path: Path, start: Fraction | int = 0, container: str | None = None) -> Path:
    """Copy packets without decoding; what is shown begins at ``start`` (an edit list, when that is not a key frame)."""
    with av.open(str(source)) as old, av.open(str(path), "w", format=container) as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        shift = int(start / stream.time_base)
        old.seek(shift, stream=stream)
        for packet in old.demux(stream):
            if packet.dts is None:
                continue
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = copy
            new.mux(packet)
    return path


def sound(path: Path, container: str | None = None) -> Path:
    """Write an audio-only file."""
    with av.open(str(path), "w", format=container) as out:
        stream: Any = out.add_stream("aac", rate=8000, layout="mono")
        for i in range(8):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts = 8000, 1024 * i
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def shorten(source: Path, path: Path, keep: float) -> Path:
    """Keep only the first part of the bytes."""
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


def damage(source: Path, path: Path, where: float = 0.45, count: int = 300) -> Path:
    """Overwrite ``count`` bytes at a fraction of the file."""
    data = bytearray(source.read_bytes())
    at = int(len(data) * where)
    noise = np.random.default_rng(5).integers(0, 256, count, dtype=np.uint8).tobytes()
    data[at : at + count] = noise
    path.write_bytes(data)
    return path


def vfr_times() -> list[Fraction]:
    """Return the times of 90 frames: thirty at 30 fps, thirty at 10 fps, thirty at 60 fps."""
    times = [Fraction(0)]
    for step in [Fraction(1, 30)] * 29 + [Fraction(1, 10)] * 30 + [Fraction(1, 60)] * 30:
        times.append(times[-1] + step)
    return times


def _long(folder: Path, name: str, **how: Any) -> Path:
    return write(folder / f"whole_{name}", range(300), **how)


def _plain(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


_FRONT = {"movflags": "faststart"}
_FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}

KINDS: dict[str, Callable[[Path], Path]] = {
    "cfr.mp4": lambda d: write(d / "cfr.mp4"),
    "cfr.mkv": lambda d: write(d / "cfr.mkv"),
    "cfr.ts": lambda d: write(d / "cfr.ts"),
    "vp9.webm": lambda d: write(d / "vp9.webm", codec="libvpx-vp9"),
    "vp8.webm": lambda d: write(
        d / "vp8.webm", codec="libvpx", codec_options={"auto-alt-ref": "1", "lag-in-frames": "16"}
    ),
    "mpeg4.avi": lambda d: write(d / "mpeg4.avi", codec="mpeg4"),
    "h264.avi": lambda d: write(d / "h264.avi"),
    "opengop.mp4": lambda d: write(d / "opengop.mp4", codec_options={"x264-params": "open-gop=1:bframes=3:b-adapt=0"}),
    "fragments.mp4": lambda d: write(d / "fragments.mp4", options=_FRAGMENTS),
    "vfr.mp4": lambda d: write(d / "vfr.mp4", times=vfr_times(), tick=Fraction(1, 60)),
    "editlist.mp4": lambda d: remux(write(d / "uncut.mp4"), d / "editlist.mp4", Fraction(11, 10)),
    "offset.mkv": lambda d: write(d / "offset.mkv", offset=Fraction(5, 2)),
    "live.webm": lambda d: write(d / "live.webm", codec="libvpx-vp9", live=True, container="webm"),
    "live.mkv": lambda d: write(d / "live.mkv", live=True, container="matroska"),
    "raw.h264": lambda d: write(d / "raw.h264", container="h264"),
    "one.mp4": lambda d: write(d / "one.mp4", [7]),
    "odd.mp4": lambda d: write(d / "odd.mp4", range(5), size=(97, 65), pixels="yuv444p"),
    "tenbit.mp4": lambda d: write(d / "tenbit.mp4", range(5), pixels="yuv420p10le"),
    **{
        f"turned{angle}.mp4": lambda d, angle=angle: write(
            d / f"turned{angle}.mp4", range(5), rotation=angle, size=(96, 128)
        )
        for angle in (90, 180, 270)
    },
    "truncated.mp4": lambda d: shorten(_long(d, "t.mp4", options=_FRONT), d / "truncated.mp4", 0.6),
    "truncated.mkv": lambda d: shorten(_long(d, "t.mkv"), d / "truncated.mkv", 0.6),
    "noindex.mp4": lambda d: shorten(_long(d, "n.mp4"), d / "noindex.mp4", 0.6),
    "corrupt.mp4": lambda d: damage(_long(d, "c.mp4", options=_FRONT), d / "corrupt.mp4"),
    "sound.m4a": lambda d: sound(d / "sound.m4a"),
    "empty.mp4": lambda d: _plain(d / "empty.mp4", b""),
    "text.mp4": lambda d: _plain(d / "text.mp4", b"these are words, not a film\n" * 20),
    "words.txt": lambda d: _plain(d / "words.txt", b"these are words, not a film\n" * 40),
}


def make(name: str, folder: Path) -> Path:
    """Write the film called ``name`` in ``KINDS``."""
    return KINDS[name](folder)


def pictures(folder: Path, names: Sequence[str], size: tuple[int, int] = SIZE) -> Path:
    """Write a folder of pictures; the i-th name carries number i."""
    folder.mkdir(parents=True, exist_ok=True)
    codecs = {".png": ("png", "rgb24"), ".bmp": ("bmp", "bgr24"), ".tiff": ("tiff", "rgb24")}
    for number, name in enumerate(names):
        codec, pixels = codecs.get(Path(name).suffix.lower(), ("mjpeg", "yuvj444p"))
        frame = av.VideoFrame.from_ndarray(picture(number, size), "rgb24").reformat(format=pixels)
        encoder: Any = av.CodecContext.create(codec, "w")
        encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = *size, pixels, Fraction(1, 30)
        frame.pts = 0
        data = b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
        (folder / name).write_bytes(data)
    return folder
