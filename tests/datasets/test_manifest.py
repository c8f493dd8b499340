from __future__ import annotations

import builtins
import csv
import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.datasets import refused
from posecfg.datasets.identifiers import safe
from posecfg.datasets.manifest import Manifest
from posecfg.errors import ConfigError

NAMES = ("VIDEO_NAME", "SENTENCE_NAME", "START_REALIGNED", "END_REALIGNED", "SENTENCE")
HOW2SIGN = ("VIDEO_ID", "VIDEO_NAME", "SENTENCE_ID", "SENTENCE_NAME", "START_REALIGNED", "END_REALIGNED", "SENTENCE")


@pytest.fixture
def table(tmp_path):
    """Return a function that writes lines as a table and returns its path."""

    def write(*lines, header=NAMES, name="segments.csv", delimiter="\t"):
        path = tmp_path / name
        rows = [delimiter.join(map(str, line)) for line in (header, *lines)]
        path.write_text("\n".join(rows) + "\n", "utf-8")
        return path

    return write


@pytest.fixture
def scan(table, tree):
    """Return a function that lists a table over films with these names."""

    def scan(*lines, films=("v.mp4",), header=NAMES, **arguments):
        root = tree(*films)
        return Manifest(str(table(*lines, header=header)), str(root), **arguments).scan()

    return scan


def ids(listing):
    return [clip.id for clip in listing.clips]


def told(listing):
    return {item.name: item.reason for item in listing.excluded}


def test_a_row_is_a_clip(scan, tree):
    listing = scan(("v", "v-000", "1.5", "2.75", "Hello there."), films=["deep/v.mp4"])
    (clip,) = listing.clips
    assert (clip.id, clip.path, clip.source) == ("v-000", tree() / "deep/v.mp4", "deep/v.mp4")
    assert (clip.start, clip.end, clip.counted, clip.truth) == (1.5, 2.75, False, None)
    assert clip.meta == {"sentence": "Hello there.", "video": "v"}
    assert listing.excluded == ()


def test_clips_lie_by_film_and_start_so_that_a_film_is_played_through(scan):
    rows = [("v10", "a", 5, 6, ""), ("v2", "b", 7, 8, ""), ("v10", "c", 1, 2, ""), ("v2", "d", 0, 9, "")]
    films = ["v2.mp4", "v10.mp4"]
    assert ids(scan(*rows, films=films)) == ["d", "b", "c", "a"] == ids(scan(*reversed(rows), films=films))


def test_how2sign_is_read_as_it_is(scan):
    name = "--7E2sU6zP4-5-rgb_front"
    row = ("--7E2sU6zP4", name, "--7E2sU6zP4_10", "--7E2sU6zP4_10-5-rgb_front", "129.06", "142.48", "And I call them")
    (clip,) = scan(row, header=HOW2SIGN, films=[f"{name}.mp4"]).clips
    assert (clip.id, clip.start, clip.end) == ("--7E2sU6zP4_10-5-rgb_front", 129.06, 142.48)


@pytest.mark.parametrize(
    ("header", "start"),
    [
        (("VIDEO_NAME", "START_REALIGNED", "END_REALIGNED", "START", "END"), 3.0),
        (("VIDEO_NAME", "START_REALIGNED", "END_REALIGNED", "START", "fps"), 1.0),
        ((" video_id ", "Start", "END ", "x", "y"), 1.0),
    ],
)
def test_plain_times_come_before_realigned_ones(scan, header, start):
    (clip,) = scan(("v", "1", "2", "3", "4"), header=header).clips
    assert (clip.id, clip.start, clip.end) == ("v-000", start, start + 1)


def test_columns_can_be_named(scan):
    header = ("file", "label", "from", "to", "START", "END", "words", "who")
    columns = {"video": "FILE", "name": "label", "start": "from", "end": "To", "text": "words", "subject": "who"}
    named = {f"{key}_column": name for key, name in columns.items()}
    (clip,) = scan(("v", "x", 1, 2, 3, 4, "hi", "S1"), header=header, **named).clips
    assert (clip.id, clip.start, clip.end) == ("x", 1.0, 2.0)
    assert clip.meta == {"sentence": "hi", "video": "v", "subject": "S1"}


def test_named_columns_find_the_delimiter_too(table, tree):
    path = table(("v", 1, 2, "x,y"), header=("file", "from", "to", "a,b,c,d,e"), delimiter=";")
    named = {"video_column": "file", "start_column": "from", "end_column": "to"}
    assert ids(Manifest(str(path), str(tree("v.mp4")), **named).scan()) == ["v-000"]


def test_segments_without_names_are_numbered_within_their_film(scan):
    rows = [("v", 0, 1), ("w", 0, 1), ("v", 2, 3), ("v", 0, 1), ("v", 1, 2)]
    listing = scan(*rows, header=("VIDEO_ID", "START", "END"), films=["v.mp4", "w.mp4"])
    assert {clip.id: clip.start for clip in listing.clips} == {"v-000": 0, "v-002": 1, "v-001": 2, "w-000": 0}
    assert told(listing) == {"line 5: v": "the same as an earlier line"}


def test_times_may_be_written_as_programs_for_annotation_write_them(scan):
    rows = [("v", "a", "00:00:01.250", "00:00:02.5"), ("v", "b", "1:02", "62.5"), ("v", "c", "01:00:00", "01:00:01")]
    listing = scan(*rows, header=("VIDEO_NAME", "SENTENCE_NAME", "START", "END"))
    assert {clip.id: (clip.start, clip.end) for clip in listing.clips} == {
        "a": (1.25, 2.5),
        "b": (62, 62.5),
        "c": (3600, 3601),
    }


BAD = {
    "1e400\t2": "its start is not finite",
    "nan\t2": "its start is not finite",
    "1\tinf": "its end is not finite",
    "-0.5\t2": "its start is negative",
    "2\t1": "its end is not after its start",
    "1\t1": "its end is not after its start",
    "1\t1.0000001": "its end is not after its start",
    "1e300\t2e300": "its start is beyond any film",
    "0\t1700000000000": "its end is beyond any film",
    "one\t2": "its start is not a number",
    "00:01\t00:61": "its end is not a number",
    "-0:01\t2": "its start is not a number",
    "0:02\t00:00:01.5": "its end is not after its start",
    "1\t1_0": "its end is not a number",
    "1\t٣": "its end is not a number",
    "\t2": "its start is missing",
    "1\t ": "its end is missing",
}


@pytest.mark.parametrize(("times", "reason"), BAD.items())
def test_bad_times_are_told_with_their_line(scan, times, reason):
    listing = scan(("v", "a", 0, 1, "x"), ("v", "b", *times.split("\t"), "x"), ("v", "c", 1, 2, "x"))
    assert ids(listing) == ["a", "c"]
    assert told(listing) == {"line 3: b": reason}


def test_rows_without_a_film_or_name_or_fields_are_told_with_their_line(scan):
    rows = [("v", "a", 0, 1, "x"), ("", "b", 0, 1, "x"), ("v", " ", 0, 1, "x"), ("v", "c"), ("v", "d", 0, 1, "x", "y")]
    assert told(scan(*rows)) == {
        "line 3: b": "it names no film",
        "line 4": "it has no name",
        "line 5": "has too few fields",
        "line 6": "has too many fields",
    }


def test_repeated_lines_are_counted_and_of_one_name_the_first_counts(scan):
    rows = [("v", "a", 0, 1, "x"), ("v", "a", "0.0", 1, "x"), ("v", "a", 5, 6, "x"), ("v", "a", 0, 1, "y")]
    listing = scan(*rows)
    assert [(clip.id, clip.start) for clip in listing.clips] == [("a", 0.0)]
    assert told(listing) == {
        "line 3: a": "the same as an earlier line",
        "line 4: a": "an earlier line has this name, with another time, film or text",
        "line 5: a": "an earlier line has this name, with another time, film or text",
    }


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../b", "a//b", "a/", ".", "..", ".posecfg/x", "a/./b"])
def test_names_that_could_leave_the_output_folder_are_left_out(scan, name):
    listing = scan(("v", name, 0, 1, "x"), ("v", "ok", 1, 2, "x"))
    assert ids(listing) == ["ok"]
    assert told(listing) == {f"line 2: {name}": "its name cannot be that of a file in the output folder"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("train/a-1", "train/a-1"), ("-a b'(1)", "-a b'(1)"), ("..\\x", ".._x"), ("c:\\x", "c__x"), ("\x07", "\\x07")],
)
def test_other_names_are_made_fit_as_those_of_films_are(scan, name, expected):
    assert ids(scan(("v", name, 0, 1, "x"))) == [expected]


def test_names_that_differ_only_in_case_get_files_of_their_own(scan):
    first, second = ids(scan(("v", "abC", 0, 1, "x"), ("v", "abc", 1, 2, "x")))
    assert first.startswith("abC~")
    assert second.startswith("abc~")


@pytest.mark.parametrize("name", ["-a_b", "_x", "-", "take 1 (2)", "été", "a.b"])
def test_films_are_found_by_any_name(scan, name):
    assert ids(scan((name, "s", 0, 1, "x"), films=[f"one/{name}.MKV", "other.mp4", "notes.txt"])) == ["s"]


def test_a_film_may_be_named_with_its_suffix(scan):
    films = ["v.mp4", "v.mkv", "w.mp4.mkv", "w.mp4"]
    listing = scan(("v.mkv", "a", 0, 1, "x"), ("w.mp4", "b", 0, 1, "x"), films=films)
    assert [clip.source for clip in listing.clips] == ["v.mkv", "w.mp4.mkv"]


def test_case_counts_unless_only_one_film_fits_without(scan):
    rows = [("abc", "a", 0, 1, "x"), ("XYZ", "b", 0, 1, "x"), ("aBC", "c", 0, 1, "x")]
    listing = scan(*rows, films=["abc.mp4", "ABC.mp4", "xyz.mp4"])
    assert {clip.id: clip.source for clip in listing.clips} == {"a": "abc.mp4", "b": "xyz.mp4"}
    assert told(listing) == {"line 4: c": "video not found: several differ from its name only in case"}


def test_of_films_with_one_name_the_suffix_decides_then_the_folder(table, tree, tmp_path):
    tree("v.webm", "b/v.mov", "z/w.mp4", "u.webm")
    other = tmp_path / "other"
    other.mkdir()
    for name in ("v.mp4", "w.mp4"):
        (other / name).touch()
    path = table(("v", "a", 0, 1, "x"), ("w", "b", 0, 1, "x"))
    listing = Manifest(str(path), [str(tree()), str(other)]).scan()
    assert [clip.path for clip in listing.clips] == [other / "v.mp4", tree() / "z/w.mp4"]
    assert told(listing) == {
        "b/v.mov (v.mp4 is taken)": "another film of the same name is taken",
        "v.webm (v.mp4 is taken)": "another film of the same name is taken",
        "w.mp4 (z/w.mp4 is taken)": "another film of the same name is taken",
    }
    chosen = Manifest(str(path), [str(tree()), str(other)], extensions=["webm", ".MOV", "mp4"]).scan()
    assert chosen.clips[0].path == tree() / "v.webm"


@pytest.mark.parametrize("name", ["a/v", "a/v.mp4", "./a/v"])
def test_films_of_one_name_are_told_apart_by_their_folder(scan, tree, name):
    listing = scan((name, "x", "0", "1", "a"), ("b/v", "y", "0", "1", "b"), films=("a/v.mp4", "b/v.mp4"))
    assert [clip.source for clip in listing.clips] == ["a/v.mp4", "b/v.mp4"]
    assert listing.excluded == ()
    assert told(scan(("b/v", "y", 0, 1, "b"), ("c/v", "z", 0, 1, "c"))) == {"line 3: z": "video not found"}


def test_ids_do_not_depend_on_what_else_is_wanted(scan):
    rows = (("v", "Clip", 0, 0.4, "a"), ("w", "clip", 0, 0.2, "b"), ("gone", "CLIP", 0, 1, "c"))
    (alone,) = ids(scan(*rows, films=("v.mp4",)))
    both = ids(scan(*rows, films=("w.mp4",)))
    assert both[0] == alone
    assert len({name.casefold() for name in both}) == 2
    assert ids(scan(*rows, only="clip")) == both[1:]


def test_a_file_that_lists_ids_is_for_the_run(scan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "marked.txt").write_text("b")
    why = "a file, and dataset.only takes names: only= in its place reads ids of clips from a file"
    assert told(scan(("v", "a", 0, 1, "a"), ("v", "b", 1, 2, "b"), only=["a", "marked.txt"]))["marked.txt"] == why


def test_a_number_without_end_is_no_number(scan):
    rows = [("v", str(digits), 0, "1" * digits + "x", "x") for digits in (999, 900_000)]
    listing = scan(*rows, ("v", "c", 0, 1, "x"))
    assert ids(listing) == ["c"]
    assert set(told(listing).values()) == {"its end is not a number"}


def test_a_missing_film_is_told_for_each_of_its_segments(scan):
    rows = [("v", "a", 0, 1, "x"), ("gone", "b", 0, 1, "x"), ("gone", "c", 1, 9, "x")]
    assert told(scan(*rows, max_duration=2)) == {"line 3: b": "video not found", "line 4: c": "video not found"}


def test_length_is_known_without_opening_anything(scan):
    rows = [
        ("v", "s", 0, 0.19, "x"),
        ("v", "edge", 10, 10.2, "x"),
        ("v", "long", 0, 60.1, "x"),
        ("v", "ok", 0, 60, "x"),
    ]
    listing = scan(*rows, min_duration=0.2, max_duration=60.0)
    assert ids(listing) == ["ok", "edge"]
    assert told(listing) == {"line 2: s": "too short (<0.2 s)", "line 4: long": "too long (>60 s)"}


def test_a_few_can_be_asked_for_by_segment_or_film(scan):
    rows = [("v", "a", 0, 1, "x"), ("v", "b", 1, 2, "x"), ("7", "c", 0, 1, "x"), ("u", "d", 0, 1, "x")]
    films = ["v.mp4", "u.mp4", "7.mp4"]
    listing = scan(*rows, films=films, only=["b", 7, "zz"])
    assert ids(listing) == ["c", "b"]
    assert told(listing) == {
        "zz": "named by dataset.only, but not in the table",
        "2 segments": "not among dataset.only",
    }
    assert ids(scan(*rows, films=films, only="u")) == ["d"]


def test_films_lie_beside_the_table_unless_said_otherwise(table, tmp_path, monkeypatch):
    (tmp_path / "v.mp4").touch()
    path = table(("v", "a", 0, 1, "x"))
    assert ids(Manifest(str(path)).scan()) == ["a"]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ids(Manifest("~/segments.csv", "~").scan()) == ["a"]


def test_nothing_but_the_table_is_opened(scan, monkeypatch):
    opened = []
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *how, **more: opened.append(path.name) or real(path, *how, **more))
    monkeypatch.setattr(builtins, "open", lambda path, *how, **more: opened.append(path))
    assert ids(scan(("v", "a", 0, 1, "x"))) == ["a"]
    assert set(opened) == {"segments.csv"}


def test_a_file_of_rubbish_is_counted_and_not_listed_without_end(scan, monkeypatch):
    monkeypatch.setattr(refused, "LISTED", 3)
    listing = scan(("v", "a", 0, 1, "x"), *(["junk"] for _ in range(8)), ("gone", "b", 0, 1, "x"))
    assert Counter(item.reason for item in listing.excluded) == {"has too few fields": 4, "video not found": 1}
    assert told(listing)["5 more"] == "has too few fields"


def test_a_name_without_end_is_told_by_its_beginning(scan):
    listing = scan(("v", "a", 0, 1, "x"), ("gone", "n" * 100_000, 0, 1, "x"))
    assert told(listing) == {f"line 3: {'n' * 100}": "video not found"}


FAULTY = {
    "a\tb": r"to name VIDEO_NAME or VIDEO_ID, but it is a, b\. Type dataset\.video_column=NAME if",
    "VIDEO_NAME\tSTART": r"to name START and END, or START_REALIGNED and END_REALIGNED, but it is VIDEO_NAME, START\.",
    "VIDEONAME\tSTART\tEND": r"Did you mean dataset\.video_column=VIDEONAME\?",
    "VIDEO_ID\tSTRT\tEND": r"Did you mean dataset\.start_column=STRT dataset\.end_column=END\?",
    "VIDEO_ID\tBEGIN\tEND_": r"Type dataset\.start_column=NAME dataset\.end_column=END_ if it is called otherwise\.",
    "VIDEO_ID\tSTART\tENDS": r"Did you mean dataset\.start_column=START dataset\.end_column=ENDS\?",
    "VIDEO_ID\tSTART\tSTART_REALIGNED": r"Type dataset\.start_column=START dataset\.end_column=NAME if",
    "VIDEO_ID\tVideo_ID\tSTART\tEND": "to have one column VIDEO_ID, but it has several",
    "VIDEO_ID\tSTART\tEND": r"but it holds only its first line \(VIDEO_ID, START, END\)",
    "VIDEO_ID\tSTART\tEND\nx": "all are left out: 1 has too few fields; the first is line 2",
    "VIDEO_ID\tSTART\tEND\nvv\t0\t1": "1 video not found. It asks for 'vv', and the nearest film is 'v.mp4'",
    "v\tn-000\t1.5\t2.5\tHello": "to name VIDEO_NAME or VIDEO_ID, but it is v, n-000, 1.5, 2.5, Hello",
}


@pytest.mark.parametrize(("text", "message"), FAULTY.items())
def test_a_table_that_cannot_work_is_told_in_one_sentence(tmp_path, tree, text, message):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as error:
        Manifest(str(path), str(tree("v.mp4"))).scan()
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_column_that_is_not_there_is_told_with_the_nearest(scan):
    with pytest.raises(ConfigError, match=r"to name txt \(dataset\.text_column\).*dataset\.text_column=TXTS\?"):
        scan(("v", "a", 0, 1, "x"), header=(*NAMES[:4], "TXTS"), text_column="txt")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"segment": "frames"}, r"dataset\.segment to be one of time, inclusive_index"),
        ({"min_duration": -1}, r"dataset\.min_duration to be seconds from 0"),
        ({"max_duration": float("nan")}, r"dataset\.max_duration to be seconds from 0"),
        ({"min_duration": 2, "max_duration": 1}, r"dataset\.min_duration to be at most"),
        ({"start_column": "A"}, r"dataset\.start_column and dataset\.end_column together"),
        ({"videos": []}, r"dataset\.videos and dataset\.extensions to name something"),
        ({"extensions": []}, r"dataset\.videos and dataset\.extensions to name something"),
    ],
)
def test_arguments_that_cannot_work_are_refused_at_once(arguments, message):
    with pytest.raises(ConfigError, match=message):
        Manifest("t.csv", **arguments)


def test_a_table_and_folders_that_are_not_there_are_told(table, tree, tmp_path):
    path = table(("v", "a", 0, 1, "x"))
    with pytest.raises(ConfigError, match=r"Did you mean '.*segments\.csv'\?"):
        Manifest(str(tmp_path / "segment.csv")).scan()
    with pytest.raises(ConfigError, match=r"to be a table of segments, but '.*' is not a file: films go to data"):
        Manifest(str(tmp_path)).scan()
    with pytest.raises(ConfigError, match=r"Did you mean dataset\.video_column=VIDEO_NAME\?"):
        Manifest(str(path), video_column="VIDEO").scan()
    with pytest.raises(
        ConfigError, match=r"there is no '.*/film' \(did you mean '.*/films'\?\): type dataset\.videos="
    ):
        Manifest(str(path), str(tree().parent / "film")).scan()
    with pytest.raises(ConfigError, match="is a file"):
        Manifest(str(path), str(path)).scan()
    with pytest.raises(ConfigError, match=r"to hold films, but found no film among 1 file: type dataset\.videos="):
        Manifest(str(path), str(tree("notes.txt"))).scan()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_table_that_cannot_be_read_is_told(table):
    path = table(("v", "a", 0, 1, "x"))
    path.chmod(0)
    with pytest.raises(ConfigError, match=r"cannot be read \(Permission denied\)"):
        Manifest(str(path)).scan()


ODD = st.text(
    st.one_of(st.sampled_from("./\\:~ aA\t\n\"'-\x07é"), st.characters(exclude_characters="\0", codec="utf-8"))
)


@given(st.lists(st.tuples(ODD, st.integers(0, 9), st.integers(0, 9)), max_size=8))
def test_no_table_leads_out_of_the_output_folder_and_every_row_is_accounted_for(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        (path.parent / "v.mp4").touch()
        with path.open("w", encoding="utf-8", newline="") as stream:
            lines = [(*NAMES[:4],), ("v", "sure", 0, 1), *(("v", name, start, end) for name, start, end in rows)]
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(lines)
        listing = Manifest(str(path)).scan()
    assert len(listing.clips) + len(listing.excluded) == len(rows) + 1
    assert len({safe(clip.id).casefold() for clip in listing.clips}) == len(listing.clips)
    assert all(clip.start < clip.end for clip in listing.clips)
