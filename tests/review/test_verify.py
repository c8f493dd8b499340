import base64
import io
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from whole_runs import SMALL, go

from posecfg.errors import UsageError
from posecfg.review.contents import look
from posecfg.review.verify import verify

ROOT = Path(__file__).parents[2]
CLIP = "synthetic_0001"
OVERRIDES = ("dataset=synthetic", *SMALL, "detector.miss=0.4", "writer=[npy,npz,csv]", "writer.npy.missing=zero")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "out"
    assert go(out, *OVERRIDES).exit_code == 0
    return out


@pytest.fixture
def out(made, tmp_path):
    """Return a copy of a finished run that may be harmed."""
    shutil.copytree(made, tmp_path / "out")
    return tmp_path / "out"


def problems(out):
    return verify([str(out)])["problems"]


def record(out):
    return out / ".posecfg" / "clips" / f"{CLIP}.json"


def change_run(out, **values):
    path = out / ".posecfg" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def change_record(out, change):
    data = json.loads(record(out).read_text())
    change(data)
    record(out).write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("count", "data", "told"),
    [(1, zlib.compress(bytes(9000)), "has 5 bytes, not 4"), (2, b"!!", "cannot be read"), (10**14, b"", "is damaged")],
)
def test_arrays_of_scores_that_are_damaged_are_told(out, count, data, told):
    array = {"type": "<f4", "count": count, "zlib": base64.b64encode(data).decode()}
    change_record(out, lambda record: record["facts"].update(score_arrays={"metric.oks": {"scores": array}}))
    found = verify([str(out)])
    assert any(told in text and CLIP in text for text in [*found["notes"], *found["problems"]])


def about(data, writer="npy"):
    return data["writers"][writer]["files"][0]["about"]


def test_a_finished_run_is_well(made):
    result = verify([str(made)])
    assert result["problems"] == []
    assert result["recorded"]
    assert result["clips"] == {"done": 3, "skipped": 0, "failed": 0}
    assert (result["files"], result["rows"]) == (9, 9)
    assert result["tree"][0]["contents"] == ["(T, 17, 3) float32", "csv", "npz"]
    assert result["missing_rows"] > 0


def test_files_without_rows_are_named_among_the_contents(tmp_path):
    go(tmp_path / "out", "limit=1", "writer=[npy,preview]")
    (row,) = verify([str(tmp_path / "out")])["tree"]
    assert (row["contents"], row["files"], row["rows"]) == (["(T, 17, 3) float32", "png"], 2, 3)


def test_rows_count_once_whatever_number_of_files_hold_them(tmp_path):
    words = ("limit=2", "detector.people=2", "dataset.people=2", "persons=all", "writer.npz.path='native/{id}'")
    go(tmp_path / "out", *words, "writer=[npy,npz]")
    result = verify([str(tmp_path / "out")])
    assert (result["clips"]["done"], result["files"], result["rows"]) == (2, 6, 6)
    assert [(row["files"], row["rows"]) for row in result["tree"]] == [(4, 6), (2, 6)]


def rewrite(out, array):
    """Put another array in the place of a file, with a record to match."""
    path = out / f"{CLIP}.npy"
    np.save(path, array)
    import hashlib

    def adjust(data):
        file = data["writers"]["npy"]["files"][0]
        file.update(bytes=path.stat().st_size, sha256=hashlib.sha256(path.read_bytes()).hexdigest())

    change_record(out, adjust)


def insert_row(out, status):
    with closing(sqlite3.connect(out / ".posecfg" / "ledger.db")) as db:
        db.execute("INSERT INTO clips SELECT 'gone', ?, 'why' || reason, identity, attempt, seconds, frames, input, "
                   "sidecar, '[]', writers, facts, warnings, at FROM clips LIMIT 1", (status,))  # fmt: skip
        db.commit()


def fail(out):
    with closing(sqlite3.connect(out / ".posecfg" / "ledger.db")) as db:
        db.execute("UPDATE clips SET status = 'failed', reason = 'why' WHERE id = ?", (CLIP,))
        db.commit()


DAMAGE = {
    "missing": (lambda out: (out / f"{CLIP}.npz").unlink(), [f"{CLIP}.npz is missing"]),
    "truncated": (
        lambda out: (out / f"{CLIP}.npy").write_bytes((out / f"{CLIP}.npy").read_bytes()[:-10]),
        [f"{CLIP}.npy is not what was written"],
    ),
    "a flipped byte": (
        lambda out: (out / f"{CLIP}.csv").write_bytes((out / f"{CLIP}.csv").read_bytes()[:-1] + b"\0"),
        [f"{CLIP}.csv is not what was written"],
    ),
    "another shape": (
        lambda out: rewrite(out, np.zeros((2, 17, 3), np.float32)),
        ["expected shape [3, 17, 3], but got [2, 17, 3]", "expected 3 rows, but got 2"],
    ),
    "another type": (lambda out: rewrite(out, np.zeros((3, 17, 3))), ["expected float32, but got float64"]),
    "NaN for zero": (
        lambda out: rewrite(out, np.full((3, 17, 3), np.nan, np.float32)),
        ["holds NaN, although missing values are zeros"],
    ),
    "objects": (lambda out: rewrite(out, np.array([{"a": 1}] * 3)), ["Python objects"]),
    "a single value": (lambda out: rewrite(out, np.float32(1)), ["does not hold an array of rows"]),
    "a native file of another shape": (
        lambda out: change_record(out, lambda d: about(d, "npz").update(shape=[2, 3, 17])),
        [f"{CLIP}.npz: expected xy of shape [2, 3, 17, 2], but got [1, 3, 17, 2]"],
    ),
    "a table of other columns": (
        lambda out: change_record(out, lambda d: about(d, "csv")["columns"].pop()),
        [f"{CLIP}.csv: expected 8 columns, but got 9"],
    ),
    "a damaged record": (lambda out: record(out).write_text("{"), ["record '.posecfg/clips/synthetic_0001.json'"]),
    "an empty record": (lambda out: record(out).write_bytes(b""), ["is damaged: run again"]),
    "the record of another clip": (
        lambda out: shutil.copy(record(out).with_name("synthetic_0002.json"), record(out)),
        ["is damaged: run again"],
    ),
    "no record": (lambda out: record(out).unlink(), [f"{CLIP} is in the ledger, but its record is missing"]),
    "another configuration": (
        lambda out: change_record(out, lambda d: d.update(identity="0123456789abcdef")),
        [f"{CLIP} was made with another configuration"],
    ),
    "a record whose files were taken out": (
        lambda out: change_record(out, lambda d: d["writers"]["csv"].update(files=[])),
        ["record '.posecfg/clips/synthetic_0001.json' is damaged"],
    ),
    "another identity": (lambda out: change_run(out, identity={"detector": "x"}), ["run.json' is damaged"]),
    "no identity": (lambda out: change_run(out, identity={}), ["run.json' is damaged"]),
    "a writer that is none": (lambda out: change_run(out, writers={"npy": 5}), ["run.json' is damaged"]),
    "no configuration": (lambda out: (out / ".posecfg" / "run.json").write_text("[]"), ["run.json' is damaged"]),
    "a clip that failed": (lambda out: fail(out), [f"{CLIP} failed: why"]),
    "a clip that is gone": (lambda out: insert_row(out, "done"), ["gone is in the ledger"]),
    "a temporary file": (
        lambda out: ((out / ".posecfg" / "tmp" / "x").mkdir(), (out / ".posecfg/tmp/x/1.part").touch()),
        ["1 temporary files and 0 half-written clips"],
    ),
    "an intent": (
        lambda out: (out / ".posecfg" / "intents" / "x.json").write_text("{}"),
        ["0 temporary files and 1 half-written clips"],
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_found(out, kind):
    harm, expected = DAMAGE[kind]
    harm(out)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*")}
    found = problems(out)
    for text in expected:
        assert any(text in problem for problem in found), found
    assert len(found) <= len(expected) + 1
    assert before == {p: p.stat().st_mtime_ns for p in out.rglob("*")}


def test_a_clip_without_people_and_a_skipped_clip_are_notes(tmp_path):
    go(tmp_path / "none", "dataset=synthetic", *SMALL, "detector.people=0")
    result = verify([str(tmp_path / "none")])
    assert (result["problems"], len(result["notes"])) == ([], 3)
    people = ("dataset.people=2", "detector.people=2", "persons=only")
    go(tmp_path / "two", "dataset=synthetic", *SMALL, *people)
    result = verify([str(tmp_path / "two")])
    assert (result["problems"], result["clips"]["skipped"], result["files"]) == ([], 3, 0)


def test_foreign_files_beside_ours_are_notes(out):
    np.save(out / "mine.npy", np.zeros((1, 2)))
    (out / "notes.txt").touch()
    result = verify([str(out)])
    assert (result["problems"], result["notes"]) == ([], ["mine.npy (1x2) was not written by posecfg"])


def test_what_is_wrong_with_files_that_are_in_nobodys_way_is_nobodys_problem(out):
    (out / "labels.csv").touch()
    (out / "settings.json").write_text("// mine\n{}")
    np.save(out / "labels.npy", np.array([{}], object), allow_pickle=True)
    result = verify([str(out)])
    assert result["problems"] == []
    assert len(result["notes"]) == 3
    assert all("not written by posecfg" in note for note in result["notes"])


def test_runs_below_a_folder_are_checked_by_their_own_records(tmp_path, made):
    shutil.copytree(made, tmp_path / "sweep" / "a")
    shutil.copytree(made, tmp_path / "sweep" / "b")
    (tmp_path / "sweep" / ".posecfg" / "starts").mkdir(parents=True)
    result = verify([str(tmp_path / "sweep")])
    assert (result["problems"], result["clips"]["done"], result["files"]) == ([], 6, 18)
    (tmp_path / "sweep" / "b" / f"{CLIP}.npy").unlink()
    (problem,) = problems(tmp_path / "sweep")
    assert problem == f"b/{CLIP}.npy is missing: run again, with npy among the writers, to write it"


@pytest.fixture
def bare(out):
    shutil.rmtree(out / ".posecfg")
    return out


def test_a_folder_without_records_is_read_all_the_same(bare):
    result = verify([str(bare)])
    assert (result["problems"], result["recorded"], result["files"], result["rows"]) == ([], False, 9, 9)


def torn_zip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def pickled(path):
    np.save(path, np.array([{"a": 1}], dtype=object))


@pytest.mark.parametrize(
    ("name", "harm", "text"),
    [
        ("npy", lambda p: p.write_bytes(p.read_bytes()[:-1]), "cannot be read"),
        ("npy", lambda p: p.write_bytes(p.read_bytes() + b"x"), "bytes behind its array"),
        ("npy", lambda p: p.write_bytes(b""), "cannot be read"),
        ("npy", lambda p: p.write_bytes(b"no array"), "Python objects, or is no array"),
        ("npy", pickled, "Python objects"),
        ("npy", lambda p: np.save(p, np.zeros((3, 5))), "the arrays differ: (T, 17, 3) float32 in"),
        ("npy", lambda p: np.save(p, np.zeros((3, 17, 3))), "(T, 17, 3) float64 in"),
        ("npz", torn_zip, "cannot be read"),
        ("npz", lambda p: p.write_bytes(b"PK"), "cannot be read"),
        ("csv", lambda p: p.write_bytes(b""), "is empty"),
        ("csv", lambda p: p.write_text("a,b\n1,2\n3\n"), "line 3 has 1 fields instead of 2"),
        ("csv", lambda p: p.write_text("a,b\n1,nan\n"), "line 2 holds nan"),
        ("csv", lambda p: p.write_bytes(b"\xff\xfe"), "cannot be read"),
        ("json", lambda p: p.write_text("{"), "cannot be read"),
        ("json", lambda p: p.write_text("[NaN]"), "NaN is no JSON value"),
    ],
)
def test_damage_is_found_without_records(bare, name, harm, text):
    harm(bare / f"{CLIP}.{name}")
    found = problems(bare)
    assert len(found) == 1
    assert text in found[0]


def test_pickled_arrays_are_not_loaded(tmp_path):
    stream = io.BytesIO()
    np.savez(stream, xy=np.array([{"a": 1}], dtype=object))
    (tmp_path / "x.npz").write_bytes(stream.getvalue())
    assert "Python objects" in look(tmp_path / "x.npz").error


def test_a_folder_with_nothing_to_check_is_a_problem(tmp_path):
    assert "holds no result" in problems(tmp_path)[0]
    (tmp_path / "film.mp4").touch()
    assert len(problems(tmp_path)) == 1


@pytest.mark.parametrize("words", [[], ["a", "b"], ["/does/not/exist"]])
def test_words_that_name_no_folder(words):
    with pytest.raises(UsageError):
        verify(words)


def test_a_folder_that_is_not_there_is_answered_with_the_nearest(made):
    with pytest.raises(UsageError, match=f"there is no '.*/ou'. Did you mean '{made}'\\?"):
        verify([str(made.parent / "ou")])
    with pytest.raises(UsageError, match="is a file: type verify and the folder"):
        verify([str(made / f"{CLIP}.npy")])


def test_what_is_said_of_one_of_several_folders_begins_with_its_name(tmp_path, made):
    shutil.copytree(made, tmp_path / "runs" / "a")
    listing = tmp_path / "runs" / "a" / ".posecfg" / "listing.json"
    listing.write_text(json.dumps(json.loads(listing.read_text()) | {"left_out": {"not a video suffix": 2}}))
    notes = verify([str(tmp_path / "runs")])["notes"]
    assert "a: 2 inputs not taken by the latest run: 2 not a video suffix" in notes
    assert (
        "2 inputs not taken by the latest run: 2 not a video suffix" in verify([str(tmp_path / "runs" / "a")])["notes"]
    )


def test_the_exit_code_says_whether_there_are_problems(out):
    command = [sys.executable, ROOT / "run.py", "verify", out, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)["problems"]) == (0, [])
    (out / f"{CLIP}.npy").unlink()
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["problems"]) == 1


def test_clips_that_were_never_tried_are_missing(tmp_path):
    go(tmp_path / "out", "detector.crash=raise:0000", "on_error=stop")
    problems = verify([str(tmp_path / "out")])["problems"]
    assert any("2 clips never tried ('synthetic_0001' first)" in text for text in problems)


def test_logs_alone_are_no_results(tmp_path):
    (tmp_path / ".hydra" / "today").mkdir(parents=True)
    (tmp_path / ".hydra" / "today" / "posecfg.json").write_text("{}")
    assert any("holds no result" in text for text in verify([str(tmp_path)])["problems"])


def test_a_clip_whose_place_is_taken_is_a_problem_and_a_damaged_file_there_another(tmp_path):
    (tmp_path / "synthetic_0001.npy").write_bytes(b"no array")
    assert go(tmp_path).exit_code == 3
    left_out = "synthetic_0001 was left out, as 'synthetic_0001.npy' is in its place: move that away, and run again"
    first, problem = verify([str(tmp_path)])["problems"]
    assert first == left_out
    assert problem.startswith("synthetic_0001.npy, which posecfg did not write: ")
    np.save(tmp_path / "synthetic_0001.npy", np.zeros((3, 85, 4), np.float32))
    result = verify([str(tmp_path)])
    assert result["problems"] == [left_out]
    assert result["notes"] == ["synthetic_0001.npy (3x85x4) was not written by posecfg"]
    (tmp_path / "synthetic_0001.npy").unlink()
    (problem,) = verify([str(tmp_path)])["problems"]
    assert problem.startswith("1 clip never tried ('synthetic_0001' first): run again")


def test_a_setting_is_no_folder(made):
    with pytest.raises(UsageError, match=r"verify takes one folder, and no setting such as console=lines: python"):
        verify([str(made), "console=lines"])


@pytest.mark.parametrize("kind", ["/dev/zero", "pipe", "socket", "link to a pipe"])
def test_an_input_that_is_no_regular_file_is_not_read(tmp_path, kind):
    """What a record names was written by anyone: a pipe has no end, and may never begin."""
    out, special = tmp_path / "out", tmp_path / "special.mp4"
    assert go(out, "limit=1").exit_code == 0
    os.mkfifo(tmp_path / "pipe")
    with closing(socket.socket(socket.AF_UNIX)) as server:
        if kind == "socket":
            server.bind(os.path.relpath(special))
        else:
            special.symlink_to(kind if kind.startswith("/") else tmp_path / "pipe")
        path = tmp_path / "pipe" if kind == "pipe" else special
        place = out / ".posecfg" / "clips" / "synthetic_0000.json"
        record = json.loads(place.read_text())
        record["input"] = {"bytes": 0, "mtime_ns": 1, "sha256": "aa", "path": str(path)}
        place.write_text(json.dumps(record))
        (problem,) = verify([str(out)], lambda done, total: None)["problems"]
    assert f"'{path}', but it cannot be read (it is no regular file)" in problem
