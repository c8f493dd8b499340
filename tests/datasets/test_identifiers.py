import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.datasets.identifiers import changed, distinct, legible, natural, safe, stem, suffix
from posecfg.errors import ConfigError

PARTS = st.text(
    st.one_of(st.sampled_from("aAbéE.:\\~ \udce9\n12"), st.characters(exclude_characters="/\0")),
    min_size=1,
    max_size=90,
).filter(lambda part: part not in (".", "..") and not part.casefold().startswith(".posecfg"))
NAMES = st.lists(PARTS, min_size=1, max_size=3).map("/".join)


@pytest.mark.parametrize(
    "identifier",
    ["clip", "S1/acting1/S1_acting1_cam1", "film (1)", "a..b", "été/[x]", "~/x", "b:c", "\\udce9", "x" * 200],
)
def test_file_names_below_the_output_folder_are_safe(identifier):
    assert safe(identifier) == identifier


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a/..",
        "a//b",
        "a/",
        "./a",
        "a\0b",
        "a\nb",
        "C:\\x",
        "C:/x",
        "c:",
        "\\\\host\\x",
        "..\\x",
        "x" * 201,
        "é" * 101,
        "a/.posecfg/b",
        "\udce9",
    ],
)
def test_ids_that_could_leave_the_output_folder_are_refused(identifier):
    with pytest.raises(ConfigError, match="Expected a clip id"):
        safe(identifier)


@given(NAMES)
def test_any_file_name_becomes_a_safe_id(name):
    assert safe(legible(name)).encode()


@given(st.lists(NAMES, unique=True, max_size=12))
def test_ids_are_distinct_safe_and_do_not_depend_on_order(names):
    wanted = {name: stem(name) for name in names}
    ids = distinct(wanted)
    folded = {unicodedata.normalize("NFC", safe(text)).casefold() for text in ids.values()}
    assert len(folded) == len(names)
    assert distinct(dict(reversed(wanted.items()))) == ids


@given(st.sets(st.sampled_from([a + b for a in ("a", "A", "a.mp4", "a.b") for b in ("", ".mp4", ".MOV", ".mkv")])))
def test_close_names_stay_distinct(names):
    ids = distinct({name: stem(name) for name in names})
    assert len({text.casefold() for text in ids.values()}) == len(names)


@given(
    st.lists(st.text(), unique=True)
    | st.lists(st.sampled_from(["a", "A", "b:", "b_", "\u00e9", "e\u0301"]), unique=True)
)
def test_names_of_segments_change_only_where_they_must(names):
    ids = distinct({name: name for name in names})
    assert changed(names) == {name: clip_id for name, clip_id in ids.items() if clip_id != name}


def test_names_that_meet_keep_their_suffix_and_others_lose_it():
    names = ["a.mp4", "a.MOV", "b.mp4"]
    assert distinct({name: stem(name) for name in names}) == {"a.mp4": "a.mp4", "a.MOV": "a.MOV", "b.mp4": "b"}


def test_a_full_name_that_meets_another_id_moves_that_one_too():
    names = ["a.mp4", "a.mov", "a.mp4.mkv"]
    assert distinct({name: stem(name) for name in names}) == {name: name for name in names}


def test_names_that_differ_only_in_case_get_a_digest():
    ids = distinct({"A.mp4": "A", "a.mp4": "a"})
    assert ids["A.mp4"].startswith("A.mp4~")
    assert ids["a.mp4"].startswith("a.mp4~")
    assert ids["A.mp4"][6:] != ids["a.mp4"][6:]


def test_numbers_are_sorted_as_numbers():
    assert sorted(["clip10", "clip2", "Clip1", "b/1", "b 2"], key=natural) == ["b/1", "b 2", "Clip1", "clip2", "clip10"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.mp4", ("a", "mp4")),
        ("v1.2/clip", ("v1.2/clip", "")),
        ("x/.mp4", ("x/.mp4", "")),
        ("..mp4", ("..mp4", "")),
        ("a.b.MKV", ("a.b", "mkv")),
        ("a.", ("a", "")),
    ],
)
def test_suffixes(name, expected):
    assert (stem(name), suffix(name)) == expected
