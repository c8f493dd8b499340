"""Values of any kind are shown in sentences as short texts."""

from posecfg.text import printable, shortened, shown, two_digits


class Mute:
    def __repr__(self):
        raise KeyError("no name")


def test_a_value_is_shown_as_python_writes_it_in_one_short_line():
    assert shown("a\n") == r"'a\n'"
    assert shown(None) == "None"
    assert len(shown("x" * 1000)) == 200
    assert len(shown("x" * 1000, 50)) == 50


def test_a_value_that_cannot_be_written_is_shown_by_its_class():
    assert shown(Mute()) == "a value of Mute"


def test_numbers_of_two_digits_have_no_exponent():
    assert [two_digits(value) for value in (0.251, 2.5, 19.4, 112.6, 4149)] == ["0.25", "2.5", "19", "110", "4,100"]


def test_a_long_name_is_as_long_as_there_is_room_for_it():
    assert [shortened("abcdefgh", width) for width in (8, 5, 2, 1)] == ["abcdefgh", "ab…gh", "…h", "…"]


def test_what_controls_a_terminal_is_seen_and_what_joins_letters_is_left():
    assert printable("a\x1b[2J\n\u202e\u2066") == r"a\x1b[2J\n\u202e\u2066"
    for name in ("می\u200cخواهم", "👩\u200d👧"):
        assert printable(name) == name
