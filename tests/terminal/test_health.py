from __future__ import annotations

import pytest

from posecfg.terminal.tables import show_doctor


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
