"""How many workers a run would have, and on which GPUs, before its executor is built."""

from __future__ import annotations

from posecfg.components.parts import top
from posecfg.config.compose import Job
from posecfg.executors import capacity, gpus
from posecfg.executors.local import Local, suitable
from posecfg.text import count


def workers(job: Job, clips: int) -> int:
    """Return how many clips would be worked on at a time."""
    asked = _hosts(job) or job.config["executor"].get("workers", job.config["workers"])
    if not isinstance(asked, int):
        here = _is_local(job)
        asked = suitable(_device(job), job.config, dealt(job)) if here else capacity.fitting()
    return max(1, min(asked, clips))


def dealt(job: Job) -> int:
    """Return over how many GPUs of this machine workers would be dealt; 0 where each sees all, or uses none."""
    asked = job.config["executor"].get("workers", job.config["workers"])
    return len(gpus.dealt(_device(job), job.config)) if asked != 0 and _is_local(job) else 0


def remarks(job: Job, clips: int) -> list[str]:
    """Say where workers would be, where there are several GPUs, and that hosts are counted by their names."""
    hosts, typed = _hosts(job), job.config["workers"]
    if hosts and typed not in (1, hosts):
        names = count(hosts, "worker")
        return [f"executor.hosts has a name for each worker, and so {names}: workers={typed} changes nothing"]
    number = dealt(job) if clips else 0
    return [told(workers(job, clips), number)] if number else []


def told(number: int, gpus: int) -> str:
    """Say how many workers there are, and how they are dealt over several GPUs; 0 where they are not."""
    return f"{count(number, 'worker')}{where(number, gpus)}" if number else "this process"


def where(number: int, gpus: int) -> str:
    """Return what follows a number of workers that are dealt over GPUs; nothing where they are not."""
    if not gpus or not number:
        return ""
    if number == gpus:
        return ", one on each GPU"
    if number > gpus:
        return f" on {gpus} GPUs"
    return f", on one of {gpus} GPUs" if number == 1 else f", each on its own of {gpus} GPUs"


def _hosts(job: Job) -> int:
    """Return how many workers there are where each has a host by name; 0 where a number says it."""
    hosts = job.config["executor"].get("hosts")
    return len(hosts) if isinstance(hosts, list) else 0


def _device(job: Job) -> str:
    return str(job.config["executor"].get("device", job.config["device"]["name"]))


def _is_local(job: Job) -> bool:
    return issubclass(top(job.config, "executor").component, Local)
