from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from samples import track

from posecfg import skeletons
from posecfg.errors import ConfigError
from posecfg.refine.convert import convert
from posecfg.skeletons.skeleton import Skeleton, unreachable, weights

WHOLEBODY_FLIP = [
    *(0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15, 20, 21, 22, 17, 18, 19),
    *range(39, 22, -1),
    *range(49, 39, -1),
    *(50, 51, 52, 53, 58, 57, 56, 55, 54, 68, 67, 66, 65, 70, 69, 62, 61, 60, 59, 64, 63),
    *(77, 76, 75, 74, 73, 72, 71, 82, 81, 80, 79, 78, 87, 86, 85, 84, 83, 90, 89, 88),
    *range(112, 133),
    *range(91, 112),
]
WHOLEBODY_85 = [
    *(5, 6, 7, 8, 11, 12),
    *range(23, 40, 2),
    *range(40, 50),
    *(52, 54, 56, 58),
    *(71, 73, 75, 77, 79, 81),
    *range(83, 91),
    *range(91, 133),
]
COCO_FROM_BLAZEPOSE = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]
H36M_FROM_COCO = {
    **{1: 12, 2: 14, 3: 16, 4: 11, 5: 13, 6: 15, 9: 0, 11: 5, 12: 7, 13: 9, 14: 6, 15: 8, 16: 10},
    **{0: (11, 12), 8: (5, 6), 10: (1, 2), 7: (5, 6, 11, 12)},
}
BODY25_FROM_WHOLEBODY = [
    *(0, (5, 6), 6, 8, 10, 5, 7, 9, (11, 12), 12, 14, 16, 11, 13, 15, 2, 1, 4, 3),
    *(17, 18, 19, 20, 21, 22),
]


def sources(source: str, target: str) -> list[tuple[int, ...]]:
    """Return which source keypoints make each target keypoint, checking that the weights are those of a mean."""
    matrix, missing = weights(skeletons.load(source), skeletons.load(target))
    assert missing == ()
    made_of = [tuple(int(i) for i in np.flatnonzero(row)) for row in matrix]
    for row, parents in zip(matrix, made_of, strict=True):
        np.testing.assert_allclose(row[list(parents)], 1 / len(parents))
    return made_of


def as_tuples(table) -> list[tuple[int, ...]]:
    return [entry if isinstance(entry, tuple) else (entry,) for entry in table]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *(("coco17", 17), ("blazepose33", 33), ("h36m17", 17), ("wholebody133", 133), ("wholebody85", 85)),
        *(("body25", 25), ("bodyhands59", 59), ("upperbody11", 11), ("halpe26", 26), ("synthpose52", 52)),
        *(("facemesh468", 468), ("facemesh478", 478), ("wholebody127", 127)),
        *((f"holistic{points}", points) for points in (75, 85, 115, 203, 501, 511, 543, 553)),
    ],
)
def test_sizes_and_mirrors(name, size):
    skeleton = skeletons.load(name)
    assert skeleton.name == name
    assert len(skeleton) == size
    assert [skeleton.swaps[i] for i in skeleton.swaps] == list(range(size))
    sided = [i for i, keypoint in enumerate(skeleton.keypoints) if "left" in keypoint or "right" in keypoint]
    assert all(skeleton.swaps[i] != i for i in sided)
    assert len(skeleton.bones) == len({frozenset(bone) for bone in skeleton.bones})


def test_every_skeleton_module_is_listed():
    listed = [
        *("blazepose33", "body25", "bodyhands59", "coco17", "facemesh468", "facemesh478", "h36m17", "halpe26"),
        *("holistic115", "holistic203", "holistic501", "holistic511", "holistic543", "holistic553", "holistic75"),
        *("holistic85", "synthpose52", "upperbody11", "wholebody127", "wholebody133", "wholebody85"),
    ]
    assert list(skeletons.names()) == listed


def test_names_of_others_are_understood():
    assert skeletons.load("coco_wholebody_85") is skeletons.load("wholebody85")
    assert skeletons.load("coco_wholebody_133") is skeletons.load("wholebody133")
    assert skeletons.load("holistic") is skeletons.load("holistic543")


def test_an_unknown_skeleton_names_the_nearest():
    with pytest.raises(ConfigError, match="Did you mean 'coco17'"):
        skeletons.load("coco_17")


def test_coco_flip_is_the_published_one():
    flip = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
    assert skeletons.load("coco17").swaps == flip


def test_wholebody_flip_is_the_published_one():
    assert list(skeletons.load("wholebody133").swaps) == WHOLEBODY_FLIP


def test_h36m_sides_are_the_published_ones():
    skeleton = skeletons.load("h36m17")
    left, right = [4, 5, 6, 11, 12, 13], [1, 2, 3, 14, 15, 16]
    assert [skeleton.swaps[i] for i in left] == right


def test_coco_comes_out_of_blazepose_and_wholebody():
    assert sources("blazepose33", "coco17") == as_tuples(COCO_FROM_BLAZEPOSE)
    assert sources("wholebody133", "coco17") == as_tuples(range(17))


def test_the_85_points_come_out_of_wholebody():
    assert sources("wholebody133", "wholebody85") == as_tuples(WHOLEBODY_85)


def test_body_with_hands_and_the_upper_body_are_the_indices_of_the_original():
    assert sources("wholebody133", "bodyhands59") == as_tuples([*range(17), *range(91, 133)])
    assert sources("wholebody133", "upperbody11") == as_tuples(range(11))


def test_h36m_comes_out_of_coco():
    matrix, _ = weights(skeletons.load("coco17"), skeletons.load("h36m17"))
    for joint, parents in H36M_FROM_COCO.items():
        assert tuple(np.flatnonzero(matrix[joint])) == (parents if isinstance(parents, tuple) else (parents,))
    np.testing.assert_allclose(matrix[7][[5, 6, 11, 12]], 0.25)


def test_h36m_from_blazepose_is_the_two_maps_composed():
    coco, blaze, h36m = (skeletons.load(n) for n in ("coco17", "blazepose33", "h36m17"))
    np.testing.assert_allclose(weights(blaze, h36m)[0], weights(coco, h36m)[0] @ weights(blaze, coco)[0])


def test_body25_comes_out_of_wholebody():
    assert sources("wholebody133", "body25") == as_tuples(BODY25_FROM_WHOLEBODY)


def test_body25_lacks_the_feet_of_coco_and_the_small_toes_of_blazepose():
    body25 = skeletons.load("body25")
    feet = {f"{side}_{part}" for side in ("left", "right") for part in ("big_toe", "small_toe", "heel")}
    assert set(unreachable(skeletons.load("coco17"), body25)) == feet
    assert unreachable(skeletons.load("blazepose33"), body25) == ("left_small_toe", "right_small_toe")


def test_convert_takes_means_and_the_lowest_score():
    given_track = track(3, missing=[1], xyz=True, depth=True)
    h36m = convert(given_track, skeletons.load("h36m17"))
    assert h36m.skeleton.name == "h36m17"
    np.testing.assert_allclose(h36m.xy[0, 0], given_track.xy[0, [11, 12]].mean(axis=0))
    np.testing.assert_allclose(h36m.xyz[2, 7], given_track.xyz[2, [5, 6, 11, 12]].mean(axis=0))
    assert h36m.scores[0, 7] == given_track.scores[0, 5]
    assert np.isnan(h36m.xy[1]).all()
    assert h36m.depth.shape == (3, 17)


def test_convert_keeps_a_missing_joint_to_its_children():
    coco = track(1)
    coco.xy[0, 5] = np.nan
    h36m = convert(coco, skeletons.load("h36m17"))
    lost = np.isnan(h36m.xy[0, :, 0])
    assert [skeletons.load("h36m17").keypoints[i] for i in np.flatnonzero(lost)] == ["spine", "thorax", "left_shoulder"]


def test_convert_to_what_cannot_be_made_says_what_lacks():
    with pytest.raises(ValueError, match="lacks left_big_toe"):
        convert(track(1), skeletons.load("body25"))


@given(
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True),
    hnp.arrays(np.float32, (2, 6, 2), elements=st.floats(-1e3, 1e3, width=32)),
)
def test_a_derived_joint_is_the_mean_of_any_parents(parents, values):
    source = Skeleton("six", tuple("abcdef"))
    target = Skeleton("two", ("a", "middle"), derived={"middle": tuple(parents)})
    six = track(2, source)
    six.xy[:] = values
    made = convert(six, target)
    np.testing.assert_array_equal(made.xy[:, 0], values[:, 0])
    chosen = [source.index[name] for name in parents]
    np.testing.assert_allclose(made.xy[:, 1], values[:, chosen].astype(float).mean(axis=1), atol=1e-3)


def test_the_parts_of_holistic_are_in_the_order_of_pose_format():
    holistic = skeletons.load("holistic553")
    assert holistic.keypoints[:33] == skeletons.load("blazepose33").keypoints
    assert holistic.keypoints[33:511] == tuple(f"face_{n}" for n in range(478)) == holistic.flat
    assert [name.partition("_")[0] for name in holistic.keypoints[511:]] == ["left"] * 21 + ["right"] * 21
    assert holistic.keypoints[511] == "left_hand_root"
    assert holistic.keypoints[519] == "left_forefinger4"
    for name in ("blazepose33", "holistic75", "holistic85", "holistic115", "holistic203", "holistic501", "holistic543"):
        assert [i for (i,) in sources("holistic553", name)] == [
            holistic.index[n] for n in skeletons.load(name).keypoints
        ]


def test_the_85_points_of_youtube_asl_are_those_of_the_paper():
    body, face = [11, 12, 13, 14, 23, 24], skeletons.load("holistic85").flat
    numbers = [int(name.removeprefix("face_")) for name in face]
    assert len(numbers) == 37
    assert (numbers[:6], numbers[-6:]) == ([0, 4, 13, 14, 17, 33], [323, 362, 386, 397, 468, 473])
    made = [i for (i,) in sources("holistic553", "holistic85")]
    assert made == [*body, *(33 + n for n in numbers), *range(511, 553)]
    assert unreachable(skeletons.load("holistic543"), skeletons.load("holistic85")) == ("face_468", "face_473")


def test_whole_bodies_take_their_faces_from_the_mesh_and_the_rest_by_name():
    mesh = [*(127, 152, 356), *(70, 300), *(33, 263), *(61, 291), *(78, 308)]
    faces = [*(17, 25, 33), *(34, 43), *(53, 62), *(65, 71), *(77, 81)]
    made = [i for (i,) in sources("holistic543", "wholebody127")]
    assert [made[i] for i in faces] == [33 + n for n in mesh]
    assert made[:17] == COCO_FROM_BLAZEPOSE
    assert made[85:] == list(range(501, 543))
    assert sources("holistic543", "wholebody85")[-42:] == as_tuples(range(501, 543))
    assert sources("wholebody133", "wholebody127") == as_tuples([*range(17), *range(23, 133)])
    feet = ("left_big_toe", "left_small_toe", "right_big_toe", "right_small_toe")
    assert unreachable(skeletons.load("holistic543"), skeletons.load("wholebody133")) == feet
