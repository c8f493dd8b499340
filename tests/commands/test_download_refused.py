"""What ``download`` does not begin: before the terms are accepted, or where there is nothing that it may do."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from aisttree import FIRST, SECOND, THIRD

from posecfg.commands.program import main
from posecfg.downloads import terms


def test_nothing_is_asked_of_the_server_before_the_terms_are_accepted(download, server, place):
    code, said = download(accept=False)
    assert code == 1
    assert "read its terms of use at https://aistdancedb.ongaaccel.jp/terms_of_use/" in said
    assert "--accept-terms" in said
    assert (server.asked, (place / "videos").exists()) == ([], False)
    assert download()[0] == 0
    assert download(accept=False)[0] == 0
    assert json.loads(terms.file().read_text())["aist"]["address"].endswith("/terms_of_use/")


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


def test_the_help_of_the_verb_is_its_own(capsys):
    assert main(["download", "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("download: get the films of a dataset")
    assert all(flag in said for flag in ("--accept-terms", "--other-views", "--base ADDRESS", "workers=16"))


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


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        ("nonsense\n../../evil\n", "2 it is no sequence of AIST++"),
        (FIRST, "1 on ignore_list.txt: dataset.ignore=false takes it"),
    ],
)
def test_a_split_without_a_film_to_download_is_a_sentence(download, server, place, listed, reason):
    (place / "ignore_list.txt").write_text(FIRST)
    (place / "splits" / "pose_val.txt").write_text(listed)
    code, said = download()
    assert code == 1
    assert f"whose films can be downloaded, but all are left out: {reason}." in said
    assert (server.asked, (place / "videos").exists()) == ([], False)


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
        (["dataset=aist", "view=c02"], "nothing reads 'view': type dataset.views=c02."),
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
