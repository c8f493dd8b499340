"""One film comes whole or not at all, whatever its server does."""

from __future__ import annotations

import os
import threading

import pytest
from filmserver import filmserver, mp4

from posecfg.downloads import film as films
from posecfg.downloads.faults import Busy, Gone, Passing, Refused, Stopped
from posecfg.downloads.film import Bounds, get
from posecfg.downloads.part import opened
from posecfg.downloads.request import Manners, check_base
from posecfg.errors import ConfigError, OutputError

BODY = mp4()
QUICK = Manners(pause=0.001, timeout=5)
BOUNDS = Bounds(100, 100_000)


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


def fetched(server, target, *ways, manners=QUICK, stop=None):
    server.ways["/film.mp4"] = list(ways) or ["fine"]
    return get(server.base + "film.mp4", target, BOUNDS, manners, lambda count: None, stop or threading.Event())


def beside(target):
    return sorted(path.name for path in target.parent.iterdir()) if target.parent.exists() else []


def test_a_film_comes_whole_and_leaves_nothing_beside_it(server, target):
    assert fetched(server, target) == len(BODY)
    assert target.read_bytes() == BODY
    assert beside(target) == ["film.mp4"]


def test_a_film_that_was_cut_off_goes_on_where_it_ended(server, target):
    with pytest.raises(Passing, match="ended after 1,000 of 3,000 bytes"):
        fetched(server, target, "cut")
    assert beside(target) == ["film.mp4.part", "film.mp4.part.json"]
    fetched(server, target)
    assert target.read_bytes() == BODY
    assert [ranges for _, ranges in server.asked] == [None, "bytes=1000-"]


def test_another_version_of_the_film_starts_anew(server, target):
    with pytest.raises(Passing):
        fetched(server, target, "cut")
    fetched(server, target, "changed")
    assert target.read_bytes() == mp4(4000, b"\x09")


@pytest.mark.parametrize("way", ["goes_on_with_another", "goes_on_without_a_mark"])
def test_a_server_that_goes_on_with_another_version_is_not_believed(server, target, way):
    with pytest.raises(Passing):
        fetched(server, target, "cut")
    with pytest.raises(Passing, match="another film now"):
        fetched(server, target, way)
    assert beside(target) == []
    fetched(server, target)
    assert target.read_bytes() == BODY


def test_a_number_without_end_in_a_part_is_refused(server, target):
    with pytest.raises(Passing):
        fetched(server, target, "cut")
    with pytest.raises(Refused, match="5,000 digits"):
        fetched(server, target, "digits_of_a_part")


def test_lines_behind_the_last_piece_are_given_up(server, target):
    with pytest.raises(Passing, match="lines where none was expected"):
        fetched(server, target, "endless_trailers")


@pytest.mark.parametrize("way", ["long_mark", "marks_in_folds"])
def test_a_mark_that_cannot_be_asked_for_again_is_none(server, target, way):
    for _ in range(2):
        with pytest.raises(Passing, match="ended after"):
            fetched(server, target, way)
    fetched(server, target)
    assert target.read_bytes() == BODY
    assert [ranges for _, ranges in server.asked] == [None] * 3


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


def test_without_a_mark_of_the_version_nothing_is_joined(server, target):
    with pytest.raises(Passing):
        fetched(server, target, "cut_without_mark")
    fetched(server, target)
    assert [ranges for _, ranges in server.asked] == [None, None]
    assert target.read_bytes() == BODY


def test_a_part_that_was_not_asked_for_is_not_joined(server, target):
    with pytest.raises(Passing):
        fetched(server, target, "cut")
    with pytest.raises(Passing, match="another part came"):
        fetched(server, target, "other_part")
    fetched(server, target)
    assert target.read_bytes() == BODY


def test_a_part_that_is_whole_already_only_gets_its_name(server, target):
    with pytest.raises(Passing):
        fetched(server, target, "cut")
    with target.with_name("film.mp4.part").open("ab") as part:
        part.write(BODY[1000:])
    fetched(server, target)
    assert target.read_bytes() == BODY


def test_a_part_that_is_longer_than_the_film_is_dropped(server, target):
    with pytest.raises(Passing):
        fetched(server, target, "cut")
    with target.with_name("film.mp4.part").open("ab") as part:
        part.write(bytes(9000))
    with pytest.raises(Passing, match="another film now"):
        fetched(server, target)
    assert beside(target) == []


def test_a_rest_that_is_longer_than_the_film_is_begun_anew(server, target):
    with pytest.raises(Passing):
        fetched(server, target, "cut")
    with pytest.raises(Passing, match=r"more came \(3,100 bytes\) than the 3,000 that the server tells"):
        fetched(server, target, "longer_rest")
    assert beside(target) == []
    fetched(server, target)
    assert target.read_bytes() == BODY


def test_a_part_that_is_too_long_gets_no_name_where_a_server_sends_nothing_more(server, target):
    with pytest.raises(Passing):
        fetched(server, target, "cut")
    target.with_name("film.mp4.part").write_bytes(BODY + BODY)
    with pytest.raises(Passing, match=r"more came \(6,000 bytes\) than the 3,000 that the server tells"):
        fetched(server, target, "nothing_more")
    assert beside(target) == []


@pytest.mark.parametrize(
    ("way", "kind", "reason"),
    [
        (404, Gone, "no such film \\(404"),
        (403, Refused, "refuses it \\(403"),
        (500, Passing, "has trouble \\(500"),
        (429, Passing, "has trouble \\(429"),
        ("page", Refused, "a page .* came instead of a film"),
        ("page_as_film", Refused, "something else than an MP4 came: it begins with b'<!DOCTYPE"),
        ("nothing", Refused, "it has 0 B, which no film has"),
        ("packed", Refused, "packed \\(gzip\\)"),
        ("huge", Refused, "which no film has"),
        ("elsewhere", Refused, "leads to another one, http://elsewhere.invalid: .*--base"),
        ("to_a_file", Refused, "302"),
        ("longer", Passing, r"more came \(3,100 bytes\) than the 3,000"),
        ("in_a_circle", Refused, "302 it leads in a circle: Found"),
        ("on_and_on", Refused, "302 it leads in a circle: Found"),
        ("torn", Refused, "2,992 bytes that came are no whole film"),
        ("cut_without_length", Passing, "ended after 1,000 bytes, before the film did"),
        ("endless", Refused, "more than 100 kB came"),
        ("digits", Refused, "a number of bytes with 5,000 digits"),
        ("other_port", Refused, "leads to another one, http://127.0.0.1:[0-9]+: .*--base"),
        ("negative_piece", Passing, "a piece without a length"),
    ],
)
def test_what_is_no_film_leaves_nothing(server, target, way, kind, reason):
    with pytest.raises(kind, match=reason):
        fetched(server, target, way)
    assert beside(target) == []


@pytest.mark.parametrize("way", ["same_host", "without_length"])
def test_a_film_may_come_in_other_ways(server, target, way):
    fetched(server, target, way)
    assert target.read_bytes() == BODY


def test_a_server_asks_to_be_left_alone_for_a_while(server, target):
    with pytest.raises(Passing) as error:
        fetched(server, target, "busy")
    assert error.value.seconds == 1


@pytest.mark.parametrize(
    ("way", "manners", "reason"),
    [("drip", Manners(window=0.05), "came too slowly"), ("silent", Manners(timeout=0.05), "timed out")],
)
def test_a_server_that_keeps_one_waiting_is_given_up(server, target, way, manners, reason):
    with pytest.raises(Passing, match=reason):
        fetched(server, target, way, manners=manners)


def test_a_film_that_is_there_meanwhile_stays(server, target):
    target.parent.mkdir()
    target.write_bytes(b"mine")
    with pytest.raises(Refused, match="left as it is"):
        fetched(server, target)
    assert target.read_bytes() == b"mine"


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


def test_what_came_is_kept_when_all_is_stopped(server, target):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        fetched(server, target, stop=stop)
    assert target.with_name("film.mp4.part").stat().st_size > 0
    fetched(server, target)
    assert target.read_bytes() == BODY


def test_a_disk_without_room_is_said_before_a_byte_comes(server, target, monkeypatch):
    monkeypatch.setattr(films.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 10}))
    with pytest.raises(OutputError, match="free some space, then type the same command again"):
        fetched(server, target)


def test_only_https_and_this_machine_are_taken():
    assert check_base("https://a.example/films") == "https://a.example/films/"
    assert check_base("http://localhost:8000/x/") == "http://localhost:8000/x/"
    for address in ("http://a.example/", "file:///etc/", "ftp://a/", "films", "https:///x"):
        with pytest.raises(ConfigError, match="Expected --base to be an address that begins with https:"):
            check_base(address)
