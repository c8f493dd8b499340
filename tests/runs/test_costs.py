"""A plan and a run say beforehand when the model runs once more, and when files of other writers go."""

import shutil
from collections import Counter

import pytest
from whole_runs import go, job_of, published

from posecfg.pipeline.chain import Chain
from posecfg.review.plan import plan
from posecfg.runs.costs import Costs

pytestmark = pytest.mark.deep

NO_NPZ = "as no npz of them is stored; with npz among the writers"
AGAIN = f"needs the frames decoded again for 3 clips, unless their detections are remembered, {NO_NPZ}"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def extracted(monkeypatch):
    """Return the clips for which the chain ran."""
    found, real = [], Chain.extract
    monkeypatch.setattr(
        Chain, "extract", lambda self, clip, *rest, **more: found.append(clip.id) or real(self, clip, *rest, **more)
    )
    return found


def said(out, *words):
    """Return what the plan notes, after a look that the run says the same."""
    notes = plan(job_of(out, *words))["notes"]
    assert [line.removeprefix("note: ") for line in go(out, *words).screen.said] == notes
    return notes


def test_a_writer_that_is_added_needs_the_model_where_no_npz_is_stored(out, extracted):
    go(out, "writer=[npy]")
    extracted.clear()
    (note,) = said(out, "writer=[npy,csv]")
    assert note.startswith(f"writer added: csv {AGAIN}")
    assert len(extracted) == 3


def test_nothing_is_promised_where_the_frames_are_needed_in_any_case(out, extracted):
    """No npz would spare the frames that are drawn on; a model it would."""
    go(out, "writer=[npy]")
    extracted.clear()
    assert said(out, "writer=[npy,csv,overlay]") == []
    assert len(extracted) == 3
    again = Counter({("writer added", ("overlay",)): 1})
    assert Costs(again, heavy=False, pictured=["overlay"]).notes() == []
    assert "as no npz of it is stored" in Costs(again, pictured=["overlay"]).notes()[0]


def test_a_writer_that_is_added_beside_a_stored_npz_needs_no_model(out, extracted):
    go(out, "writer=[npy,npz]")
    extracted.clear()
    assert said(out, "writer=[npy,npz,csv,overlay]") == []
    assert extracted == []


def test_only_clips_without_their_npz_are_counted(out, extracted):
    go(out, "writer=[npz]")
    extracted.clear()
    (out / "synthetic_0001.npz").unlink()
    (note,) = said(out, "writer=[npz,csv]")
    assert "npz, csv need the frames decoded again for 1 clip, unless its detections are remembered, as no npz" in note
    assert extracted == ["synthetic_0001"]


def test_a_metric_that_is_added_needs_the_poses_too(out):
    go(out)
    assert said(out, "metric=[pck]")[0].startswith(f"metric added: pck {AGAIN}")


def test_nothing_is_said_to_be_remembered_where_nothing_is(out):
    go(out, "cache=off")
    (note,) = said(out, "writer=[npy,csv]", "cache=off")
    assert note.startswith(f"writer added: csv needs the frames decoded again for 3 clips, {NO_NPZ}")


def test_a_model_is_spoken_of_where_there_is_one():
    names = ("csv", "metric.pck")
    costs = Costs(Counter({("writer added", names): 1}))
    assert costs.notes()[0].startswith("writer added: csv, pck need the model again for 1 clip, as no npz of it")


def test_a_metric_that_can_say_nothing_of_a_finished_clip_costs_nothing(out, folder, extracted):
    films = folder()
    go(out, *films)
    extracted.clear()
    report = go(out, *films, "metric=[epe]")
    assert (extracted, report.todo, report.already) == ([], {}, 2)
    assert report.screen.said == ["note: metric=epe: dataset=folder knows no true poses, so there is no score"]
    assert plan(job_of(out, *films, "metric=[epe]"))["to_do"] == 0


def test_nothing_is_said_of_new_and_of_finished_clips(out):
    for _ in range(2):
        assert said(out, "writer=[npy]") == []


def test_files_of_a_writer_that_is_not_named_are_told_before_they_go(out):
    go(out, "writer=[npy,csv]", "metric=[pck]")
    assert said(out, "writer=[npy]", "redo=synthetic_0000") == [
        "the csv files of 1 clip, which is made again without csv, are removed: name it in writer=[...]"
    ]
    assert sorted(published(out)) == [
        *("scores.csv", "synthetic_0000.npy", "synthetic_0001.csv", "synthetic_0001.npy"),
        *("synthetic_0002.csv", "synthetic_0002.npy"),
    ]
    assert said(out, "writer=[npy]", "detector.noise=2", "overwrite=true") == [
        "the csv files of 2 clips, which are made again without csv, are removed: name it in writer=[...]"
    ]


def test_files_of_a_writer_that_is_not_named_are_told_before_an_input_is_found_changed(tmp_path, folder, other_film):
    dataset = folder("a.mp4", "b.mp4")
    go(tmp_path / "out", *dataset, "writer=[npy,csv]")
    shutil.copy(other_film, tmp_path / "films" / "a.mp4")
    told = "the csv files of 1 clip are removed if its input has changed: name csv in writer=[...]"
    words = (*dataset, "writer=[npy]")
    assert plan(job_of(tmp_path / "out", *words))["notes"][0] == told
    report = go(tmp_path / "out", *words)
    # Its content has been read by then.
    gone = "the csv files of 1 clip, which is made again without csv, are removed: name it in writer=[...]"
    assert f"note: {gone}" in report.screen.said
    assert sorted(published(tmp_path / "out")) == ["a.npy", "b.csv", "b.npy"]
