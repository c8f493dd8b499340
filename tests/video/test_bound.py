"""Pictures of more pixels than were allowed are refused, by a sentence that tells their size."""

from fractions import Fraction

import av
import numpy as np
import pytest
from films import pictures, write

from posecfg.errors import ClipError, Unreadable
from posecfg.types import Clip
from posecfg.video.images import Images
from posecfg.video.probe import probe

SMALL, LARGE = (96, 64), (480, 320)
BOUND = 100 * 100


def refused(act, said):
    with pytest.raises(ClipError, match=said) as caught:
        act()
    assert not isinstance(caught.value, Unreadable)
    assert f"{BOUND:,} pixels" in str(caught.value)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.flv", "a.avi", "a.webm", "a.gif"])
def test_a_film_is_refused_on_opening(tmp_path, play, name):
    how = {"avi": {"codec": "mpeg4"}, "webm": {"codec": "libvpx"}, "gif": {"codec": "gif", "pixels": "rgb8"}}
    path = write(tmp_path / name, range(8), size=LARGE, **how.get(name[2:], {}))
    refused(lambda: play(path, max_pixels=BOUND), r"480x320: type video\.max_pixels=153600")
    refused(lambda: probe(Clip(id="film", path=path), BOUND), "480x320")
    assert play(path, max_pixels=153600).clock.size == LARGE
    assert play(path, max_pixels=None).clock.size == LARGE


def test_nothing_is_decoded_of_it(tmp_path, play, monkeypatch):
    from posecfg.video.reading import Reading

    monkeypatch.setattr(Reading, "_decode", lambda *rest: pytest.fail("a packet was decoded"))
    path = write(tmp_path / "a.mp4", range(3), size=LARGE)
    refused(lambda: play(path, max_pixels=BOUND), "480x320")


@pytest.mark.parametrize(("codec", "said"), [("libx264", "1600x1200"), ("mpeg2video", "changes to larger ones")])
def test_a_film_that_grows_is_refused_where_it_does(tmp_path, play, codec, said):
    parts = [write(tmp_path / f"{size[0]}.ts", range(6), size=size, codec=codec) for size in (SMALL, (1600, 1200))]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    refused(lambda: play(path, max_pixels=BOUND), said)
    assert len(play(path, max_pixels=None).clock) > 6
    assert len(play(parts[0], max_pixels=BOUND).clock) == 6


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "tiff"])
def test_a_picture_is_refused_by_its_header(tmp_path, play, monkeypatch, kind):
    pictures(tmp_path / "in", [f"a.{kind}"])
    pictures(tmp_path / "in", [f"b.{kind}"], size=LARGE)
    refused(lambda: play(tmp_path / "in", clip={"independent": True}, max_pixels=BOUND), rf"b\.{kind} are 480x320")
    monkeypatch.setattr("posecfg.video.images._first", lambda *rest: pytest.fail("a picture was decoded"))
    refused(lambda: play(tmp_path / "in" / f"b.{kind}", max_pixels=BOUND), "480x320")


def test_damage_that_hides_a_size_is_no_large_picture(film, play):
    assert play(film("corrupt.mp4"), max_pixels=BOUND).clock.status == "corrupt"


def test_batches_hold_fewer_frames_where_these_are_large(film, play, monkeypatch):
    whole = play(film("cfr.mp4"), batch=4)
    one = 96 * 64 * 3 // 2
    for budget, longest in ((one - 1, 1), (2 * one, 2), (4 * one, 4), (100 * one, 4)):
        monkeypatch.setattr("posecfg.video.video.BATCH_BYTES", budget)
        lengths = [len(batch) for batch in whole.video]
        assert max(lengths) == longest
        assert play(film("cfr.mp4"), batch=4).codes == whole.codes


def test_a_batch_tells_its_bytes(film, play):
    assert next(iter(play(film("cfr.mp4"), batch=2).video)).nbytes == 2 * 96 * 64 * 3 // 2


def encoded(codec, pixels):
    """Return one black picture of 320x240 as a file of its own."""
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt, context.time_base = 320, 240, pixels, Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(np.zeros((240, 320, 3), np.uint8), "rgb24").reformat(format=pixels)
    frame.pts, frame.time_base = 0, context.time_base
    return b"".join(bytes(packet) for packet in (*context.encode(frame), *context.encode(None)))


@pytest.mark.parametrize("codec", ["pcx", "sgi", "qoi"])
def test_a_picture_of_another_format_under_a_pictures_name_is_refused(tmp_path, codec):
    path = tmp_path / "big.png"
    path.write_bytes(encoded(codec, "rgb24"))
    refused(lambda: Images(path, max_pixels=BOUND), "320x240")
    assert Images(path, max_pixels=320 * 240).info.size == (320, 240)


@pytest.mark.parametrize("harm", ["ffc0000b080010001001011100", "0001"], ids=["two sizes", "stray bytes"])
def test_a_jpeg_whose_header_hides_its_size_is_refused(tmp_path, harm):
    data, path = encoded("mjpeg", "yuvj420p"), tmp_path / "big.jpg"
    where = data.index(b"\xff\xdb")
    path.write_bytes(data[:where] + bytes.fromhex(harm) + data[where:])
    with pytest.raises(ClipError):
        Images(path, max_pixels=BOUND)


@pytest.mark.parametrize("bound", [2_147_480_000, 2**31, 2**63, 10**20])
def test_a_bound_beyond_what_a_decoder_takes_bounds_nothing(film, play, bound):
    assert play(film("cfr.mp4"), max_pixels=bound).codes == play(film("cfr.mp4")).codes
