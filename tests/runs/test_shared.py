"""Files over all clips of a folder: of all that are finished, whatever was done when, and nothing of the user's."""

from __future__ import annotations

import json
import os
import time

import pytest
from whole_runs import go, leftovers, published

from posecfg.errors import OutputError
from posecfg.review.verify import verify
from posecfg.runs import shared
from posecfg.store import clip_parts, shared_files
from posecfg.store.run_directory import RunDirectory
from posecfg.store.staging import Staging

ONE = ("writer=[coco]", "writer.coco.images=none", "dataset.size=[64,48]")
FILE = "coco/train/annotations/train.json"


def words(clips):
    return ("dataset=synthetic", "dataset.frames=3", f"dataset.clips={clips}", *ONE)


@pytest.fixture
def out(tmp_path):
    assert go(tmp_path / "out", *words(3)).exit_code == 0
    return tmp_path / "out"


def content(out):
    return json.loads((out / FILE).read_bytes())


def test_a_file_is_of_all_clips_and_verify_knows_it(out):
    assert list(published(out)) == [FILE]
    whole = content(out)
    assert [picture["file_name"] for picture in whole["images"]][::3] == [
        f"synthetic_000{n}_frame_000000.jpg" for n in range(3)
    ]
    assert verify([str(out)])["problems"] == []
    assert not [note for note in verify([str(out)])["notes"] if "not written by" in note]


def test_nothing_is_read_or_written_where_nothing_changed(out, monkeypatch):
    monkeypatch.setattr(clip_parts.Parts, "of", lambda *_: pytest.fail("parts were asked for"))
    monkeypatch.setattr(shared_files, "is_as_recorded", lambda *_: pytest.fail("a file was read"))
    before = (out / FILE).stat()
    again = go(out, *words(3))
    assert (again.exit_code, again.already, again.shared) == (0, 3, [])
    assert (out / FILE).stat() == before


def test_a_file_that_is_touched_is_read_once(out, monkeypatch):
    os.utime(out / FILE)
    monkeypatch.setattr(clip_parts.Parts, "of", lambda *_: pytest.fail("parts were asked for"))
    assert (go(out, *words(3)).exit_code, go(out, *words(3)).shared) == (0, [])
    monkeypatch.setattr(shared_files, "is_as_recorded", lambda *_: pytest.fail("a file was read"))
    assert go(out, *words(3)).exit_code == 0


def test_shards_limits_and_the_order_of_runs_leave_no_trace(out, tmp_path):
    parts = tmp_path / "parts"
    assert go(parts, *words(3), "shard=2/2").exit_code == 0
    assert go(parts, *words(3), "shard=1/2").exit_code == 0
    one = tmp_path / "one"
    assert go(one, *words(3), "limit=1").exit_code == 0
    assert len(content(one)["images"]) == 3
    assert go(one, *words(3)).exit_code == 0
    assert published(parts) == published(one) == published(out)


@pytest.mark.parametrize("how", ["removed", "edited"])
def test_a_file_that_is_lost_or_edited_is_made_anew(out, how):
    before = published(out)
    if how == "removed":
        (out / FILE).unlink()
    else:
        (out / FILE).write_bytes(b"{}")
    assert any(FILE in problem for problem in verify([str(out)])["problems"])
    again = go(out, *words(3))
    assert (again.exit_code, again.already, again.shared) == (0, 3, [FILE])
    kept = {} if how == "removed" else {f"{FILE}.altered": b"{}"}
    assert published(out) == before | kept
    assert again.altered == list(kept)
    assert verify([str(out)])["problems"] == []


def test_a_file_of_the_user_is_never_replaced(tmp_path):
    out = tmp_path / "out"
    (out / FILE).parent.mkdir(parents=True)
    (out / FILE).write_bytes(b"mine")
    went = go(out, *words(2))
    assert went.exit_code == 1
    assert "train.json', and no record says that posecfg wrote it" in went.error
    assert published(out) == {FILE: b"mine"}
    (out / FILE).unlink()
    assert go(out, *words(2)).exit_code == 0


def test_clips_that_are_made_again_are_joined_again(out):
    before = published(out)
    seen = (out / FILE).stat()
    assert go(out, *words(3), "redo=synthetic_0001").shared == []
    assert (published(out), (out / FILE).stat()) == (before, seen)
    other = go(out, *words(3), "detector.noise=2", "overwrite=true")
    assert other.exit_code == 0
    assert published(out).keys() == before.keys()
    assert published(out) != before


def test_clips_made_otherwise_are_left_out_and_told(out):
    went = go(out, *words(3), "detector.noise=2", "overwrite=true", "limit=1")
    assert (went.exit_code, len(content(out)["images"])) == (0, 3)
    assert "2 clips made or written with other settings" in " ".join(went.screen.said)


def test_a_part_that_is_damaged_is_an_error_that_says_what_to_type(out):
    path = out / ".posecfg/parts/coco/synthetic_0002.part"
    path.write_bytes(b"x")
    (out / FILE).unlink()
    went = go(out, *words(3), "limit=1", "redo=synthetic_0000")
    assert went.exit_code == 1
    assert "the clip 'synthetic_0002' once more" in went.error
    assert go(out, *words(3)).exit_code == 0


def test_no_label_at_all_is_a_reason_and_no_success(tmp_path):
    out = tmp_path / "out"
    for _ in range(2):
        went = go(out, *words(2), "writer.coco.hidden_thr=0.99", "writer.coco.seen_thr=0.99")
        assert went.exit_code == 1
        assert "writer=coco has no file over all clips: no person has enough labelled points in 6 images" in went.error
    assert published(out) == {}


def test_files_that_are_no_more_are_removed_and_edited_ones_kept(out):
    assert go(out, *words(3), "writer.coco.path=set", "overwrite=true").exit_code == 0
    assert list(published(out)) == ["set/train/annotations/train.json"]
    (out / "set/train/annotations/train.json").write_bytes(b"mine")
    assert go(out, *words(3), "overwrite=true").exit_code == 0
    assert published(out)["set/train/annotations/train.json.altered"] == b"mine"


@pytest.mark.parametrize("step", ["finish", "publish", "_save", "after"])
def test_a_stop_at_any_step_leaves_what_the_next_run_finishes(tmp_path, monkeypatch, step):
    out = tmp_path / "out"
    assert go(out, *words(2)).exit_code == 0
    saves = []

    def killed(*_):
        raise KeyboardInterrupt

    if step == "finish":
        monkeypatch.setattr("posecfg.writers.coco.join", killed)
    elif step == "publish":
        publish = Staging.publish
        monkeypatch.setattr(Staging, "publish", lambda self: killed() if self.aside.name == "shared" else publish(self))
    else:
        real = shared_files._save

        def second(*arguments):
            saves.append(arguments)
            if step == "_save" or len(saves) == 2:
                killed()
            return real(*arguments)

        monkeypatch.setattr(shared_files, "_save", second)
    assert go(out, *words(3)).stopped
    monkeypatch.undo()
    assert verify([str(out)])["problems"]
    again = go(out, *words(3))
    assert (again.exit_code, again.already) == (0, 3)
    assert leftovers(out) == []
    assert verify([str(out)])["problems"] == []
    assert len(content(out)["images"]) == 9
    assert list(published(out)) == [FILE]


def test_two_at_once_wait_for_each_other(out):
    gate = shared.Locks(out / ".posecfg", "").gate(shared.LOCK)
    child = os.fork()
    if child == 0:
        (out / FILE).unlink()
        with gate:
            (out / "holds").touch()
            time.sleep(0.3)
            (out / "holds").unlink()
        os._exit(0)
    while not (out / "holds").exists():
        time.sleep(0.01)
    report = go(out, *words(3), "shard=1/2").report
    assert not (out / "holds").exists()
    assert report.shared == [FILE]
    os.waitpid(child, 0)


def test_a_second_run_on_the_whole_folder_is_refused(out):
    with RunDirectory(out).occupy({}, {}, True), pytest.raises(OutputError, match="is in use by process"):
        go(out, *words(3))


def test_another_writer_changes_records_and_no_part(out, monkeypatch):
    before = (out / FILE).stat()
    monkeypatch.setattr(shared_files, "publish", lambda *_: pytest.fail("written anew"))
    assert go(out, *words(3)[:3], "writer=[npy]", "dataset.size=[64,48]").exit_code == 0
    assert (out / FILE).stat() == before
    assert verify([str(out)])["problems"] == []
