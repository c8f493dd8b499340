"""The width of what is printed."""

import pytest

from posecfg.terminal.console import USUAL, literal


@pytest.mark.parametrize("columns", ["0", "1", "9"])
def test_a_width_that_is_none_hides_nothing(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert literal().width == USUAL
