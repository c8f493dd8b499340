"""Versions that were measured together stand in the code, in pyproject.toml and in the Makefile: they are the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import posecfg
from posecfg import backends

ROOT = Path(__file__).resolve().parents[1]
BUILD = (ROOT / "Makefile").read_text("utf-8") + (ROOT / "pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize("name", backends.PINS)
def test_a_pin_is_the_same_everywhere(name):
    found = set(re.findall(rf"(?<![\w-]){name}==([\w.]+)", BUILD))
    assert found == {backends.PINS[name]}


def test_the_version_is_the_same_everywhere():
    assert f'version = "{posecfg.__version__}"' in BUILD
