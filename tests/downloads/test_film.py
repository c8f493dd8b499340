"""One film comes whole or not at all, whatever its server does."""

from __future__ import annotations

import threading

import pytest
from filmfetch import BODY, beside, fetched
from filmserver import mp4

from posecfg.downloads.faults import Gone, Passing, Refused, Stopped
from posecfg.downloads.request import Manners, check_base
from posecfg.errors import ConfigError


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


@pytest.mark.parametrize("way", ["busy", "broken"])
def test_a_server_asks_to_be_left_alone_for_a_while(server, target, way):
    with pytest.raises(Passing) as error:
        fetched(server, target, way)
    assert error.value.seconds == 1


@pytest.mark.parametrize(
    ("way", "manners", "reason"),
    [("drip", Manners(window=0.05), "came too slowly"), ("silent", Manners(timeout=0.05), "timed out")],
)
def test_a_server_that_keeps_one_waiting_is_given_up(server, target, way, manners, reason):
    with pytest.raises(Passing, match=reason):
        fetched(server, target, way, manners=manners)


def test_what_came_is_kept_when_all_is_stopped(server, target):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        fetched(server, target, stop=stop)
    assert target.with_name("film.mp4.part").stat().st_size > 0
    fetched(server, target)
    assert target.read_bytes() == BODY


def test_only_https_and_this_machine_are_taken():
    assert check_base("https://a.example/films") == "https://a.example/films/"
    assert check_base("http://localhost:8000/x/") == "http://localhost:8000/x/"
    for address in ("http://a.example/", "file:///etc/", "ftp://a/", "films", "https:///x"):
        with pytest.raises(ConfigError, match="Expected --base to be an address that begins with https:"):
            check_base(address)
