"""Spread clips over actors of a Ray cluster, each of which starts a worker that joins this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from posecfg.errors import ConfigError
from posecfg.executors.crew import Crew
from posecfg.executors.protocol import Event, Mend
from posecfg.executors.remote.ray_actors import RayActors
from posecfg.executors.remote.ray_cluster import joined, refuse_client
from posecfg.executors.remote.ray_head import Head
from posecfg.executors.remote.ray_room import Room
from posecfg.executors.remote.remote_yard import RemoteYard
from posecfg.pipeline.work import Setup, Work
from posecfg.runtimes.native_logs import kept_aside
from posecfg.store import real_files

LEAST = 0.0001
"""The smallest part of a processor or a GPU that Ray knows."""


class Ray:
    """Runs clips on ``workers`` actors, for each of which Ray sets aside ``cpus``, ``gpus`` and ``resources``.

    ``auto`` is as many as the cluster at ``address`` has room for. Nodes reach this machine at ``host``; a node that
    says nothing for ``silence`` seconds is given up.
    """

    def __init__(
        self,
        workers: int | str = 1,
        timeout: float | None = None,
        address: str | None = "auto",
        cpus: float = 1,
        gpus: float = 0,
        resources: Mapping[str, Any] | None = None,
        host: str | None = None,
        silence: float = 60.0,
    ) -> None:
        if workers != "auto" and (not isinstance(workers, int) or workers < 1):
            raise ConfigError(f"Expected executor.workers to be auto, or how many actors of Ray, but got {workers}.")
        if timeout is not None and timeout <= 0:
            raise ConfigError(f"Expected timeout to be seconds above 0, or null, but got {timeout}.")
        if silence < 5:
            raise ConfigError(f"Expected silence to be 5 seconds or more, but got {silence:g}.")
        self._address = address or "auto"
        refuse_client(self._address)
        if not isinstance(resources, Mapping | None):
            raise ConfigError(
                f"Expected executor.resources to be amounts by name, such as '{{fast_disk: 1}}', but got '{resources}'."
            )
        self._asks = _asks(cpus, gpus, resources or {})
        self._auto = workers == "auto"
        if self._auto and not self._asks:
            raise ConfigError("workers=auto counts by what each asks of Ray: type executor.cpus=1 or more.")
        self.workers = 1 if isinstance(workers, str) else workers
        self.timeout = timeout
        # Workers of one machine need no door that others can see.
        self._host = host or ("127.0.0.1" if self._address == "local" else None)
        self._silence = silence
        self.elsewhere = self._address != "local"
        self._stopping = False

    @contextmanager
    def prepare(self, config: Mapping[str, Any], clips: int | None = None) -> Iterator[None]:
        """Join the cluster, and let ``auto`` mean what it has room for."""
        with kept_aside() as self._keep, joined(self._address) as self._ray:
            self._room = Room(self._ray, self._asks)
            self._head = Head(self._ray.get_runtime_context().gcs_address)
            if self._auto:
                self.workers = max(1, self._room.free())
            yield

    def stop(self) -> None:
        """Let clips in flight finish, and start no more."""
        self._stopping = True

    def run(self, setup: Setup, works: Sequence[Work], mend: Mend) -> Iterator[Event]:
        """Yield events until every clip has its outcome."""
        if setup.logs is not None:
            _lead(self._keep, setup.logs / "ray.log")
        yard = RemoteYard(RayActors(self._ray, self._asks, self._room), self._host, self._silence)
        yield from Crew(yard, self.workers, self.timeout, self._is_stopping).run(setup, works, mend)

    def _is_stopping(self) -> bool:
        """Tell whether no more clips are to be started, as a crew often asks; raise an error without a head."""
        self._head.check()
        return self._stopping


def _asks(cpus: float, gpus: float, resources: Mapping[str, Any]) -> dict[str, float]:
    """Return what one actor asks of Ray by the names of Ray, without what it asks nothing of."""
    named = {"executor.cpus": cpus, "executor.gpus": gpus}
    named |= {f"executor.resources.{name}": amount for name, amount in resources.items()}
    for key, amount in named.items():
        if isinstance(amount, bool) or not isinstance(amount, int | float) or amount < 0 or 0 < amount < LEAST:
            raise ConfigError(f"Expected {key} to be a number from {LEAST}, or 0, but got {amount}.")
    if gpus > 1 and gpus != int(gpus):
        raise ConfigError(f"Expected executor.gpus to be a whole number, or a part of one, but got {gpus}.")
    for name in ("CPU", "GPU"):
        if name in resources:
            raise ConfigError(f"executor.resources has '{name}', which is typed as executor.{name.lower()}s=.")
    asks = {"CPU": cpus, "GPU": gpus, **resources}
    return {name: float(amount) for name, amount in asks.items() if amount}


def _lead(keep: Callable[[int], None], place: Path) -> None:
    """Keep what Ray says in a file of the run."""
    real_files.make_folder(place.parent)
    descriptor = real_files.open_file(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        keep(descriptor)
    finally:
        os.close(descriptor)
