"""Whether a Ray cluster has room for workers, and what to say where it has none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

STATUS = "__autoscaling_status"
"""Where Ray keeps what its autoscaler does."""


class Room:
    """What a cluster has of what each worker ``asks`` for, by the names of Ray."""

    def __init__(self, ray: Any, asks: Mapping[str, float]) -> None:
        self._ray, self._asks = ray, asks

    def free(self) -> int:
        """Return how many workers the cluster has room for now."""
        now = self._ray.available_resources()
        return min(_times(now, self._asks), sum(_times(node, self._asks) for node in self._nodes()))

    def never(self) -> bool:
        """Tell whether no node could ever give what one worker asks for, and none is being started."""
        return not any(_times(node, self._asks) for node in self._nodes()) and not self._grows()

    def is_cut_off(self) -> bool:
        """Tell whether the node through which this process asks for workers is lost: then it gets none any more."""
        own = self._ray.get_runtime_context().get_node_id()
        return any(node["NodeID"] == own and not node["Alive"] for node in self._ray.nodes())

    def text(self) -> str:
        """Say what there is, and what is asked."""
        now, all_of_it = self._ray.available_resources(), self._ray.cluster_resources()
        nodes = sum(any(node.get(name) for name in self._asks) for node in self._nodes())
        has = [f"{amount(name, now.get(name, 0))} free of {all_of_it.get(name, 0):g}" for name in self._asks]
        spread = f" on {nodes} nodes" if nodes > 1 else ""
        return f"the cluster has {' and '.join(has)}{spread}, each asks for {self.asked()}"

    def asked(self) -> str:
        """Say what one worker asks for."""
        return " and ".join(amount(name, number) for name, number in self._asks.items())

    def most(self) -> str:
        """Say what one node has at most."""
        nodes = self._nodes()
        return " and ".join(amount(name, max((node.get(name, 0) for node in nodes), default=0)) for name in self._asks)

    def _nodes(self) -> list[dict[str, float]]:
        return [node["Resources"] for node in self._ray.nodes() if node["Alive"]]

    def _grows(self) -> bool:
        """Tell whether Ray's autoscaler starts nodes."""
        with suppress(Exception):
            from ray.experimental.internal_kv import _internal_kv_get

            report = json.loads(_internal_kv_get(STATUS) or b"{}").get("autoscaler_report", {})
            return bool(report.get("pending_nodes") or report.get("pending_launches"))
        return False


def _times(has: Mapping[str, float], asks: Mapping[str, float]) -> int:
    """Return how many times there is what is asked for; asking for nothing, it is there once."""
    # Ray counts in ten thousandths.
    return min((round(has.get(name, 0) * 10000) // round(number * 10000) for name, number in asks.items()), default=1)


def amount(name: str, number: float) -> str:
    """Return '1 CPU', '2 CPUs', '0.5 GPUs' or '1 of tpu'."""
    if name not in ("CPU", "GPU"):
        return f"{number:g} of '{name}'"
    return f"{number:g} {name}" if number == 1 else f"{number:g} {name}s"
