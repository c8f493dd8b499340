"""Synthetic films with sound: silence, then a tone from a known moment on."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from films import SIZE, picture

RATE = 44100


def write(
    path: Path,
    frames: int = 90,
    *,
    onset: float = 1.0,
    fps: int = 30,
    codec: str = "aac",
    offset: Fraction | int = 0,
    seconds: float | None = None,
    size: tuple[int, int] = SIZE,
    rotation: int = 0,
) -> Path:
    """Write a film whose tone sets in ``onset`` seconds behind its first frame, which is shown at ``offset``."""
    with av.open(str(path), "w") as out:
        video: Any = out.add_stream("libx264", rate=fps)
        video.width, video.height = size if rotation % 180 == 0 else size[::-1]
        video.pix_fmt, video.thread_count, video.gop_size = "yuv420p", 1, 15
        if rotation:
            video.set_display_rotation(rotation)
        sound: Any = out.add_stream(codec, rate=RATE)
        sound.layout = "mono"
        if sound.format.name.startswith("u8"):
            sound.format = "s16"
        wave = _wave(onset, frames / fps if seconds is None else seconds)
        block = sound.codec_context.frame_size or 1024
        done = 0

        def play(until: float) -> None:
            nonlocal done
            while done < len(wave) and done < until * RATE:
                part = wave[done : done + block]
                frame = av.AudioFrame.from_ndarray(_as(part, sound.format.name), sound.format.name, "mono")
                frame.sample_rate, frame.pts, frame.time_base = RATE, done + round(offset * RATE), Fraction(1, RATE)
                out.mux(sound.encode(frame))
                done += len(part)

        for number in range(frames):
            image = np.ascontiguousarray(np.rot90(picture(number, size), -(rotation // 90) % 4))
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts, frame.time_base = number + round(offset * fps), Fraction(1, fps)
            out.mux(video.encode(frame))
            play((number + 1) / fps)
        play(np.inf)
        out.mux(video.encode(None))
        out.mux(sound.encode(None))
    return path


def onset(path: Path) -> float:
    """Return when the tone sets in, in seconds behind the first frame of the film."""
    with av.open(str(path)) as film:
        video, sound = film.streams.video[0], film.streams.audio[0]
        first = min(p.pts * p.time_base for p in film.demux(video) if p.pts is not None and not p.is_discard)
        film.seek(0)
        for frame in film.decode(sound):
            loud = np.flatnonzero(np.abs(frame.to_ndarray().astype(np.float64).ravel()) > _loud(frame.format.name))
            if len(loud):
                channels = 1 if frame.format.is_planar else len(frame.layout.channels)
                return float(frame.pts * frame.time_base - first) + int(loud[0]) // channels / frame.sample_rate
    raise AssertionError("no tone")


def _loud(sample: str) -> float:
    return 0.2 * (32768 if sample.startswith("s16") else 1)


def _wave(onset: float, seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.where(time >= onset, 0.6 * np.sin(2 * np.pi * 700 * time), 0)


def _as(wave: np.ndarray, sample: str) -> np.ndarray:
    if sample.startswith("s16"):
        return (wave * 32767).astype(np.int16)[None]
    return wave.astype(np.float32)[None]
