"""Keypoints of heatmaps whose peaks are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import rcnnnets

from posecfg.detectors.rcnn.heatmaps import keypoints

cv2 = pytest.importorskip("cv2")


def test_a_peak_is_found_in_the_middle_of_its_pixel():
    maps = np.zeros((1, 2, 56, 56), np.float32)
    maps[0, 0, 20, 7], maps[0, 1, 0, 55] = 9, 5
    xy, scores = keypoints(cv2, maps, np.array([[100, 200, 156, 256]], np.float32))
    np.testing.assert_allclose(xy, [[[107.5, 220.5], [155.5, 200.5]]])
    rest = 56 * 56 - 1
    np.testing.assert_allclose(scores, [[1 / (1 + rest * math.exp(-9)), 1 / (1 + rest * math.exp(-5))]], rtol=1e-6)


def test_parts_of_a_pixel_of_the_box_are_shared_out():
    """A box of 55.5 px is enlarged to 56, and each of its pixels is a little narrower."""
    maps = np.zeros((1, 1, 56, 56), np.float32)
    maps[0, 0, 20, 7] = 9
    xy, _ = keypoints(cv2, maps, np.array([[10, 20, 65.5, 76]], np.float32))
    np.testing.assert_allclose(xy[0, 0], [10 + 7.5 * 55.5 / 56, 40.5], rtol=1e-6)


def test_scores_pass_1_where_a_peak_is_narrow():
    maps = np.full((1, 1, 56, 56), -50, np.float32)
    maps[0, 0, 28, 28] = maps[0, 0, 28, 29] = 30
    _, scores = keypoints(cv2, maps, np.array([[0, 0, 224, 224]], np.float32))
    assert scores[0, 0] > 1


@pytest.mark.parametrize("box", [(3.25, 7.5, 90.75, 200.1), (0, 0, 0.4, 0.2), (5, 5, 300, 12), (10, 10, 33, 66.5)])
def test_random_maps_are_read_as_the_description_says(box):
    maps = np.random.default_rng(5).normal(0, 2, (2, 17, 56, 56)).astype(np.float32)
    boxes = np.array([box, box], np.float32)
    xy, scores = keypoints(cv2, maps, boxes)
    points, peaks = rcnnnets.read(maps, boxes)
    np.testing.assert_allclose(xy, points, atol=1e-4)
    np.testing.assert_allclose(scores, peaks, rtol=1e-4)


def test_a_peak_that_is_lost_in_a_small_box_has_the_score_0():
    maps = np.zeros((1, 1, 56, 56), np.float32)
    maps[0, 0, 10, 10] = 200
    _, scores = keypoints(cv2, maps, np.array([[0, 0, 2, 2]], np.float32))
    assert scores[0, 0] == 0
