"""C3D as another reader than the library that wrote it takes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from two_people import two_people

from posecfg import skeletons
from posecfg.writers.c3d import C3d

c3d = pytest.importorskip("c3d", reason="the package c3d is not installed: make test-readers")
pytestmark = pytest.mark.filterwarnings("ignore")


def test_a_reader_in_python_gets_markers_rate_and_gaps(saved):
    done = two_people()
    done = replace(done, clock=replace(done.clock, times=np.arange(4) / 25, fps=25.0))
    files = saved(C3d(units="px"), done)
    for path, one in zip(files, done.tracks, strict=True):
        with path.open("rb") as stream:
            reader = c3d.Reader(stream)
            labels = tuple(label.strip() for label in reader.point_labels)
            frames = [points for _, points, _ in reader.read_frames()]
        assert labels == skeletons.load("coco17").keypoints
        assert reader.point_rate == 25
        for row, points in enumerate(frames):
            there = np.isfinite(one.xy[row, :, 0])
            assert (points[:, 3] >= 0).tolist() == there.tolist()
            np.testing.assert_allclose(points[there, :2], one.xy[row][there])
