from __future__ import annotations

import re

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
        assert entry.urls or entry.inside or entry.made_from
        assert all(url.startswith("https://") for url in entry.urls)
        assert bool(entry.archive) == any(url.endswith(".zip") for url in entry.urls)


# Who published these files published no hash: they are refused until the user trusts what came.
UNHASHED = ("videopose3d_coco", "detectron2_r50", "detectron2_r50_1x", "detectron2_r101", "detectron2_x101")


def test_whatever_is_fetched_has_a_hash_and_whatever_is_listed_a_size():
    for entry in registry.load().values():
        known = bool(entry.sha256 or entry.sha256_prefix) or entry.name in UNHASHED
        assert known == bool(entry.urls or entry.inside), entry.name
        # Nobody has seen the file: its address is passed on in instructions only.
        assert entry.bytes or entry.about or entry.name == "rtmdet_nano_coco_torch", entry.name


def test_a_size_is_exact_or_rough():
    assert (parse(more="about = 9000").about, parse(more="bytes = 9").about) == (9000, 0)
    with pytest.raises(ValueError, match="to have bytes or about, but it has both"):
        parse(more="bytes = 9\nabout = 9000")


def test_what_is_made_is_made_of_checkpoints_that_can_be_fetched():
    made = {entry.name: registry.entry(entry.made_from) for entry in registry.load().values() if entry.made_from}
    assert set(made) == {name.removesuffix("_torch") for name in registry.names() if name.endswith("_torch")}
    assert all(source.urls and source.file.endswith(".pth") for source in made.values())


def test_a_published_hash_begins_as_the_name_of_the_checkpoint_says():
    for entry in registry.load().values():
        told = re.search(r"-([0-9a-f]{8})(?:_\d{8})?\.pth$", entry.file)
        if told and told[1] != "20231122":
            assert (entry.sha256 or entry.sha256_prefix).startswith(told[1])


def test_networks_that_can_be_made_are_those_that_can_be_built():
    from posecfg.models.architectures import KNOWN

    assert {entry.name for entry in registry.load().values() if entry.made_from} == set(KNOWN)
    assert all(entry.made_from == KNOWN[name].weights for name, entry in registry.load().items() if entry.made_from)


@pytest.mark.parametrize(
    "name",
    ["rtmw3d_m", "rtmw3d-m", "RTMW3D_M", "rtmw3d_m_torch", "rtmw3d-m_8xb64_cocktail14-384x288", "rtmw3d_m.onnx"],
)
def test_what_was_never_published_says_so(name):
    with pytest.raises(WeightsError, match="was never published: there are rtmw3d_l and rtmw3d_x only"):
        registry.entry(name)


def test_a_name_that_only_begins_alike_is_no_such_thing():
    with pytest.raises(WeightsError, match="Did you mean"):
        registry.entry("rtmw3d_mega")


def test_names_are_sorted_and_found():
    assert registry.names() == sorted(registry.names())
    assert registry.entry("blazepose_heavy").instead == "detector.complexity=1"


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(WeightsError, match=r"no weights 'BlazePose_hevy'\. Did you mean 'blazepose_heavy'\?"):
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


@pytest.mark.parametrize("more", ['sha256_prefix = "abc"', 'sha256_prefix = "ABCDEF01"', "sha256_prefix = 'g1234567'"])
def test_a_prefix_has_eight_hex_digits_or_more(more):
    with pytest.raises(ValueError, match="8 hex digits or more"):
        parse(more=more)


def test_a_prefix_beside_a_whole_hash_says_nothing():
    with pytest.raises(ValueError, match="without a sha256 beside it"):
        parse(more=f'sha256 = "{"ab" * 32}"\nsha256_prefix = "abababab"')


def test_a_part_of_names_means_all_of_them_and_the_default_of_the_option_first():
    assert registry.family("rtmdet")[0] == "rtmdet_m"
    assert registry.family("yolox")[0] == "yolox_nano"
    assert registry.family("RTMW3D-X") == ["rtmw3d_x", "rtmw3d_x_torch"]
    assert registry.family("") == []


def test_how_a_file_is_got_is_one_word():
    ways = {name: registry.entry(name).way for name in ("blazepose_full", "rtmpose_m", "rtmdet_m", "./mine.onnx")}
    assert list(ways.values()) == ["install", "fetch", "export", ""]
