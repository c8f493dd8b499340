"""Pictures of clips that a policy drops: they show why, and belong to the clip as any other file."""

import json

import av
import pytest
from films import write
from samples import poses
from whole_runs import go, published, sidecar_of

from posecfg.errors import Dropped
from posecfg.persons.only import Only
from posecfg.review.verify import verify
from posecfg.store import record_files

pytestmark = pytest.mark.deep

BIG = ("dataset=synthetic", "dataset.frames=3", "dataset.size=[640,480]", "dataset.clips=2", "dataset.people=2")
TWO = (*BIG, "detector.people=2", "persons=only", "writer=[npy,preview]")


def pictures(out):
    return sorted(name for name in published(out) if name.endswith(".png"))


def pixels(path):
    with av.open(str(path)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24").astype(int)


def test_a_dropped_clip_has_a_picture_with_both_people_and_the_reason(tmp_path):
    report = go(tmp_path, *TWO)
    assert (report.exit_code, report.done, len(report.skipped)) == (0, 0, 2)
    assert pictures(tmp_path) == sorted(published(tmp_path)) == ["synthetic_0000.png", "synthetic_0001.png"]
    assert (report.files.number, report.files.kinds[".png"]) == (2, 2)
    # Both persons' colours are there, and light letters where the scene is dark.
    seen = go(tmp_path / "all", *BIG, "detector.people=2", "persons=all", "writer=[preview]")
    assert seen.done == 2
    drawn, whole = pixels(tmp_path / "synthetic_0000.png"), pixels(tmp_path / "all" / "synthetic_0000.png")
    for color in ((0, 255, 0), (255, 106, 0)):
        near = [(abs(image - color).max(axis=2) < 60).sum() for image in (drawn, whole)]
        assert near[1] > 20
        assert near[0] > 0.5 * near[1]
    corner = slice(8, 24), slice(14, 200)
    assert whole[corner].max() < 100
    assert drawn[corner].max() > 200


def test_the_record_says_why_and_what_each_writer_did(tmp_path):
    go(tmp_path, *TWO)
    record = sidecar_of(tmp_path, "synthetic_0000")
    assert record["status"] == "skipped"
    assert record["reason"].startswith("more than one person: 2 above bbox_thr=0.3 in frame 0")
    assert record["writers"]["npy"]["refused"] == record["reason"]
    assert [file["name"] for file in record["writers"]["preview"]["files"]] == ["synthetic_0000.png"]
    assert verify([str(tmp_path)])["problems"] == []


def test_a_second_run_makes_nothing_and_a_lost_picture_is_made_again(tmp_path):
    go(tmp_path, *TWO)
    before = published(tmp_path)
    report = go(tmp_path, *TWO)
    assert (report.todo, len(report.skipped)) == ({}, 2)
    (tmp_path / "synthetic_0001.png").unlink()
    report = go(tmp_path, *TWO)
    assert list(report.why) == ["output is missing or changed"]
    assert published(tmp_path) == before


def test_the_picture_goes_where_the_clip_is_kept_and_one_of_it_takes_its_place(tmp_path):
    go(tmp_path, *TWO)
    shown = published(tmp_path)
    report = go(tmp_path, *TWO, "bbox_thr=0.7", "overwrite=true")
    assert report.done == 2
    assert sorted(published(tmp_path)) == [f"synthetic_000{n}.{kind}" for n in (0, 1) for kind in ("npy", "png")]
    assert published(tmp_path)["synthetic_0000.png"] != shown["synthetic_0000.png"]
    report = go(tmp_path, *TWO, "overwrite=true")
    assert len(report.skipped) == 2
    assert published(tmp_path) == shown
    assert sidecar_of(tmp_path, "synthetic_0000")["status"] == "skipped"


def test_a_writer_that_is_added_has_nothing_to_write_and_the_picture_stays(tmp_path):
    go(tmp_path, *TWO)
    before = published(tmp_path)
    assert len(go(tmp_path, *TWO[:-1], "writer=[npy,csv,preview]").skipped) == 2
    assert published(tmp_path) == before
    assert go(tmp_path, *TWO[:-1], "writer=[npy,csv,preview]").todo == {}


def test_without_preview_a_dropped_clip_has_no_files_and_no_writers(tmp_path):
    go(tmp_path, *TWO[:-1], "writer=[npy]")
    assert published(tmp_path) == {}
    assert sidecar_of(tmp_path, "synthetic_0000")["writers"] == {}


def test_several_pictures_are_one_of_the_frame_that_decided(tmp_path):
    go(tmp_path, *TWO, "writer.preview.count=4")
    assert pictures(tmp_path) == ["synthetic_0000/000000.png", "synthetic_0001/000000.png"]


def test_what_a_gate_shuts_out_is_not_opened_and_has_no_picture(tmp_path):
    report = go(tmp_path, *TWO, "video.max_duration=0.01")
    assert len(report.skipped) == 2
    assert published(tmp_path) == {}


def test_a_real_film_is_drawn_on_in_the_frame_that_decides(tmp_path):
    (tmp_path / "in").mkdir()
    path = write(tmp_path / "in" / "film.mp4", range(6), size=(320, 240))
    report = go(tmp_path / "out", f"dataset.path={path.parent}", "dataset=folder", *TWO[5:])
    assert list(report.skipped) == ["film"]
    assert pixels(tmp_path / "out" / "film.png").shape == (240, 320, 3)


def test_a_name_that_is_taken_leaves_the_file_and_fails_no_other_clip(tmp_path):
    tmp_path.joinpath("synthetic_0000.png").write_bytes(b"mine")
    report = go(tmp_path, *TWO)
    assert (tmp_path / "synthetic_0000.png").read_bytes() == b"mine"
    assert pictures(tmp_path) == ["synthetic_0000.png", "synthetic_0001.png"]
    assert report.taken == 1
    assert record_files.read_clip(tmp_path, "synthetic_0000") is None


def test_the_reason_names_the_people_it_speaks_of():
    found = poses((0, 0, 9, 9), (20, 0, 29, 9), (40, 0, 49, 9), scores=[0.9, 0.1, 0.6])
    with pytest.raises(Dropped) as caught:
        Only(0.3).begin((640, 480))(found)
    assert caught.value.people == [0, 2]
    assert json.dumps(caught.value.facts)
