"""netCDF files as movement works on them."""

from __future__ import annotations

import numpy as np
import pytest
from two_people import TIMES, nobody, two_people

from posecfg import skeletons
from posecfg.writers.movement import Movement

pytest.importorskip("movement", reason="movement is not installed: make test-readers")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def opened(saved):
    def load(done, **settings):
        import xarray
        from movement.validators.datasets import ValidPosesInputs

        found = xarray.load_dataset(saved(Movement(**settings), done)[0])
        ValidPosesInputs.validate(found)
        return found

    return load


def test_movement_takes_people_names_times_and_missing_points_as_they_went_in(opened):
    found = opened(two_people())
    assert found.individuals.values.tolist() == ["person_0", "person_7"]
    assert tuple(found.keypoints.values) == skeletons.load("coco17").keypoints
    assert found.time.values.tolist() == TIMES.tolist()
    for name, one in zip(("person_0", "person_7"), two_people().tracks, strict=True):
        got = found.position.sel(individuals=name).transpose("time", "keypoints", "space").values
        np.testing.assert_array_equal(got, one.xy)


def test_movement_computes_speeds_from_the_true_times(opened):
    from movement.kinematics import compute_velocity

    nose = compute_velocity(opened(two_people()).position).sel(individuals="person_7", keypoints="nose", space="y")
    np.testing.assert_allclose(nose.values, np.gradient(2.0 * np.arange(4), TIMES), rtol=1e-5)


def test_movement_takes_a_clip_without_people(opened):
    assert dict(opened(nobody()).sizes) == {"time": 3, "space": 2, "keypoints": 17, "individuals": 0}
