"""The table of ``verify`` on narrow terminals."""

import pytest

from posecfg.terminal.verified import show

FOLDERS = ["films-blazepose-11daddd2", "films-blazepose-ea3e9320/sub"]


def result(nan=0, contents=("(T, 33, 4) float32", "csv", "npz", "png")):
    row = {"files": 16, "bytes": 2_900_000, "rows": 1180, "missing_rows": 3, "nan": nan, "contents": list(contents)}
    tree = [{"folder": name, "sample": "solo dance [1].npy", **row} for name in FOLDERS]
    clips = {"done": 2, "skipped": 0, "failed": 0}
    return {
        "folder": "outputs",
        "files": 32,
        "bytes": 1,
        "recorded": True,
        "clips": clips,
        "tree": tree,
        "notes": [],
        "problems": [],
    }


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 160])
def test_folders_can_be_told_apart_in_any_width(columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    show(result())
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    for name in FOLDERS:
        (line,) = [line for line in lines if line.split()[:1] == [name]]
        assert "1,180" in line
        assert "…" not in line


def test_a_very_narrow_table_shortens_names_in_the_middle(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    show(result())
    said = capsys.readouterr().out
    assert "…" in said
    assert "ddd2" in said
    assert "1,180" in said


def test_missing_numbers_keep_their_column_where_there_are_any(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    show(result(nan=7))
    assert "NaN" in capsys.readouterr().out
    show(result())
    assert "NaN" not in capsys.readouterr().out
