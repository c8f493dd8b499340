from __future__ import annotations

import pytest

from posecfg.models import registry, roads, store


def entry(name, **more):
    facts = {"sha256": "", "licence": "MIT", "commercial": True, "cite": "c", "what": "w"}
    return registry.Entry(name=name, file=f"{name}.bin", **facts, **more)


FETCHED = entry("fetched", urls=("https://nowhere.invalid/x",), instead="detector=other")
BARE = entry("bare", urls=("https://nowhere.invalid/x",))
MADE = entry("made", made_from="made_torch", instead="boxes=small")
FORGED = entry("forged", made_from="forged_torch", instead="pose=large")
EITHER = entry("either", made_from="either_torch", urls=("https://nowhere.invalid/x",))
LIFTER = entry("lifter", urls=("https://nowhere.invalid/x",), instead="detector=other lifter=none")
HALF = entry("half", urls=("https://nowhere.invalid/x",), instead="detector/boxes=small")
INSIDE = entry("inside", inside="mediapipe")
NOWHERE = entry("nowhere")


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("POSECFG_MODELS", "POSECFG_MMPOSE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("entries", "end"),
    [
        ([BARE], "found none; type: posecfg models fetch bare"),
        ([FETCHED], "found none; choose detector=other, or type: posecfg models fetch fetched"),
        (
            [HALF, FETCHED],
            "choose detector/boxes=small in place of half, or type: posecfg models fetch half fetched",
        ),
        ([EITHER], "found none; type: posecfg models fetch either"),
        (
            [FETCHED, LIFTER],
            "found none; choose detector=other lifter=none, or type: posecfg models fetch fetched lifter",
        ),
        ([LIFTER], "found none; choose detector=other lifter=none, or type: posecfg models fetch lifter"),
        (
            [BARE, LIFTER],
            "choose detector=other lifter=none in place of lifter, or type: posecfg models fetch bare lifter",
        ),
        ([BARE, FETCHED], "found none; type: posecfg models fetch bare fetched"),
        (
            [MADE],
            "made is not published as a graph: choose boxes=small, which is published, or type: posecfg models export "
            "made",
        ),
        (
            [MADE, FORGED],
            "made and forged are not published as graphs: choose boxes=small pose=large, which are published, or type: "
            "posecfg models export made forged",
        ),
        (
            [MADE, BARE],
            "choose boxes=small, which is published, in place of made, or type: posecfg models fetch bare && posecfg "
            "models export made",
        ),
        ([NOWHERE], "type: models.dir=FOLDER, once 'nowhere.bin' is in it (it is not published; w)"),
    ],
)
def test_all_that_is_missing_is_one_sentence_with_its_roads(entries, end, tmp_path):
    text = roads.absent(entries)
    assert text.endswith(end)
    assert text.count("Expected the weights") == 1
    assert str(tmp_path) in text
    assert all(f"'{one.name}' ({one.file})" in text for one in entries)


def test_a_package_and_a_folder_are_both_named(tmp_path):
    text = roads.absent([INSIDE, BARE])
    assert f"inside the package 'mediapipe' and in '{tmp_path}" in text
    assert "mediapipe==0.10.21 && posecfg models fetch bare" in text


def test_the_weights_of_the_readme_have_two_roads():
    (error,) = store.problems(["rtmdet_m", "rtmw3d_l"])
    assert str(error).endswith(
        "choose detector/boxes=yolox_nano detector/pose=rtmw3d_x, which are published, or type: "
        "git clone --depth 1 https://github.com/open-mmlab/mmpose && "
        "posecfg models export rtmdet_m rtmw3d_l models.mmpose=mmpose"
    )


def test_with_autofetch_only_what_cannot_be_fetched_is_missing():
    assert store.problems(["rtmw3d_x", "yolox_nano"], autofetch=True) == []
    (error,) = store.problems(["rtmw3d_x", "rtmdet_m"], autofetch=True)
    assert "'rtmdet_m'" in str(error)
    assert "rtmw3d_x" not in str(error)


def test_each_other_fault_is_a_sentence_of_its_own(monkeypatch, tmp_path):
    (tmp_path / "yolox_nano.onnx").write_bytes(b"something else")
    monkeypatch.setenv("POSECFG_MODELS", str(tmp_path))
    missing, wrong, never = store.problems(["yolox_nano", "rtmdet_m", "rtmw3d_m", "rtmdet_m"])
    assert "found none" in str(missing)
    assert "to have SHA-256" in str(wrong)
    assert "never published" in str(never)


def test_a_graph_that_is_made_is_not_to_be_fetched():
    assert roads.road("rtmdet_m") == "posecfg models export rtmdet_m"
    assert roads.road("yolox_nano") == "posecfg models fetch yolox_nano"
    assert roads.road("one of my own") == "posecfg models fetch one of my own"


def test_what_is_offered_in_place_of_a_graph_that_nobody_publishes_is_published():
    known = registry.load()
    made = [entry for entry in known.values() if entry.made_from and not entry.urls]
    assert made
    for entry in made:
        option = entry.instead.partition("=")[2]
        assert known[{"movenet": "movenet_lightning_int8"}.get(option, option)].urls
