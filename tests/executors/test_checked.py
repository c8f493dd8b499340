"""An executor that is not as described is told in one sentence."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext

import pytest
from whole_runs import go, published

from posecfg.components import build as building
from posecfg.errors import ConfigError
from posecfg.executors import checked
from posecfg.executors.local import Local


class Lab:
    """An executor from elsewhere, which answers ``found`` to run()."""

    workers = 0

    def __init__(self, found=None):
        self._found = found

    def prepare(self, config, clips=None):
        return nullcontext()

    def run(self, setup, works, mend):
        if isinstance(self._found, Exception):
            raise self._found
        return self._found

    def stop(self):
        pass


def later(*things):
    for thing in things:
        if isinstance(thing, Exception):
            raise thing
        yield thing


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, "executor=Lab: expected run() to return an iterator of events, but got 'NoneType'."),
        (7, "executor=Lab: expected run() to return an iterator of events, but got 'int'."),
        (["clip"], "is at fault: expected Started, Progress, Warned, Placed or Finished, but got 'clip'."),
        (iter([None]), "is at fault: expected Started, Progress, Warned, Placed or Finished, but got None."),
        (RuntimeError("no queue\nat all"), "executor=Lab failed (RuntimeError: no queue at all)."),
        (later(RuntimeError("it broke")), "executor=Lab failed (RuntimeError: it broke)."),
    ],
)
def test_what_run_returns_is_checked(tmp_path, found, told):
    went = go(tmp_path, executor=Lab(found))
    assert (went.exit_code, went.left) == (1, 3)
    assert went.error.endswith(told)


def test_a_list_of_no_events_forgets_the_clips(tmp_path):
    went = go(tmp_path, executor=Lab([]))
    assert (went.exit_code, went.left) == (1, 3)
    assert went.error.endswith("it ended without an outcome of 3 clips, the first is 'synthetic_0000'.")


class Early(Local):
    """Give what it has as a plain iterator, which cannot be closed."""

    def run(self, setup, works, mend):
        return iter(list(super().run(setup, works, mend)))


def test_a_plain_iterator_is_enough(tmp_path):
    assert go(tmp_path, executor=Early(0)).exit_code == 0
    assert len(published(tmp_path)) == 3


@contextmanager
def _broken():
    raise RuntimeError("no room")
    yield


@pytest.mark.parametrize(
    ("block", "told"),
    [
        (None, "executor=Lab: expected prepare() to return a context manager, but got 'NoneType'."),
        (_broken(), "executor=Lab failed (RuntimeError: no room)."),
    ],
)
def test_what_prepare_returns_is_checked(monkeypatch, block, told):
    monkeypatch.setattr(Lab, "prepare", lambda self, config, clips=None: block)
    with pytest.raises(ConfigError) as caught, checked.prepared(Lab(), {}):
        pytest.fail("it was entered")
    assert str(caught.value) == told


def test_an_error_of_the_block_itself_stays(monkeypatch):
    with pytest.raises(KeyError, match="own"), checked.prepared(Lab(), {}):
        raise KeyError("own")


class Raises:
    def __init__(self):
        raise RuntimeError("no licence server")


class Another:
    def __new__(cls):
        return {}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Raises, "writer.x: lab.Raises cannot be built (RuntimeError: no licence server)."),
        (Another, "writer.x: expected lab.Another to build one of its own, but it made a 'dict'."),
    ],
)
def test_a_constructor_that_fails_is_told_with_its_place(monkeypatch, kind, told):
    monkeypatch.setattr(building, "locate", lambda target, where: kind)
    with pytest.raises(ConfigError) as caught:
        building.build({"_target_": f"lab.{kind.__name__}"}, "writer.x")
    assert str(caught.value) == told
