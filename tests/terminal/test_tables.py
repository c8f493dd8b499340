from __future__ import annotations

import pytest

from posecfg.terminal.tables import show_doctor, show_models

ROW = {
    "name": "net",
    "state": "missing",
    "licence": "MIT",
    "commercial": True,
    "what": "a network",
    "bytes": None,
    "about": None,
    "caution": "",
    "advice": "posecfg models fetch net",
}


@pytest.mark.parametrize(
    ("told", "shown"),
    [({"bytes": 4_100_000}, " 4.1 MB "), ({"about": 99_000_000}, " ~99 MB "), ({}, " ? ")],
)
def test_a_size_that_nobody_knows_exactly_is_shown_as_such(capsys, told, shown):
    show_models([ROW | told])
    screen = capsys.readouterr().out
    assert shown in screen
    assert screen.rstrip().endswith("net: posecfg models fetch net")


def test_a_licence_beside_terms_of_training_data_is_not_called_a_yes(capsys):
    show_models([ROW | {"caution": "trained on poses that are lent"}, ROW | {"name": "free", "state": "present"}], True)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-2:] for line in lines if "MIT" in line] == [["see", "terms"], ["MIT", "yes"]]
    assert lines[-1] == "1 missing, 1 verified."


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
    show_doctor([{"name": "net", "version": "1.0", "detail": "why", "advice": "pip install net", **state}])
    assert next(line.split()[:2] for line in capsys.readouterr().out.splitlines() if "net" in line) == [word, "net"]
