"""Files of pose-format as its own package reads them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from two_people import nobody, two_people

from posecfg import skeletons
from posecfg.writers.pose import Pose

pose_format = pytest.importorskip("pose_format", reason="pose-format is not installed: make test-readers")


def test_it_masks_what_is_missing_and_keeps_the_rest(saved):
    done = two_people()
    done = replace(done, clock=replace(done.clock, times=np.arange(4) / 25))
    found = pose_format.Pose.read(saved(Pose(), done)[0].read_bytes())
    assert found.body.fps == 25
    assert [part.name for part in found.header.components] == ["BODY"]
    assert tuple(found.header.components[0].points) == skeletons.load("coco17").keypoints
    for person, one in enumerate(done.tracks):
        masked = found.body.data[:, person]
        assert np.array_equal(np.ma.getmaskarray(masked)[..., 0], np.isnan(one.xy[..., 0]))
        np.testing.assert_array_equal(np.ma.filled(masked, np.nan), one.xy)


def test_it_reads_a_clip_without_people(saved):
    found = pose_format.Pose.read(saved(Pose(), nobody())[0].read_bytes())
    assert found.body.data.shape == (3, 0, 17, 2)
