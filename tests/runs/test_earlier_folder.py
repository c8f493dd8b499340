"""Folders as an earlier version left them: they resume, and nothing in them is made again.

``earlier/`` was made by commit de62b6f, without its locks and logs::

    run.py dataset=synthetic dataset.clips=3 dataset.frames=3 'dataset.size=[32,24]' detector=synthetic \
        'writer=[npy,npz,csv,json]' output_dir=done
    run.py dataset=synthetic dataset.clips=3 dataset.frames=3 'dataset.size=[32,24]' dataset.people=2 \
        detector=synthetic detector.people=2 persons=only output_dir=dropped
"""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from whole_runs import SMALL, go, job_of, published, sidecar_of

import posecfg
from posecfg.errors import ConfigError
from posecfg.review.verify import verify

EARLIER = Path(__file__).parent / "earlier"
CLIPS = ["synthetic_0000", "synthetic_0001", "synthetic_0002"]
FOUR = "writer=[npy,npz,csv,json]"
DROPPED = ("dataset=synthetic", *SMALL, "dataset.people=2", "detector.people=2", "persons=only")


def ledger(folder):
    """Return status, stamp of the sidecar and stamps of the files by clip."""
    with closing(sqlite3.connect(folder / ".posecfg" / "ledger.db")) as db:
        rows = db.execute("SELECT id, status, sidecar, files FROM clips").fetchall()
    return {clip: (status, json.loads(record), json.loads(files)) for clip, status, record, files in rows}


def restamp(folder):
    """Give every file the modification time that the ledger knows."""
    for clip, (_, (_, record), files) in ledger(folder).items():
        os.utime(folder / ".posecfg" / "clips" / f"{clip}.json", ns=(record, record))
        for name, _, stamp in files:
            os.utime(folder / name, ns=(stamp, stamp))


@pytest.fixture(params=["as recorded", "of a checkout"])
def earlier(request, tmp_path):
    """Return a copy of the folders, with modification times as they were or as a copy has them."""
    shutil.copytree(EARLIER, tmp_path / "earlier", copy_function=shutil.copyfile)
    if request.param == "as recorded":
        for folder in ("done", "dropped"):
            restamp(tmp_path / "earlier" / folder)
    return tmp_path / "earlier"


@pytest.fixture
def out(earlier):
    return earlier / "done"


def records(folder):
    """Map every sidecar to its bytes, and every item of what the run says of itself to its value.

    Since then, a folder tells which data set it holds, and what that was made with.
    """
    home = folder / ".posecfg"
    run = json.loads((home / "run.json").read_text())
    for key in ("data_sets", "made_with"):
        run.pop(key, None)
    return run | {path.name: path.read_bytes() for path in sorted((home / "clips").iterdir())}


def untouched(folder):
    """Return modification times and contents of published files, and the records."""
    return {name: (folder / name).stat().st_mtime_ns for name in published(folder)}, published(folder), records(folder)


def test_nothing_is_done_again(out):
    before = untouched(out)
    report = go(out, FOUR)
    assert (report.exit_code, report.already, report.done, report.frames, report.todo) == (0, 3, 0, 0, {})
    assert untouched(out) == before


def test_the_data_set_is_remembered_from_then_on(out, folder):
    go(out, FOUR)
    kept = json.loads((out / ".posecfg" / "run.json").read_text())["data_sets"]
    assert kept == [
        {"dataset": "synthetic", "_target_": "posecfg.datasets.synthetic.Synthetic", "location": None},
    ]
    with pytest.raises(ConfigError, match=r"another data set \(synthetic, now folder "):
        go(out, *folder(), FOUR)


def test_the_identity_is_the_same(out):
    job, made = job_of(out, FOUR), json.loads((out / ".posecfg" / "run.json").read_text())
    assert (made["hash"], made["identity"], made["writers"]) == (job.hash, job.identity, job.writers())
    assert {sidecar_of(out, clip)["identity"] for clip in CLIPS} == {job.hash}


def test_a_fresh_folder_holds_the_same_bytes(out, tmp_path):
    """But for the native format, which keeps more since: all that it had is the same."""
    assert go(tmp_path / "fresh", FOUR).done == 3
    now, before = (published(folder) for folder in (tmp_path / "fresh", out))
    native = [name for name in before if name.endswith(".npz")]
    assert {name: now.pop(name) != before.pop(name) for name in native} == dict.fromkeys(native, True)
    assert now == before
    for name in native:
        with np.load(out / name) as old, np.load(tmp_path / "fresh" / name) as new:
            arrays = [key for key in old.files if not key.endswith(".json")]
            assert len(arrays) > 8
            for key in arrays:
                np.testing.assert_array_equal(new[key], old[key])
            ours, theirs = json.loads(new["header.json"]), json.loads(old["header.json"])
        assert {key for key in theirs if ours[key] != theirs[key]} <= {"schema", "tracks", "about"}


def test_a_writer_that_is_added_writes_its_files_only(out, tmp_path):
    stamps, files, _ = untouched(out)
    report = go(out, "writer=[npy,npz,csv,json,openpose]")
    assert (report.exit_code, report.done, report.why) == (0, 3, {"writer added": 3})
    assert report.todo == dict.fromkeys(CLIPS, ("openpose",))
    after, now, _ = untouched(out)
    assert {name: after[name] for name in stamps} == stamps
    assert {name: now[name] for name in files} == files
    go(tmp_path / "fresh", "writer=[openpose]")
    assert {name: now[name] for name in now.keys() - files.keys()} == published(tmp_path / "fresh")


def test_a_ledger_that_was_deleted_is_made_of_the_records(out):
    before, rows = untouched(out), ledger(out)
    (out / ".posecfg" / "ledger.db").unlink()
    report = go(out, FOUR)
    assert (report.exit_code, report.already, report.done, report.todo) == (0, 3, 0, {})
    assert untouched(out) == before
    made = ledger(out)
    assert {clip: status for clip, (status, *_) in made.items()} == {clip: rows[clip][0] for clip in CLIPS}
    assert {clip: [name for name, *_ in files] for clip, (*_, files) in made.items()} == {
        clip: [name for name, *_ in rows[clip][2]] for clip in CLIPS
    }


def test_clips_that_a_policy_dropped_stay_dropped(earlier):
    out = earlier / "dropped"
    before = untouched(out)
    reasons = {clip: sidecar_of(out, clip)["reason"] for clip in CLIPS}
    report = go(out, *DROPPED)
    assert (report.exit_code, report.done, report.todo, dict(report.skipped)) == (0, 0, {}, reasons)
    assert untouched(out) == before


def test_stored_poses_can_be_read(out):
    found = posecfg.load(out)
    assert sorted(found) == CLIPS
    for clip, extraction in found.items():
        (track,) = extraction.tracks
        array = np.load(out / f"{clip}.npy")
        np.testing.assert_array_equal(array, np.concatenate([track.xy, track.scores[..., None]], axis=2))


@pytest.mark.parametrize("folder", ["done", "dropped"])
def test_it_is_what_it_claims_to_be(earlier, folder):
    found = verify([str(earlier / folder)])
    assert found["problems"] == []
    assert found["clips"] == {"done": 0, "skipped": 0, "failed": 0} | {"done" if folder == "done" else "skipped": 3}
