"""Skeletons of the user's own: what a file may say, and the sentence for each that is wrong."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posecfg import skeletons
from posecfg.errors import ConfigError

MINE = """\
keypoints: [nose, ear_l, ear_r, tail]
bones: [[nose, ear_l], [nose, ear_r], [nose, tail]]
pairs: [[ear_l, ear_r]]
"""


@pytest.fixture
def load(tmp_path):
    """Return a function that loads a skeleton from the text of a file."""

    def read(text, name="mine.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return skeletons.load(str(path))

    return read


def test_a_file_names_keypoints_bones_and_pairs(load):
    own = load(MINE)
    assert own.name == "mine"
    assert own.keypoints == ("nose", "ear_l", "ear_r", "tail")
    assert own.edges == ((0, 1), (0, 2), (0, 3))
    assert own.swaps == (0, 2, 1, 3)


def test_without_pairs_the_names_tell_them(load):
    own = load("name: two\nkeypoints: [left_ear, right_ear]\n", "a.YML")
    assert (own.name, own.swaps, own.bones) == ("two", (1, 0), ())
    assert load("keypoints: [left_ear, right_ear]\npairs: []").swaps == (0, 1)


def test_names_of_keypoints_that_are_known_convert(load):
    reached = skeletons.load("coco17")
    own = load("keypoints: [" + ", ".join((*reached.keypoints, "tail")) + "]")
    assert skeletons.skeleton.unreachable(own, reached) == ()


def test_sigmas_are_told_by_name_or_in_order(load):
    assert load(f"{MINE}sigmas: {{tail: 0.05}}").sigmas == {"tail": 0.05}
    assert load(f"{MINE}sigmas: [0.1, 0.2, 0.2, 1]").sigmas == {"nose": 0.1, "ear_l": 0.2, "ear_r": 0.2, "tail": 1}
    assert load(MINE).sigmas == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "keypoints: [a, b]\nsigmas: [1]",
            "a number for each of the 2 keypoints, or for some by name, but got 1 entries",
        ),
        ("keypoints: [a, b]\nsigmas: 3", "or for some by name, but got 3"),
        ("keypoints: [a, b]\nsigmas: {c: 0.1}", "Expected the sigmas in '.*' to be of its keypoints, but got 'c'"),
        ("keypoints: [a, b]\nsigmas: {a: 0}", "Expected the sigma of a in '.*' to be above 0 and at most 1, but got 0"),
        ("keypoints: [a, b]\nsigmas: {a: .nan}", "to be above 0 and at most 1, but got nan"),
        ("keypoints: [a, b]\nsigmas: {a: x}", "to be above 0 and at most 1, but got 'x'"),
        ("", "to have the key keypoints, such as .* but got nothing"),
        ("- nose", "to have the key keypoints, such as .* but got a list"),
        ("keypoints: nose", "Expected keypoints in '.*' to be a list of names, but got 'nose'"),
        ("keypoints: [nose, 3]", "Expected keypoints in '.*' to be a list of names, but got 3"),
        ("keypoints: [nose, no]", "to be a list of names, but got False"),
        ("keypoints: []", "to be different names, but got none"),
        ("keypoints: [a, b, a]", "to be different names, but got 'a' twice"),
        (
            "keypoints: [a, b]\nedges: [[a, b]]",
            "has the key 'edges': expected name, keypoints, bones, pairs, sigmas only",
        ),
        ("keypoints: [a, b]\nbones: [[a, c]]", "Expected the bones in '.*' to be of its keypoints, but got 'c'"),
        ("keypoints: [a, b]\nbones: [[a, b, a]]", "Expected each of the bones in '.*' to be two keypoints, but got 3"),
        ("keypoints: [a, b]\nbones: [a, b]", "Expected bones in '.*' to be a list of names, but got 'a'"),
        ("keypoints: [a, b]\nbones: 3", "to be a list of pairs of keypoints, but got 3"),
        ("keypoints: [a, b, c]\npairs: [[a, b], [b, c]]", "in one pair of '.*' at most, but got 'b' twice"),
        ("keypoints: [a, b]\nname: coco17", "describes a skeleton called coco17, as one of posecfg is"),
        ("keypoints: [a, b]\nname: [x]", "Expected the name in '.*' to be a short word, but got a list"),
        ("keypoints: [a, b", "to be YAML, .* but in line 1 .*expected"),
        ("keypoints: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
        (b"\xffkeypoints: [a]", "to be YAML"),
        ("keypoints: [" + "a, " * 600_000 + "]", "to be at most 256 KB, but it is larger"),
        ("keypoints: " + "[" * 20_000, "Expected the skeleton '.*' to be YAML"),
        ('keypoints: ["a\\nb"]', "to be a list of names, but got 'a"),
        ("keypoints: 0x" + "f" * 10_000, "but it has a number of 10002 characters"),
        ("keypoints: [a]\nsigmas: [1" + ":1" * 10_000 + "]", "but it has a number of 20001 characters"),
        ("keypoints: " + "[" * 100 + "]" * 100, "but it has more than 50 lists within each other"),
        ("keypoints: [a, b]\nsigmas: {<<: {a: 1}}", "but it has the key '<<'"),
        ("keypoints: [" + "a" * 1000 + ", " + "a" * 1000 + "]", r"to be different names, but got 'a+\.\.\.' twice"),
    ],
)
def test_a_wrong_file_is_one_sentence(load, text, says):
    with pytest.raises(ConfigError, match=says) as raised:
        load(text)
    assert len(str(raised.value)) < 600


def test_names_that_repeat_others_take_no_room(load):
    """Each line names the one before nine times: written out, they would fill all memory."""
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    with pytest.raises(ConfigError, match="has the key 'a0'"):
        load("\n".join([*lines, "keypoints: *a29"]))


def test_many_names_and_bones_are_read_at_once(load):
    """Searching a list for each end of each bone would be 10^8 steps."""
    names = [f"k{number}" for number in range(10_000)]
    own = load(
        f"keypoints: [{','.join(names)}]\nbones: &b [{','.join(['&l [k9998,k9999]', *['*l'] * 9_999])}]\npairs: []"
    )
    assert (len(own), len(own.bones)) == (10_000, 10_000)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ConfigError, match=r"cannot be read .it is no regular file"):
        skeletons.load(str(tmp_path / "pipe.yaml"))


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot be read .No such file or directory.: check the path"):
        skeletons.load(str(tmp_path / "none.yaml"))
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"cannot be read .Is a directory"):
        skeletons.load(str(tmp_path / "folder.yaml"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_skeleton_or_a_sentence(load, content):
    try:
        said = str(load(content).keypoints)
    except ConfigError as error:
        said = str(error)
    assert said
    assert "\n" not in said
