"""What the verb ``cache`` shows."""

from __future__ import annotations

import time

import pytest

from posecfg.terminal import remembered

ENTRY = {"clip": "a long name of a clip", "file": "0.poses", "kind": "poses", "detector": "TopDown", "frames": 1200}
ENTRY |= {"people": 2400, "floor": 0.2, "bytes": 21800, "state": "whole"}


def shown(capsys, monkeypatch, columns, **told):
    monkeypatch.setenv("COLUMNS", str(columns))
    remembered.show({"folder": "outputs/.memory", "number": 1, "bytes": 21800, **told})
    return capsys.readouterr().out


@pytest.mark.parametrize("columns", [80, 130])
def test_an_entry_has_a_line(capsys, monkeypatch, columns):
    text = shown(capsys, monkeypatch, columns, entries=[{**ENTRY, "used": time.time() - 7300}])
    (line,) = [one for one in text.splitlines() if "a long name of a clip" in one]
    assert all(word in line for word in ("poses, TopDown", "1,200", "21.8 kB", "2 h ago"))
    assert ("2,400" in line) == (columns == 130)
    assert "1 entry, 21.8 kB, in outputs/.memory" in text


def test_a_partial_and_a_damaged_entry_are_told(capsys, monkeypatch):
    damaged = dict.fromkeys(ENTRY) | {"file": "0.poses", "bytes": 1, "state": "damaged"}
    entries = [{**ENTRY, "state": "partial", "used": time.time()}, {**damaged, "used": 0}]
    text = shown(capsys, monkeypatch, 130, entries=entries)
    assert "poses, TopDown, partial" in text
    assert "?, damaged" in text


def test_what_was_removed_and_what_is_not_there_are_sentences(capsys, monkeypatch):
    assert shown(capsys, monkeypatch, 80, removed=3).startswith("Forgot 3 entries, 21.8 kB: outputs/.memory")
    assert shown(capsys, monkeypatch, 80, removed=0).startswith("Nothing was there: outputs/.memory")
    assert shown(capsys, monkeypatch, 80, number=0).startswith("Nothing is remembered in outputs/.memory")
    assert "cache clear outputs/.memory forgets all" in shown(capsys, monkeypatch, 80, damaged=["x"])


def test_a_check_that_finds_nothing_says_so(capsys, monkeypatch):
    assert "every one is as it was written" in shown(capsys, monkeypatch, 80, damaged=[])
    assert "as it was written" not in shown(capsys, monkeypatch, 80, damaged=["x"])
    assert "as it was written" not in shown(capsys, monkeypatch, 80, entries=[])
