"""Agents that are children of Ray's actors."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from posecfg.errors import ConfigError
from posecfg.executors.remote import agent
from posecfg.executors.remote.about import PARENT, TASK
from posecfg.executors.remote.ray_agent import actor_class
from posecfg.executors.remote.ray_room import Room
from posecfg.executors.remote.starter import Call
from posecfg.executors.yard import End
from posecfg.text import count as counted

LOOK_SECONDS = 0.5
"""How old what is known of actors may be, where nothing happens."""
PATIENCE = 10.0
"""After so many seconds it is said that an actor waits."""
END_SECONDS = 5.0
MOST_AGAIN = 3
"""How often another actor is asked for, for each that was lost before it was there."""
OPTIONS = {"CPU": "num_cpus", "GPU": "num_gpus"}


@dataclass
class Actor:
    """An actor, the answers that are waited for (where it is, how its agent ended), and what is known of them."""

    handle: Any
    where: Any
    ends: Any
    since: float = field(default_factory=lambda: time.monotonic())
    host: str = ""
    end: End | None = None
    fault: str = ""


class RayActors:
    """Asks Ray for actors, watches them, and ends them; each ``asks`` for so much, of which there may be ``room``."""

    def __init__(self, ray: Any, asks: Mapping[str, float], room: Room) -> None:
        self._ray, self._room = ray, room
        own = {OPTIONS[name]: asks.get(name, 0) for name in OPTIONS}
        others = {name: number for name, number in asks.items() if name not in OPTIONS}
        # Agents are asked for anew by the crew, which knows what became of their clips.
        options = {"max_restarts": 0, "max_task_retries": 0, "scheduling_strategy": "SPREAD"}
        self._kind = ray.remote(**own, resources=others, **options)(actor_class())
        self._actors: dict[str, Actor] = {}
        self._born = self._again = 0
        self._looked = float("-inf")
        self._said: tuple[str, ...] = ()
        self.engine = f"Ray at {ray.get_runtime_context().gcs_address}"

    def start(self, call: Call, count: int) -> None:
        """Ask for ``count`` actors."""
        self._call, self._most_again = call, MOST_AGAIN * count
        for _ in range(count):
            self._ask()

    def replace(self, task: str) -> None:
        """End what may be left of an actor, and ask for another one."""
        if (lost := self._actors.pop(task, None)) is not None:
            self._kill(lost)
        self._ask()

    def _ask(self) -> None:
        self._born += 1
        name = f"ray-{self._born}"
        handle = self._kind.remote()
        # Asked first: an actor does one thing after the other, and is busy until its agent ends.
        where = handle.here.remote()
        environment = {**self._call.environment, TASK: name}
        ends = handle.run.remote([*self._call.words[1:], "-"], self._call.text, environment, PARENT)
        self._actors[name] = Actor(handle, where, ends)
        self._looked = float("-inf")

    def why(self, task: str) -> End | None:
        """Tell how an agent ended."""
        self._look(0.0)
        actor = self._actors.get(task)
        return None if actor is None else actor.end

    def left(self) -> int:
        """Return how many agents are there or may still come; raise an error where none ever can."""
        self._look(LOOK_SECONDS)
        left = [actor for actor in self._actors.values() if actor.end is None]
        waits = left and len(self._late()) == len(left)
        if waits and self._room.is_cut_off():
            raise ConfigError(
                "The node of Ray that this process belongs to is lost: start it again with 'ray start', and type the "
                "same command."
            )
        if waits and self._room.never():
            raise ConfigError(
                f"No node of the Ray cluster has the {self._room.asked()} that each worker asks for (at most "
                f"{self._room.most()}): change executor.cpus, executor.gpus or executor.resources."
            )
        return len(left)

    def waiting(self) -> tuple[str, ...]:
        """Say how many actors wait and for what, and which node is of no use."""
        self._look(LOOK_SECONDS)
        return self._said

    def nothing_left(self) -> str:
        """Say why no agent is left."""
        actors = self._actors.values()
        if fault := next((actor.fault for actor in actors if actor.fault), ""):
            return f"{fault[0].upper()}{fault[1:]}."
        causes = "; ".join(sorted({actor.end.cause for actor in actors if actor.end is not None}))
        return f"No actor of Ray is left ({causes}): see {self._call.logs}/ray.log."

    def end(self) -> None:
        """End all actors."""
        for actor in self._actors.values():
            self._kill(actor)
        with suppress(self._ray.exceptions.RayError):
            ends = [actor.ends for actor in self._actors.values()]
            if ends:
                self._ray.wait(ends, num_returns=len(ends), timeout=END_SECONDS)

    def _kill(self, actor: Actor) -> None:
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(actor.handle, no_restart=True)

    def _late(self) -> list[Actor]:
        now = time.monotonic()
        here = [actor for actor in self._actors.values() if not actor.host and actor.end is None]
        return [actor for actor in here if now - actor.since > PATIENCE]

    def _look(self, age: float) -> None:
        """Take in what Ray tells of actors, unless that was done within the last ``age`` seconds."""
        if time.monotonic() - self._looked < age:
            return
        self._looked = time.monotonic()
        for actor in list(self._actors.values()):
            if not actor.host and self._is_known(actor.where):
                with suppress(self._ray.exceptions.RayError):
                    actor.host = self._ray.get(actor.where)
            if actor.end is None and self._is_known(actor.ends):
                self._note(actor)
                if not actor.host and self._again < self._most_again:
                    # Lost with its node before it was there: it had no clip, for which the crew would ask for another.
                    self._again += 1
                    self._ask()
        texts = []
        if late := len(self._late()):
            all_of_them = counted(sum(actor.end is None for actor in self._actors.values()), "actor")
            texts = [f"{late} of {all_of_them} {'waits' if late == 1 else 'wait'}: {self._room.text()}"]
        self._said = (*texts, *dict.fromkeys(actor.fault for actor in self._actors.values() if actor.fault))

    def _is_known(self, answer: Any) -> bool:
        return bool(self._ray.wait([answer], timeout=0, fetch_local=False)[0])

    def _note(self, actor: Actor) -> None:
        """Note how an actor, or its agent, ended."""
        errors = self._ray.exceptions
        host = actor.host or "a node"
        try:
            code, said = self._ray.get(actor.ends)
        except errors.OutOfMemoryError:
            actor.end = End("Ray ended its actor for lack of memory: type a larger executor.cpus=, or fewer workers")
        except errors.RayError as error:
            node = "its node has died" in " ".join(str(error).split())
            actor.end = End(f"Ray lost {host if node else f'the actor on {host}'}", blames=False)
        else:
            actor.end = End(f"its agent on {host} ended with {code}", blames=False)
            actor.fault = _fault(host, code, said)


def _fault(host: str, code: int, said: str) -> str:
    """Say what is wrong with a node whose agent could not join; empty where it had joined or said so itself."""
    if code == 1 and "No module named 'posecfg" in said:
        return f"node {host} has no posecfg in the environment of its Ray: install the same version there"
    if code == agent.NO_DRIVER:
        return f"node {host} cannot reach this machine: name it as nodes know it, executor.host=NAME"
    return ""
