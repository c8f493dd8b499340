"""The list of what is remembered, of entries that anybody may have written."""

from __future__ import annotations

import json
import struct

import pytest

from posecfg.commands import cache
from posecfg.commands.command_line import parse
from posecfg.commands.output import print_json
from posecfg.errors import UsageError
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


def listed(capsys, *words):
    cache.run(parse(["cache", "list", *words, "--json"]))
    return json.loads(capsys.readouterr().out)


def test_the_folder_of_several_results_has_the_memory_that_they_share_and_is_named_as_typed(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    memory = tmp_path / "outputs" / ".memory"
    memory.mkdir(parents=True)
    entry(memory, USUAL)
    told = listed(capsys, "outputs")
    assert (told["folder"], told["number"]) == ("outputs/.memory", 1)
    assert listed(capsys, str(tmp_path / "outputs"))["folder"] == str(memory)


@pytest.mark.parametrize("action", ["list", "check", "clear"])
def test_results_whose_memory_is_shared_are_refused_with_the_place_of_it(tmp_path, monkeypatch, action):
    monkeypatch.chdir(tmp_path)
    memory = tmp_path / "outputs" / ".memory"
    memory.mkdir(parents=True)
    entry(memory, USUAL)
    (tmp_path / "outputs" / "films-yolox-1" / ".posecfg").mkdir(parents=True)
    with pytest.raises(UsageError, match=f"its runs share 'outputs/.memory': type cache {action} outputs/.memory"):
        cache.run(parse(["cache", action, "outputs/films-yolox-1"]))
    assert list(memory.rglob("*.poses"))
