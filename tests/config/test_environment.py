from __future__ import annotations

import os

import pytest

from posecfg.config.environment import environment


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
