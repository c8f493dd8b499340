"""What was not taken, and what failed, as people read it."""

from posecfg.terminal.text import briefly_left_out, failures, left_out
from posecfg.types import Excluded


def lines(numbers, reason):
    return [Excluded(f"line {number}: s{number}", reason) for number in numbers]


def test_few_are_told_one_by_one():
    assert left_out(lines((2, 5), "its start is not finite"), 2) == [
        "line 2: s2: its start is not finite",
        "line 5: s5: its start is not finite",
    ]


def test_many_are_told_by_reason_with_the_numbers_of_their_lines():
    items = [
        *lines((9,), "it names no film"),
        Excluded("line 11", "it names no film"),
        *lines(range(20, 40), "too long"),
    ]
    assert left_out(items, 3) == [
        "20: too long (lines 20, 21, 22 and 17 more)",
        "2: it names no film (lines 9, 11)",
        "all of them: posecfg plan ... --json",
    ]
    assert left_out(items, 20) == [
        "20: too long (lines 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39)",
        "2: it names no film (lines 9, 11)",
    ]


def test_those_that_have_no_name_are_counted_too():
    items = [*lines((3, 4), "too long"), Excluded("1,000 more", "too long"), Excluded("7 segments", "not among only")]
    assert left_out(items, 2) == [
        "1,002: too long (lines 3, 4 and 1,000 more)",
        "7: not among only",
        "all of them: posecfg plan ... --json",
    ]


def test_files_are_told_by_their_names():
    items = [Excluded(name, "no film") for name in ("line up.txt", "a" * 60, "c", "9 files .md", "e")]
    (said, every) = left_out(items, 4)
    assert said == f"13: no film (line up.txt, {'a' * 19}…{'a' * 20}, c and 2 more)"
    assert every == "all of them: posecfg plan ... --json"


def test_more_reasons_than_there_is_room_for_are_counted():
    items = [item for i in range(5) for item in lines((i,), f"reason {i}")]
    assert left_out(items, 3)[2:] == [
        "1: reason 2 (line 2)",
        "2 other reasons",
        "all of them: posecfg plan ... --json",
    ]


def test_what_a_setting_leaves_out_is_one_line_and_other_reasons_keep_their_names():
    views = [Excluded(f"c0{i}", "another view: dataset.views=all takes it") for i in range(3)]
    listed = Excluded("gLO_ch02", "on ignore_list.txt: dataset.ignore=false takes it")
    more = Excluded("1,000 more", "another view: dataset.views=all takes it")
    broken = Excluded("a.mp4", "its frames: none")
    assert briefly_left_out([listed, *views, broken, more], 5) == [
        "1,003 another view (dataset.views=all takes them); 1 on ignore_list.txt (dataset.ignore=false takes them)",
        "a.mp4: its frames: none",
    ]
    assert briefly_left_out([broken], 5) == ["a.mp4: its frames: none"]
    assert briefly_left_out([], 5) == []


def test_failures_are_told_by_reason():
    clips = {f"c{i}": f"Expected v/c{i}.mp4 to be a film." for i in range(5)} | {"x": "it died", "y": "it is late"}
    assert failures(clips, 2) == [
        "5: Expected v/c0.mp4 to be a film. (c0, c1, c2 and 2 more)",
        "x: it died",
        "1 other reason",
    ]
