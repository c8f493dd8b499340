"""Facts of architectures that the names of their published configurations tell too."""

from __future__ import annotations

import re

import pytest

from posecfg.models import registry
from posecfg.models.architectures import KNOWN


@pytest.mark.parametrize("name", KNOWN)
def test_the_size_of_the_input_is_that_in_the_name_of_the_configuration(name):
    known = KNOWN[name]
    if known.kind == "pose":
        high, wide = re.search(r"-(\d+)x(\d+)\.py$", known.file).groups()
        assert known.size == (int(wide), int(high))
    else:
        assert f"_{known.size[0]}" in known.file or known.size == (640, 640)
    assert registry.entry(known.weights).file.endswith(".pth")
