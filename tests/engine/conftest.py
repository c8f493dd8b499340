"""Films on the disk, for runs that must notice when an input changes."""

from __future__ import annotations

import shutil

import films
import pytest


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """Return a film of four frames."""
    return films.write(tmp_path_factory.mktemp("film") / "four.mp4", range(4), fps=10)


@pytest.fixture(scope="session")
def other_film(tmp_path_factory):
    """Return a film of six frames."""
    return films.write(tmp_path_factory.mktemp("film") / "six.mp4", range(6), fps=10)


@pytest.fixture
def folder(tmp_path, film):
    """Return a function that fills a folder with copies of the film and returns the overrides that name it."""

    def fill(*names):
        where = tmp_path / "films"
        for name in names or ("a.mp4", "b.mp4"):
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(film, where / name)
        return "dataset=folder", f"dataset.path={where}"

    return fill
