from __future__ import annotations

import pytest

from posecfg.errors import WeightsError
from posecfg.models import registry

TABLE = """
[thing]
file = "{file}"
licence = "MIT"
commercial = true
cite = "somebody"
what = "a thing"
{more}
"""


def parse(file="thing.bin", more=""):
    return registry.parse(TABLE.format(file=file, more=more))["thing"]


def test_the_shipped_registry_is_complete():
    for entry in registry.load().values():
        assert entry.licence
        assert entry.cite
        assert entry.what
        assert entry.used_by
        assert not (entry.urls and entry.inside)
        # What nobody publishes has to be made, and tells of what.
        assert entry.urls or entry.inside or "exported from" in entry.what or "the graph inside" in entry.what
        assert all(url.startswith("https://") for url in entry.urls)


def test_names_are_sorted_and_found():
    assert registry.names() == sorted(registry.names())
    assert registry.entry("blazepose_heavy").instead == "detector.complexity=1"


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(WeightsError, match=r"but got 'BlazePose_hevy'\. Did you mean 'blazepose_heavy'\?"):
        registry.entry("BlazePose_hevy")


def test_an_entry_without_a_hash_has_an_empty_one():
    assert parse().sha256 == ""


@pytest.mark.parametrize("file", ["/etc/passwd", "../thing.bin", "folder/thing.bin"])
def test_a_file_stays_in_its_folder(file):
    with pytest.raises(ValueError, match="to stay in its folder"):
        parse(file)


def test_a_file_inside_a_package_may_lie_in_a_subfolder():
    assert parse("modules/thing.bin", 'inside = "package"').inside == "package"


def test_a_hash_is_64_hex_digits():
    with pytest.raises(ValueError, match="64 hex digits"):
        parse(more='sha256 = "abc"')
