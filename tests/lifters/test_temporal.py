"""The graph of VideoPose3D's network, beside sums over taps in double precision."""

import numpy as np
import pytest
from temporalnets import weights

from posecfg.lifters import temporal

pytest.importorskip("onnxruntime", exc_type=ImportError)


def by_hand(arrays, values):
    """Return what the network gives of (T, 34)."""

    def convolved(values, name, step=1):
        weight = arrays[name].astype(np.float64)
        length = len(values) - (weight.shape[2] - 1) * step
        return sum(values[tap * step : tap * step + length] @ weight[:, :, tap].T for tap in range(weight.shape[2]))

    def normal(values, name):
        scale = arrays[f"{name}.weight"] / np.sqrt(arrays[f"{name}.running_var"].astype(np.float64) + 1e-5)
        return np.maximum((values - arrays[f"{name}.running_mean"]) * scale + arrays[f"{name}.bias"], 0)

    taps = arrays["expand_conv.weight"].shape[2]
    values = normal(convolved(values.astype(np.float64), "expand_conv.weight"), "expand_bn")
    for block in range(sum(name.startswith("layers_conv") for name in arrays) // 2):
        step = taps ** (block + 1)
        cut = (taps - 1) // 2 * step
        inner = normal(convolved(values, f"layers_conv.{2 * block}.weight", step), f"layers_bn.{2 * block}")
        inner = normal(convolved(inner, f"layers_conv.{2 * block + 1}.weight"), f"layers_bn.{2 * block + 1}")
        values = values[cut : len(values) - cut] + inner
    return convolved(values, "shrink.weight") + arrays["shrink.bias"]


def run(built, values):
    from posecfg.runtimes.onnx import Session

    return Session(built.graph, "random weights", "cpu", 1)(values)[0]


def with_taps(taps, **others):
    draw = np.random.default_rng(3)
    arrays = weights(**others)
    for name, one in arrays.items():
        if one.ndim == 3 and one.shape[2] == 3:
            arrays[name] = draw.normal(0, (one.shape[1] * taps) ** -0.5, (*one.shape[:2], taps)).astype(np.float32)
    return arrays


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize(("taps", "blocks"), [(3, 0), (3, 1), (3, 4), (5, 2), (1, 2)])
def test_each_frame_is_the_sum_over_its_taps(taps, blocks, paired):
    arrays = with_taps(taps, blocks=blocks)
    built = temporal.built(arrays, paired)
    assert built.reach == (taps ** (blocks + 1) - 1) // 2
    values = np.random.default_rng(4).normal(0, 0.5, (2, built.step * 2 + 2 * built.reach, 34)).astype(np.float32)
    for given, found in zip(values, run(built, values), strict=True):
        np.testing.assert_allclose(found, by_hand(arrays, given), atol=1e-5)


@pytest.mark.parametrize(("taps", "blocks", "step"), [(3, 4, 162), (3, 2, 18), (3, 0, 1), (5, 2, 1)])
def test_frames_come_in_pairs_of_the_longest_dilation(taps, blocks, step):
    assert temporal.built(with_taps(taps, blocks=blocks)).step == step
