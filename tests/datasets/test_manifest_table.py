from __future__ import annotations

import csv
import io
import os
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.datasets import table
from posecfg.datasets.columns import KNOWN
from posecfg.datasets.table import LONGEST, Table
from posecfg.errors import ConfigError

HEADER = ["VIDEO_NAME", "SENTENCE_NAME", "START", "END", "SENTENCE"]
DIGITS = frozenset("0123456789")


def good(fields):
    return len(fields) == len(HEADER) and all(text and DIGITS.issuperset(text) for text in fields[2:4])


def read(data):
    """Return (line, fields, problem) of every row of a table with these bytes."""
    handle, name = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data if isinstance(data, bytes) else data.encode())
        return [(row.line, list(row.fields), row.problem) for row in Table(Path(name), KNOWN).rows(good)]
    finally:
        os.unlink(name)


def fields_of(data):
    return [fields for _, fields, problem in read(data) if problem is None]


def problems(data):
    return {line: problem for line, _, problem in read(data) if problem}


def written(rows, **dialect):
    stream = io.StringIO()
    csv.writer(stream, **dialect).writerows([HEADER, *rows])
    return stream.getvalue()


def texts(without=""):
    """Draw any text; lines of one that has several hold no digits, as nothing tells them from rows otherwise."""
    odd = [mark for mark in "\"\t,;| \n\r'a\u2028é\ufeff\x1c" if mark not in without]
    usual = st.characters(codec="utf-8", exclude_characters=f"\0{without}")
    return st.text(st.one_of(st.sampled_from(odd), usual), max_size=12).filter(
        lambda text: not ("\n" in text or "\r" in text) or DIGITS.isdisjoint(text)
    )


def rows(text):
    time = st.integers(0, 999).map(str)
    return st.lists(st.tuples(text, text, time, time, text).map(list), max_size=5)


DELIMITERS = st.sampled_from("\t,;|")
QUOTING = st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC])


@given(rows(texts()), DELIMITERS, QUOTING)
def test_what_csv_writes_is_read_back(rows, delimiter, quoting):
    assert fields_of(written(rows, delimiter=delimiter, quoting=quoting)) == rows


@given(rows(texts("\r")), DELIMITERS, QUOTING, st.booleans(), st.booleans())
def test_unix_line_ends_a_mark_at_the_beginning_and_no_line_end_at_the_end(rows, delimiter, quoting, mark, ended):
    text = written(rows, delimiter=delimiter, quoting=quoting, lineterminator="\n")
    text = text if ended else text.removesuffix("\n")
    assert fields_of(("\ufeff" if mark else "") + text) == rows


def is_bare(text):
    """Tell whether unquoted text looks unquoted."""
    return not (len(text) > 1 and text[0] == text[-1] == '"')


@given(st.data(), DELIMITERS, st.sampled_from(["\n", "\r\n"]))
def test_quotes_mean_nothing_where_nothing_is_quoted(data, delimiter, end):
    drawn = data.draw(rows(texts(f"\r\n{delimiter}").filter(is_bare)))
    text = "".join(delimiter.join(row) + end for row in [HEADER, *drawn])
    assert fields_of(text) == drawn


@given(st.data(), DELIMITERS, QUOTING)
def test_bad_lines_lose_no_good_row(data, delimiter, quoting):
    drawn = data.draw(rows(texts("\r\n")))
    junk = st.one_of(
        texts("\r\n"),
        st.sampled_from(
            ['"', '"a', 'v,n,1,2,"x', 'v\tn\t1\t2\t"x', "v\tn\tnan\t2\tx", '"v";"n";"1";"2";"x"y', "\0", "v"]
        ),
    ).map(str.encode)
    pieces = written(drawn, delimiter=delimiter, quoting=quoting).encode().splitlines(keepends=True)
    mixed = pieces[:1]
    for piece in pieces[1:]:
        mixed += [line + b"\n" for line in data.draw(st.lists(st.one_of(junk, st.just(b"\xff")), max_size=3))] + [piece]
    found = iter(fields_of(b"".join(mixed)))
    assert all(row in found for row in drawn)


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_lone_quote_swallows_nothing(delimiter, end):
    lines = [
        HEADER,
        ["v", "n1", "1", "2", '"So he said'],
        ["v", "n2", "2", "3", "yes"],
        ["v", "n3", "3", "4", 'or no"'],
    ]
    text = end.join(delimiter.join(line) for line in lines)
    assert fields_of(text) == lines[1:]


def test_a_text_of_several_lines_is_one_row_and_lines_are_counted_as_in_an_editor():
    text = 'VIDEO_NAME,START,END,SENTENCE,X\n\nv,,1,2,"one\ntwo, ""three"""\nw,,3,4,four\nx\n'
    found = read(text.replace("START,END,SENTENCE,X", "X,START,END,SENTENCE"))
    assert found == [
        (3, ["v", "", "1", "2", 'one\ntwo, "three"'], None),
        (5, ["w", "", "3", "4", "four"], None),
        (6, ["x"], "has too few fields"),
    ]


def test_a_quote_that_is_closed_too_early_is_read_as_well_as_can_be():
    head = ",".join(HEADER)
    assert fields_of(f'{head}\n"v","n","1","2","He said "hi" there"\n') == [["v", "n", "1", "2", 'He said hi" there"']]


def test_empty_fields_behind_the_last_are_forgiven_and_others_are_not():
    head = ",".join(HEADER)
    assert read(f"{head}\nv,n,1,2,x,,\nv,n,1,2,x,y\nv,n\n") == [
        (2, ["v", "n", "1", "2", "x"], None),
        (3, ["v", "n", "1", "2", "x", "y"], "has too many fields"),
        (4, ["v", "n"], "has too few fields"),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"v\tn\t1\t2\tcaf\xe9", "is not UTF-8"),
        (b"v\tn\t1\t2\ta\0b", "holds a NUL character"),
        (b"v\tn\t1\t2\t" + b"x" * LONGEST, "is longer than 1,048,576 characters"),
        (b'v\tn\t1\t2\t"' + b"x" * (LONGEST + 7), "is longer than 1,048,576 characters"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_next_is_read(line, problem):
    data = "\t".join(HEADER).encode() + b"\nv\tm\t1\t2\tx\n" + line + b"\nv\to\t1\t2\ty\n"
    assert problems(data) == {3: problem}
    assert [fields[1] for fields in fields_of(data)] == ["m", "o"]


def test_a_long_text_in_quotes_is_given_up_and_the_next_row_is_read():
    data = "\t".join(HEADER) + '\nv\tn\t1\t2\t"' + "x" * 200_000 + '"\nv\to\t1\t2\ty\n'
    assert [fields[1] for fields in fields_of(data)] == ["n", "o"]


def test_a_hundred_megabytes_without_a_line_end_take_little_memory(tmp_path):
    path = tmp_path / "t.csv"
    with path.open("wb") as stream:
        stream.write("\t".join(HEADER).encode() + b"\n")
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
    tracemalloc.start()
    try:
        (row,) = Table(path, KNOWN).rows(good)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert row.problem == "is longer than 1,048,576 characters"
    assert peak < 20_000_000


@pytest.mark.parametrize("end", ["", '"'])
def test_an_open_quote_reads_on_for_no_more_than_a_field(end):
    lines = ["\t".join(HEADER), 'v\tn\t1\t2\t"open', *("word" for _ in range(50_000)), "v\to\t1\t2\tend" + end]
    found = read("\n".join(lines))
    assert [row[0] for row in found if row[2] is None] == [2, 50_003]
    assert len(found) == 50_002


def test_lines_that_never_make_a_record_are_not_read_over_and_over(monkeypatch):
    monkeypatch.setattr(table, "PATIENCE", 500)
    looks = 0
    real = table._Lines.back

    def back(lines, taken):
        nonlocal looks
        looks += len(taken)
        real(lines, taken)

    monkeypatch.setattr(table._Lines, "back", back)
    found = read("\n".join(["\t".join(HEADER), *(['b"\t"c'] * 300), "v\tn\t1\t2\tx"]))
    assert found[-1] == (302, ["v", "n", "1", "2", "x"], None)
    assert len(found) == 301
    assert 500 <= looks < 900


def test_a_record_of_several_lines_is_no_longer_than_its_limit(monkeypatch):
    monkeypatch.setattr(table, "DEEPEST", 40)
    short, long = ('v\tn\t1\t2\t"' + "\n".join(["word"] * count) + '"' for count in (4, 9))
    found = read("\n".join(["\t".join(HEADER), short, long]))
    assert [line for line, _, problem in found if problem is None] == [2, 6]
    assert found[0][1][4] == "word\nword\nword\nword"


def test_a_line_that_cannot_be_read_ends_a_quote():
    data = "\t".join(HEADER).encode() + b'\nv\tn\t1\t2\t"one\n\xff\ntwo"\n'
    assert read(data)[0] == (2, ["v", "n", "1", "2", '"one'], None)
    assert problems(data) == {3: "is not UTF-8", 4: "has too few fields"}


@pytest.mark.parametrize("head", ["video_name,sentence_name", " VIDEO_NAME ; Sentence_Name ", '"VIDEO_NAME"\t"x,y;z"'])
def test_the_delimiter_is_the_one_that_finds_the_columns(tmp_path, head):
    path = tmp_path / "t.csv"
    path.write_text(f"{head}\n")
    assert len(Table(path, KNOWN).header) == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "but it is empty"),
        (b"\n \n\r\n", "but it is empty"),
        (b"\xef\xbb\xbf", "but it is empty"),
        ("VIDEO_NAME\tSTART\n".encode("utf-16"), "but it is UTF-16: save it as UTF-8"),
        ("VIDEO_NAME\tSTART\n".encode("utf-16-le"), "line 1 holds a NUL character"),
        (b"\xff\xd8\xff\xe0 picture", "line 1 is not UTF-8"),
        (b"x" * (LONGEST + 1), "line 1 is longer than"),
    ],
)
def test_what_is_no_table_is_a_config_error(data, message):
    with pytest.raises(ConfigError, match=message):
        read(data)
