"""A server of films for this folder."""

from __future__ import annotations

import pytest
from filmfetch import BODY
from filmserver import filmserver


@pytest.fixture(scope="module")
def serving():
    with filmserver() as server:
        yield server


@pytest.fixture
def server(serving, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    serving.asked.clear()
    serving.films, serving.ways = {"/fine.mp4": BODY, "/film.mp4": BODY}, {}
    return serving


@pytest.fixture
def target(tmp_path):
    return tmp_path / "videos" / "film.mp4"
