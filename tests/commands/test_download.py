"""The verb ``download``: films into the folder of videos alone, and what to do about those gone."""

from __future__ import annotations

import time

from downloaded import BODY, NAMES

from posecfg.downloads import batch
from posecfg.downloads.part import opened


def films(place):
    return sorted(path.relative_to(place / "videos").as_posix() for path in (place / "videos").rglob("*.*"))


def test_films_of_a_split_come_into_its_folder_several_at_once_and_once(download, server, place):
    code, found = download("workers=4", "--json")
    assert (code, found["downloaded"], found["failed"]) == (0, NAMES, {})
    assert found["bytes"] == 3 * len(BODY)
    assert films(place) == [f"pose_val/{name}" for name in NAMES]
    code, found = download("--json")
    assert (code, found["downloaded"], found["here"]) == (0, [], 3)
    assert len(server.asked) == 3


def test_only_films_that_are_named_come(download):
    name = NAMES[1].removesuffix(".mp4")
    assert download("--json", f"only={name}")[1]["downloaded"] == NAMES[1:2]
    code, said = download(f"only={name[:-1]}9")
    assert (code, f"Did you mean only={name}?" in said) == (1, True)


def test_a_film_that_is_anywhere_below_videos_is_here(download, server, place):
    (place / "videos").mkdir()
    (place / "videos" / NAMES[0]).write_bytes(BODY)
    (place / "videos" / NAMES[1]).write_bytes(BODY[:-9])
    code, found = download("--json")
    assert (code, found["here"], found["downloaded"]) == (3, 1, [NAMES[2]])
    assert "is no whole film: delete it" in found["failed"][NAMES[1]]
    assert (place / "videos" / NAMES[1]).read_bytes() == BODY[:-9]
    said = download()[1]
    assert "2 were here, 1 failed" in said
    assert "tries what failed again" not in said


def test_what_passes_is_tried_again(download, server):
    server.ways = {f"/{NAMES[0]}": [500, "cut", "fine"], f"/{NAMES[1]}": ["cut", "cut", "fine"]}
    assert download("--json")[1]["downloaded"] == NAMES
    assert [ranges for path, ranges in server.asked if path == f"/{NAMES[0]}"] == [None, None, "bytes=1000-"]


def test_a_film_that_is_gone_is_listed_with_the_way_by_hand(download, server, place):
    del server.films[f"/{NAMES[1]}"]
    code, said = download()
    assert code == 3
    assert "FAILED: the server has no such film (404 Not Found)" in said
    assert "get these films from https://aistdancedb.ongaaccel.jp/ and put them into" in said
    assert len([path for path, _ in server.asked if path == f"/{NAMES[1]}"]) == 1
    listed = place / "videos" / "pose_val_failed.txt"
    assert listed.read_text() == NAMES[1].removesuffix(".mp4") + "\n"
    # Films that this start is not about stay on the list.
    assert download("limit=1")[0] == 0
    assert listed.exists()
    server.films[f"/{NAMES[1]}"] = BODY
    assert download()[0] == 0
    assert not listed.exists()


def test_another_view_comes_only_if_asked_and_under_its_own_name(download, server, place):
    other = NAMES[1].replace("_c01_", "_c03_")
    server.films[f"/{other}"] = server.films.pop(f"/{NAMES[1]}")
    assert download("--json")[1]["other_views"] == {}
    code, found = download("--json", "--other-views")
    assert (code, found["other_views"], found["failed"]) == (0, {NAMES[1]: other}, {})
    assert f"pose_val/{other}" in films(place)
    assert f"pose_val/{NAMES[1]}" not in films(place)
    assert f"'{other}' is here instead" in download("--other-views")[1]


def test_a_film_whose_address_leads_in_a_circle_fails_alone(download, server):
    server.ways = {f"/{NAMES[0]}": ["in_a_circle"]}
    code, found = download("--json")
    assert (code, found["downloaded"]) == (3, NAMES[1:])
    assert found["failed"] == {NAMES[0]: "the server refuses it (302 it leads in a circle: Found)"}


def test_a_server_that_does_not_answer_is_given_up(download, server, monkeypatch):
    monkeypatch.setattr(batch, "_IN_A_ROW", 1)
    server.ways = {f"/{name}": [503] for name in NAMES}
    code, found = download("--json")
    assert code == 1
    assert len(server.asked) == batch.MANNERS.tries
    assert list(found["failed"].values()) == [
        "the server has trouble (503 Service Unavailable)",
        *["not tried: 1 films before it got no answer from the server"] * 2,
    ]


def test_a_server_that_never_gives_all_is_given_up(download, server):
    server.ways = {f"/{NAMES[0]}": ["cut_without_mark"]}
    code, found = download("--json", "limit=1")
    assert code == 1
    assert len(server.asked) == batch.MANNERS.tries
    assert "ended after 1,000 of" in found["failed"][NAMES[0]]


def test_a_download_that_is_stopped_keeps_what_came_and_goes_on(download, server, place, monkeypatch):
    server.ways = {f"/{NAMES[0]}": ["dawdle", "fine"]}
    part = place / "videos/pose_val" / f"{NAMES[0]}.part"

    def interrupted(self):
        while not (part.exists() and part.stat().st_size >= 1000):
            time.sleep(0.002)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(batch.Batch, "_next", interrupted)
        code, said = download("limit=1")
    assert code == 130
    assert "Stopped. Type the same command to go on; what has come of each film is kept." in said
    code, said = download("limit=1")
    assert (code, "1.0 kB of it earlier" in said) == (0, True)


def test_a_film_that_another_process_is_getting_is_left_to_it(download, server, place):
    with opened(place / "videos/pose_val" / NAMES[1]):
        code, found = download("--json")
    assert (code, found["downloaded"], found["elsewhere"]) == (3, [NAMES[0], NAMES[2]], [NAMES[1]])
    assert not (place / "videos/pose_val_failed.txt").exists()
    assert download("--json")[1]["downloaded"] == [NAMES[1]]


def test_all_that_is_annotated_goes_without_a_split(download, place):
    assert download("dataset.split=all", "--json")[1]["downloaded"] == NAMES
    assert films(place) == NAMES
