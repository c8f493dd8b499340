import pytest

from posecfg.datasets.takes import ALL
from posecfg.datasets.totalcapture import TotalCapture
from posecfg.errors import ConfigError


def scan(root, **arguments):
    return TotalCapture(str(root), **arguments).scan()


def ids(root, **arguments):
    return [clip.id for clip in scan(root, **arguments).clips]


def reasons(root, **arguments):
    return {item.name: item.reason for item in scan(root, **arguments).excluded}


@pytest.mark.parametrize(
    "name",
    [
        "s1/acting1/TC_S1_acting1_cam1.mp4",
        "S1/video/acting1/TC_S1_acting1_cam1.MKV",
        "TC_S1_acting1_cam1.avi",
        "deep/er/tc_s1_ACTING1_Cam1.Mov",
        "S1_acting1_cam1.mp4",
    ],
)
def test_films_are_found_by_name_in_any_layout_and_case(tree, name):
    root = tree(name)
    (clip,) = scan(root).clips
    assert clip.id == "S1/acting1/S1_acting1_cam1"
    assert (clip.path, clip.source) == (root / name, name)
    assert (clip.group, clip.view, clip.camera) == ("S1/acting1", "0", "cam1")
    assert clip.meta == {"subject": "S1", "action": "acting1", "camera": 1}


def full(tree):
    return tree(*(f"s{s}/{a}/TC_S{s}_{a}_cam{c}.mp4" for s in (1, 2, 3) for a in ALL for c in range(1, 9)))


def test_the_288_films_are_in_order_and_nothing_is_missing(tree):
    listing = scan(full(tree))
    assert len(listing.clips) == 288
    assert listing.excluded == ()
    assert listing.clips[0].id == "S1/acting1/S1_acting1_cam1"
    assert listing.clips[-1].id == "S3/walking3/S3_walking3_cam8"


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ({"subjects": [1, "s2"]}, 192),
        ({"actions": ["rom2"]}, 24),
        ({"actions": ["acting"]}, 72),
        ({"actions": "Walking1"}, 24),
        ({"cameras": [1, "cam8"]}, 72),
        ({"subjects": 3, "actions": ["rom"], "cameras": 2}, 3),
        ({"start_from": "S2"}, 192),
        ({"start_from": "s2/Freestyle1"}, 168),
    ],
)
def test_filters(tree, arguments, count):
    listing = scan(full(tree), **arguments)
    assert len(listing.clips) == count
    assert sum(int(item.name.partition("(")[2].rstrip(")")) for item in listing.excluded) == 288 - count


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"subjects": [7]}, r"dataset\.subjects among S1, .* got '7'"),
        ({"actions": ["actng1"]}, r"acting1, .*Did you mean 'acting1'"),
        ({"cameras": [9]}, r"dataset\.cameras among 1, 2"),
        ({"start_from": "S4/acting1"}, r"start_from among acting3"),
        ({"start_from": "X"}, r"start_from among S1"),
    ],
)
def test_wrong_filters_are_answered_with_what_there_is(arguments, message):
    with pytest.raises(ConfigError, match=message):
        TotalCapture(**arguments)


def test_other_names_are_taken_under_their_own_unless_filtered(tree):
    root = tree("s1/acting1/TC_S1_acting1_cam1.mp4", "extra/my walk.mp4", "readme.txt")
    assert ids(root) == ["extra/my walk", "S1/acting1/S1_acting1_cam1"]
    assert ids(root, subjects=[1]) == ["S1/acting1/S1_acting1_cam1"]
    assert reasons(root, subjects=[1])["extra/my walk.mp4"] == "its name says no subject, action and camera"


def test_a_take_in_two_layouts_is_taken_once_and_mattes_never(tree):
    root = tree(
        "a/TC_S1_acting1_cam1.mp4",
        "b/TC_S1_acting1_cam1.mp4",
        "mattes/s1/TC_S1_acting1_cam2.mp4",
        "TC_S1_acting1_cam3_matte.mp4",
    )
    listing = scan(root)
    assert [clip.source for clip in listing.clips] == ["a/TC_S1_acting1_cam1.mp4"]
    told = {item.name: item.reason for item in listing.excluded}
    assert told["b/TC_S1_acting1_cam1.mp4"] == "the same take as 'a/TC_S1_acting1_cam1.mp4'"
    assert told["mattes/s1/TC_S1_acting1_cam2.mp4"] == told["TC_S1_acting1_cam3_matte.mp4"] == "a matte, not a film"


def test_what_the_published_set_has_and_the_folder_lacks_is_told(tree):
    root = tree(*(f"s4/{a}/TC_S4_{a}_cam{c}.mp4" for a in ("acting3", "rom3") for c in range(1, 8)))
    missing = {"S4/acting3/cam8", "S4/rom3/cam8", "S4/freestyle1", "S4/freestyle3", "S4/walking2"}
    assert reasons(root) == dict.fromkeys(missing, "not found")
    told = reasons(root, actions=["rom3"], cameras=[7, 8])
    assert told["S4/rom3/cam8"] == "not found"
    assert "S4/walking2" not in told


def test_the_folder_is_found_in_any_case(tree):
    root = tree("TC_S1_acting1_cam1.mp4")
    assert ids(root.parent / "FILMS", cameras=[1], actions=["acting1"]) == ["S1/acting1/S1_acting1_cam1"]


@pytest.mark.parametrize("arguments", [{}, {"subjects": [2]}])
def test_a_folder_without_films_to_keep_is_a_config_error(tree, arguments):
    root = tree("s1/acting1/TC_S1_acting1_cam1.mp4") if arguments else tree("notes.txt")
    with pytest.raises(ConfigError, match="TC_S1_acting1_cam1"):
        scan(root, **arguments)


def test_a_missing_folder_and_a_file_are_config_errors(tree):
    root = tree("a.mp4")
    with pytest.raises(ConfigError, match=r"Did you mean '.*films'"):
        scan(root.parent / "flms")
    with pytest.raises(ConfigError, match="folder of films"):
        scan(root / "a.mp4")


def test_the_files_that_are_no_films_are_counted(tree):
    with pytest.raises(ConfigError, match=r"found no film among 1 file\.$"):
        scan(tree("notes.txt"))
