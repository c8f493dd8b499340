from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[4] / "shared"


@pytest.fixture
def real_yolox(weights):
    path = SHARED / "models" / "yolox_nano.onnx"
    if not path.is_file():
        pytest.skip("the weights yolox_nano.onnx are not here")
    return weights("yolox_nano", path)


@pytest.fixture
def real_photo():
    path = SHARED / "media" / "rtmlib_demo.jpg"
    if not path.is_file():
        pytest.skip("the photo rtmlib_demo.jpg is not here")
    import av

    with av.open(str(path)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


@pytest.fixture
def noise():
    """Return reproducible pictures (B, H, W, 3)."""

    def make(count=3, size=(90, 70), seed=0):
        shape = (count, size[1], size[0], 3)
        return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)

    return make
