"""Heatmaps and crops of ViTPose, held against mmpose's own codec and matrix."""

from __future__ import annotations

import cv2
import numpy as np

from posecfg.detectors.topdown.affine import regions, unbiased
from posecfg.detectors.topdown.heatmaps import places

SIZE, MAP = (192, 256), (48, 64)


def test_places_are_those_of_the_codec_of_unbiased_heatmaps():
    from mmpose.codecs import UDPHeatmap

    chance = np.random.default_rng(2)
    middles = chance.uniform((8, 8), (39, 55), (3, 17, 2))
    x, y = np.arange(MAP[0])[None, :], np.arange(MAP[1])[:, None]
    there = middles[..., None, None]
    maps = np.exp(-((x - there[..., 0, :, :]) ** 2 + (y - there[..., 1, :, :]) ** 2) / 8)
    maps = (maps + chance.uniform(0, 0.05, maps.shape)).astype(np.float32)
    codec = UDPHeatmap(input_size=SIZE, heatmap_size=MAP, sigma=2)
    xy, scores = places(cv2, maps, SIZE)
    for person in range(3):
        points, heights = codec.decode(maps[person].copy())
        np.testing.assert_allclose(xy[person], np.reshape(points, (17, 2)), atol=0.02)
        np.testing.assert_allclose(scores[person], np.reshape(heights, 17), rtol=1e-6)


def test_crops_are_those_of_the_unbiased_matrix():
    from mmpose.structures.bbox import get_udp_warp_matrix

    boxes = np.random.default_rng(4).uniform(0, 300, (20, 2, 2))
    xyxy = np.sort(boxes, axis=1).reshape(20, 4).astype(np.float32) + np.float32([0, 0, 5, 5])
    for centre, extent in zip(*regions(xyxy, 1.25, *SIZE), strict=True):
        wanted = get_udp_warp_matrix(centre, extent, 0.0, SIZE)
        np.testing.assert_allclose(unbiased(centre, extent, *SIZE), wanted, rtol=1e-4, atol=1e-3)
