from __future__ import annotations

import os

import pytest

from posecfg.errors import ConfigError
from posecfg.models.settings import environment


def test_where_mmpose_lies_is_handed_down_for_a_while(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POSECFG_MMPOSE", "/before")
    models = {"dir": None, "autofetch": False, "mmpose": "code"}
    with environment({"models": models}):
        assert os.environ["POSECFG_MMPOSE"] == str(tmp_path / "code")
    with environment({"models": {**models, "mmpose": None}}):
        assert os.environ["POSECFG_MMPOSE"] == "/before"
    with pytest.raises(KeyError), environment({"models": models}):
        raise KeyError
    assert os.environ["POSECFG_MMPOSE"] == "/before"


def test_a_folder_of_weights_that_is_not_there_is_refused(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    models = {"dir": "weigths", "autofetch": False, "mmpose": None}
    with pytest.raises(ConfigError, match=r"models\.dir to be a folder of weights, but got 'weigths'"):
        environment({"models": models}).__enter__()
