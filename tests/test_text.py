"""Values of any kind are shown in sentences as short texts."""

from posecfg.text import shown


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
