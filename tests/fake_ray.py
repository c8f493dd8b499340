"""A package ``ray`` that only keeps accounts of actors: nothing runs."""

from __future__ import annotations

from types import SimpleNamespace


class RayError(Exception):
    """An error of Ray."""


class OutOfMemoryError(RayError):
    """An actor took too much memory."""


class Answer:
    """An answer of an actor that comes when a test says so."""

    def __init__(self):
        self.value = None

    def get(self):
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class FakeRay:
    """Keeps accounts of actors; ``nodes`` are what each node has."""

    exceptions = SimpleNamespace(RayError=RayError, OutOfMemoryError=OutOfMemoryError)

    def __init__(self, *nodes, used=None):
        self.own = "node"
        self._nodes, self.used, self.actors, self.killed = nodes, used or {}, [], []

    def nodes(self):
        dead = {"NodeID": "dead", "Alive": False}
        return [{"NodeID": "node", "Alive": True, "Resources": node} for node in self._nodes] + [dead]

    def cluster_resources(self):
        return {name: sum(node.get(name, 0) for node in self._nodes) for node in self._nodes for name in node}

    def available_resources(self):
        return {name: number - self.used.get(name, 0) for name, number in self.cluster_resources().items()}

    def get_runtime_context(self):
        return SimpleNamespace(gcs_address="head:6379", get_node_id=lambda: self.own)

    def remote(self, **options):
        self.options = options
        return lambda kind: SimpleNamespace(remote=self._actor)

    def _actor(self):
        actor = SimpleNamespace(answers=[], called=[])

        def method(name):
            def call(*args):
                actor.called.append((name, args))
                actor.answers.append(Answer())
                return actor.answers[-1]

            return SimpleNamespace(remote=call)

        actor.run, actor.here = method("run"), method("here")
        self.actors.append(actor)
        return actor

    def wait(self, answers, num_returns=1, timeout=0, fetch_local=True):
        return [answer for answer in answers if answer.value is not None], []

    def get(self, answer):
        return answer.get()

    def kill(self, actor, no_restart):
        self.killed.append(actor)
