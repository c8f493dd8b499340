from __future__ import annotations

import numpy as np
import pytest

from posecfg.review.contents import look


@pytest.mark.parametrize("content", [b"no array", b"\x93NUMPY ?", b""])
def test_what_is_no_array_is_not_to_be_loaded_in_some_unsafe_way(tmp_path, content):
    (tmp_path / "a.npy").write_bytes(content)
    error = look(tmp_path / "a.npy").error
    assert error.startswith("cannot be read (")
    assert "pickle" not in error


def test_python_objects_are_refused_in_our_words(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], object), allow_pickle=True)
    assert "Python objects" in look(tmp_path / "a.npy").error
