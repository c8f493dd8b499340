"""Pictures that move are films; others stay pictures."""

import pytest
from films import pictures, write

from posecfg.errors import ClipError
from posecfg.video.animated import is_animated

APNG = {"codec": "apng", "pixels": "rgb24", "container": "apng", "fps": 10}
WEBP = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x5f\0\0\x3f\0\0ANIM\x06\0\0\0\0\0\0\0\0\0"


@pytest.mark.parametrize("name", ["a.png", "a.PNG", "a.apng"])
def test_an_animated_png_is_a_film_with_its_own_times(tmp_path, play, name):
    got = play(write(tmp_path / name, range(6), **APNG))
    assert got.codes == list(range(6))
    assert got.clock.times.tolist() == pytest.approx([i / 10 for i in range(6)])
    assert (got.clock.source, got.clock.codec) == ("pts", "apng")
    assert play(tmp_path / name, start=0.2, end=0.4).clock.indices.tolist() == [2, 3]


def test_a_gif_is_a_film_by_any_name(tmp_path, play):
    for name in ("a.gif", "b.png"):
        path = write(tmp_path / name, range(6), codec="gif", pixels="rgb8", fps=10, container="gif")
        assert play(path).clock.times.tolist() == pytest.approx([i / 10 for i in range(6)])


def test_an_ordinary_png_is_a_picture(tmp_path, play):
    pictures(tmp_path, ["a.png"])
    assert not is_animated(tmp_path / "a.png")
    assert play(tmp_path / "a.png").clock.source == "synthetic"


def test_an_animated_png_of_one_frame_is_a_picture(tmp_path):
    assert not is_animated(write(tmp_path / "a.png", [3], **APNG))


def test_an_animated_webp_is_not_taken_for_a_picture(tmp_path, play):
    (tmp_path / "a.webp").write_bytes(WEBP)
    assert is_animated(tmp_path / "a.webp")
    with pytest.raises(ClipError, match=r"a\.webp to be .* cannot play animated WebP: make a GIF or an MP4"):
        play(tmp_path / "a.webp")


@pytest.mark.parametrize("flags", [0x10, 0x00])
def test_a_webp_that_does_not_move_is_a_picture(tmp_path, flags):
    (tmp_path / "a.webp").write_bytes(WEBP[:20] + bytes([flags]) + WEBP[21:])
    assert not is_animated(tmp_path / "a.webp")


def test_a_folder_of_pictures_takes_no_film_for_one_of_them(tmp_path, play):
    pictures(tmp_path / "in", ["a.png"])
    write(tmp_path / "in" / "b.png", range(6), **APNG)
    with pytest.raises(ClipError, match=r"b\.png is animated: move it elsewhere"):
        play(tmp_path / "in")


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\0\0\0\0acTL", b"RIFF1234WEBP"])
def test_half_a_header_is_no_animation(tmp_path, data):
    (tmp_path / "a.png").write_bytes(data)
    assert not is_animated(tmp_path / "a.png")


def test_a_file_that_is_gone_is_no_animation(tmp_path):
    assert not is_animated(tmp_path / "gone.png")
