"""Where weights are looked for: environment variables, and what one run asks for on top of them."""

from __future__ import annotations

import os
import pickle
import threading

import pytest

from posecfg.errors import ConfigError
from posecfg.models import files
from posecfg.models.settings import Settings, current, using

NOTHING = {"dir": None, "autofetch": False, "mmpose": None}


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("POSECFG_MODELS", "POSECFG_AUTOFETCH", "POSECFG_MMPOSE"):
        monkeypatch.delenv(name, raising=False)


def test_a_configuration_speaks_before_the_environment(monkeypatch, tmp_path):
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("POSECFG_MODELS", f"/first{os.pathsep}{os.pathsep}/second")
    monkeypatch.setenv("POSECFG_MMPOSE", "/before")
    monkeypatch.setenv("POSECFG_AUTOFETCH", "1")
    assert current() == Settings(("/first", "/second"), True, "/before")
    assert Settings.of({"models": NOTHING}) == current()
    own = Settings.of({"models": {"dir": "own", "autofetch": False, "mmpose": "code"}})
    assert own == Settings((str(tmp_path / "own"), "/first", "/second"), True, str(tmp_path / "code"))


def test_settings_hold_for_a_while_and_in_every_thread(tmp_path):
    seen = []
    with using(Settings(("/mine",), mmpose="/code")):
        thread = threading.Thread(target=lambda: seen.append(current()))
        thread.start()
        thread.join()
        assert [str(folder) for folder in files.folders()[:-1]] == ["/mine"]
        with pytest.raises(KeyError), using(Settings(autofetch=True)):
            raise KeyError
        assert current().mmpose == "/code"
    assert seen == [Settings(("/mine",), mmpose="/code")]
    assert current() == Settings()


def test_settings_travel_with_the_work_and_leave_the_environment_alone():
    settings = Settings(("/mine",), True, "/code")
    with using(pickle.loads(pickle.dumps(settings))):
        assert current() == settings
        assert not any(name.startswith("POSECFG_M") for name in os.environ)


def test_a_folder_of_weights_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match=r"models\.dir to be a folder of weights, but got 'weigths'"):
        Settings.of({"models": {**NOTHING, "dir": "weigths"}})


def test_threads_that_overlap_keep_their_own_and_inherit_nothing(tmp_path):
    """The first has a folder and may download; the second, begun meanwhile and ended later, has and may neither."""
    begun, ended, seen = threading.Event(), threading.Event(), []

    def second():
        begun.wait()
        with using(Settings.of({"models": NOTHING})):
            seen.append(current())
            ended.set()
            first.join()
            seen.append(current())

    def begin():
        with using(Settings.of({"models": NOTHING | {"dir": str(tmp_path), "autofetch": True}})):
            seen.append(current())
            begun.set()
            ended.wait()
            seen.append(current())

    first, other = threading.Thread(target=begin), threading.Thread(target=second)
    first.start()
    other.start()
    other.join()
    allowed, plain = Settings((str(tmp_path),), autofetch=True), Settings()
    assert seen == [allowed, plain, allowed, plain]
    assert current() == plain
