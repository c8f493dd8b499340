from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from samples import extraction, track

from posecfg.errors import ConfigError
from posecfg.writers.npz import Npz


def data_of(written, source, **arguments):
    (data,) = written(Npz(**arguments), source).data.values()
    return data


def test_numpy_reads_stacked_arrays(written):
    first, second = track(3, xyz=True), track(3, person=2, missing=[0], xyz=True)
    with np.load(io.BytesIO(data_of(written, extraction(first, second))), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["xy"], np.stack([first.xy, second.xy]))
        np.testing.assert_array_equal(arrays["xyz"], np.stack([first.xyz, second.xyz]))
        assert arrays["valid"].tolist() == [[True] * 3, [False, True, True]]
        assert arrays["ids"].tolist() == [0, 2]
        assert arrays["keypoints"][9] == "left_wrist"
        assert arrays["times"].dtype == np.float64
        assert "depth" not in arrays
        assert json.loads(arrays["header.json"])["schema"] == 1


def test_members_carry_no_time_and_no_machine(written):
    with zipfile.ZipFile(io.BytesIO(data_of(written, extraction(track(2))))) as archive:
        assert {m.date_time for m in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {m.create_system for m in archive.infolist()} == {3}


def test_compression_is_a_choice(written):
    source = extraction(track(200, missing=range(20, 200)))
    assert len(data_of(written, source)) < len(data_of(written, source, compress=False)) / 4
    with pytest.raises(ConfigError, match="Expected compress to be true or false"):
        Npz(compress="deflate")


def test_numbers_that_json_lacks_become_null(written):
    source = extraction(track(1))
    source.notes["rate"] = float("nan")
    source.notes["count"] = np.int64(3)
    with zipfile.ZipFile(io.BytesIO(data_of(written, source))) as archive:
        notes = json.loads(archive.read("header.json"))["notes"]
    assert notes == {"frames": 1, "rate": None, "count": 3}
