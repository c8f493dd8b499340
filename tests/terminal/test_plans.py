"""What ``plan`` prints."""

import pytest
from whole_runs import SMALL, job_of

from posecfg.review.plan import plan
from posecfg.terminal.plans import show


@pytest.fixture
def printed(tmp_path, monkeypatch, capsys):
    def printed(width, **known):
        monkeypatch.setenv("COLUMNS", str(width))
        show(plan(job_of(tmp_path / "out", "dataset=synthetic", *SMALL)) | known)
        return capsys.readouterr().out

    return printed


BAD = [{"name": f"line {i}: s{i}", "reason": "its start is not finite"} for i in range(2, 16)]


@pytest.mark.parametrize("width", [80, 120])
def test_bad_lines_of_a_table_are_told_by_their_numbers(printed, width):
    said = printed(width, excluded=[*BAD, {"name": "line 40", "reason": "it names no film"}])
    assert max(map(len, said.splitlines())) <= width
    text = " ".join(said.split())
    assert "not taken 14: its start is not finite (lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 2 more)" in text
    assert "not taken 1: it names no film (line 40)" in text
    assert "not taken all of them: posecfg plan ... --json" in text


def test_what_could_not_be_read_before_is_told_apart_from_other_failures(printed):
    failed = {name: f"Expected v/{name}.mp4 to be a film." for name in "abcd"} | {"x": "it died"}
    text = " ".join(printed(100, failed_before=failed, unreadable_before=list("abcd")).split())
    assert "unreadable 4: Expected v/a.mp4 to be a film. (a, b, c and 1 more)" in text
    assert "failed before x: it died" in text
    assert "No problems" not in text
    assert "No other problems were found; 4 clips could not be read, as the reasons say." in text
    assert printed(100, failed_before={"x": "it died"}).rstrip().endswith("No problems were found.")
