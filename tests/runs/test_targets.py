"""Names of files are asked before the run: wrong ones, and those in each other's way, are refused."""

from dataclasses import replace

import pytest
from whole_runs import go, job_of, published

from posecfg.datasets.synthetic import Synthetic
from posecfg.errors import ConfigError
from posecfg.review.plan import plan
from posecfg.writers.csv import Csv


def fail(clip_id):
    raise RuntimeError("no name")


def leave(clip_id):
    raise SystemExit(0)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (lambda clip_id: 5, "but got 5"),
        (lambda clip_id: None, "but got None"),
        (lambda clip_id: f"/tmp/{clip_id}", "but got '/tmp/0/0'"),
        (lambda clip_id: f"../{clip_id}", "but got '../0/0'"),
        (lambda clip_id: "", "but got ''"),
        (fail, r"failed \(RuntimeError: no name\)"),
        (leave, r"failed \(SystemExit: 0\)"),
    ],
)
def test_a_name_that_is_none_is_told_before_the_run(tmp_path, monkeypatch, target, told):
    monkeypatch.setattr(Csv, "target", lambda self, clip_id: target(clip_id))
    with pytest.raises(ConfigError, match=f"^writer.csv: .*{told}"):
        go(tmp_path / "out", "writer=[npy,csv]")
    assert any(
        text.startswith("writer.csv: ") for text in plan(job_of(tmp_path / "out", "writer=[npy,csv]"))["problems"]
    )
    assert not (tmp_path / "out").exists()


def test_one_name_for_all_clips_is_not_blamed_on_a_path_that_has_the_id(tmp_path, monkeypatch):
    monkeypatch.setattr(Csv, "target", lambda self, clip_id: "same.csv")
    with pytest.raises(ConfigError, match=r"names one file for 3 clips: its names must hold the id"):
        go(tmp_path, "writer=[csv]", "writer.csv.path='{id}'")


@pytest.mark.parametrize("limit", [1, 3])
def test_two_writers_that_want_one_name_are_told_before_the_run(tmp_path, limit):
    options = ["writer=[npz,videopose3d]", "writer.videopose3d.path='poses/{id}'", "writer.npz.path='poses/{id}'"]
    words = (
        r"writer.npz and writer.videopose3d would both write 'poses/.*': .* writer.videopose3d.path='videopose3d/{id}'"
    )
    with pytest.raises(ConfigError, match=words):
        go(tmp_path / "out", *options, f"limit={limit}")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def called(monkeypatch):
    """Give the clips of the dataset other ids."""

    def call(*ids):
        good = Synthetic.scan

        def scan(self):
            listing = good(self)
            return replace(listing, clips=tuple(replace(c, id=i) for c, i in zip(listing.clips, ids, strict=False)))

        monkeypatch.setattr(Synthetic, "scan", scan)

    return call


@pytest.mark.parametrize("ids", [("a", "a.npy/b"), ("a.npy/b/c", "a"), ("x/a", "x/a.npy/b"), ("a.csv/b", "a")])
def test_a_file_of_one_clip_in_the_place_of_a_folder_of_another_is_refused(tmp_path, called, ids):
    called(*ids)
    with pytest.raises(ConfigError, match=r"a\.(npy|csv)' would be a file of clip '(x/)?a' .* the folder of clip"):
        go(tmp_path / "out", "writer=[npy,csv]")
    assert not (tmp_path / "out").exists()


def test_a_file_without_a_suffix_may_be_called_like_a_folder(tmp_path, called, monkeypatch):
    called("a/b", "a")
    monkeypatch.setattr(Csv, "target", lambda self, clip_id: clip_id)
    with pytest.raises(ConfigError, match=r"'a' would be a file of clip 'a' .* the folder of clip 'a/b'"):
        go(tmp_path / "out", "writer=[csv]")


def test_clips_in_folders_with_the_name_of_a_clip_are_not(tmp_path, called):
    called("a", "a/b", "a.npyx/c")
    assert go(tmp_path, "writer=[npy]").done == 3
    assert list(published(tmp_path)) == ["a.npy", "a.npyx/c.npy", "a/b.npy"]
