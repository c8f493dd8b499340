"""Make networks of OpenMMLab with random weights, as checkpoint and as ONNX graph, for ``rtm.py``.

    POSECFG_MMPOSE=CHECKOUT PYTHON benchmarks/rtm_weights.py FOLDER rtmdet_nano rtmpose_m rtmdet_m rtmw3d_l

PYTHON is an environment with OpenMMLab and onnx; the checkout of mmpose is for RTMW3D only. Statistics are those of
blurred noise, so that activations are of a usual size: numbers that all vanish take another time to compute. A few
boxes in each picture score above the benchmark's threshold.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import torch

from posecfg.export.worker import write
from posecfg.openmmlab import networks

# Share of the places in a picture, and the score that so many pass.
SHARE, SCORE = 0.002, 0.05


def pictures(size: tuple[int, int], seed: int) -> torch.Tensor:
    """Return blurred noise, (8, 3, H, W), normalised."""
    dice = torch.Generator().manual_seed(seed)
    small = torch.randn(8, 3, size[1] // 32, size[0] // 32, generator=dice)
    large = torch.nn.functional.interpolate(small, size=size[::-1], mode="bilinear")
    return 1.5 * large + 0.3 * torch.randn(large.shape, generator=dice)


def settle(graph: Any, size: tuple[int, int]) -> None:
    """Take the statistics of all layers from noise."""
    norms = [layer for layer in graph.modules() if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train()
        norm.momentum = 0.5
    for seed in range(4):
        graph(pictures(size, seed))
    graph.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def spread(model: Any, graph: Any, size: tuple[int, int]) -> None:
    """Let a few scores pass, and make boxes of some px."""
    head = model.bbox_head
    for layer in head.rtm_reg:
        layer.weight.mul_(0.3)
        layer.bias.fill_(0.9 if getattr(head, "exp_on_reg", False) else 2.5)
    logits = graph(pictures(size, 9))[1].logit()
    typical, high = (torch.quantile(logits, share) for share in (0.5, 1 - SHARE))
    factor = 4 / (high - typical).clamp(min=1e-3)
    shift = torch.tensor(SCORE).logit() - factor * high
    for layer in head.rtm_cls:
        layer.weight.mul_(factor)
        layer.bias.mul_(factor).add_(shift)


@torch.no_grad()
def main() -> None:
    folder, *names = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    for name in names:
        network = networks.blank(name, networks.named_checkout())
        settle(network.graph, network.size)
        if network.kind == "boxes":
            spread(network.model, network.graph, network.size)
        path = Path(folder) / f"{name}.pth"
        torch.save({"state_dict": network.model.state_dict()}, path)
        write(networks.build(name, path, networks.named_checkout()), path.with_suffix(".onnx"))
        print(path.with_suffix(".onnx"))


if __name__ == "__main__":
    main()
