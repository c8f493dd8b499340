"""A machine that fails to read is no proof that nothing is there: nothing is removed, redone or replaced for it."""

import errno
import json
import os

import pytest
from disks import SickPlace
from whole_runs import go, job_of, leftovers, published

from posecfg.errors import ClipError, OutputError
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.store import fingerprint, record_files
from posecfg.store.absence import matching, status
from posecfg.store.commit import undo
from posecfg.store.inputs import Inputs
from posecfg.store.replacing import digest
from posecfg.store.staging import Staging
from posecfg.types import Clip

CLIP = "synthetic_0001"
WORDS = ("dataset=synthetic", "dataset.clips=2", "dataset.frames=2", "dataset.size=[32,24]", "writer=[npy,csv]")
ERRORS = (errno.EIO, errno.ESTALE, errno.EMFILE, errno.EACCES)
READS = ("open",)


@pytest.fixture
def out(tmp_path):
    assert go(tmp_path / "out", *WORDS).exit_code == 0
    return tmp_path / "out"


def intent_of(out, *, token="another", **change):
    """Put an intent there that names a file of a clip, and return its place."""
    name = f"{CLIP}.npy"
    size, sha = digest(out / name)
    file = {"name": name, "mtime_ns": 1, "inode": (out / name).stat().st_ino, "bytes": size, "sha256": sha} | change
    place = record_files.place(out, "intents", CLIP)
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps({"id": CLIP, "token": token, "files": [file], "stale": [file]}))
    return place


@pytest.mark.parametrize("number", ERRORS)
def test_an_intent_that_cannot_be_read_stays_until_it_can(out, monkeypatch, number):
    record_files.place(out, "clips", CLIP).unlink()
    intent = intent_of(out)
    with monkeypatch.context() as patch:
        SickPlace(f"intents/{CLIP}.json", number, READS).install(patch)
        with pytest.raises(OutputError, match=rf"intents/{CLIP}.json' cannot be read \({os.strerror(number)}\)"):
            undo(out, intent)
    assert intent.exists()
    assert (out / f"{CLIP}.npy").exists()
    assert undo(out, intent)
    assert not (out / f"{CLIP}.npy").exists()


@pytest.mark.parametrize("number", ERRORS)
@pytest.mark.parametrize("calls", [("open",), ("lstat",)])
def test_a_file_is_not_removed_where_the_record_that_vouches_for_it_cannot_be_read(out, monkeypatch, number, calls):
    intent, before = intent_of(out), published(out)
    with monkeypatch.context() as patch:
        SickPlace(f"clips/{CLIP}.json", number, calls).install(patch)
        with pytest.raises(OutputError, match="cannot be read"):
            undo(out, intent)
    assert intent.exists()
    assert published(out) == before
    undo(out, intent)
    assert published(out) == before


def test_damage_and_absence_are_no_errors_of_the_machine(out):
    intent, before = intent_of(out), published(out)
    intent.write_text("{")
    assert not undo(out, intent)
    assert not undo(out, intent)
    assert not intent.exists()
    assert published(out) == before


def test_an_output_of_a_half_done_clip_that_cannot_be_read_is_neither_removed_nor_called_edited(out, monkeypatch):
    record_files.place(out, "clips", CLIP).unlink()
    intent, before = intent_of(out), published(out)
    for calls in (("open",), ("lstat",)):
        with monkeypatch.context() as patch:
            SickPlace(f"{CLIP}.npy", calls=calls).install(patch)
            with pytest.raises(OutputError, match=rf"{CLIP}.npy' cannot be read"):
                undo(out, intent)
        assert intent.exists()
        assert published(out) == before


@pytest.mark.parametrize("number", ERRORS)
@pytest.mark.parametrize("name", [f"clips/{CLIP}.json", ".posecfg/run.json", f"intents/{CLIP}.json", ".posecfg/clips"])
def test_a_run_that_cannot_read_what_is_recorded_ends_in_a_sentence_and_redoes_nothing(out, monkeypatch, name, number):
    (out / ".posecfg" / "ledger.db").unlink()
    if "intents" in name:
        intent_of(out)
    before = published(out)
    with monkeypatch.context() as patch:
        SickPlace(name, number).install(patch)
        if name.endswith("clips"):
            patch.setattr(os, "scandir", SickPlace(name, number)._failing(os.scandir))
        try:
            told = go(out, *WORDS, "redo=true").error
        except OutputError as error:
            told = str(error)
    assert f"{name}' cannot be read ({os.strerror(number)})" in told
    assert published(out) == before
    again = go(out, *WORDS)
    assert (again.exit_code, again.todo, leftovers(out)) == (0, {}, [])


def test_an_output_that_cannot_be_read_is_not_made_again(out, monkeypatch):
    os.utime(out / f"{CLIP}.npy", (1, 1))
    with monkeypatch.context() as patch:
        SickPlace(f"{CLIP}.npy", calls=READS).install(patch)
        went = go(out, *WORDS)
    assert went.exit_code == 1
    assert f"{CLIP}.npy' cannot be read" in went.error
    assert go(out, *WORDS).todo == {}


def test_a_clip_is_made_again_where_its_record_is_damaged_and_its_files_are_gone(out):
    place = record_files.place(out, "clips", CLIP)
    seen, before = place.stat(), published(out)
    place.write_bytes(b"x" * seen.st_size)
    os.utime(place, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    (out / f"{CLIP}.npy").unlink()
    assert list(go(out, *WORDS).todo) == [CLIP]
    assert published(out) == before


def test_verify_names_records_and_lists_that_cannot_be_read(out, monkeypatch):
    for name in (f"clips/{CLIP}.json", ".posecfg/listing.json", f"{CLIP}.csv"):
        with monkeypatch.context() as patch:
            SickPlace(name, calls=READS).install(patch)
            problems = verify([str(out)], lambda done, total: None)["problems"]
        assert [text for text in problems if "cannot be read" in text]
        assert not [text for text in problems if "run again" in text]
    with monkeypatch.context() as patch:
        SickPlace(".posecfg/run.json", calls=READS).install(patch)
        assert any("run.json' cannot be read" in text for text in plan(job_of(out, *WORDS))["problems"])


def test_a_list_of_clips_that_cannot_be_read_is_written_anew(out, monkeypatch):
    SickPlace(".posecfg/listing.json", calls=READS).install(monkeypatch)
    assert go(out, *WORDS).exit_code == 0


def test_a_place_that_cannot_be_looked_at_is_not_free(tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x.npy").write_text("mine")
    files = Staging(tmp_path / "out", tmp_path / "aside")
    with monkeypatch.context() as patch:
        SickPlace("out/x.npy", calls=("lstat",)).install(patch)
        with pytest.raises(OutputError, match=r"x.npy' cannot be read"), files.open("x.npy"):
            pytest.fail("it was opened")
    assert (tmp_path / "out" / "x.npy").read_text() == "mine"


def test_an_output_of_which_it_is_not_known_whether_it_is_an_input_is_left(tmp_path, monkeypatch):
    (tmp_path / "a.mp4").write_text("a")
    reads = Inputs.of(tmp_path / "out", [Clip("a", tmp_path / "a.mp4")])
    assert not reads.has(tmp_path, "b")
    SickPlace("/b", calls=("stat",)).install(monkeypatch)
    with pytest.raises(OutputError, match="cannot be read"):
        reads.has(tmp_path, "b")


def test_an_input_that_the_machine_cannot_look_at_is_neither_gone_nor_changed(tmp_path, monkeypatch):
    clip = Clip("a", tmp_path / "a.mp4")
    clip.path.write_text("film")
    known = fingerprint.record(clip)
    SickPlace("a.mp4", calls=("stat",)).install(monkeypatch)
    for look in (lambda: fingerprint.is_same(clip, known), lambda: fingerprint.record(clip)):
        with pytest.raises(ClipError, match="cannot be read"):
            look()


def test_what_is_not_there_is_none(tmp_path):
    assert status(tmp_path / "a" / "b") is None
    assert status(tmp_path / ("a" * 300)) is None
    assert matching(tmp_path / "a", "*") == []
    (tmp_path / "b.db").touch()
    assert matching(tmp_path, "*.db") == [tmp_path / "b.db"]
    assert matching(tmp_path / "b.db", "*") == []
