"""A server of films, and a tree of AIST++ that they belong to."""

from __future__ import annotations

import json

import pytest
from aisttree import FIRST, SECOND, THIRD, tree
from downloaded import BODY, NAMES
from filmserver import filmserver

from posecfg.commands.program import main
from posecfg.downloads import batch
from posecfg.downloads.request import Manners


@pytest.fixture(scope="module")
def serving():
    with filmserver() as server:
        yield server


@pytest.fixture
def server(serving, monkeypatch, tmp_path):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(batch, "MANNERS", Manners(pause=0.001, timeout=5))
    serving.asked.clear()
    serving.films, serving.ways = {f"/{name}": BODY for name in NAMES}, {}
    return serving


@pytest.fixture
def place(tmp_path, film):
    return tree(tmp_path / "aist", film, [], {"pose_val": [FIRST, SECOND, THIRD]})


@pytest.fixture
def download(server, place, capsys):
    """Type the command, and return its exit code and what it says as JSON, or as text."""

    def typed(*words, accept=True):
        split = () if any(word.startswith("dataset.split") for word in words) else ("dataset.split=pose_val",)
        flags = ["--base", server.base, *(["--accept-terms"] if accept else [])]
        code = main(["download", "dataset=aist", f"dataset.path={place}", *split, *words, *flags])
        said = capsys.readouterr()
        return code, json.loads(said.out) if "--json" in words else said.out + said.err

    return typed
