"""Names that files get over a network that loses answers: what was done is not taken for refused."""

import errno
import os

import pytest

from posecfg.errors import Taken
from posecfg.store import moves
from posecfg.store.staging import Staging, replace_bytes


class Lossy:
    """A network whose client sends the request named once more: done is done, and the second answer is an error."""

    def __init__(self, monkeypatch, name):
        self.hits, self._real = 0, getattr(os, name)
        monkeypatch.setattr(os, name, self._twice)

    def _twice(self, *paths, **named):
        self.hits += 1
        self._real(*paths, **named)
        return self._real(*paths, **named)


@pytest.fixture
def staging(tmp_path):
    root = tmp_path / "out"
    root.mkdir()
    staging = Staging(root, tmp_path / "aside")
    with staging.open("a") as stream:
        stream.write(b"data")
    return staging


def test_a_name_whose_answer_was_lost_is_not_taken(staging, monkeypatch):
    lossy = Lossy(monkeypatch, "link")
    (fact,) = staging.publish()
    assert (lossy.hits, fact.name, (staging.root / "a").read_bytes()) == (1, "a", b"data")


def test_a_name_that_another_file_has_is_taken_all_the_same(staging, monkeypatch):
    Lossy(monkeypatch, "link")
    (staging.root / "a").write_bytes(b"data")
    with pytest.raises(Taken):
        staging.publish()


def test_a_link_to_the_file_is_not_the_file(tmp_path):
    (tmp_path / "a").write_text("data")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(FileExistsError):
        moves.link(tmp_path / "a", tmp_path / "b")


def test_a_move_whose_answer_was_lost_is_done(tmp_path, monkeypatch):
    lossy = Lossy(monkeypatch, "replace")
    replace_bytes(tmp_path / "record", b"new", tmp_path / "aside")
    assert (lossy.hits, (tmp_path / "record").read_bytes()) == (1, b"new")


def test_a_file_that_is_gone_was_not_moved(tmp_path, monkeypatch):
    (tmp_path / "record").write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        moves.replace(tmp_path / "aside", tmp_path / "record")

    def lose(source, target):
        os.unlink(source)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    (tmp_path / "aside").write_bytes(b"new")
    monkeypatch.setattr(os, "replace", lose)
    with pytest.raises(FileNotFoundError):
        moves.replace(tmp_path / "aside", tmp_path / "record")
    assert (tmp_path / "record").read_bytes() == b"old"
