"""Export a checkpoint as an ONNX graph; this program runs in the environment of OpenMMLab's packages.

    python -m posecfg.export.worker JOB

JOB is JSON: ``name`` of the graph, ``checkpoint``, ``checkout`` (or null) and ``graph``, the file to write. Each line
of the output is JSON: ``{"say": TEXT}`` while it works, then ``{"done": FACTS}`` or ``{"error": SENTENCE}``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from posecfg.errors import PosecfgError

OPSET = 17
PACKAGES = ("torch", "onnx", "onnxruntime", "mmengine", "mmcv", "mmdet", "mmpose", "numpy")
Say = Callable[[str], None]


def main(words: list[str]) -> int:
    """Run the job in ``words``; only messages of the protocol go to standard output, whatever the packages print."""
    wire = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    job = json.loads(words[0])
    try:
        checkout = Path(job["checkout"]) if job["checkout"] else None
        graph, checkpoint = Path(job["graph"]), Path(job["checkpoint"])
        facts = export(job["name"], checkpoint, checkout, graph, lambda text: _tell(wire, say=text))
    except PosecfgError as error:
        _tell(wire, error=str(error))
        return 1
    except OSError as error:
        _tell(wire, error=f"Expected to write '{job['graph']}', but got: {error.strerror or error}")
        return 1
    _tell(wire, done=facts)
    return 0


def _tell(wire: IO[str], **message: Any) -> None:
    wire.write(json.dumps(message) + "\n")
    wire.flush()


def export(name: str, checkpoint: Path, checkout: Path | None, graph: Path, say: Say) -> dict[str, Any]:
    """Write the network ``name`` as a graph for any batch size, and return how well it agrees with the checkpoint.

    Raise ``WeightsError`` if it does not agree; the caller deletes the file.
    """
    from posecfg.export.parity import check
    from posecfg.openmmlab import networks

    say(f"loading '{checkpoint.name}'")
    network = networks.build(name, checkpoint, checkout, "cpu")
    say("writing the graph")
    began = time.monotonic()
    write(network, graph)
    say(f"comparing it with what it was made from ({graph.stat().st_size / 1e6:.1f} MB in {_since(began)} s)")
    began = time.monotonic()
    tally = check(network, graph)
    say(f"the same within {tally.px:.2g} px, {tally.boxes} boxes compared ({_since(began)} s)")
    return {"parity": asdict(tally), "versions": _versions(), "opset": OPSET}


def write(network: Any, graph: Path) -> None:
    """Write ``network`` as an ONNX graph whose first dimension (the batch) is not fixed."""
    import torch

    from posecfg.openmmlab.compat import quiet

    width, height = network.size
    pixels = torch.zeros(2, 3, height, width)
    axes = {port: {0: "batch"} for port in ("input", *network.outputs)}
    with quiet(), torch.no_grad():
        torch.onnx.export(
            network.graph,
            (pixels,),
            str(graph),
            input_names=["input"],
            output_names=list(network.outputs),
            dynamic_axes=axes,
            opset_version=OPSET,
            # The older exporter: its graphs take any batch size, and it needs no further packages.
            dynamo=False,
        )


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for package in PACKAGES:
        for name in (package, f"{package}-lite"):
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                continue
    return found


def _since(began: float) -> int:
    return round(time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
