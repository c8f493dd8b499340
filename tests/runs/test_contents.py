"""Runs look at content where the file system tells other than is known, and at nothing where it does not."""

import json
import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from whole_runs import go, job_of, published, sidecar_of

from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.runs import run as runs
from posecfg.store import fingerprint, outputs

NPY = "writer=[npy]"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def dataset(folder):
    return folder("a.mp4", "b.mp4")


@pytest.fixture
def read(monkeypatch):
    """Return the names of files whose content is looked at."""
    names = []
    whole, digest = fingerprint.whole, outputs.digest
    monkeypatch.setattr(fingerprint, "whole", lambda clip: names.append(clip.path.name) or whole(clip))
    monkeypatch.setattr(outputs, "digest", lambda path: names.append(path.name) or digest(path))
    return names


def film(out, name="a.mp4"):
    return out.parent / "films" / name


def put(path, data):
    """Give a file other bytes and keep its modification time, as rsync -t and backups do."""
    seen = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def same_size(film, other):
    """Return the bytes of another film, as many as ``film`` has, in a container that allows bytes at its end."""
    data, size = other.read_bytes(), film.stat().st_size
    return data + b"\0" * (size - len(data))


def test_other_bytes_of_the_same_size_and_time_are_done_again(out, dataset, other_film):
    data = film(out).read_bytes()
    film(out).write_bytes(data + b"\0" * 100_000)
    go(out, *dataset, NPY)
    before = published(out)
    put(film(out), same_size(film(out), other_film))
    report = go(out, *dataset, NPY)
    assert (report.why, report.done, report.frames) == ({"input has changed": 1}, 1, 6)
    assert published(out)["a.npy"] != before["a.npy"]


def test_an_output_of_the_same_size_and_time_with_other_bytes_is_made_again(out, dataset):
    go(out, *dataset, NPY)
    before = published(out)
    altered = before["a.npy"][:-1] + b"\7"
    put(out / "a.npy", altered)
    report = go(out, *dataset, NPY)
    assert report.why == {"output is missing or changed": 1}
    assert published(out) == before | {"a.npy.altered": altered}
    assert go(out, *dataset, NPY).todo == {}


def test_nothing_is_read_where_nothing_changed(out, dataset, read):
    go(out, *dataset, NPY)
    read.clear()
    assert go(out, *dataset, NPY).already == 2
    assert read == []


def test_files_that_were_copied_are_read_once(out, dataset, read):
    go(out, *dataset, NPY)
    for path in (film(out), film(out, "b.mp4"), out / "a.npy", out / "b.npy"):
        shutil.copy2(path, out.parent / "copy")
        os.replace(out.parent / "copy", path)
    stamps = [(out / ".posecfg" / "clips" / f"{name}.json").read_bytes() for name in "ab"]
    read.clear()
    assert go(out, *dataset, NPY).already == 2
    assert sorted(read) == ["a.mp4", "a.npy", "b.mp4", "b.npy"]
    assert go(out, *dataset, NPY).already == 2
    assert len(read) == 4
    assert stamps == [(out / ".posecfg" / "clips" / f"{name}.json").read_bytes() for name in "ab"]


def test_a_ledger_of_an_earlier_version_is_held_against_the_content_once(out, dataset, read):
    go(out, *dataset, NPY)
    with closing(sqlite3.connect(out / ".posecfg" / "ledger.db")) as db:
        rows = db.execute("SELECT id, input, files FROM clips").fetchall()
        for clip_id, source, files in rows:
            shorter = json.dumps(json.loads(source)[:2]), json.dumps([file[:3] for file in json.loads(files)])
            db.execute("UPDATE clips SET input = ?, files = ? WHERE id = ?", (*shorter, clip_id))
        db.commit()
    read.clear()
    assert go(out, *dataset, NPY).already == 2
    assert sorted(read) == ["a.mp4", "a.npy", "b.mp4", "b.npy"]
    assert go(out, *dataset, NPY).already == 2
    assert len(read) == 4


def test_many_inputs_that_are_compared_are_told_of(out, dataset, monkeypatch):
    go(out, *dataset, NPY)
    for name in ("a.mp4", "b.mp4"):
        os.utime(film(out, name))
    monkeypatch.setattr(runs, "MANY", 2)
    assert "2 inputs may have changed or moved: the content is compared once." in go(out, *dataset, NPY).screen.said


def test_an_input_that_grows_while_it_is_read_fails_and_is_tried_again(out, dataset, monkeypatch):
    from posecfg.detectors.synthetic import Synthetic

    run = Synthetic.__call__

    def grown(self, batches, clip):
        with clip.path.open("ab") as stream:
            stream.write(b"\0" * 10)
        yield from run(self, batches, clip)

    monkeypatch.setattr(Synthetic, "__call__", grown)
    report = go(out, *dataset, NPY)
    assert (report.done, sorted(report.failed), report.unreadable) == (0, ["a", "b"], set())
    assert "changed while it was read: type the same command again" in report.failed["a"]
    assert published(out) == {}
    monkeypatch.undo()
    assert go(out, *dataset, NPY).why == {"failed before": 2}


def test_stored_poses_of_the_same_size_and_time_with_other_bytes_are_replayed_anew(tmp_path):
    source, out = tmp_path / "source", tmp_path / "out"
    go(source, "writer=[npz]")
    replay = ("detector=stored", f"detector.path={source}")
    assert go(out, *replay).done == 3
    path = source / "synthetic_0000.npz"
    os.utime(path)
    assert go(out, *replay).todo == {}
    assert sidecar_of(out, "synthetic_0000")["facts"]["depends"][0] == path.stat().st_size
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    put(path, bytes(data))
    assert go(out, *replay).why == {"made of other stored poses": 1}


def test_plan_and_verify_read_all_inputs_when_asked(out, dataset, read):
    go(out, *dataset, NPY)
    heard = []
    read.clear()
    data = plan(job_of(out, *dataset, NPY), inputs=lambda done, total: heard.append((done, total)))
    assert data["inputs"] == {"same": 2, "sampled": 0, "changed": [], "unknown": {}}
    assert (sorted(read), data["done"], data["problems"]) == (["a.mp4", "b.mp4"], 2, [])
    size = film(out).stat().st_size
    assert heard == [(size, 2 * size), (2 * size, 2 * size)]
    found = verify([str(out)], lambda done, total: None)
    assert (found["problems"], found["inputs"][0]["same"]) == ([], 2)
    assert "2 inputs compared with the record: the same content" in found["notes"]


def test_an_input_that_changed_or_is_gone_is_a_problem_of_verify_and_work_of_plan(out, dataset):
    go(out, *dataset, NPY)
    put(film(out), film(out).read_bytes()[:-1] + b"\7")
    data = plan(job_of(out, *dataset, NPY), inputs=lambda done, total: None)
    assert (data["inputs"]["changed"], data["why"]) == (["a"], {"input has changed": 1})
    film(out, "b.mp4").unlink()
    assert verify([str(out)])["problems"] == []
    assert verify([str(out)], lambda done, total: None)["problems"] == [
        "a: its input is not what it was made of: run again to redo it",
        f"b: its input could not be compared: '{film(out, 'b.mp4')}' is not there",
    ]


def test_inputs_of_earlier_records_are_found_in_the_data_set_and_known_by_samples(out, dataset, monkeypatch):
    monkeypatch.setattr(fingerprint, "WHOLE", 100)
    go(out, *dataset, NPY)
    for name in "ab":
        path = out / ".posecfg" / "clips" / f"{name}.json"
        data = json.loads(path.read_text())
        del data["input"]["path"]
        path.write_text(json.dumps(data))
    found = verify([str(out)], lambda done, total: None)
    assert (found["problems"], found["inputs"][0]["sampled"]) == ([], 2)
    assert any(note.startswith("2 inputs of these by samples only") for note in found["notes"])
