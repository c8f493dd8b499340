from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest

from posecfg.store import packed
from posecfg.store.clip_facts import fit_facts, partials


@pytest.mark.parametrize("kind", ["<f4", "<f8", "<i8", "<u8", ">f4", "i2", "?", "f2"])
def test_arrays_come_back(kind):
    array = np.arange(300).astype(kind)
    data = json.loads(json.dumps(packed.pack(array)))
    assert packed.fits(data)
    assert packed.unpack(data).tolist() == array.tolist()
    assert packed.unpack(packed.pack(array[:0])).tolist() == []


def test_only_flat_numbers_are_packed():
    for wrong in (np.zeros((2, 2)), np.array(["a"]), np.array([object()])):
        with pytest.raises(ValueError, match="array of numbers"):
            packed.pack(wrong)


def test_damaged_ones_are_refused_and_none_grows_beyond_what_it_says():
    good = packed.pack(np.arange(9))
    bomb = base64.b64encode(zlib.compress(bytes(50 << 20))).decode()
    for wrong in (
        {**good, "zlib": bomb},
        {**good, "zlib": good["zlib"][:-8]},
        {**good, "zlib": "ä"},
        {**good, "count": 8},
        {**good, "count": 10},
        {**good, "type": "O"},
        {},
    ):
        with pytest.raises(ValueError, match=r"."):
            packed.unpack(wrong)


def test_records_take_packed_arrays_beside_numbers():
    good = packed.pack(np.arange(9))
    facts = {"score_sums": {"metric.oks": {"people": 3}}, "score_arrays": {"metric.oks": {"scores": good}}}
    assert fit_facts({**facts, "scored": {"view": "c01"}})
    assert partials(facts) == {"metric.oks": {"people": 3, "scores": good}}
    assert not fit_facts({"score_sums": {"metric.oks": {"scores": good}}})
    for wrong in ({**good, "count": -1}, {**good, "count": True}, {**good, "more": 1}, {"type": []}, [1.0], "x"):
        assert not fit_facts({"score_arrays": {"metric.oks": {"scores": wrong}}})
    assert not fit_facts({"scored": {"view": 1}})
