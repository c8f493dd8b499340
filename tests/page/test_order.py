"""The order of names of clips: as a reader expects it, and the same whatever they are."""

import random

from hypothesis import given
from hypothesis import strategies as st

from posecfg.page.order import by_name


def test_numbers_are_ordered_by_size_and_letters_without_their_accents():
    names = [
        "clip9",
        "clip10",
        "clip010",
        "Clip11",
        "Ärger",
        "eclair",
        "école",
        "zzzz",
        "S2/a1",
        "S10/a1",
        "😀",
        "2",
        "10",
    ]
    expected = [
        "2",
        "10",
        "Ärger",
        "clip9",
        "clip010",
        "clip10",
        "Clip11",
        "eclair",
        "école",
        "S2/a1",
        "S10/a1",
        "zzzz",
        "😀",
    ]
    for seed in range(5):
        random.Random(seed).shuffle(names)
        assert sorted(names, key=by_name) == expected


@given(st.lists(st.text(alphabet="aA0９9Äé/ _٣\u0301" + "1" * 3, max_size=30) | st.text(max_size=8), unique=True))
def test_any_names_have_one_order(names):
    assert sorted(names, key=by_name) == sorted(reversed(names), key=by_name)


def test_a_long_number_is_no_error():
    assert sorted(["a" + "9" * 5000, "a1"], key=by_name)[0] == "a1"
