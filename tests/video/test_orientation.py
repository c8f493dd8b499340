"""Turned and mirrored pictures come upright, as players show them."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from av.sidedata.sidedata import Type

from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.crop import crop
from posecfg.video.frames import FrameBatch
from posecfg.video.orientation import exif_orientation
from posecfg.video.planes import planes, rgb
from posecfg.video.reel import Shot, turned
from posecfg.video.video import Video

WIDE, HIGH = 96, 64
EXIF = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.swapaxes(0, 1),
    6: lambda image: image[::-1].swapaxes(0, 1),
    7: lambda image: image[::-1, ::-1].swapaxes(0, 1),
    8: lambda image: image[:, ::-1].swapaxes(0, 1),
}


def image():
    """Return a picture whose corners differ."""
    across, down = np.meshgrid(np.linspace(0, 255, WIDE), np.linspace(0, 255, HIGH))
    return np.stack([across, down, 255 - across], axis=-1).astype(np.uint8)


def film(path, **how):
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"qp": "1"})
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv420p"
        stream.set_display_rotation(**how)
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(image(), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def shown(path):
    """Place each stored pixel where the display matrix says; return the picture (H, W, 3)."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        told = frame.side_data.get(Type.DISPLAYMATRIX)
        matrix = struct.unpack("<9i", bytes(told)) if told else (1, 0, 0, 0, 1, 0, 0, 0, 1)
    stored = frame.to_ndarray(format="rgb24")
    rows, columns = np.indices(stored.shape[:2])
    x = np.sign(matrix[0]) * columns + np.sign(matrix[3]) * rows
    y = np.sign(matrix[1]) * columns + np.sign(matrix[4]) * rows
    out = np.empty((np.ptp(y) + 1, np.ptp(x) + 1, 3), np.uint8)
    out[y - y.min(), x - x.min()] = stored
    return out


def close(one, other):
    return one.shape == other.shape and np.abs(one.astype(int) - other).max() < 8


@pytest.mark.parametrize("flip", [{}, {"hflip": True}, {"vflip": True}, {"hflip": True, "vflip": True}], ids=str)
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_film_is_shown_as_its_display_matrix_says(tmp_path, degrees, flip):
    path = film(tmp_path / "f.mp4", degrees=degrees, **flip)
    video = Video(Clip("f", path), All())
    for batch in video:
        pixels = batch.rgb()[0]
        high, wide = pixels.shape[:2]
        assert close(pixels, shown(path))
        assert close(rgb(batch.planes()[0]), shown(path))
        part = batch.crop(np.array([[10, 20, 40, 60]]), 30, 40)[0]
        assert close(part, shown(path)[20:60, 10:40])
        bright = pixels @ (0.299, 0.587, 0.114)
        assert np.corrcoef(batch.luma()[0].ravel(), bright.ravel())[0, 1] > 0.999
    assert video.clock().size == (wide, high)
    assert video.notes.get("mirrored", False) == (len(flip) == 1)


@pytest.mark.parametrize(
    ("degrees", "turned_by", "ignored"),
    [(45, 0, 45), (60, 90, 59), (-30, 0, 331), (200, 180, 200), (90, 90, None), (91, 90, None), (359, 0, None)],
)
def test_an_angle_that_is_no_quarter_turn_is_told(tmp_path, degrees, turned_by, ignored):
    video = Video(Clip("f", film(tmp_path / "f.mp4", degrees=degrees)), All())
    assert len(list(video)) == 3
    assert (video.clock().rotation, video.notes) == (turned_by, {} if ignored is None else {"ignored_angle": ignored})


# Numbers of the header of a track before its matrix: version and flags, times and number, and what is reserved.
BEFORE = 4 + 20 + 8 + 8


def with_matrix(path, a, b, c, d):
    """Write another matrix into the header of a film's track."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + BEFORE
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    return path


ONE = 1 << 16


@pytest.mark.parametrize("matrix", [(0, 0, 0, 0), (ONE, 0, 0, 0), (ONE, ONE // 2, ONE // 2, ONE)])
def test_a_matrix_that_turns_no_picture_is_ignored_and_told(tmp_path, matrix):
    video = Video(Clip("f", with_matrix(film(tmp_path / "f.mp4", degrees=90), *matrix)), All())
    assert close(next(iter(video)).rgb()[0], image())
    assert (video.clock().rotation, video.notes) == (0, {"ignored_matrix": True})


@pytest.mark.parametrize(("matrix", "turned_by"), [((2 * ONE, 0, 0, 2 * ONE), 0), ((0, ONE // 2, -ONE // 2, 0), 270)])
def test_a_matrix_that_also_scales_turns_all_the_same(tmp_path, matrix, turned_by):
    video = Video(Clip("f", with_matrix(film(tmp_path / "f.mp4", degrees=90), *matrix)), All())
    assert len(list(video)) == 3
    assert (video.clock().rotation, video.notes) == (turned_by, {})


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_box_that_leaves_the_picture_is_cut_out_of_the_upright_one(rotation, mirrored):
    shot = Shot(0, 0, av.VideoFrame.from_ndarray(image(), "rgb24"), rotation, mirrored)
    size = turned((WIDE, HIGH), rotation)
    whole = FrameBatch([shot], Fraction(1), size).rgb()[0]
    assert close(rgb(planes(shot, size)), whole)
    part = crop(shot, size, np.array((-10, 5, 30, 45)), 40, 40)
    assert not part[:, :10].any()
    assert close(part[:, 10:], whole[5:45, :30])


def photograph(orientation):
    """Return a JPEG whose EXIF tells an orientation."""
    data = io.BytesIO()
    with av.open(data, "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuvj444p"
        stream.codec_context.qmin = stream.codec_context.qmax = 1
        out.mux(stream.encode(av.VideoFrame.from_ndarray(image(), "rgb24")))
        out.mux(stream.encode(None))
    tiff = b"MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + bytes(4)
    exif = b"Exif\0\0" + tiff
    return data.getvalue()[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data.getvalue()[2:]


@pytest.mark.parametrize("orientation", EXIF)
def test_a_photograph_is_shown_as_its_exif_says(tmp_path, orientation):
    path = tmp_path / "p.jpg"
    path.write_bytes(photograph(orientation))
    assert exif_orientation(path.read_bytes()) == orientation
    (batch,) = Video(Clip("p", path), All())
    assert np.abs(batch.rgb()[0].astype(int) - EXIF[orientation](image())).mean() < 6


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0II*\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\1\3\0\1",
        b"eXIfMM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHH", 0x0112, 4, 1, 6, 0),
    ],
)
def test_exif_that_is_cut_or_odd_tells_nothing(head):
    assert exif_orientation(head) == 1
