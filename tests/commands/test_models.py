"""What is typed behind ``posecfg models``."""

import json

import pytest

from posecfg.commands import models
from posecfg.commands.command import Command
from posecfg.errors import ConfigError, UsageError, WeightsError


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


@pytest.mark.parametrize("words", [["list", "models.dri=x"], ["verify", "models.dri=x"], ["fetch", "a", "dir=x"]])
def test_a_key_that_is_not_read_is_no_name(words):
    with pytest.raises(UsageError, match=r"models has no '(models\.dri|dir)='\. Did you mean 'models\.dir'\?"):
        models.do(words)


def test_weights_that_are_verified_by_name_must_be_here():
    absent = models.do(["verify", "rtmdet_m"])
    assert [(row["state"], models.exit_code(absent)) for row in absent] == [("missing", 1)]
    assert models.exit_code(models.do(["verify"])) == 0


def test_a_family_or_a_part_of_a_name_fetches_nothing_and_says_what_it_could_mean(monkeypatch):
    monkeypatch.setattr(models, "download", lambda entry: pytest.fail(f"fetched {entry.name}"))
    with pytest.raises(WeightsError) as caught:
        models.do(["fetch", "yolox_nano", "movenet"])
    assert str(caught.value) == (
        "'movenet' is no whole name of weights: it could mean movenet_lightning_int8, movenet_lightning_float16, "
        "movenet_thunder_float16, movenet_thunder_int8. Name one of them, or several."
    )
    with pytest.raises(WeightsError, match=r"There are no weights 'VideoPose3D'\. Did you mean 'videopose3d_coco'\?"):
        models.do(["fetch", "VideoPose3D"])
    with pytest.raises(WeightsError, match=r"no weights 'rtmpose-l'\. Did you mean 'rtmpose_l'\?"):
        models.do(["show", "rtmpose-l"])
    with pytest.raises(WeightsError, match="could mean rtmpose_l, rtmpose_l_halpe26, rtmpose_l_halpe26_torch, "):
        models.do(["show", "RTMPose"])
    with pytest.raises(WeightsError, match=r"no weights 'qqq'\. Type posecfg models list for the names"):
        models.do(["export", "qqq"])


def test_one_file_is_shown_with_all_that_is_known(capsys):
    assert models.run(Command(verb="models", words=["show", "rtmw3d_x"], json=True)) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["state"], row["way"], row["commercial"]) == ("missing", "fetch", None)
    assert row["urls"][0].startswith("https://")
    with pytest.raises(UsageError, match=r"models show was given 0 names\. Type: models list \| models show NAME"):
        models.do(["show"])


def test_a_graph_that_is_only_made_says_so_where_it_is_fetched(capsys):
    assert models.run(Command(verb="models", words=["fetch", "rtmdet_m"])) == 1
    out = capsys.readouterr().out
    assert "to export" in out
    assert out.endswith("rtmdet_m: posecfg models export rtmdet_m\n")
