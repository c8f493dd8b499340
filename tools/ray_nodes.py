"""A Ray cluster of this machine for tests: one head, and nodes of one core each; a node that is killed is replaced.

python tools/ray_nodes.py 3 FILE

writes the address of the cluster and the process numbers of its nodes to FILE, and goes on until it is ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
# Ray takes the address of the machine for 127.0.0.1.
ADDRESS = "127.0.0.2"
STORE = 100 << 20
# A node that is killed is known to be gone after a second, not after half a minute.
WATCHED = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 300,
    "health_check_timeout_ms": 300,
    "health_check_failure_threshold": 3,
}


def raylets(node: Any) -> list[int]:
    """Return the process numbers of a node's own daemon."""
    return [one.process.pid for one in node.all_processes.get("raylet", ())]


def is_alive(node: Any) -> bool:
    """Tell whether a node's daemon runs; one that was killed is reaped, as its workers look for its process."""
    for found in node.all_processes.values():
        for one in found:
            one.process.poll()
    return all(one.process.poll() is None for one in node.all_processes.get("raylet", ()))


def main(number: int, place: Path) -> None:
    """Keep a cluster of ``number`` nodes, and say in ``place`` where it is."""
    from ray.cluster_utils import Cluster

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    cluster = Cluster()
    own = {"node_ip_address": ADDRESS, "object_store_memory": STORE}
    try:
        less = {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True}
        cluster.add_node(num_cpus=0, _system_config=WATCHED, **less, **own)
        nodes = [cluster.add_node(wait=False, num_cpus=1, **own) for _ in range(number)]
        cluster.wait_for_nodes()
        told = ""
        while True:
            for node in [node for node in nodes if not is_alive(node)]:
                nodes.remove(node)
                nodes.append(cluster.add_node(num_cpus=1, **own))
            pids = [pid for node in nodes for pid in raylets(node)]
            now = json.dumps({"address": cluster.address, "raylets": pids})
            if now != told:
                aside = place.with_suffix(".part")
                aside.write_text(now)
                aside.replace(place)
                told = now
            time.sleep(0.05)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
