"""Pickles that would take for ever, or make what is no plain data, end in a sentence at once."""

from __future__ import annotations

import io
import pickle
import time
from collections import OrderedDict
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.models import numpy_pickle
from posecfg.models.plain_pickle import Plain
from posecfg.models.torch_pickle import Reader

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(0, 999), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


def load(data):
    return Plain(io.BytesIO(data)).load()


@given(PLAIN, st.integers(0, 5))
def test_plain_data_come_back(value, protocol):
    assert load(pickle.dumps(value, protocol)) == value


def doubled(depth):
    """Return a mapping whose key is a tuple of itself twice, again and again: its hash takes 2 ** depth steps."""
    steps = b"".join(b"q" + bytes([n]) + b"h" + bytes([n]) + b"\x86" for n in range(depth))
    return b"\x80\x02}K\x01\x85" + steps + b"K\x01s."


@pytest.mark.parametrize(
    "data",
    [
        doubled(60),
        b"\x80\x02}(" + doubled(60)[3:-3] + b"K\x01u.",
        pickle.dumps({(1, 2): 3}),
        pickle.dumps({n * (2**61 - 1): 0 for n in range(3)}),
        pickle.dumps({1.5: 0}),
        pickle.dumps({1, 2}),
        pickle.dumps(frozenset([1]), 4),
    ],
)
def test_what_could_take_for_ever_is_refused_at_once(data):
    begin = time.monotonic()
    with pytest.raises(ValueError, match=r"^it (has a|puts values|is no pickle|asks for)"):
        load(data)
    assert time.monotonic() - begin < 1


@pytest.mark.parametrize("read", [numpy_pickle.load, lambda stream: Reader(stream).load()])
@pytest.mark.parametrize(
    "asks",
    [
        b"ccollections\nOrderedDict\n](hxK\x01\x86e\x85R.",
        b"ccollections\nOrderedDict\n]hxa\x85R.",
        b"ccollections\nOrderedDict\nhx\x85R.",
        b"cnumpy\ndtype\nhx\x85R.",
        b"c_codecs\nencode\nX\x01\x00\x00\x00ahx\x86R.",
        b"cnumpy\ndtype\nX\x02\x00\x00\x00f4\x85RK\x03hx\x86b.",
        b"hxQ.",
    ],
)
def test_names_and_keys_are_looked_at_before_they_are_hashed(read, asks):
    steps = b"".join(b"h" + bytes([n]) + b"h" + bytes([n]) + b"\x86q" + bytes([n + 1]) + b"0" for n in range(60))
    begin = time.monotonic()
    with suppress(ValueError):  # what torch's reader has no use for is dropped
        read(io.BytesIO(b"\x80\x02K\x01q\x000" + steps + asks.replace(b"hx", b"h<")))
    assert time.monotonic() - begin < 1


def test_a_pickle_has_no_more_steps_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr("posecfg.budgets.LOADED", 640)
    assert load(b"\x80\x02(" + b"}" * 4 + b"l.") == [{}] * 4
    with pytest.raises(ValueError, match="it has more than 10 parts: if you trust it, set POSECFG_LOADED_GIB"):
        load(b"\x80\x02(" + b"}" * 9 + b"l.")


def test_mappings_are_made_of_pairs():
    made = numpy_pickle.load(io.BytesIO(pickle.dumps(OrderedDict(a=1, b=[2]), 2)))
    assert made == {"a": 1, "b": [2]}
    old = b"ccollections\nOrderedDict\n((l(S'a'\nI1\nlatR."
    assert numpy_pickle.load(io.BytesIO(old)) == {"a": 1}


@pytest.mark.parametrize("data", [b"", b"\x08", b"no pickle", pickle.dumps([1, 2])[:-3], b"\x80\x63.", b"(t(dR."])
def test_what_is_no_pickle_is_told_without_jargon(data):
    with pytest.raises(ValueError, match=r"^(it is no pickle, or a damaged one|unsupported pickle protocol: 99)$"):
        load(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_a_sentence(data):
    with suppress(ValueError):
        load(data)


def test_nothing_is_imported_that_a_pickle_names():
    with pytest.raises(ValueError, match=r"^it asks for posix.system$"):
        load(b"cposix\nsystem\n(S'touch hacked'\ntR.")
