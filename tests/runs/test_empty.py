"""Clips in which nobody was found, where the writer leaves them out."""

import numpy as np
import pytest
from whole_runs import SMALL, go, published, sidecar_of

from posecfg.review.verify import verify

NOBODY = ("dataset=synthetic", *SMALL, "detector.people=0")
SKIP = "writer.npy.empty=skip"
REASON = "no person was found: 3 frames were looked at"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def checked(out):
    result = verify([str(out)])
    assert result["problems"] == []
    return result


@pytest.mark.parametrize("persons", ["best", "all", "only"])
def test_it_has_no_file_counts_as_skipped_and_is_not_tried_again(out, persons):
    for _ in range(2):
        report = go(out, *NOBODY, SKIP, f"persons={persons}")
        assert (report.exit_code, report.done, report.empty) == (0, 0, 0)
        assert report.data()["skipped"] == {"no person was found": 3}
    assert report.todo == {}
    assert published(out) == {}
    assert sidecar_of(out, "synthetic_0000")["reason"] == REASON
    assert checked(out)["clips"] == {"done": 0, "skipped": 3, "failed": 0}


def test_clips_with_people_are_written_beside(out):
    tiny = ("dataset=synthetic", "dataset.frames=1", "dataset.clips=12", "dataset.size=[32,24]")
    report = go(out, *tiny, "detector.miss=0.5", SKIP)
    assert report.done + len(report.skipped) == 12
    assert 0 < report.done < 12
    assert len(published(out)) == report.done
    for name in published(out):
        assert np.isfinite(np.load(out / name)).any()


def test_the_other_writers_write_as_ever(out):
    report = go(out, *NOBODY, SKIP, "writer=[npy,npz]")
    assert (report.done, report.empty, report.skipped) == (3, 3, {})
    assert sorted(published(out)) == [f"synthetic_000{i}.npz" for i in range(3)]
    assert go(out, *NOBODY, SKIP, "writer=[npy,npz]").todo == {}
    checked(out)


def test_a_writer_that_is_added_later_makes_it_done(out):
    go(out, *NOBODY, SKIP)
    report = go(out, *NOBODY, SKIP, "writer=[npy,json]")
    assert (report.why, report.done, report.skipped) == ({"writer added": 3}, 3, {})
    sidecar = sidecar_of(out, "synthetic_0001")
    assert (sidecar["status"], sidecar["reason"]) == ("done", REASON)
    assert go(out, *NOBODY, SKIP, "writer=[npy,json]").todo == {}
    checked(out)


def test_files_come_and_go_with_the_setting(out):
    assert go(out, *NOBODY).done == 3
    report = go(out, *NOBODY, SKIP, "overwrite=true")
    assert (report.why, len(report.skipped)) == ({"written with other settings": 3}, 3)
    assert published(out) == {}
    report = go(out, *NOBODY, "overwrite=true")
    assert (report.why, report.done, len(published(out))) == ({"written with other settings": 3}, 3, 3)
    assert sidecar_of(out, "synthetic_0001")["status"] == "done"
    checked(out)


def test_it_is_looked_at_again_when_its_input_changes(out, folder, other_film):
    words = (*folder("a.mp4"), "detector.people=0", SKIP)
    assert len(go(out, *words).skipped) == 1
    (out.parent / "films" / "a.mp4").write_bytes(other_film.read_bytes())
    report = go(out, *words)
    assert report.why == {"input has changed": 1}
    assert report.skipped == {"a": "no person was found: 6 frames were looked at"}


def test_gates_leave_it_out_and_let_it_in_again(out):
    go(out, *NOBODY, SKIP)
    report = go(out, *NOBODY, SKIP, "video.max_duration=0.01")
    assert (report.todo, list(report.kinds)) == ({}, ["too long"])
    report = go(out, *NOBODY, SKIP)
    assert (report.todo, list(report.kinds)) == ({}, ["no person was found"])


def test_a_metric_still_counts_it(out):
    words = (*NOBODY, SKIP, "metric=[pck]")
    scores = go(out, *NOBODY, "metric=[pck]").data()["scores"]
    assert scores
    assert go(out.with_name("other"), *words).data()["scores"] == scores
    assert go(out.with_name("other"), *words).data()["scores"] == scores


def test_a_metric_that_is_added_later_leaves_it_skipped(out):
    go(out, *NOBODY, SKIP)
    report = go(out, *NOBODY, SKIP, "metric=[pck]")
    assert (report.why, report.done, list(report.kinds)) == ({"metric added": 3}, 0, ["no person was found"])
    assert sidecar_of(out, "synthetic_0001")["status"] == "skipped"
    assert go(out, *NOBODY, SKIP, "metric=[pck]").todo == {}


def test_with_a_file_a_person_writing_again_makes_it_done_without_any(out):
    """With everybody kept there is a file a person, so nobody has none."""
    words = (*NOBODY, "persons=all")
    go(out, *words, SKIP)
    report = go(out, *words, "overwrite=true")
    assert (report.done, report.skipped, published(out)) == (3, {}, {})
    assert go(out, *words).todo == {}
