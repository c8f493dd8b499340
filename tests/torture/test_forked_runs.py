"""The server that the instruments run posecfg with: it tells how a run ended, and what befell it."""

from __future__ import annotations

import errno
import shutil

import pytest
from one_folder import HOME, Runs, Sick, Strike, compiled, published

pytestmark = pytest.mark.deep

WORDS = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=2", "dataset.size=[32,24]", "detector=synthetic")
TYPED = (*WORDS, "writer=[npy]", "workers=0", "output_dir=out")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forked").resolve()
    with Runs(folder, compiled(folder)) as server:
        yield server


@pytest.fixture
def struck(runs):
    if runs.shim is None:
        pytest.skip("strikes need Linux and a C compiler")
    return runs


def test_a_run_is_what_is_typed(runs):
    assert runs.run("--version").said.startswith("posecfg ")
    assert runs.run(*TYPED).code == 0
    assert list(published(runs.folder / "out")) == ["synthetic_0000.npy"]
    wrong = runs.run(*TYPED, "detector.people=-1")
    assert (wrong.code, "people=-1" in wrong.said) == (1, True)


def test_a_run_that_hangs_is_told_apart_from_one_that_is_killed(runs):
    assert runs.run(*TYPED, "redo=true", "detector.crash=hang", limit=1).code == "hang"
    assert runs.run(*TYPED, "redo=true", "detector.crash=hang", after=0.3).code == -9


def test_a_strike_is_at_the_operation_that_was_counted(struck):
    out = struck.folder / "struck"
    words = (*TYPED[:-1], "output_dir=struck")
    listed = struck.run(*words, strike=Strike(str(out))).operations
    number = next(i for i, text in enumerate(listed, 1) if text.endswith("/clips/synthetic_0000.json"))
    shutil.rmtree(out)
    ended = struck.run(*words, strike=Strike(str(out), number))
    assert (ended.code, ended.struck) == (-9, listed[number - 1])
    assert not (out / HOME / "clips" / "synthetic_0000.json").exists()
    ended = struck.run(*words, strike=Strike(str(out), 1, "ENOSPC", lasting=True))
    assert (ended.code, "is full" in ended.said) == (1, True)


def test_reads_fail_where_and_from_when_that_was_asked(struck):
    path = struck.folder / "notes.mp4"
    path.write_bytes(bytes(9000))
    words = (str(path), "detector=synthetic", "workers=0", "output_dir=read")
    well = struck.run(*words, sick=Sick(str(path), error=0))
    assert well.operations[0] == "0"
    sick = struck.run(*words, sick=Sick(str(path), first=2, error=errno.EIO))
    assert [text[:1] for text in sick.operations[:2]] == ["0", "*"]
    assert "Input/output error" in sick.said
