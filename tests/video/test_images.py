import pytest
from films import pictures

from posecfg.errors import ClipError


def test_pictures_come_in_natural_order(tmp_path, play):
    names = ["f1.png", "f2.jpg", "f3.JPEG", "f10.bmp", "f11.tiff"]
    pictures(tmp_path / "in", names)
    got = play(tmp_path / "in", batch=2)
    assert got.codes == [0, 1, 2, 3, 4]
    assert got.clock.times.tolist() == [i / 30 for i in range(5)]
    assert (got.clock.source, got.clock.fps, got.clock.declared) == ("synthetic", 30.0, 5)


def test_a_range_of_a_folder_goes_by_its_nominal_rate(tmp_path, play):
    pictures(tmp_path / "in", [f"{i}.png" for i in range(12)])
    assert play(tmp_path / "in", start=0.1, end=0.2).codes == [3, 4, 5]


def test_other_files_are_passed_over(tmp_path, play):
    pictures(tmp_path / "in", ["a.png"])
    (tmp_path / "in" / "notes.txt").write_text("hello")
    (tmp_path / "in" / "._a.png").write_text("resource fork")
    assert play(tmp_path / "in").codes == [0]


@pytest.mark.parametrize("name", ["one.png", "100%d.jpg", "a:b.png"])
def test_a_single_picture_is_a_clip_of_one_frame(tmp_path, play, name):
    pictures(tmp_path, [name])
    got = play(tmp_path / name)
    assert (got.codes, len(got.clock)) == ([0], 1)


def test_pictures_of_one_film_must_have_one_size(tmp_path, play):
    pictures(tmp_path / "in", ["a.png"])
    pictures(tmp_path / "in", ["b.png"], size=(120, 80))
    with pytest.raises(ClipError, match=r"96x64.*b\.png is 120x80"):
        play(tmp_path / "in")


def test_independent_pictures_may_differ_and_never_share_a_batch(tmp_path, play):
    pictures(tmp_path / "in", ["a.png", "b.png"])
    pictures(tmp_path / "in", ["c.png"], size=(120, 80))
    got = play(tmp_path / "in", clip={"independent": True}, batch=8)
    assert got.codes == [0, 1, 0]


def test_a_damaged_picture_costs_only_itself(tmp_path, play):
    pictures(tmp_path / "in", ["a.png", "b.png", "c.png"])
    (tmp_path / "in" / "b.png").write_bytes(b"no picture")
    got = play(tmp_path / "in")
    assert (got.codes, got.clock.indices.tolist()) == ([0, 2], [0, 2])
    assert (got.clock.status, got.clock.damaged, got.clock.decoded) == ("corrupt", 1, 2)


def test_a_folder_without_pictures_is_a_clip_error(tmp_path, play):
    with pytest.raises(ClipError, match="holds none"):
        play(tmp_path)


def test_a_folder_of_broken_pictures_is_a_clip_error(tmp_path, play):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(ClipError, match=r"a\.png"):
        play(tmp_path)


def test_a_real_photograph_can_be_read(media, play):
    got = play(media("rtmlib_demo.jpg"))
    assert len(got.clock) == 1
    assert min(got.clock.size) > 100
