"""Frames in memory, which note what is asked of them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np


class Stills:
    """Pictures (B, H, W, 3) uint8 as the decoder would give them."""

    tick = Fraction(1, 30)

    def __init__(self, pixels, first=0):
        self.pixels = np.asarray(pixels)
        self.indices = np.arange(first, first + len(self.pixels))
        self.times = self.indices / 30
        self.size = (self.pixels.shape[2], self.pixels.shape[1])
        self.asked = []

    def __len__(self):
        return len(self.pixels)

    @property
    def fills(self):
        return np.ones(len(self.pixels), np.int64)

    moments = None

    def one(self, number):
        return self.pixels[number]

    def rgb(self, width=None, height=None, quick=False):
        self.asked.append((width, height))
        if width is None:
            return self.pixels
        rows = np.arange(height) * self.pixels.shape[1] // height
        return self.pixels[:, rows][:, :, np.arange(width) * self.pixels.shape[2] // width]

    def crop(self, boxes, width, height, quick=False):
        assert boxes.shape == (len(self), 4)
        assert boxes.dtype == np.int64
        return np.stack([cut(picture, box, width, height) for picture, box in zip(self.pixels, boxes, strict=True)])

    def planes(self, size=None):
        return [f"planes {index}" for index in self.indices]

    def luma(self, step=1):
        return self.pixels[:, ::step, ::step].mean(axis=3).astype(np.uint8)


def cut(picture, box, width, height):
    """Return ``box`` of a picture, each new px the nearest old one, black outside."""
    x0, y0, x1, y1 = (int(edge) for edge in box)
    xs = np.floor(x0 + (np.arange(width) + 0.5) * (x1 - x0) / width).astype(int)
    ys = np.floor(y0 + (np.arange(height) + 0.5) * (y1 - y0) / height).astype(int)
    image = np.zeros((height, width, 3), np.uint8)
    inside = ((ys >= 0) & (ys < picture.shape[0]))[:, None] & ((xs >= 0) & (xs < picture.shape[1]))
    if x1 > x0 and y1 > y0:
        image[inside] = picture[ys.clip(0, picture.shape[0] - 1)][:, xs.clip(0, picture.shape[1] - 1)][inside]
    return image


def split(pixels, *lengths):
    """Return the pictures as batches of ``lengths``, the rest in the last."""
    batches, first = [], 0
    for length in (*lengths, len(pixels)):
        if len(pixels[first : first + length]):
            batches.append(Stills(pixels[first : first + length], first))
        first += length
    return batches
