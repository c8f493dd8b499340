import pytest

from posecfg.reasons import Left, groups, kind, tally
from posecfg.types import Excluded


def test_sentences_that_differ_in_numbers_alone_are_one_group():
    clips = {
        "a": "more than one person: 2 above bbox_thr=0.3 in frame 17 of those looked at",
        "b": "too short: 0.15 s, at least 0.2 s was asked for",
        "c": "more than one person: 3 above bbox_thr=0.3 in frame 1,204 of those looked at",
    }
    assert [(group.names, group.reason) for group in groups(clips)] == [(("a", "c"), clips["a"]), (("b",), clips["b"])]


@pytest.mark.parametrize(
    "reason",
    [
        "Expected films/{name}.mp4 to be a film or a picture, but it is empty (0 bytes).",
        "Expected /my own films/{name} of.mp4 to hold video, but it holds audio.",
        "Expected {name}.mp4 to be a film or a picture, but it is empty (0 bytes).",
        "Expected a file at '/my films/{name}.mp4', but it is not there any more.",
        "Expected clip {name} to end after its start, but its range is 1 s to 0.5 s.",
        "RuntimeError: injected fault on '{name}'",
        "detector (Synthetic) failed (RuntimeError: injected fault on '{name}').",
    ],
)
def test_sentences_that_differ_in_the_clip_and_its_file_alone_are_one_group(reason):
    names = ("a", "b b", "deep/er", "x.(1")
    assert [group.names for group in groups({name: reason.format(name=name) for name in names})] == [names]


def test_what_went_wrong_tells_groups_apart():
    why = ("is empty", "is in no format", "holds audio", "is a 'thing'", "is a 'b'")
    assert len(groups({name: f"Expected v/{name}.mp4 to be a film, but it {w}." for name, w in enumerated(why)})) == 5


def enumerated(texts):
    return [(f"clip{i}", text) for i, text in enumerate(texts)]


def test_the_largest_group_comes_first():
    assert [group.names for group in groups({"a": "x", "b": "y 1", "c": "y 2.5"})] == [("b", "c"), ("a",)]
    assert groups({}) == []


def test_the_kind_of_a_reason_is_what_stands_before_its_colon():
    assert kind("too short: 0.15 s, at least: 0.2 s") == "too short"
    assert kind("too short (<0.2 s)") == "too short (<0.2 s)"


def test_what_is_left_out_is_counted_by_reason_and_entries_may_stand_for_many():
    excluded = [
        Excluded("line 3: x", "too short"),
        Excluded("1,200 segments", "not asked for"),
        Excluded("9 files .txt", "no film"),
        Excluded("1 file without a suffix", "no film"),
        Excluded("2 files of mine.txt", "no film"),
        Excluded("1,000 more", "too short"),
    ]
    assert tally(excluded) == [
        Left("too short", 1001, ("line 3: x",)),
        Left("not asked for", 1200, ()),
        Left("no film", 11, ("9 files .txt", "1 file without a suffix", "2 files of mine.txt")),
    ]


def test_a_file_with_an_odd_name_is_counted_once():
    assert [left.number for left in tally([Excluded(", more", "not a film"), Excluded("2 more", "not a film")])] == [3]
