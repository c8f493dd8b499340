"""VideoPose3D's network frame by frame, from its description, and files of random weights in its published format."""

from __future__ import annotations

import numpy as np
from torchfiles import WRITERS

LEFT, RIGHT = (4, 5, 6, 11, 12, 13), (1, 2, 3, 14, 15, 16)


def weights(width=8, blocks=4, out=17, seed=0, counts=True):
    """Return the arrays of a network, by their names in a checkpoint."""
    draw = np.random.default_rng(seed)

    def layer(*shape):
        return draw.normal(0, (shape[1] * shape[2]) ** -0.5, shape)

    def norm(name):
        found = {
            f"{name}.weight": draw.uniform(0.5, 1.5, width),
            f"{name}.bias": draw.normal(0, 0.2, width),
            f"{name}.running_mean": draw.normal(0, 0.2, width),
            f"{name}.running_var": draw.uniform(0.5, 1.5, width),
        }
        return found | ({f"{name}.num_batches_tracked": np.array(9, np.int64)} if counts else {})

    arrays = {"expand_conv.weight": layer(width, 34, 3), **norm("expand_bn")}
    for block in range(blocks):
        arrays[f"layers_conv.{2 * block}.weight"] = layer(width, width, 3)
        arrays[f"layers_conv.{2 * block + 1}.weight"] = layer(width, width, 1)
        arrays |= norm(f"layers_bn.{2 * block}") | norm(f"layers_bn.{2 * block + 1}")
    arrays["shrink.weight"] = layer(out * 3, width, 1)
    arrays["shrink.bias"] = draw.normal(0, 0.3, out * 3)
    return {name: one if one.dtype == np.int64 else one.astype(np.float32) for name, one in arrays.items()}


def checkpoint(path, pose, trajectory=None, kind="zip", **others):
    content = {"epoch": 80, "lr": 0.001, "model_pos": pose, "model_traj": trajectory, **others}
    return WRITERS[kind](path, content)


def frame_by_frame(arrays, rows):
    """Return (T, joints, 3) of (T, 17, 2) in -1 to 1: each frame from its own window, held at the ends."""
    blocks = sum(name.startswith("layers_conv") for name in arrays) // 2
    reach = (3 ** (blocks + 1) - 1) // 2
    padded = np.concatenate([rows[:1].repeat(reach, 0), rows, rows[-1:].repeat(reach, 0)]).reshape(-1, 34)
    return np.stack([_one(arrays, padded[t : t + 2 * reach + 1], blocks) for t in range(len(rows))])


def _one(arrays, window, blocks):
    def normal(values, name):
        scale = arrays[f"{name}.weight"] / np.sqrt(arrays[f"{name}.running_var"] + 1e-5)
        return np.maximum((values - arrays[f"{name}.running_mean"]) * scale + arrays[f"{name}.bias"], 0)

    def convolved(values, name, step):
        taps = arrays[name].shape[2]
        length = len(values) - (taps - 1) * step
        return sum(values[tap * step : tap * step + length] @ arrays[name][:, :, tap].T for tap in range(taps))

    values = normal(convolved(window.astype(np.float64), "expand_conv.weight", 1), "expand_bn")
    for block in range(blocks):
        step = 3 ** (block + 1)
        inner = normal(convolved(values, f"layers_conv.{2 * block}.weight", step), f"layers_bn.{2 * block}")
        inner = normal(convolved(inner, f"layers_conv.{2 * block + 1}.weight", 1), f"layers_bn.{2 * block + 1}")
        values = values[step:-step] + inner
    return (convolved(values, "shrink.weight", 1) + arrays["shrink.bias"]).reshape(-1, 3)
