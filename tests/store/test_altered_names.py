"""An output that was edited is named by the run that moved it aside, whatever else goes wrong in that run."""

import errno
import json
import os

import pytest
import saboteurs
from whole_runs import Spy, go, job_of

from posecfg.errors import ClipError, OutputError
from posecfg.executors import worker_start
from posecfg.runs.run import run
from posecfg.store import commit, record_files, sync
from posecfg.store.inputs import Inputs
from posecfg.store.ledger import Ledger
from posecfg.store.replacing import set_aside

CLIP = "synthetic_0002"
WORDS = ("dataset=synthetic", "dataset.clips=3", "dataset.frames=2", "dataset.size=[32,24]", "writer=[npy,csv]")


@pytest.fixture
def out(tmp_path):
    """Return a finished run of which one output was edited."""
    assert go(tmp_path / "out", *WORDS).exit_code == 0
    (tmp_path / "out" / f"{CLIP}.npy").write_text("edited")
    return tmp_path / "out"


def failing(error):
    def fail(path, *rest):
        if path.name == f"{CLIP}.json":
            raise error
        return good(path, *rest)

    good = commit.replace_bytes
    return fail


@pytest.mark.parametrize(
    ("error", "status"), [(ClipError("no record"), 3), (OutputError("no disk"), 1), (OSError(errno.ENOSPC, "full"), 1)]
)
def test_an_edited_output_is_named_where_the_record_cannot_be_written(out, monkeypatch, error, status):
    with monkeypatch.context() as patch:
        patch.setattr(commit, "replace_bytes", failing(error))
        went = go(out, *WORDS, f"redo={CLIP}")
    assert (went.exit_code, went.altered) == (status, [f"{CLIP}.npy.altered"])
    assert (out / f"{CLIP}.npy.altered").read_text() == "edited"


def test_an_edited_output_is_named_where_files_of_an_earlier_result_go(out, monkeypatch):
    monkeypatch.setattr(commit, "replace_bytes", failing(ClipError("no record")))
    went = go(out, *WORDS[:-1], "writer=[csv]", f"redo={CLIP}")
    assert list(went.failed) == [CLIP]
    assert went.altered == [f"{CLIP}.npy.altered"]


def test_an_edited_output_is_named_where_the_next_file_is_refused(out, monkeypatch):
    """The edited one is published first; the second writer's place is taken by a folder."""
    (out / f"{CLIP}.csv").unlink()
    (out / f"{CLIP}.csv").mkdir()
    went = go(out, *WORDS, f"redo={CLIP}")
    assert went.exit_code != 0
    assert went.altered == [f"{CLIP}.npy.altered"]
    assert (out / f"{CLIP}.npy.altered").read_text() == "edited"


@pytest.mark.parametrize("how", ["unrecorded", "unrecorded_for_good"])
def test_a_worker_tells_its_parent(out, monkeypatch, how):
    monkeypatch.setattr(worker_start, "_enter", getattr(saboteurs, how))
    went = go(out, *WORDS, f"redo={CLIP}", "workers=1")
    assert went.altered == [f"{CLIP}.npy.altered"]
    assert (went.error is None) == (how == "unrecorded")


def intent_of(out):
    """Leave what a commit does that was not finished, whose file was edited since."""
    name = f"{CLIP}.npy"
    file = {"name": name, "mtime_ns": 1, "bytes": 3, "sha256": "aa"}
    aside = out / ".posecfg" / "tmp" / record_files.digest_name(CLIP) / "npy"
    aside.mkdir(parents=True)
    os.link(out / name, aside / "1.part")
    place = record_files.place(out, "intents", CLIP)
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps({"id": CLIP, "token": "x", "files": [file]}))
    record_files.place(out, "clips", CLIP).unlink()


def test_what_a_dead_worker_left_is_named(out, monkeypatch):
    """The worker that was killed in the middle of a commit left an intent, and its file was edited."""
    from posecfg.executors.local import Local

    def die(self, setup, works, mend):
        intent_of(out)
        mend(CLIP, 0.0)
        raise OutputError("no worker")
        yield

    monkeypatch.setattr(Local, "run", die)
    assert go(out, *WORDS, "redo=true").altered == [f"{CLIP}.npy.altered"]


@pytest.mark.parametrize("where", ["claim", "ledger"])
def test_what_a_killed_run_left_is_named_where_the_next_one_does_not_start(out, monkeypatch, where):
    intent_of(out)
    if where == "claim":
        monkeypatch.setattr("posecfg.store.run_directory.RunDirectory._claim", _refuse)
    else:
        monkeypatch.setattr(Ledger, "__init__", _refuse)
    screen = Spy()
    with pytest.raises(OutputError, match="no disk"):
        run(job_of(out, *WORDS), screen)
    assert [text for text in screen.said if f"{CLIP}.npy.altered" in text]


def _refuse(self, *rest):
    raise OutputError("no disk")


@pytest.mark.parametrize("links", [True, False])
def test_the_name_is_known_where_the_folder_cannot_be_flushed(tmp_path, monkeypatch, links):
    (tmp_path / "a").write_text("edited")

    def fail(*paths, **named):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(sync, "flush", fail)
    if not links:
        monkeypatch.setattr(os, "link", fail)
    names = []
    with pytest.raises(OutputError):
        set_aside(tmp_path, "a", Inputs(), names)
    assert names == ["a.altered"]
    assert (tmp_path / "a.altered").read_text() == "edited"
