"""Runs of films whose pixels are not square, and folders that an earlier version left of them."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from fractions import Fraction

import av
import films
import numpy as np
import pytest
from squeezed import centre, encode, marked
from whole_runs import go, job_of, published, sidecar_of

import posecfg
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.video import opening

ALL = "writer=[npz,json,csv,openpose,overlay,preview]"
FEW = "writer=[npz,json]"


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Return a folder with a film of 240 x 240 stored px that are 4:3, and one of square px."""
    folder = tmp_path_factory.mktemp("films")
    encode(folder / "wide.mp4", [marked((240, 240), Fraction(4, 3))] * 3, Fraction(4, 3))
    encode(folder / "plain.mp4", [marked((320, 240), Fraction(1))] * 3, None)
    return folder


@pytest.fixture
def words(pair):
    return "dataset=folder", f"dataset.path={pair}"


@pytest.fixture
def opened(monkeypatch):
    """Note the films that are opened."""
    seen = []
    plain = opening.Film

    def film(path, *rest):
        seen.append(path.name)
        return plain(path, *rest)

    monkeypatch.setattr(opening, "Film", film)
    return seen


def forget(out):
    """Leave a folder as a version did that knew no shape of pixels: neither records nor the ledger tell."""
    for path in (out / ".posecfg" / "clips").glob("*.json"):
        record = json.loads(path.read_text())
        del record["facts"]["pixel_aspect"], record["clock"]["pixel_aspect"]
        path.write_text(json.dumps(record))
    (out / ".posecfg" / "ledger.db").unlink()


def test_every_file_is_of_the_square_picture(words, tmp_path):
    assert go(tmp_path, *words, ALL).exit_code == 0
    meta = json.loads((tmp_path / "wide.json").read_text())["meta"]
    assert (meta["width"], meta["height"], meta["pixel_aspect"]) == (320, 240, [4, 3])
    record = sidecar_of(tmp_path, "wide")
    assert (record["clock"]["size"], record["clock"]["pixel_aspect"]) == ([320, 240], [4, 3])
    clock = posecfg.load(tmp_path / "wide.npz").clock
    assert (clock.size, clock.pixel_aspect) == ((320, 240), (4, 3))
    assert record["writers"]["overlay"]["files"][0]["about"]["size"] == [320, 240]
    assert record["writers"]["preview"]["files"][0]["about"]["shape"] == [240, 320, 3]
    with av.open(str(tmp_path / "wide.mp4")) as film:
        frame = next(film.decode(video=0))
        assert film.streams.video[0].sample_aspect_ratio == 1
        assert (frame.width, frame.height) == (320, 240)
    assert verify([str(tmp_path)])["problems"] == []


def test_poses_are_those_of_the_square_twin(pair, tmp_path):
    """A detector that is told nothing but the size of the picture gives the same numbers for both."""
    found = []
    for name in ("wide", "plain"):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(pair / f"{name}.mp4", folder / "film.mp4")
        found.append(posecfg.extract(folder / "film.mp4", detector="synthetic"))
    assert [one.clock.pixel_aspect for one in found] == [(4, 3), (1, 1)]
    np.testing.assert_array_equal(found[0].tracks[0].xy, found[1].tracks[0].xy)


def test_square_films_have_the_files_that_they_always_had(words, tmp_path):
    go(tmp_path, *words, FEW)
    assert json.loads((tmp_path / "plain.json").read_text())["meta"].keys() == {
        *("fps", "width", "height", "frame_count")
    }
    with np.load(tmp_path / "plain.npz") as archive:
        header = json.loads(archive["header.json"])
    assert "pixel_aspect" not in header
    assert "pixel_aspect" not in header["clock"]


def test_memory_and_a_folder_agree(pair, words, tmp_path):
    go(tmp_path, *words, FEW)
    found = posecfg.extract(pair / "wide.mp4", detector="synthetic")
    assert (found.clock.size, found.clock.pixel_aspect) == ((320, 240), (4, 3))
    stored = posecfg.load(tmp_path / "wide.npz")
    np.testing.assert_array_equal(found.tracks[0].xy, stored.tracks[0].xy)


def test_an_overlay_of_odd_width_and_one_turned_are_square(tmp_path):
    (tmp_path / "films").mkdir()
    for name, rotation in (("odd", 0), ("turned", 90)):
        images = [marked((298, 200), Fraction(12, 11))] * 2
        encode(tmp_path / "films" / f"{name}.mp4", images, Fraction(12, 11), rotation=rotation)
    words = "dataset=folder", f"dataset.path={tmp_path / 'films'}"
    assert go(tmp_path / "out", *words, "writer=[overlay,json]").exit_code == 0
    for name, json_size, size in (("odd", [325, 200], (326, 200)), ("turned", [200, 325], (200, 326))):
        meta = json.loads((tmp_path / "out" / f"{name}.json").read_text())["meta"]
        assert [meta["width"], meta["height"]] == json_size
        with av.open(str(tmp_path / "out" / f"{name}.mp4")) as film:
            frame = next(film.decode(video=0))
            assert (frame.width, frame.height, frame.rotation) == (*size, 0)
            assert film.streams.video[0].sample_aspect_ratio == 1


def test_a_preview_shows_the_mark_in_its_place(words, tmp_path):
    go(tmp_path, *words, "writer=[preview]", "detector.people=0", "writer.preview.count=1")
    with av.open(io.BytesIO((tmp_path / "wide.png").read_bytes())) as picture:
        image = next(picture.decode(video=0)).to_ndarray(format="rgb24")
    image[:30] = 0  # where it says that no person was found
    assert centre(image) == pytest.approx((175, 75), abs=1)


def test_a_ratio_that_cannot_be_right_is_one_warning(tmp_path):
    (tmp_path / "films").mkdir()
    encode(tmp_path / "films" / "odd.mp4", [marked((64, 64), Fraction(1))] * 3, Fraction(40))
    go(tmp_path / "out", "dataset=folder", f"dataset.path={tmp_path / 'films'}", FEW)
    record = sidecar_of(tmp_path / "out", "odd")
    assert record["warnings"] == ["its pixels are said to be 40:1, which cannot be right: they are read as square"]
    assert (record["clock"]["size"], record["clock"]["pixel_aspect"]) == ([64, 64], [1, 1])


def test_a_new_folder_is_resumed_without_opening_a_film(words, tmp_path, opened):
    go(tmp_path, *words, FEW)
    opened.clear()
    assert go(tmp_path, *words, FEW).todo == {}
    (tmp_path / ".posecfg" / "ledger.db").unlink()
    assert go(tmp_path, *words, FEW).todo == {}
    assert opened == []


def test_of_an_earlier_folder_only_what_is_not_square_is_made_again(words, tmp_path, opened):
    go(tmp_path, *words, FEW)
    right = published(tmp_path)
    forget(tmp_path)
    before = sidecar_of(tmp_path, "plain")
    opened.clear()
    report = go(tmp_path, *words, FEW)
    assert report.why == {"made of pixels that are not square": 1}
    assert report.todo == {"wide": ("npz", "json")}
    assert opened.count("plain.mp4") == 1
    assert published(tmp_path) == right
    assert sidecar_of(tmp_path, "plain") == before
    assert sidecar_of(tmp_path, "wide")["facts"]["pixel_aspect"] == [4, 3]
    opened.clear()
    assert go(tmp_path, *words, FEW).todo == {}
    assert opened == [], "the ledger remembers it"


def test_a_writer_that_is_added_does_not_use_poses_of_stored_pixels(words, tmp_path):
    go(tmp_path, *words, FEW)
    forget(tmp_path)
    report = go(tmp_path, *words, "writer=[npz,json,csv]")
    assert report.todo == {"plain": ("csv",), "wide": ("npz", "json", "csv")}


def test_a_film_of_many_clips_is_looked_at_once(pair, tmp_path, opened):
    table = tmp_path / "table.csv"
    lines = [f"plain\tplain-{i}\t{i / 25}\t{(i + 1) / 25}" for i in range(3)]
    head = "VIDEO_NAME\tSENTENCE_NAME\tSTART_REALIGNED\tEND_REALIGNED"
    table.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    words = "dataset=manifest", f"dataset.path={table}", f"dataset.videos={pair}"
    go(tmp_path / "out", *words, FEW)
    forget(tmp_path / "out")
    opened.clear()
    assert go(tmp_path / "out", *words, FEW).todo == {}
    assert opened == ["plain.mp4"]


def test_a_film_that_cannot_be_looked_at_stays_as_it_is(pair, tmp_path):
    shutil.copytree(pair, tmp_path / "films")
    words = "dataset=folder", f"dataset.path={tmp_path / 'films'}"
    go(tmp_path / "out", *words, FEW)
    forget(tmp_path / "out")
    (tmp_path / "films" / "wide.mp4").write_bytes(b"")
    assert go(tmp_path / "out", *words, FEW).why == {"input has changed": 1}


def test_a_plan_opens_films_of_an_earlier_folder_only_when_asked(words, tmp_path, opened):
    go(tmp_path, *words, FEW)
    forget(tmp_path)
    opened.clear()
    found = plan(job_of(tmp_path, *words, FEW))
    assert (found["to_do"], opened) == (0, [])
    assert found["notes"] == [
        "2 clips were made before the shape of pixels was recorded: the next run opens their films once, and makes "
        "those again whose pixels are not square"
    ]
    assert plan(job_of(tmp_path, *words, FEW), probe=True)["why"] == {"made of pixels that are not square": 1}


def test_verify_tells_of_an_earlier_folder_until_a_run_looked(words, tmp_path):
    go(tmp_path, *words, FEW)
    forget(tmp_path)
    found = verify([str(tmp_path)])
    told = [note for note in found["notes"] if "shape of pixels" in note]
    assert len(told) == 1
    assert told[0].startswith("2 clips made before the shape of pixels was recorded ('plain' first)")
    go(tmp_path, *words, FEW)
    assert not [note for note in verify([str(tmp_path)])["notes"] if "shape of pixels" in note]


def test_what_is_computed_and_pictures_are_not_asked(tmp_path, opened):
    films.pictures(tmp_path / "films" / "stills", ["1.png", "2.png"])
    for words in (("dataset=synthetic", "dataset.frames=2", "dataset.clips=1"), ()):
        words = words or ("dataset=folder", f"dataset.path={tmp_path / 'films'}", "dataset.images=true")
        out = tmp_path / words[0]
        go(out, *words, FEW)
        forget(out)
        assert go(out, *words, FEW).todo == {}
        with closing(sqlite3.connect(out / ".posecfg" / "ledger.db")) as db:
            assert "pixel_aspect" not in str(db.execute("SELECT facts FROM clips").fetchall())
    assert opened == []


def test_stored_poses_of_stored_pixels_are_refused(words, tmp_path):
    go(tmp_path / "source", *words, FEW)
    path = tmp_path / "source" / "wide.npz"
    with np.load(path) as archive:
        members = {name: archive[name] for name in archive.files}
    header = json.loads(members.pop("header.json"))
    del header["pixel_aspect"]
    header["clock"]["size"] = [240, 240]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", json.dumps(header))
        for name, array in members.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array)
    assert posecfg.load(path).clock.pixel_aspect == (1, 1)
    report = go(tmp_path / "out", *words, FEW, "detector=stored", f"detector.path={tmp_path / 'source'}")
    assert report.done == 1
    assert "frames of 240x240, but those of 'wide' are 320x240: make it again" in report.failed["wide"]


def test_stored_poses_of_square_pixels_are_replayed(words, tmp_path):
    go(tmp_path / "source", *words, FEW)
    go(tmp_path / "out", *words, FEW, "detector=stored", f"detector.path={tmp_path / 'source'}")
    for name in ("wide", "plain"):
        np.testing.assert_array_equal(
            posecfg.load(tmp_path / "source" / f"{name}.npz").tracks[0].xy,
            posecfg.load(tmp_path / "out" / f"{name}.npz").tracks[0].xy,
        )
