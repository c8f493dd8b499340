"""What a record, a ledger or an intent says removes no input and no file that is not as it was written."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3

import pytest
from films import pictures
from whole_runs import go, published, sidecar_of

from posecfg.errors import Taken
from posecfg.store.inputs import Inputs, files_named_in
from posecfg.store.record_files import digest_name
from posecfg.store.replacing import digest, make_way, remove_recorded, set_aside
from posecfg.types import Clip

BOTH = "writer=[npy,csv]"


@pytest.fixture
def edited(tmp_path, folder):
    """Return a finished run of two films, one csv of which was edited, and the overrides that made it."""
    dataset = folder("a.mp4", "b.mp4")
    assert go(tmp_path / "out", *dataset, BOTH).exit_code == 0
    (tmp_path / "out" / "a.csv").write_text("edited")
    return tmp_path / "out", dataset


@pytest.mark.parametrize("how", ["redo", "overwrite", "another input"])
def test_an_output_that_was_edited_is_kept_where_it_is_replaced(edited, other_film, how):
    out, dataset = edited
    words = {"redo": ["redo=a"], "overwrite": ["detector.noise=2", "overwrite=true"], "another input": []}[how]
    if how == "another input":
        shutil.copy(other_film, out.parent / "films" / "a.mp4")
    report = go(out, *dataset, BOTH, *words)
    assert (report.exit_code, report.altered) == (0, ["a.csv.altered"])
    assert report.data()["altered"] == ["a.csv.altered"]
    assert (out / "a.csv.altered").read_text() == "edited"
    assert (out / "a.csv").read_text().startswith("frame,")
    assert os.lstat(out / "a.csv").st_nlink == os.lstat(out / "a.csv.altered").st_nlink == 1
    (out / "a.csv").write_text("edited again")
    again = go(out, *dataset, BOTH, *words, "redo=a")
    assert again.altered == ["a.csv.altered-2"]
    assert [(out / name).read_text() for name in ("a.csv.altered", "a.csv.altered-2")] == ["edited", "edited again"]


def test_a_kill_after_a_file_was_kept_does_not_keep_it_twice(edited):
    out, dataset = edited
    os.link(out / "a.csv", out / "a.csv.altered")
    assert go(out, *dataset, BOTH).altered == ["a.csv.altered"]
    assert sorted(published(out)) == ["a.csv", "a.csv.altered", "a.npy", "b.csv", "b.npy"]


def test_files_are_kept_where_they_cannot_be_linked(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    for number, name in enumerate(("a.altered", "a.altered-2")):
        (tmp_path / "a").write_text(str(number))
        assert make_way(tmp_path, "a", (), Inputs()) == name
    assert [(tmp_path / name).read_text() for name in ("a.altered", "a.altered-2")] == ["0", "1"]


def test_a_link_in_the_place_of_an_output_is_kept_and_not_followed(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "a").symlink_to("mine")
    assert not remove_recorded(tmp_path, "a", digest(tmp_path / "mine"), Inputs())
    assert set_aside(tmp_path, "a", Inputs()) == "a.altered"
    assert (tmp_path / "a.altered").is_symlink()
    assert (tmp_path / "mine").read_text() == "mine"


def test_inputs_are_known_by_name_by_link_and_in_folders_of_pictures(tmp_path):
    (tmp_path / "shots").mkdir()
    for name in ("film.mp4", "shots/1.png", "shots/notes.txt", "table.csv", "other"):
        (tmp_path / name).write_text(name)
    os.link(tmp_path / "film.mp4", tmp_path / "hard")
    (tmp_path / "soft").symlink_to("film.mp4")
    others = files_named_in({"a": [{"b": str(tmp_path / "table.csv")}, 5, "x\0", str(tmp_path)]})
    clips = [
        Clip("film", tmp_path / "film.mp4"),
        Clip("shots", tmp_path / "shots"),
        Clip("gone", tmp_path / "gone.mp4"),
    ]
    reads = Inputs.of(tmp_path, clips, others)
    held = {
        name: reads.has(tmp_path, name) for name in ("film.mp4", "hard", "soft", "shots/1.png", "table.csv", "gone.mp4")
    }
    assert all(held.values()), held
    assert not any(reads.has(tmp_path, name) for name in ("other", "shots/notes.txt", "absent"))
    for name in ("film.mp4", "hard", "shots/1.png"):
        assert not remove_recorded(tmp_path, name, digest(tmp_path / name), reads)
        with pytest.raises(Taken):
            make_way(tmp_path, name, (), reads)
        assert set_aside(tmp_path, name, reads) is None


@pytest.fixture
def beside(tmp_path, film):
    """Return a finished run of a film into the film's own folder, where notes are too."""
    shutil.copy(film, tmp_path / "film.mp4")
    (tmp_path / "notes.txt").write_text("notes")
    words = ("dataset=folder", f"dataset.path={tmp_path / 'film.mp4'}", "writer=[npy]")
    assert go(tmp_path, *words).exit_code == 0
    return tmp_path, words


def is_still_there(root, film):
    assert (root / "film.mp4").read_bytes() == film.read_bytes()
    assert (root / "notes.txt").read_text() == "notes"


@pytest.mark.parametrize("redo", ["redo=true", "redo=film"])
def test_a_ledger_removes_nothing(beside, film, redo):
    root, words = beside
    names = [["film.npy", 1, 1], ["notes.txt", 5, (root / "notes.txt").stat().st_mtime_ns]]
    with sqlite3.connect(root / ".posecfg" / "ledger.db") as db:
        db.execute("UPDATE clips SET files=?", (json.dumps(names),))
    db.close()
    report = go(root, *words, redo)
    assert report.warned == {"film": "'notes.txt' stays: no record tells that posecfg wrote it"}
    is_still_there(root, film)


def test_a_stale_record_removes_no_notes(beside, film):
    root, words = beside
    place = root / ".posecfg" / "clips" / "film.json"
    record = sidecar_of(root, "film")
    record["writers"]["csv"] = {
        "identity": "x",
        "files": [dict(record["writers"]["npy"]["files"][0], name="notes.txt")],
    }
    place.write_text(json.dumps(record))
    assert go(root, *words, "redo=true").altered == ["notes.txt.altered"]
    assert (root / "notes.txt.altered").read_text() == "notes"


@pytest.mark.parametrize("listed", ["folder", "manifest"])
def test_an_input_that_another_record_calls_an_output_stays_an_input(tmp_path, film, other_film, listed):
    root = tmp_path / "films"
    root.mkdir()
    shutil.copy(film, root / "a.mp4")
    shutil.copy(other_film, root / "b.mp4")
    (tmp_path / "table.csv").write_text("VIDEO_NAME,SENTENCE_NAME,START,END\na,a,0,1\nb,b,0,1\n")
    words = ("dataset=folder", f"dataset.path={root}")
    if listed == "manifest":
        words = ("dataset=manifest", f"dataset.path={tmp_path / 'table.csv'}", f"dataset.videos={root}")
    assert go(root, *words, BOTH).done == 2
    record = sidecar_of(root, "a")
    files = record["writers"]["csv"]["files"]
    size, sha = digest(root / "b.mp4")
    files.append(dict(files[0], name="b.mp4", bytes=size, sha256=sha, mtime_ns=(root / "b.mp4").stat().st_mtime_ns))
    record["input"]["path"] = "a path that no file has\0"
    (root / ".posecfg" / "clips" / "a.json").write_text(json.dumps(record))
    report = go(root, *words, "writer=[npy]", "redo=true")
    assert (report.done, report.excluded) == (2, 0)
    assert (root / "b.mp4").read_bytes() == other_film.read_bytes()


def test_pictures_that_another_record_calls_outputs_stay_an_input(tmp_path):
    for folder in ("a", "b"):
        pictures(tmp_path / folder, ["1.png", "2.png"])
    words = ("dataset=folder", f"dataset.path={tmp_path}", "dataset.images=true")
    assert go(tmp_path, *words, BOTH).done == 2
    record = sidecar_of(tmp_path, "a")
    files = record["writers"]["csv"]["files"]
    for name in ("b/1.png", "b/2.png"):
        size, sha = digest(tmp_path / name)
        files.append(dict(files[0], name=name, bytes=size, sha256=sha))
    (tmp_path / ".posecfg" / "clips" / "a.json").write_text(json.dumps(record))
    report = go(tmp_path, *words, "writer=[npy]", "redo=true")
    assert (report.done, report.excluded) == (2, 0)
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == ["1.png", "2.png"]


@pytest.mark.parametrize("done", [True, False])
def test_an_intent_removes_no_input(beside, film, done):
    root, words = beside
    token = sidecar_of(root, "film")["token"]
    files = []
    for name, sha in (("film.mp4", None), ("notes.txt", "aa")):
        seen = (root / name).stat()
        facts = {"mtime_ns": seen.st_mtime_ns, "inode": 1, "bytes": seen.st_size}
        files.append({"name": name, "sha256": sha or digest(root / name)[1], **facts})
    intent = root / ".posecfg" / "intents" / "film.json"
    intent.parent.mkdir(exist_ok=True)
    note = {"id": "film", "token": token if done else "x", "files": files, "stale": files}
    intent.write_text(json.dumps(note))
    assert go(root, *words).exit_code == 0
    assert not intent.exists()
    is_still_there(root, film)


def test_stale_files_of_a_finished_commit_are_removed_by_the_next_run(edited):
    out, dataset = edited
    token, files = sidecar_of(out, "b")["token"], sidecar_of(out, "b")["writers"]["npy"]["files"]
    (out / "old.npy").write_bytes((out / "b.npy").read_bytes())
    intent = out / ".posecfg" / "intents" / "b.json"
    intent.parent.mkdir(exist_ok=True)
    intent.write_text(json.dumps({"id": "b", "token": token, "files": [], "stale": [dict(files[0], name="old.npy")]}))
    go(out, *dataset, BOTH)
    assert "old.npy" not in published(out)
    assert (out / "b.npy").exists()


@pytest.fixture
def unfinished(edited):
    """Return a finished run and a file beside it, which an intent alone says is of an unfinished commit."""
    out, dataset = edited
    (out / "c.npy").write_text("edited")
    file = {"name": "c.npy", "mtime_ns": 1, "inode": (out / "c.npy").stat().st_ino, "bytes": 3, "sha256": "aa"}
    intent = out / ".posecfg" / "intents" / "c.json"
    intent.parent.mkdir(exist_ok=True)
    intent.write_text(json.dumps({"id": "c", "token": "x", "files": [file]}))
    return out, dataset


def test_an_edited_file_of_an_unfinished_commit_is_kept_and_told(unfinished):
    out, dataset = unfinished
    aside = out / ".posecfg" / "tmp" / digest_name("c") / "npy"
    aside.mkdir(parents=True)
    os.link(out / "c.npy", aside / "1.part")
    assert "c.npy.altered" in go(out, *dataset, BOTH).altered
    assert (out / "c.npy.altered").read_text() == "edited"


def test_a_file_that_only_an_intent_names_stays(unfinished):
    out, dataset = unfinished
    report = go(out, *dataset, BOTH)
    assert "c.npy.altered" not in report.altered
    assert (out / "c.npy").read_text() == "edited"
    assert not (out / ".posecfg" / "intents" / "c.json").exists()
