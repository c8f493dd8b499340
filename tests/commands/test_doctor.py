from __future__ import annotations

import json

import pytest

from posecfg.commands import doctor
from posecfg.commands.command import Command
from posecfg.errors import UsageError


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("POSECFG_MODELS", raising=False)


NAMES = ("lightning_int8", "lightning_float16", "thunder_int8", "thunder_float16")


def asked(capsys, *words, **more):
    code = doctor.run(Command(verb="doctor", words=list(words), **more))
    return code, capsys.readouterr().out


def test_the_first_lines_say_what_is_ready_and_how_to_get_the_rest(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(doctor.doctor, "examine", lambda: [])
    code, text = asked(capsys)
    lines = text.splitlines()
    assert code == 0
    assert lines[0].startswith("Ready now: ")
    assert {"synthetic", "stored", "annotations"} <= set(lines[0].removeprefix("Ready now: ").split(", "))
    others = {line.split()[1] for line in lines[1 : lines.index("")] if line.startswith("For ")}
    assert {"movenet", "rtmdet", "rtmw3d", "yolox", "detectron2", "lifter=videopose3d"} <= others
    assert "cannot run" not in text
    assert lines[-1] == "All about one: posecfg doctor NAME"


def test_one_that_is_named_is_told_with_all_that_it_needs(capsys):
    code, text = asked(capsys, "detector=movenet", json=True)
    rows = json.loads(text)
    assert code == 1
    assert (rows[0]["kind"], rows[0]["name"], rows[0]["required"]) == ("detector", "movenet", True)
    assert rows[0]["advice"].endswith("posecfg models fetch movenet_lightning_int8")
    assert [row["name"] for row in rows[1:]] == ["ai_edge_litert", *(f"movenet_{name}" for name in NAMES)]


def test_what_is_ready_has_exit_code_0_and_several_may_be_named(capsys):
    code, text = asked(capsys, "stored", "none", "numpy")
    assert code == 0
    assert "detector=stored: ready\n" in text
    assert "lifter=none: ready\n" in text
    assert text.splitlines()[-1].startswith("ok       numpy ")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("movenett", "movenet"),
        ("RTMPose-m", "rtmpose_m"),
        ("mediapip", "mediapipe"),
        ("lifter=videopose", "lifter=videopose3d"),
    ],
)
def test_an_unknown_name_gets_the_nearest(word, near):
    with pytest.raises(UsageError, match=rf"no detector, lifter or package '{word}'\. Did you mean '{near}'\?"):
        doctor.named([word])


def test_a_required_package_that_is_gone_still_leaves_an_answer(capsys, monkeypatch):
    def gone(*args):
        raise ModuleNotFoundError("No module named 'hydra'")

    row = {"kind": "backend", "name": "hydra", "ok": False, "required": True, "detail": "not installed"}
    monkeypatch.setattr(doctor.doctor, "examine", lambda: [row | {"advice": "pip install hydra-core"}])
    monkeypatch.setattr("posecfg.review.readiness.needs", gone)
    code, text = asked(capsys)
    assert code == 1
    assert text.startswith("Nothing works without hydra (not installed). Type: pip install hydra-core\n")
