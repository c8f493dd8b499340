from __future__ import annotations

import pytest

from posecfg.devices import Device
from posecfg.errors import ConfigError


def test_one_thread_and_both_number_formats_are_a_device():
    assert Device().threads == 1
    assert [Device(precision=name, threads=2).precision for name in ("fp32", "fp16")] == ["fp32", "fp16"]


@pytest.mark.parametrize(
    ("values", "text"),
    [({"threads": 0}, "threads to be at least 1, but got 0"), ({"precision": "int8"}, "fp32, fp16, but got 'int8'")],
)
def test_a_device_that_cannot_be_is_refused(values, text):
    with pytest.raises(ConfigError, match=text):
        Device(**values)
