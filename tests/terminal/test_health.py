from __future__ import annotations

import pytest

from posecfg.terminal.health import show, show_named, verdict

PACKAGE = {"kind": "backend", "required": False, "detail": "", "advice": "", "version": "1.0", "what": "poses"}
OPTION = {
    "kind": "detector",
    "required": False,
    "detail": "",
    "advice": "",
    "what": "One person",
    "example": "python run.py film.mp4",
    "settings": [],
    "packages": [],
    "weights": [],
    "devices": ["cpu"],
    "elsewhere": [],
    "instead": "",
}
FETCH = "posecfg models fetch movenet_lightning_int8"
LACKING = {"ok": False, "detail": "weights missing, 2.9 MB", "advice": FETCH}


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"ok": True, "installed": True}, "ok"),
        ({"ok": False, "installed": True}, "broken"),
        ({"ok": False, "installed": False}, "absent"),
        ({"ok": False, "installed": False, "required": True}, "missing"),
        ({"ok": False}, "absent"),
    ],
)
def test_a_package_that_is_there_and_does_not_work_is_not_called_absent(capsys, state, word):
    row = PACKAGE | {"name": "net", "detail": "why", **state}
    assert verdict(row) == word
    show([row])
    assert [f"{word:9}net 1.0 (why)" in line for line in capsys.readouterr().out.splitlines()].count(True) == 1


ROWS = [
    OPTION | {"name": "table", "ok": True},
    OPTION | {"name": "net", "ok": True, "packages": ["av"]},
    OPTION | {"name": "movenet", **LACKING},
    OPTION | {"name": "odd", "ok": False, "detail": "it does not know why"},
    OPTION | {"kind": "lifter", "name": "none", "ok": True},
    OPTION | {"kind": "lifter", "name": "up", "ok": True, "packages": ["av"]},
    PACKAGE | {"name": "av", "ok": True, "installed": True},
]


def test_what_is_ready_is_the_first_line_models_before_what_loads_none(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    show(ROWS)
    assert capsys.readouterr().out.splitlines()[:3] == [
        "Ready now: net, lifter=up, table",
        f"For movenet (weights missing, 2.9 MB) type: {FETCH}",
        "odd cannot run: it does not know why",
    ]


def test_a_package_that_nothing_works_without_comes_before_that(capsys):
    show(
        [PACKAGE | {"name": "av", "ok": False, "required": True, "detail": "not installed", "advice": "pip install av"}]
    )
    assert capsys.readouterr().out.splitlines()[0] == "Nothing works without av (not installed). Type: pip install av"


def test_a_narrow_terminal_breaks_no_word(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    show(ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["For movenet (weights missing, 2.9 MB) type:", f"  {FETCH}"]
    assert max(map(len, lines)) <= 50


def test_one_is_told_with_its_weights_and_devices(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    named = (
        OPTION
        | LACKING
        | {
            "name": "movenet",
            "weights": ["movenet_lightning_int8"],
            "elsewhere": ["cuda"],
            "settings": ["detector.path"],
            "instead": "detector=blazepose",
        }
    )
    weights = [
        {"kind": "weights", "name": f"movenet_{name}", "detail": "missing"}
        for name in ("lightning_int8", "thunder_int8")
    ]
    show_named([named, *weights])
    assert capsys.readouterr().out == (
        "detector=movenet: not ready\n"
        "One person\n"
        f"For movenet (weights missing, 2.9 MB) type: {FETCH}\n"
        "  try       python run.py film.mp4\n"
        "  needs     detector.path=...\n"
        "  or choose detector=blazepose\n"
        "  devices   cpu\n"
        "  not here  cuda\n"
        "  weights   movenet_lightning_int8: fetchable, 2.9 MB\n"
        "  weights   movenet_thunder_int8: fetchable, 7.1 MB, with detector.model=thunder\n"
    )
