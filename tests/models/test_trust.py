from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from posecfg.errors import WeightsError
from posecfg.models import registry, trust

SHA = "ab" * 32


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    entry = registry.Entry("own", "own.bin", "", "MIT", True, "me", "mine")
    monkeypatch.setattr(
        registry,
        "load",
        lambda: {"own": entry, "known": registry.Entry(**{**vars(entry), "name": "known", "sha256": SHA})},
    )
    return tmp_path / "posecfg"


def test_nothing_is_trusted_at_first():
    assert trust.trusted() == {}
    assert trust.wanted(registry.entry("own")) == ""


def test_a_stated_hash_is_kept(home):
    trust.trust("own", SHA.upper())
    assert trust.wanted(registry.entry("own")) == SHA
    assert [path.name for path in home.iterdir()] == ["trusted.json"]


def test_others_are_kept_too(home):
    home.mkdir()
    (home / "trusted.json").write_text(json.dumps({"another": SHA}))
    trust.trust("own", SHA)
    assert trust.trusted() == {"another": SHA, "own": SHA}


def test_a_published_hash_cannot_be_replaced():
    with pytest.raises(WeightsError, match="is published"):
        trust.trust("known", "cd" * 32)


@pytest.mark.parametrize("sha256", ["", "abc", "zz" * 32])
def test_only_hashes_are_taken(sha256):
    with pytest.raises(WeightsError, match="64 hex digits"):
        trust.trust("own", sha256)


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"own": 5}', '{"own": "a"}', json.dumps({"own": SHA.upper()}), "[" * 200_000]
)
def test_a_damaged_file_is_a_sentence(home, content):
    home.mkdir()
    (home / "trusted.json").write_text(content)
    with pytest.raises(WeightsError, match="repair or delete it"):
        trust.accepts(registry.entry("own"), SHA)


def test_a_published_beginning_can_only_refuse(monkeypatch):
    entry = registry.Entry("begun", "b.bin", "", "MIT", True, "me", "mine", sha256_prefix=SHA[:8])
    monkeypatch.setattr(registry, "load", lambda: {"begun": entry})
    assert trust.refuses(entry, "cd" * 32)
    assert not trust.refuses(entry, SHA)
    assert not trust.accepts(entry, SHA)
    assert trust.wanted(entry) == "abababab..."
    with pytest.raises(WeightsError, match="is published to begin with abababab, but got cdcd"):
        trust.trust("begun", "cd" * 32)
    trust.trust("begun", SHA)
    assert trust.accepts(entry, SHA)
    assert not trust.accepts(entry, SHA[:8] + "0" * 56)
    assert trust.refuses(entry, SHA[:8] + "0" * 56)


def test_several_at_once_lose_nothing(home):
    names = [f"weights {number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(trust.remember, names, [SHA] * 8))
    assert sorted(trust.trusted()) == names


def test_a_folder_that_cannot_be_made_is_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    assert trust.trusted() == {}
    with pytest.raises(WeightsError, match=r"Expected to write to '.*', but got: "):
        trust.trust("own", SHA)


def test_a_folder_that_cannot_be_written_is_named_as_such(home, monkeypatch):
    def refuse(*words):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(trust.os, "replace", refuse)
    with pytest.raises(WeightsError, match=r"write to '.*/posecfg/trusted\.json', but got: Permission denied$"):
        trust.trust("own", SHA)
    assert list(home.iterdir()) == []


def test_a_link_to_a_file_kept_elsewhere_stays_one(home, tmp_path):
    home.mkdir()
    kept = tmp_path / "kept.json"
    kept.write_text("{}")
    (home / "trusted.json").symlink_to(kept)
    trust.trust("own", SHA)
    assert (home / "trusted.json").is_symlink()
    assert json.loads(kept.read_text()) == {"own": SHA}


def test_a_home_of_nobody_is_a_folder_like_any_other(monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", "~no-such-person/x")
    assert trust.trusted() == {}


def test_without_any_hash_nothing_is_accepted():
    assert not trust.accepts(registry.entry("own"), SHA)
    assert trust.wanted(registry.entry("own")) == ""


def test_what_was_vouched_for_here_stands_beside_the_published_hash():
    trust.remember("known", "cd" * 32)
    known = registry.entry("known")
    assert trust.accepts(known, SHA)
    assert trust.accepts(known, "cd" * 32)
    assert not trust.accepts(known, "ef" * 32)
    assert trust.wanted(known) == f"{SHA} or {'cd' * 32}"
