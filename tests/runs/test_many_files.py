"""Clips with many files in one folder: a short record, and every file is looked at, kept, replaced or named as any."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from whole_runs import go, job_of, leftovers, published, sidecar_of

from posecfg.errors import PosecfgError
from posecfg.executors import capacity
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.store import file_lists, outputs, stamp_helpers

pytestmark = pytest.mark.deep

ROWS = 20
CLIP = "synthetic_0000"
FOLDER = f"{CLIP}_json"
ONE = ("dataset=synthetic", "dataset.clips=1", f"dataset.frames={ROWS}", "dataset.size=[32,24]", "writer=[openpose]")
NOISY = (*ONE, "detector.noise=2", "overwrite=true")
FEWER = (*ONE, "sampler=stride", "sampler.every=2", "overwrite=true")


def name_of(number):
    return f"{FOLDER}/{CLIP}_{number:012d}_keypoints.json"


def lists(out):
    return sorted((out / ".posecfg" / "files").iterdir())


def entries(out):
    """Return what the ledger knows of the files."""
    with closing(sqlite3.connect(out / ".posecfg" / "ledger.db")) as db:
        return [file for (text,) in db.execute("SELECT files FROM clips ORDER BY id") for file in json.loads(text)]


@pytest.fixture
def out(tmp_path):
    assert go(tmp_path / "out", *ONE).exit_code == 0
    return tmp_path / "out"


@pytest.fixture
def clean(out, tmp_path):
    return published(out)


def test_a_record_and_a_row_have_one_entry_for_all(out):
    (entry,) = sidecar_of(out, CLIP)["writers"]["openpose"]["files"]
    sizes = [len(data) for data in published(out).values()]
    assert (entry["name"], entry["count"], entry["bytes"]) == (f"{FOLDER}/", ROWS, sum(sizes))
    assert entry["about"] == {"kind": "openpose", "missing": "zero", "made": 0}
    assert [file[0] for file in entries(out)] == [f"{FOLDER}/"]
    assert len(lists(out)) == 1
    assert verify([str(out)])["files"] == ROWS


def test_nothing_is_left_to_do_and_no_file_is_read_for_that(out, monkeypatch):
    monkeypatch.setattr(outputs, "digest", lambda path: pytest.fail("a file was read"))
    assert (go(out, *ONE).already, plan(job_of(out, *ONE))["done"]) == (1, 1)


def test_files_that_are_touched_are_read_once(out, monkeypatch):
    os.utime(out / name_of(3))
    before = entries(out)
    assert (go(out, *ONE).already, entries(out) != before) == (1, True)
    monkeypatch.setattr(outputs, "digest", lambda path: pytest.fail("a file was read"))
    assert go(out, *ONE).already == 1


def test_what_helpers_looked_at_is_not_looked_at_again(out, monkeypatch):
    monkeypatch.setattr(stamp_helpers, "untouched", lambda root, folders, cores: set(folders))
    monkeypatch.setattr(outputs, "is_untouched", lambda *_: pytest.fail("a folder was looked at"))
    assert (go(out, *ONE).already, plan(job_of(out, *ONE))["done"]) == (1, 1)


def harm(path, how):
    seen, data = path.stat(), path.read_bytes()
    if how == "removed":
        path.unlink()
        return
    path.write_bytes(data[:-9] if how == "cut short" else data[:-1] + b" ")
    if how == "edited in place":
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


@pytest.fixture(params=["alone", "with helpers"])
def helped(request, monkeypatch):
    """Look at files with helper processes too, as for very many."""
    if request.param == "with helpers":
        monkeypatch.setattr(capacity, "cores", lambda: 2)
        monkeypatch.setattr(stamp_helpers, "EACH", 1)


@pytest.mark.parametrize("how", ["removed", "cut short", "edited in place"])
def test_harm_to_one_file_is_noticed_named_and_mended(out, clean, helped, how):
    harm(out / name_of(7), how)
    (problem,) = verify([str(out)])["problems"]
    assert problem.startswith(f"{name_of(7)} is ")
    assert plan(job_of(out, *ONE))["why"] == {"output is missing or changed": 1}
    report = go(out, *ONE)
    kept = [] if how == "removed" else [f"{name_of(7)}.altered"]
    assert (report.exit_code, report.done, report.altered) == (0, 1, kept)
    assert {name: data for name, data in published(out).items() if name not in kept} == clean
    assert go(out, *ONE).already == 1


@pytest.mark.parametrize("words", [(*ONE, "redo=true"), NOISY, FEWER], ids=["redo", "overwrite", "fewer rows"])
def test_files_of_others_and_edited_ones_in_the_folder_stay(out, tmp_path, words):
    go(tmp_path / "clean", *words)
    own = {f"{FOLDER}/notes.json": b"mine", f"{FOLDER}/{CLIP}_x_keypoints.json": b"mine too"}
    for name, data in own.items():
        (out / name).write_bytes(data)
    (out / name_of(19)).write_bytes(b"edited")
    report = go(out, *words)
    assert (report.exit_code, report.altered) == (0, [f"{name_of(19)}.altered"])
    kept = {**own, f"{name_of(19)}.altered": b"edited"}
    assert published(out) == {**published(tmp_path / "clean"), **kept}
    assert len(lists(out)) == (0 if words == FEWER else 1)
    assert leftovers(out) == []
    found = verify([str(out)])
    assert found["problems"] == []
    assert sum("was not written by posecfg" in note for note in found["notes"]) == 2


def test_another_path_takes_the_files_along(out, clean):
    words = (*ONE, "writer.openpose.path='there/{id}_json'", "overwrite=true")
    assert go(out, *words).exit_code == 0
    assert published(out) == {f"there/{name}": data for name, data in clean.items()}
    assert len(lists(out)) == 1
    assert go(out, *words).already == 1


def test_a_writer_that_is_added_or_left_out_leaves_the_others_alone(out, clean):
    both = (*ONE[:-1], "writer=[openpose,npy]")
    assert go(out, *both).why == {"writer added": 1}
    assert {name: data for name, data in published(out).items() if name in clean} == clean
    assert go(out, *ONE[:-1], "writer=[npy]").already == 1
    (out / f"{CLIP}.npy").unlink()
    assert go(out, *ONE[:-1], "writer=[npy]").done == 1
    assert go(out, *both).already == 1
    assert verify([str(out)])["problems"] == []


def test_two_writers_may_fill_one_folder(tmp_path):
    shown = f"writer.preview.count={ROWS}", "writer.preview.path='{id}_json'"
    out, both = tmp_path / "out", (*ONE[:-1], "writer=[openpose,preview]", *shown)
    go(out, *both)
    clean = published(out)
    assert (len(clean), len(lists(out)), len({file[0] for file in entries(out)})) == (2 * ROWS, 2, 1)
    picture = min((out / FOLDER).glob("*.png"))
    harm(picture, "edited in place")
    harm(out / name_of(3), "removed")
    assert go(out, *ONE).done == 1
    report = go(out, *both)
    assert (report.done, report.altered) == (1, [f"{FOLDER}/{picture.name}.altered"])
    assert {name: data for name, data in published(out).items() if ".altered" not in name} == clean
    assert go(out, *both).already == 1


@pytest.mark.parametrize("how", ["gone", "damaged"])
@pytest.mark.parametrize("words", [ONE, NOISY], ids=["same", "overwrite"])
def test_a_list_that_is_lost_is_made_anew_and_replaces_nothing_of_others(out, tmp_path, words, how):
    go(tmp_path / "clean", *words)
    (path,) = lists(out)
    path.unlink() if how == "gone" else path.write_bytes(path.read_bytes()[:-7])
    (problem,) = verify([str(out)])["problems"]
    assert problem.startswith(f"the list of the {ROWS} files in '{FOLDER}/' is missing or damaged")
    assert plan(job_of(out, *words))["to_do"] == 1
    report = go(out, *words)
    assert (report.exit_code, report.done, report.altered) == (0, 1, [])
    assert published(out) == published(tmp_path / "clean")
    assert verify([str(out)])["problems"] == []
    assert go(out, *words[: len(ONE)], *words[len(ONE) :][:1]).already == 1


def test_without_a_list_what_cannot_be_told_from_files_of_others_is_kept(out, tmp_path):
    go(tmp_path / "clean", *NOISY)
    before = published(out)
    (out / FOLDER / "notes.json").write_text("mine")
    for path in lists(out):
        path.unlink()
    report = go(out, *NOISY)
    assert (report.exit_code, sorted(report.altered)) == (0, [f"{name}.altered" for name in before])
    now = published(out)
    assert {name: now.pop(f"{name}.altered") for name in before} == before
    assert now == {**published(tmp_path / "clean"), f"{FOLDER}/notes.json": b"mine"}


def test_a_record_that_is_lost_leaves_the_files_its_own(out, clean):
    (out / ".posecfg" / "clips" / f"{CLIP}.json").unlink()
    report = go(out, *ONE)
    assert (report.exit_code, report.why, report.altered) == (0, {"record is missing": 1}, [])
    assert published(out) == clean
    assert go(out, *ONE).already == 1


def test_a_clip_that_fails_keeps_the_number_of_its_list(out, monkeypatch):
    from posecfg.writers.openpose import Openpose

    def fail(*args):
        raise ValueError("no")

    with monkeypatch.context() as patch:
        patch.setattr(Openpose, "write", fail)
        assert go(out, *ONE, "redo=true").failed
    (out / ".posecfg" / "clips" / f"{CLIP}.json").unlink()
    report = go(out, *ONE)
    assert (report.exit_code, report.skipped, report.altered) == (0, {}, [])


def test_a_folder_with_an_entry_a_file_resumes_and_is_replaced(tmp_path, monkeypatch):
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(file_lists, "FROM", 10**9)
        go(out, *ONE)
    record = sidecar_of(out, CLIP)
    assert (record["schema"], len(record["writers"]["openpose"]["files"])) == (1, ROWS)
    before = (out / ".posecfg" / "clips" / f"{CLIP}.json").read_bytes()
    assert go(out, *ONE).already == 1
    (out / ".posecfg" / "ledger.db").unlink()
    assert go(out, *ONE).already == 1
    assert (out / ".posecfg" / "clips" / f"{CLIP}.json").read_bytes() == before
    report = go(out, *FEWER)
    assert (report.exit_code, report.done, report.altered, len(published(out))) == (0, 1, [], ROWS // 2)
    report = go(out, *ONE, "overwrite=true")
    assert (sidecar_of(out, CLIP)["schema"], len(published(out)), len(lists(out))) == (2, ROWS, 1)


def test_a_copy_of_a_folder_resumes(out, tmp_path):
    shutil.copytree(out, tmp_path / "copy")
    assert (go(tmp_path / "copy", *ONE).already, go(tmp_path / "copy", *ONE).already) == (1, 1)


def test_pictures_with_a_list_are_no_inputs(tmp_path):
    out = tmp_path / "out"
    words = (*ONE[:-1], "writer=[preview]", f"writer.preview.count={ROWS}")
    assert go(out, *words).exit_code == 0
    assert len(lists(out)) == 1
    for path in (None, out / ".posecfg" / "ledger.db", *lists(out)):
        if path is not None:
            path.unlink()
        for more in ((), ("dataset.images=true",)):
            (problem,) = plan(job_of(out, "dataset=folder", f"dataset.path={out}", "writer=[npy]", *more))["problems"]
            assert "holds the results of a run" in problem


@pytest.mark.parametrize("value", [None, "x", 10**400, []])
@pytest.mark.parametrize("key", ["count", "bytes", "sha256", "mtime_ns", "about", "name"])
def test_a_folder_entry_may_hold_anything(out, key, value):
    path = out / ".posecfg" / "clips" / f"{CLIP}.json"
    record = json.loads(path.read_text())
    record["writers"]["openpose"]["files"][0][key] = value
    path.write_text(json.dumps(record))
    ends(out)


@pytest.mark.parametrize("value", [None, "x", -1, 1.5])
@pytest.mark.parametrize("place", range(5))
def test_a_row_of_a_folder_may_hold_anything(out, place, value):
    (file,) = entries(out)
    file[place] = value
    with closing(sqlite3.connect(out / ".posecfg" / "ledger.db")) as db, db:
        db.execute("UPDATE clips SET files = ?", (json.dumps([file]),))
    ends(out)


def ends(out):
    before = published(out)
    for act in (lambda: plan(job_of(out, *ONE)), lambda: verify([str(out)]), lambda: go(out, *ONE)):
        try:
            act()
        except PosecfgError:
            continue
    assert published(out).items() >= before.items()
