"""What is typed behind ``posecfg models``."""

import pytest

from posecfg.commands import models
from posecfg.errors import ConfigError, UsageError


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("POSECFG_MODELS", raising=False)


def test_models_say_what_was_trusted_and_look_into_a_folder_that_is_named(tmp_path):
    (row,) = models.do(["trust", "rtmdet_m", "ab" * 32])
    assert row["note"].endswith("with this hash is trusted from now on")
    (tmp_path / "rtmdet_nano.onnx").write_bytes(b"a graph of my own")
    states = {row["name"]: row["state"] for row in models.do(["list", f"models.dir={tmp_path}"])}
    assert states["rtmdet_nano"] == "untrusted"
    assert {row["name"]: row["state"] for row in models.do(["list"])}["rtmdet_nano"] == "missing"
    with pytest.raises(ConfigError, match=r"Expected models\.dir to be a folder of weights"):
        models.do(["list", "models.dir=nowhere"])


def test_names_where_none_are_taken_are_counted():
    with pytest.raises(UsageError, match=r"models list was given 1 name\. Type: models list "):
        models.do(["list", "rtmdet_m"])


def test_weights_that_are_verified_by_name_must_be_here():
    absent = models.do(["verify", "rtmdet_m"])
    assert [(row["state"], models.exit_code(absent)) for row in absent] == [("missing", 1)]
    assert models.exit_code(models.do(["verify"])) == 0
