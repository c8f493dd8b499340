from __future__ import annotations

import pytest

from posecfg.models import registry
from posecfg.models.describe import row
from posecfg.terminal.weights import show_details, show_list

ROW = {
    "name": "net",
    "state": "missing",
    "way": "fetch",
    "licence": "MIT",
    "commercial": True,
    "what": "a network",
    "bytes": None,
    "about": None,
    "caution": "",
    "advice": "posecfg models fetch net",
}


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("POSECFG_MODELS", raising=False)


@pytest.mark.parametrize(
    ("told", "shown"),
    [({"bytes": 4_100_000}, " 4.1 MB "), ({"about": 99_000_000}, " ~99 MB "), ({}, " ? ")],
)
def test_a_size_that_nobody_knows_exactly_is_shown_as_such(capsys, told, shown):
    show_list([ROW | told], "fetch")
    screen = capsys.readouterr().out
    assert shown in screen
    assert screen.rstrip().endswith("net: posecfg models fetch net")


@pytest.mark.parametrize("width", [50, 80, 160])
def test_the_list_has_one_line_for_each_file_whatever_the_width(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    names = registry.names()
    show_list([row(name) for name in names])
    lines = capsys.readouterr().out.splitlines()
    words = [line.split() for line in lines[: len(names)]]
    assert sorted(line[0] for line in words) == names
    assert {"fetchable", "to"} <= {line[1] for line in words}
    assert max(map(len, lines)) <= width
    assert "CC BY" not in "".join(lines)
    assert lines[-1] == "  posecfg models show NAME"


def test_what_is_here_comes_first_and_a_wrong_file_says_what_to_type(capsys):
    show_list(
        [
            ROW,
            ROW | {"name": "made", "way": "export"},
            ROW | {"name": "inside", "way": "install"},
            ROW | {"name": "here", "state": "present", "advice": ""},
            ROW | {"name": "odd", "state": "untrusted", "advice": "posecfg models trust odd abc"},
        ]
    )
    lines = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split()[:3]) for line in lines[:5]] == [
        "here present ?",
        "odd untrusted ?",
        "net fetchable ?",
        "made to export",
        "inside to install",
    ]
    assert lines[5:7] == ["odd: posecfg models trust odd abc", "1 of 5 are here. Get, make or look at one:"]


def test_verified_files_are_counted(capsys):
    show_list([ROW, ROW | {"name": "free", "state": "present", "advice": ""}], "verify")
    assert capsys.readouterr().out.splitlines()[-1] == "1 missing, 1 verified."


def test_of_all_weights_those_that_are_not_here_are_only_counted(capsys):
    here = ROW | {"name": "free", "state": "present", "advice": ""}
    show_list([ROW | {"ok": True}, here | {"ok": True}], "verify")
    assert "net" not in capsys.readouterr().out.split()
    show_list([ROW | {"ok": False}, here | {"ok": True}], "verify")
    assert "net: posecfg models fetch net" in capsys.readouterr().out


def details(capsys, *names):
    show_details([row(name) for name in names])
    return capsys.readouterr().out


def test_details_say_licence_source_and_what_to_type(capsys):
    text = details(capsys, "movenet_lightning_int8", "videopose3d_coco")
    for part in (
        "movenet_lightning_int8: fetchable\n",
        "  licence     Apache-2.0\n  commercial  yes\n",
        f"  sha256      {registry.entry('movenet_lightning_int8').sha256}\n",
        "  type        posecfg models fetch movenet_lightning_int8\n  or choose   detector=blazepose\n",
        "  licence     CC BY-NC 4.0\n  commercial  no\n  cite        Pavllo et al.",
        "  sha256      none is published\n",
    ):
        assert part in text


def test_what_is_copied_is_in_one_line_on_a_narrow_terminal_too(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    lines = details(capsys, "rtmw3d_l", "movenet_thunder_int8").splitlines()
    assert sum(line.endswith("posecfg models export rtmw3d_l models.mmpose=mmpose") for line in lines) == 1
    assert any(line.endswith(registry.entry("movenet_thunder_int8").urls[1]) for line in lines)
    assert all(len(line) <= 50 for line in lines if "cite" in line or "what" in line)


# What the licence of weights does not say, and what no yes may stand beside.
TERMS = ("academic", "non-commercial", "noncommercial", "-nc", "lent", "terms")


@pytest.mark.parametrize("name", registry.names())
def test_no_yes_stands_beside_words_that_take_it_back(capsys, name):
    one = row(name)
    told = " ".join((one["licence"], one["caution"], one["what"])).lower()
    text = details(capsys, name)
    if any(word in told for word in TERMS):
        assert one["commercial"] is not True
        assert "commercial  yes" not in text
    if one["caution"]:
        assert one["commercial"] is None
        assert "commercial  see terms, " in text
        assert one["caution"].split()[0] in text
    assert one["commercial"] is not None or registry.entry(name).commercial
