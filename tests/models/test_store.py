from __future__ import annotations

import hashlib
import os
import sys

import pytest

from posecfg.commands import models as verbs
from posecfg.errors import WeightsError
from posecfg.models import files, registry, store
from posecfg.models.trust import trust

GOOD = b"good weights"
SHA = hashlib.sha256(GOOD).hexdigest()


def entry(name, **more):
    return registry.Entry(
        **{
            "name": name,
            "file": f"{name}.bin",
            "sha256": SHA,
            "licence": "MIT",
            "commercial": True,
            "cite": "c",
            "what": "w",
        }
        | {"urls": ("https://nowhere.invalid/x",)}
        | more
    )


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("POSECFG_MODELS", raising=False)
    monkeypatch.delenv("POSECFG_AUTOFETCH", raising=False)
    monkeypatch.setattr(
        registry,
        "load",
        lambda: {
            "net": entry("net", instead="detector=other"),
            "own": entry("own", sha256=""),
            "wheeled": entry("wheeled", file="data/net.bin", inside="wheel", urls=()),
        },
    )
    for name in ("first", "second", "cache/posecfg/models"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def search(monkeypatch, *paths):
    monkeypatch.setenv("POSECFG_MODELS", os.pathsep.join(map(str, paths)))


def test_named_folders_come_before_the_cache(monkeypatch, folders):
    in_cache = folders / "cache/posecfg/models/net.bin"
    in_cache.write_bytes(GOOD)
    assert store.find("net") == in_cache
    search(monkeypatch, folders / "first", folders / "second")
    (folders / "second" / "net.bin").write_bytes(GOOD)
    assert store.find("net") == folders / "second" / "net.bin"
    assert store.sha256("net") == SHA


def test_missing_weights_name_the_folders_and_the_command(folders):
    with pytest.raises(WeightsError) as error:
        store.find("net")
    assert str(folders / "cache/posecfg/models") in str(error.value)
    assert str(error.value).endswith("choose detector=other, or type: posecfg models fetch net")


def test_a_wrong_hash_is_an_error_that_shows_both(folders):
    (folders / "cache/posecfg/models/net.bin").write_bytes(b"bad")
    assert store.status("net").state == "wrong"
    with pytest.raises(WeightsError) as error:
        store.find("net")
    assert SHA in str(error.value)
    assert hashlib.sha256(b"bad").hexdigest() in str(error.value)


def test_a_wrong_file_does_not_hide_a_right_one(monkeypatch, folders):
    search(monkeypatch, folders / "first", folders / "second")
    (folders / "first" / "net.bin").write_bytes(b"bad")
    (folders / "second" / "net.bin").write_bytes(GOOD)
    assert store.find("net").parent.name == "second"


def test_unknown_hashes_are_refused_until_trusted(folders):
    path = folders / "cache/posecfg/models/own.bin"
    path.write_bytes(GOOD)
    assert store.status("own").state == "untrusted"
    with pytest.raises(WeightsError, match=f"posecfg models trust own {SHA}$"):
        store.find("own")
    trust("own", SHA)
    assert store.find("own") == path
    path.write_bytes(b"something else")
    assert store.status("own").state == "wrong"


def test_weights_inside_a_package_are_found_without_importing_it(monkeypatch, folders):
    data = folders / "site" / "wheel" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").write_text("raise RuntimeError('imported')")
    (data / "net.bin").write_bytes(GOOD)
    assert store.status("wheeled").state == "missing"
    monkeypatch.syspath_prepend(str(folders / "site"))
    assert store.find("wheeled") == data / "net.bin"
    assert "wheel" not in sys.modules


def test_a_changed_file_is_hashed_again(folders):
    path = folders / "net.bin"
    path.write_bytes(GOOD)
    assert files.digest(path) == SHA
    path.write_bytes(b"other weight")
    os.utime(path, ns=(1, 1))
    assert files.digest(path) != SHA


def test_a_file_is_hashed_once(monkeypatch, folders):
    path = folders / "net.bin"
    path.write_bytes(GOOD)
    files.digest(path)
    monkeypatch.setattr(files.hashlib, "file_digest", None)
    assert files.digest(path) == SHA


def test_nothing_is_downloaded_unless_asked(monkeypatch, folders):
    asked = []

    def download(wanted):
        asked.append(wanted.name)
        (folders / "cache/posecfg/models" / wanted.file).write_bytes(GOOD)

    monkeypatch.setattr("posecfg.models.fetch.fetch", download)
    with pytest.raises(WeightsError):
        store.find("net")
    assert asked == []
    assert store.find("net", autofetch=True).read_bytes() == GOOD
    (folders / "cache/posecfg/models/net.bin").unlink()
    monkeypatch.setenv("POSECFG_AUTOFETCH", "1")
    assert store.find("net").read_bytes() == GOOD
    assert asked == ["net", "net"]
    with pytest.raises(WeightsError, match="inside the package 'wheel'"):
        store.find("wheeled")


def test_the_verbs_answer_in_plain_data(monkeypatch, folders):
    rows = {row["name"]: row for row in verbs.listing()}
    assert {row["state"] for row in rows.values()} == {"missing"}
    assert verbs.exit_code(verbs.listing()) == verbs.exit_code(verbs.verify()) == 0
    (folders / "cache/posecfg/models/net.bin").write_bytes(b"bad")
    assert verbs.exit_code(verbs.verify()) == 1
    assert verbs.exit_code(verbs.verify(["wheeled"])) == 1
    (folders / "cache/posecfg/models/own.bin").write_bytes(GOOD)
    assert verbs.exit_code(verbs.verify(["own"])) == 1
    assert verbs.trust("own", SHA)[0]["state"] == "present"


def test_fetch_tells_each_outcome(monkeypatch, folders):
    def download(wanted):
        if wanted.name == "net":
            raise WeightsError("no network")
        (folders / "cache/posecfg/models" / wanted.file).write_bytes(GOOD)

    monkeypatch.setattr(verbs, "download", download)
    rows = verbs.fetch(["net", "own", "wheeled"])
    assert [(row["ok"], row["state"], row["error"]) for row in rows] == [
        (False, "missing", "no network"),
        (False, "untrusted", None),
        (False, "missing", None),
    ]
    assert verbs.exit_code(rows) == 1
    with pytest.raises(WeightsError, match="Did you mean 'net'"):
        verbs.fetch(["nett"])
