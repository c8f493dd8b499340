"""What is already in the place of a film, or beside it, is left as it is."""

from __future__ import annotations

import os

import pytest
from filmfetch import BODY, beside, fetched

from posecfg.downloads import film as films
from posecfg.downloads.faults import Busy, Refused
from posecfg.downloads.part import opened
from posecfg.errors import OutputError


@pytest.mark.parametrize("kind", ["fifo", "link", "text"])
def test_a_note_of_another_program_is_left_alone(server, target, tmp_path, kind):
    note = target.with_name("film.mp4.part.json")
    target.parent.mkdir()
    if kind == "fifo":
        os.mkfifo(note)
    elif kind == "link":
        note.symlink_to("/dev/zero")
    else:
        note.write_text("{}")
    with pytest.raises(Refused, match="is not from here: move it away"):
        fetched(server, target)
    assert beside(target) == ["film.mp4.part.json"]


def test_a_film_that_is_there_meanwhile_stays(server, target):
    with pytest.raises(Refused, match="another file has got its name meanwhile: it is left as it is"):
        fetched(server, target, tick=lambda count: target.write_bytes(b"mine"))
    assert target.read_bytes() == b"mine"


def test_a_film_that_another_process_has_brought_since_is_not_asked_for(server, target):
    target.parent.mkdir()
    target.write_bytes(BODY)
    with pytest.raises(Busy, match="another process has just downloaded it"):
        fetched(server, target)
    assert (beside(target), server.asked) == (["film.mp4"], [])


@pytest.mark.parametrize("kind", ["file", "link to nothing"])
def test_what_is_in_the_place_of_a_film_is_told_before_a_byte_is_asked_for(server, target, tmp_path, kind):
    target.parent.mkdir()
    if kind == "file":
        target.write_bytes(b"mine")
    else:
        target.symlink_to(tmp_path / "gone.mp4")
    with pytest.raises(Refused, match=f"a {kind} is in its place, .*film.mp4', and is left as it is: move it away"):
        fetched(server, target)
    assert (beside(target), server.asked) == (["film.mp4"], [])
    assert not (tmp_path / "gone.mp4").exists()


def test_two_do_not_get_the_same_film_at_once(server, target):
    with opened(target), pytest.raises(Busy, match="another process"):
        fetched(server, target)


def test_a_part_of_another_program_is_left_alone(server, target):
    target.parent.mkdir()
    target.with_name("film.mp4.part").write_bytes(b"of a browser")
    with pytest.raises(Refused, match="is not from here"):
        fetched(server, target)
    assert target.with_name("film.mp4.part").read_bytes() == b"of a browser"


def test_a_link_is_not_followed(server, target, tmp_path):
    target.parent.mkdir()
    (tmp_path / "precious").write_bytes(b"")
    target.with_name("film.mp4.part").symlink_to(tmp_path / "precious")
    with pytest.raises(Refused, match="in the way"):
        fetched(server, target)
    assert (tmp_path / "precious").read_bytes() == b""


def test_a_disk_without_room_is_said_before_a_byte_comes(server, target, monkeypatch):
    monkeypatch.setattr(films.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 10}))
    with pytest.raises(OutputError, match="free some space, then type the same command again"):
        fetched(server, target)
