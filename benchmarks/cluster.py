"""A simulated cluster: many workers that mostly wait, one driver; what the driver costs, and how near all is to ideal.

python benchmarks/cluster.py --workers 64 --clips 20000 --seconds 1

Workers are processes of this machine, each behind an agent as on any other; a clip takes them so many seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

from posecfg.config.compose import compose
from posecfg.executors.protocol import Event, Finished, Started
from posecfg.runs.run import run
from posecfg.terminal.progress import Quiet


def memory() -> int:
    """Return how many MB of memory this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def processor() -> float:
    """Return how many seconds of a processor this process has had, without its children."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Meter(Quiet):
    """Notes the times of events, and the memory of this process at each tenth of the clips."""

    def __init__(self, clips: int) -> None:
        self.clips, self.started, self.done = clips, list[float](), list[float]()
        self.memory: list[int] = []
        self.where: set[str] = set()
        self.cpu = 0.0

    def event(self, event: Event) -> None:
        """Note what an event tells."""
        if isinstance(event, Started):
            if not self.started:
                self.cpu = processor()
            self.started.append(time.monotonic())
            self.where.add(event.where)
        elif isinstance(event, Finished):
            self.done.append(time.monotonic())
            if len(self.done) % max(1, self.clips // 10) == 0:
                self.memory.append(memory())


def main() -> None:
    """Run the cluster, and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--clips", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=1.0, help="what a clip takes a worker (default 1)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="posecfg-cluster-") as folder:
        words = [
            *("dataset=synthetic", f"dataset.clips={asked.clips}", "dataset.frames=1", "dataset.size=[32,24]"),
            *("detector=synthetic", f"detector.delay={asked.seconds}", "writer=[npy]", "cache=off"),
            *("executor=hosts", "executor.address=127.0.0.1", f"output_dir={folder}/out"),
            f"executor.hosts=[{','.join(['localhost'] * asked.workers)}]",
        ]
        meter, began = Meter(asked.clips), time.monotonic()
        report = run(compose(words)[0], meter)
        whole, cpu = time.monotonic() - began, processor() - meter.cpu
    if report.error:
        raise SystemExit(report.error)
    # From when all workers have had a clip, until the last ones run out of them.
    steady = meter.done[asked.workers : -asked.workers]
    took = steady[-1] - steady[0]
    ideal = (len(steady) - 1) * asked.seconds / asked.workers
    share = cpu / (meter.done[-1] - meter.started[0])
    print(f"{report.done:,} of {asked.clips:,} clips came out, {len(report.failed)} failed; {len(meter.where)} workers")
    print(f"{took:.1f} s for {len(steady):,} of them, {ideal / took:.3f} of ideal; {whole:.1f} s in all")
    print(f"driver: {share:.2f} of a core, {cpu / report.done * 1e3:.2f} ms a clip")
    print(f"driver's memory at each tenth: {', '.join(map(str, meter.memory))} MB")


if __name__ == "__main__":
    main()
