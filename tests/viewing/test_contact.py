"""A page of a folder of results: which clips, in which order, and what is seen of each."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from films import read_code, write
from whole_runs import go

from posecfg.drawing.theme import CARD, LEFT, QUIET, RIGHT
from posecfg.layout import HOME
from posecfg.viewing import contact, results, still
from posecfg.viewing.results import Result, of_files, of_run, summary, worst

pytestmark = pytest.mark.deep

SIZE = (320, 240)
FEW = ("dataset=folder", "bbox_thr=0.3")
MANY = ("dataset=synthetic", "dataset.frames=10", "dataset.size=[64,48]", "dataset.clips=5")


@pytest.fixture
def films(tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    for name in ("a", "b"):
        write(folder / f"{name}.mp4", range(20), size=SIZE)
    return folder


def done(out, *words, **knobs):
    go(out, *words)
    return {one.id: one for one in of_run(out) or ()}


def seen(out, result, room=SIZE):
    return still.still(out, result, room, 0.3)


def is_drawn(picture):
    """Whether there is the colour of bones somewhere below the bar code."""
    red, green, blue = picture[70:].astype(int).transpose(2, 0, 1)
    return bool((np.minimum(green, blue) - red > 100).any())


def test_those_with_most_rows_without_anybody_come_first_and_others_last():
    clips = [Result(str(n), "done", "", 100, n % 7 * 10) for n in range(20)]
    clips += [Result("bad", "failed", "why"), Result("two", "skipped", "more than one person: 2")]
    found = worst(clips, 30)
    assert [one.missing for one in found[:20]] == sorted((one.missing for one in clips[:20]), reverse=True)
    assert [one.id for one in found[:3]] == ["13", "6", "12"]
    assert [one.id for one in found[20:]] == ["bad", "two"]
    assert Result("none", "done", "", 0, 0).share == 0


def test_a_page_is_bounded_and_keeps_room_for_those_without_results():
    clips = [Result(f"{n:04}", "done", "", 10, n % 10) for n in range(1000)]
    clips += [Result(f"s{n:04}", "skipped", "why") for n in range(500)]
    found = worst(clips)
    assert len(found) == results.MOST
    assert [one.status for one in found].count("skipped") == 12
    assert all(one.missing == 9 for one in found if one.status == "done")
    assert len(worst(clips[1000:])) == results.MOST
    assert summary(clips, len(found)) == (
        "1,500 clips",
        "1,000 done",
        "500 skipped",
        "45.0% of 10,000 rows without anybody",
        "the 48 worst",
    )


def test_records_say_how_each_clip_ended(tmp_path):
    words = (*MANY, "detector.miss=0.3", "detector.crash='raise:0001'")
    found = done(tmp_path, *words)
    assert len(found) == 5
    assert (found["synthetic_0001"].status, found["synthetic_0001"].rows) == ("failed", 0)
    assert "injected fault" in found["synthetic_0001"].reason
    others = [one for one in found.values() if one.status == "done"]
    assert all(one.rows == 10 for one in others)
    assert any(one.missing for one in others)
    for file in (tmp_path / HOME).glob("ledger*"):
        file.unlink()
    assert {one.id: one for one in of_run(tmp_path)} == {k: v for k, v in found.items() if v.status == "done"}


def test_a_folder_without_records_is_read_from_its_native_files(tmp_path):
    go(tmp_path / "out", *MANY, "writer=[npz]", "detector.miss=0.3")
    own = {one.id: (one.rows, one.missing) for one in of_run(tmp_path / "out")}
    shutil.rmtree(tmp_path / "out" / HOME)
    assert of_run(tmp_path / "out") is None
    (tmp_path / "out" / "foreign.npz").write_bytes(b"of another program")
    bare = of_files(tmp_path / "out")
    assert {one.id: (one.rows, one.missing) for one in bare} == own
    one = seen(tmp_path / "out", bare[0])
    assert one.picture is None
    assert len(one.people) == 1
    assert one.note == "no record names its film"


@pytest.mark.parametrize("writer", ["npz", "npy"])
def test_the_film_is_shown_at_the_row_with_its_pose(films, tmp_path, writer):
    found = done(tmp_path / "out", *FEW, f"dataset.path={films}", f"writer=[{writer}]")
    one = seen(tmp_path / "out", found["a"])
    assert (one.row, one.note) == (10, "")
    assert one.picture.shape == (240, 320, 3)
    assert read_code(one.picture) == 10
    assert is_drawn(one.picture)
    assert seen(tmp_path / "out", found["b"], (100, 500)).picture.shape == (74, 100, 3)


def test_rows_of_other_frames_are_those_frames(films, tmp_path):
    words = (*FEW, f"dataset.path={films}", "sampler=stride", "sampler.every=3", "video.start=0.2")
    found = done(tmp_path / "out", *words, "writer=[npz]")
    one = seen(tmp_path / "out", found["a"])
    assert read_code(one.picture) == 6 + 3 * one.row
    found = done(tmp_path / "plain", *words, "writer=[npy]")
    one = seen(tmp_path / "plain", found["a"])
    assert one.picture is None
    assert len(one.people) == 1
    assert one.note == "which frames its rows are is only in an npz: add writer=npz"


def test_a_preview_needs_no_film(films, tmp_path):
    words = (*FEW, f"dataset.path={films}", "writer=[npy,preview]", "writer.preview.count=3")
    found = done(tmp_path / "out", *words)
    shutil.rmtree(films)
    one = seen(tmp_path / "out", found["a"])
    assert read_code(one.picture) == 10
    assert is_drawn(one.picture)


@pytest.mark.parametrize(
    ("channels", "more"),
    [
        ("[x,y,score]", ()),
        ("[x,y]", ("writer.npy.normalise=true",)),
        ("[score,y,x]", ("writer.npy.missing=zero",)),
        ("[x,y,score]", ("detector.people=2", "persons=all")),
    ],
)
def test_arrays_of_any_kind_of_pixels_are_drawn_in_the_same_place(films, tmp_path, channels, more):
    base = (*FEW, f"dataset.path={films}", *(word for word in more if not word.startswith("writer")))
    plain = done(tmp_path / "npz", *base, "writer=[npz]")
    own = [word for word in more if word.startswith("writer")]
    arrays = done(tmp_path / "npy", *base, "writer=[npy]", f"writer.npy.channels={channels}", *own)
    one, other = seen(tmp_path / "npz", plain["a"]), seen(tmp_path / "npy", arrays["a"])
    assert len(one.people) == len(other.people) == (2 if "persons=all" in more else 1)
    assert read_code(other.picture) == read_code(one.picture)
    assert (np.abs(one.picture.astype(int) - other.picture).max(axis=2) > 40).mean() < 0.002


def test_what_is_lacking_is_told(films, tmp_path):
    found = done(tmp_path / "out", *FEW, f"dataset.path={films}", "writer=[csv]")
    assert seen(tmp_path / "out", found["a"]).note.startswith("no poses with pixels are here: add writer=npz; writer=")
    found = done(tmp_path / "two", *FEW, f"dataset.path={films}", "writer=[npz]")
    write(films / "a.mp4", range(25), size=SIZE)
    assert "is another film by now: writer=preview" in seen(tmp_path / "two", found["a"]).note
    (films / "b.mp4").unlink()
    one = seen(tmp_path / "two", found["b"])
    assert one.note.startswith(f"its film is not at '{films / 'b.mp4'}': writer=preview")
    assert len(one.people) == 1


def test_damaged_and_hostile_files_are_sentences_in_their_cells(films, tmp_path):
    found = done(tmp_path / "out", *FEW, f"dataset.path={films}", "writer=[npz]")
    (tmp_path / "out" / "a.npz").write_bytes(b"no zip")
    assert "is damaged or not an npz" in seen(tmp_path / "out", found["a"]).note
    record = tmp_path / "out" / HOME / "clips" / "b.json"
    data = json.loads(record.read_text())
    for path in ("", "b.mp4", "http://host/b.mp4", "/nowhere/b.mp4", "/dev/zero"):
        data["input"]["path"] = path
        record.write_text(json.dumps(data))
        one = seen(tmp_path / "out", found["b"])
        assert one.picture is None
        assert one.note
    data["writers"]["npz"]["files"][0] |= {"name": "p.png", "about": {"kind": "png"}}
    record.write_text(json.dumps(data))
    for content in (b"", b"\x89PNG\r\n\x1a\n" + bytes(8) + b"\xff" * 8 + bytes(20), b"\x89PNG\r\n\x1a\n" + bytes(30)):
        (tmp_path / "out" / "p.png").write_bytes(content)
        assert seen(tmp_path / "out", found["b"]).picture is None
    record.write_text("{}")
    assert seen(tmp_path / "out", found["b"]).note == "its record is missing"


def page(clips, stills, sizes=()):
    grid = contact.Grid.of(len(clips), sizes)
    return grid, contact.draw("title", ("some facts",), clips, grid, stills.__getitem__, 0.3)


@pytest.mark.parametrize("number", [1, 2, 3, 7, 48])
@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (100, 100), (10_000, 10)])
def test_every_cell_is_on_the_page_whatever_the_number_and_the_shape(number, size):
    clips = [Result(f"clip {n}", "done", "", 10, 1) for n in range(number)]
    grid, picture = page(clips, {one: still.Still(note="why not") for one in clips}, [size] * number)
    assert picture.shape[1] == contact.WIDTH
    assert grid.across * grid.down >= number > grid.across * (grid.down - 1)
    assert (picture[-1] == 255).all()
    assert picture.shape[0] < 4 * contact.WIDTH


def test_a_cell_has_its_picture_or_the_people_and_a_note():
    green = np.zeros((100, 100, 3), np.uint8) + np.array([0, 200, 0], np.uint8)
    clip = Result("clip", "done", "", 10, 1)
    _, drawn = page([clip], {clip: still.Still(green)})
    assert ((drawn == [0, 200, 0]).all(axis=2)).sum() == 100 * 100
    _, empty = page([clip], {clip: still.Still(note="the film is not there")})
    top = empty[100:700]
    assert ((top == CARD).all(axis=2)).mean() > 0.7
    assert ((top == QUIET).all(axis=2)).sum() > 20


def test_people_without_a_film_are_drawn_in_the_colours_of_their_sides(films, tmp_path):
    found = done(tmp_path / "out", *FEW, f"dataset.path={films}", "writer=[npz]")
    shutil.rmtree(films)
    one = seen(tmp_path / "out", found["a"])
    _, drawn = page([found["a"]], {found["a"]: one})
    for color in (LEFT, RIGHT):
        assert ((drawn[100:700] == color).all(axis=2)).sum() > 20


@pytest.mark.parametrize("text", ["a" * 500, "ein sehr langer name " * 40, "\x1b[31m\n", "日本語" * 50, ""])
def test_names_and_reasons_of_any_length_stay_in_their_cells(text):
    clips = [Result(text, "skipped", text), Result("b", "failed", text)]
    _, drawn = page(clips, {one: still.Still() for one in clips})
    gap = drawn[100:, contact.WIDTH // 2 - 4 : contact.WIDTH // 2 + 4]
    assert (gap == 255).all()
