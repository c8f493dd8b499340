"""The list of what is remembered, of entries that anybody may have written."""

from __future__ import annotations

import json
import struct

import pytest

from posecfg.commands import cache
from posecfg.commands.output import print_json
from posecfg.store import entry_file
from posecfg.terminal import remembered

USUAL = {
    "kind": "poses",
    "clip": "a",
    "detector": "Net",
    "floor": 0.3,
    "frames": 3,
    "people": 1,
    "whole": {"notes": {}},
}


def entry(folder, header):
    text = json.dumps(header).encode()
    (folder / "ab").mkdir()
    path = folder / "ab" / f"{'ab' * 16}.poses"
    path.write_bytes(entry_file.MAGIC + bytes(32) + struct.pack("<Q", len(text)) + text)


def test_an_entry_is_listed(tmp_path):
    entry(tmp_path, USUAL)
    (row,) = cache.listing(tmp_path)["entries"]
    assert (row["state"], row["clip"], row["frames"]) == ("whole", "a", 3)


@pytest.mark.parametrize(
    "strange",
    [
        {"clip": 5},
        {"clip": "\ud800"},
        {"detector": ["Net"]},
        {"kind": {}},
        {"floor": "low"},
        {"floor": float("nan")},
        {"frames": "many"},
        {"frames": 10**400},
        {"people": {"a": 1}},
        {"people": -1},
    ],
    ids=str,
)
def test_a_header_with_other_values_is_listed_as_damaged(tmp_path, capsys, strange):
    entry(tmp_path, {**USUAL, **strange})
    told = cache.listing(tmp_path)
    assert [row["state"] for row in told["entries"]] == ["damaged"]
    remembered.show(told)
    print_json(told)
    printed = capsys.readouterr().out
    assert "?, damaged" in printed
    assert '"state": "damaged"' in printed


def test_names_cannot_control_a_terminal(tmp_path, capsys):
    entry(tmp_path, {**USUAL, "clip": "\x1b[31m", "detector": "\x9b2J"})
    remembered.show(told := cache.listing(tmp_path))
    print_json(told)
    assert not {"\x1b", "\x9b"} & {*capsys.readouterr().out}
