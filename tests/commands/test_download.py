"""The verb ``download``: terms first, then films into the folder of videos alone, and what to do about those gone."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from aisttree import FIRST, SECOND, THIRD, tree
from filmserver import filmserver, mp4

from posecfg.commands.program import main
from posecfg.downloads import batch, terms
from posecfg.downloads.part import opened
from posecfg.downloads.request import Manners

BODY = mp4(1_000_100)  # more than what counts as progress
NAMES = [f"{one.replace('cAll', 'c01')}.mp4" for one in (FIRST, SECOND, THIRD)]


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


def films(place):
    return sorted(path.relative_to(place / "videos").as_posix() for path in (place / "videos").rglob("*.*"))


def test_nothing_is_asked_of_the_server_before_the_terms_are_accepted(download, server, place):
    code, said = download(accept=False)
    assert code == 1
    assert "read its terms of use at https://aistdancedb.ongaaccel.jp/terms_of_use/" in said
    assert "--accept-terms" in said
    assert (server.asked, (place / "videos").exists()) == ([], False)
    assert download()[0] == 0
    assert download(accept=False)[0] == 0
    assert json.loads(terms.file().read_text())["aist"]["address"].endswith("/terms_of_use/")


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


@pytest.mark.parametrize("content", ["my own notes\n", "", None])
def test_a_list_of_the_user_is_left_alone(download, server, place, content):
    listed = place / "videos" / "pose_val_failed.txt"
    listed.parent.mkdir(exist_ok=True)
    if content is None:
        listed.symlink_to(place / "splits" / "pose_val.txt")
    else:
        listed.write_text(content)
    code, said = download()
    assert code not in (0, 3)
    assert "but it is another file: move it away" in said
    assert server.asked == []
    assert content is None or listed.read_text() == content
    assert (place / "splits" / "pose_val.txt").read_text().split() == [FIRST, SECOND, THIRD]


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


def test_the_help_of_the_verb_is_its_own(capsys):
    assert main(["download", "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("download: get the films of a dataset")
    assert all(flag in said for flag in ("--accept-terms", "--other-views", "--base ADDRESS", "workers=16"))


def test_a_film_that_another_process_is_getting_is_left_to_it(download, server, place):
    with opened(place / "videos/pose_val" / NAMES[1]):
        code, found = download("--json")
    assert (code, found["downloaded"], found["elsewhere"]) == (3, [NAMES[0], NAMES[2]], [NAMES[1]])
    assert not (place / "videos/pose_val_failed.txt").exists()
    assert download("--json")[1]["downloaded"] == [NAMES[1]]


def test_the_ignore_list_views_and_known_bad_films_are_heeded(download, server, place):
    (place / "ignore_list.txt").write_text(f"{FIRST} \n")
    (place / "splits" / "pose_val.txt").write_text(f"{FIRST}\n{THIRD}\n../../evil")
    code, found = download("--json", "dataset.views=[c06,c07]")
    assert code == 1
    assert list(found["failed"]) == [THIRD.replace("cAll", "c06") + ".mp4"]
    assert [one["reason"] for one in found["excluded"]] == [
        "it is no sequence of AIST++",
        "on ignore_list.txt: dataset.ignore=false takes it",
        "known to be of another size (640x480) than its annotations",
    ]


def test_all_that_is_annotated_goes_without_a_split(download, place):
    assert download("dataset.split=all", "--json")[1]["downloaded"] == NAMES
    assert films(place) == NAMES


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["dataset=synthetic"], "dataset=synthetic has no films to be downloaded"),
        (["dataset=aist", "dataset.path=."], "Expected '.' to hold keypoints2d or splits"),
        (["dataset=aist", "dataset.path=nowhere"], "Expected dataset.path to exist"),
        (["dataset=aist", "shard=1/2"], "shard= does not belong to download"),
        (["dataset=aist", "--base", "ftp://a/"], "Expected --base to be an address that begins with https://"),
        (["dataset=aist", "--base", "127.0.0.1:9"], "but got '127.0.0.1:9': type --base http://127.0.0.1:9;"),
        (["dataset=aist", "workers=17"], "Expected workers= to be at most 16 films at once"),
        (["dataset=aist", "view=c02"], "Did you mean 'dataset.views'?"),
    ],
)
def test_what_cannot_be_downloaded_is_a_sentence(server, place, tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(place if "dataset.path=." not in words else tmp_path)
    assert main(["download", *words, "--accept-terms"]) == 1
    assert told in capsys.readouterr().err
    assert server.asked == []


def test_a_disk_that_is_full_ends_all(download, server, place, monkeypatch):
    monkeypatch.setattr("posecfg.downloads.film.shutil.disk_usage", lambda folder: type("Usage", (), {"free": 500_000}))
    code, said = download()
    assert code == 1
    assert "1.0 MB are needed, and 500 kB are free: free some space" in said


def test_accepted_terms_of_another_address_are_asked_again(server, tmp_path):
    first = terms.Terms("x", "X", "https://x/1")
    terms.require(first, True)
    terms.require(first, False)
    with pytest.raises(terms.ConfigError, match="https://x/2"):
        terms.require(replace(first, address="https://x/2"), False)
    terms.file().write_text("[]")
    with pytest.raises(terms.ConfigError, match="repair or delete it"):
        terms.require(first, True)
