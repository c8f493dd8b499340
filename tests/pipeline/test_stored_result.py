"""A writer that is added to finished clips does not run the model again, where the native file holds all."""

import os
import shutil

import pytest
import whole_runs
from whole_runs import job_of, published, sidecar_of

from posecfg.detectors.synthetic import Synthetic
from posecfg.pipeline.chain import Chain
from posecfg.runs.scope import scope
from posecfg.writers.csv import Csv

PEOPLE = ("detector.people=2", "detector.noise=1.5", "detector.miss=0.3", "detector.xyz=true", "persons=all")


def go(out, *words):
    """Run without the memory of detections, which would do what a stored file does."""
    return whole_runs.go(out, *words, "cache=off")


@pytest.fixture
def calls(monkeypatch):
    """Count how often the model runs."""
    seen = []
    good = Synthetic.__call__
    monkeypatch.setattr(
        Synthetic, "__call__", lambda self, batches, clip: seen.append(clip.id) or good(self, batches, clip)
    )
    return seen


def test_another_writer_reads_the_native_file(tmp_path, folder, calls):
    dataset = folder()
    go(tmp_path / "out", *dataset, *PEOPLE, "writer=[npz]")
    assert len(calls) == 2
    before = sidecar_of(tmp_path / "out", "a")
    report = go(tmp_path / "out", *dataset, *PEOPLE, "writer=[npz,npy,csv,openpose]")
    assert (report.done, report.exit_code, len(calls)) == (2, 0, 2)
    go(tmp_path / "clean", *dataset, *PEOPLE, "writer=[npz,npy,csv,openpose]")
    assert published(tmp_path / "out") == published(tmp_path / "clean")
    after = sidecar_of(tmp_path / "out", "a")
    for key in ("clock", "timings", "notes", "device", "people", "input", "facts", "seconds"):
        assert after[key] == before[key]
    assert go(tmp_path / "out", *dataset, *PEOPLE, "writer=[npz,npy,csv,openpose]").todo == {}


def test_a_file_that_was_lost_is_made_from_the_native_file(tmp_path, folder, calls):
    overrides = (*folder(), *PEOPLE, "writer=[npz,csv]")
    go(tmp_path / "out", *overrides)
    before = published(tmp_path / "out")
    (tmp_path / "out" / "a.csv").unlink()
    assert go(tmp_path / "out", *overrides).done == 1
    assert (len(calls), published(tmp_path / "out")) == (2, before)


@pytest.mark.parametrize("harm", ["lost", "damaged", "of another clip"])
def test_a_native_file_that_is_not_whole_is_not_used(tmp_path, folder, calls, harm):
    overrides = (*folder(), *PEOPLE, "writer=[npz,csv]")
    go(tmp_path / "out", *overrides)
    before, path = published(tmp_path / "out"), tmp_path / "out" / "a.npz"
    (tmp_path / "out" / "a.csv").unlink()
    if harm == "lost":
        path.unlink()
    elif harm == "damaged":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    else:
        shutil.copy(path.with_name("b.npz"), path)
    assert go(tmp_path / "out", *overrides).done == 1
    after = published(tmp_path / "out")
    # What is not as it was written is kept.
    assert (after.pop("a.npz.altered", None) is not None) == (harm != "lost")
    assert (calls, after) == (["a", "b", "a"], before)


def test_a_native_file_of_before_a_writer_s_need_is_not_used(tmp_path, folder, calls, monkeypatch):
    overrides = (*folder(), *PEOPLE, "writer=[npz]")
    go(tmp_path / "out", *overrides)
    monkeypatch.setattr("posecfg.pipeline.stored_result._SINCE", "what a later version writes")
    assert go(tmp_path / "out", *overrides[:-1], "writer=[npz,json]").done == 2
    assert len(calls) == 4


def test_nobody_found_is_read_back_too(tmp_path, folder, calls):
    dataset = folder("a.mp4")
    go(tmp_path / "out", *dataset, "detector.people=0", "writer=[npz]")
    go(tmp_path / "out", *dataset, "detector.people=0", "writer=[npz,npy]")
    assert len(calls) == 1
    assert sidecar_of(tmp_path / "out", "a")["reason"].startswith("no person")


def test_a_writer_of_pixels_can_decode_again(tmp_path, folder, calls, monkeypatch):
    seen = []
    good = Csv.write

    def write(self, extraction, files):
        seen.extend(frames.rgb().shape for frames in extraction.frames())
        assert extraction.clip.path.exists()
        good(self, extraction, files)

    dataset = folder("a.mp4")
    go(tmp_path / "out", *dataset, "writer=[npz]")
    monkeypatch.setattr(Csv, "write", write)
    assert go(tmp_path / "out", *dataset, "writer=[npz,csv]").exit_code == 0
    assert (seen, len(calls)) == ([(4, 64, 96, 3)], 1)


def test_an_input_that_changed_is_not_served_from_the_native_file(tmp_path, folder, other_film, calls):
    dataset = folder("a.mp4")
    go(tmp_path / "out", *dataset, "writer=[npz]")
    path = tmp_path / "films" / "a.mp4"
    stamp = path.stat()
    shutil.copy(other_film, path)
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    report = go(tmp_path / "out", *dataset, "writer=[npz,csv]")
    assert (report.done, report.frames, len(calls)) == (1, 6, 2)


def test_other_versions_take_no_files_away_that_this_run_does_not_make(tmp_path, monkeypatch):
    words = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=3", "dataset.size=[32,24]")
    assert go(tmp_path, *words, "writer=[npy]").done == 1
    before = published(tmp_path)
    monkeypatch.setattr("posecfg.pipeline.chain.versions", lambda config: {"numpy": "99"})
    report = go(tmp_path, *words, "writer=[csv]")
    assert set(published(tmp_path)) == {*before, "synthetic_0000.csv"}
    assert published(tmp_path)["synthetic_0000.npy"] == before["synthetic_0000.npy"]
    (warning,) = report.warned.values()
    assert warning.startswith("csv made with other versions than npy (")
    assert "numpy 99, before " in warning
    assert go(tmp_path, *words, "writer=[npy,csv]", "redo=true").warned == {}


def test_a_native_file_without_the_others_serves_a_writer_that_does_not_want_them(tmp_path, folder, calls):
    overrides = (*folder("a.mp4"), *PEOPLE, "writer.npz.detections=false")
    go(tmp_path / "out", *overrides, "writer=[npz]")
    assert go(tmp_path / "out", *overrides, "writer=[npz,csv]").done == 1
    assert calls == ["a"]


@pytest.mark.parametrize(("words", "kept"), [(("writer=[npz]",), True), (("writer=[csv]",), False)])
def test_everybody_is_kept_only_where_a_writer_asks(tmp_path, folder, words, kept):
    job = job_of(tmp_path, *folder("a.mp4"), *PEOPLE, *words)
    found = Chain(job.config).extract(scope(job).clips[0], {})
    assert (found.detections is not None) == kept
    if kept:
        assert sum(len(track) for track in found.tracks) >= found.detections.tracks.size > 0
