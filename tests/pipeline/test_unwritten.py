"""A writer that ends without a file fails its clip; one that says why it has nothing does not."""

import pytest
from whole_runs import go, published, sidecar_of

from posecfg.errors import Dropped
from posecfg.review.verify import verify
from posecfg.writers.csv import Csv

CLIP = "synthetic_0000"
SMALL = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=3", "dataset.size=[32,24]")
ONE = (*SMALL, "writer=[npy,csv]")
HELD = []


def leave_open(self, extraction, files):
    opened = files.open("a.csv")
    opened.__enter__().write(b"x")


def keep_open(self, extraction, files):
    HELD.append(files.open("a.csv"))
    HELD[-1].__enter__().write(b"x")


def leave_one_of_two_open(self, extraction, files):
    with files.open("b.csv") as stream:
        stream.write(b"x")
    opened = files.open("a.csv")
    opened.__enter__()


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (lambda self, extraction, files: None, "expected one at least, or Dropped to be raised where none is due."),
        (leave_open, "it left 'a.csv' open, and only what is closed is kept."),
        (keep_open, "it left 'a.csv' open, and only what is closed is kept."),
        (leave_one_of_two_open, "it left 'a.csv' open, and only what is closed is kept."),
    ],
)
def test_a_writer_without_a_file_fails_the_clip(tmp_path, monkeypatch, write, told):
    monkeypatch.setattr(Csv, "write", write)
    went = go(tmp_path, *ONE)
    assert (went.exit_code, went.failed) == (1, {CLIP: f"writer=csv wrote no file: {told}"})
    assert published(tmp_path) == {}
    for opened in HELD:
        with pytest.raises(GeneratorExit):
            opened.gen.throw(GeneratorExit)
    HELD.clear()


def test_a_writer_that_has_nothing_to_write_says_so_and_the_clip_stays_done(tmp_path, monkeypatch):
    def drop(self, extraction, files):
        raise Dropped("not wanted: a test")

    with monkeypatch.context() as patch:
        patch.setattr(Csv, "write", drop)
        assert go(tmp_path, *ONE).done == 1
    assert list(published(tmp_path)) == [f"{CLIP}.npy"]
    assert sidecar_of(tmp_path, CLIP)["writers"]["csv"]["refused"] == "not wanted: a test"
    (tmp_path / ".posecfg" / "ledger.db").unlink()
    assert go(tmp_path, *ONE).todo == {}
    assert verify([str(tmp_path)])["problems"] == []


@pytest.mark.parametrize("writer", ["npy", "npz", "csv", "json", "openpose", "preview"])
@pytest.mark.parametrize("persons", ["all", "best"])
def test_no_writer_is_blamed_where_nobody_is_found(tmp_path, writer, persons):
    went = go(tmp_path, *SMALL, f"writer=[{writer}]", f"persons={persons}", "detector.people=0")
    assert (went.exit_code, went.failed) == (0, {})
    assert go(tmp_path, *SMALL, f"writer=[{writer}]", f"persons={persons}", "detector.people=0").todo == {}
