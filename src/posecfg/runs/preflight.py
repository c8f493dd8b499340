"""Whether the chosen components fit together, and whether what they need is here; asked before a frame is decoded."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from posecfg import backends, skeletons
from posecfg.components.build import build
from posecfg.components.calls import called
from posecfg.components.parts import Part, given_by, listed, models, parts, skeleton, top
from posecfg.components.roles import misfit, unset
from posecfg.config.compose import Job
from posecfg.errors import ConfigError, PosecfgError
from posecfg.executors.protocol import Executor
from posecfg.protocols import Combining
from posecfg.runs.elsewhere import is_elsewhere, lacking_weights
from posecfg.skeletons.skeleton import Skeleton, unreachable
from posecfg.text import sentence

LIGHT = ("dataset", "sampler", "persons", "device")
# Facts that promise a method.
PROMISED = {"fillable": "filled", "filmed": "begin", "jointed": "joints", "concludes": "conclude", "finishes": "finish"}
PROMISED |= {"shows_dropped": "write_dropped"}


def problems(job: Job) -> list[PosecfgError]:
    """Return everything that would stop the run, as errors whose messages say what to type."""
    config = job.config
    found: list[PosecfgError] = []
    if not config["writer"]:
        text = "No writer is chosen, so nothing would be saved: type writer=[npy], or several of them."
        found.append(ConfigError(text))
    found += _attempt(lambda: [build(config[group], group) for group in LIGHT])
    found += _attempt(lambda: _executor(config))
    for group in ("refine", "writer", "metric"):
        for name, node in config[group].items():
            found += _attempt(lambda node=node, name=name, group=group: build(node, f"{group}.{name}"))
    for part in _others(config):
        found += _attempt(lambda part=part: _promises(part))
    found += _models(job)
    found += _attempt(lambda: _precision(config))
    found += _attempt(lambda: _flat(config))
    found += _attempt(lambda: _sampler(job))
    found += _attempt(lambda: _decoder(str(config["video"]["hwaccel"])))
    # A wrong name that was typed is told where it is an argument.
    if not any(str(error).startswith(("detector: ", "lifter: ")) for error in found):
        found += _attempt(lambda: _skeletons(job))
    return list({str(error): error for error in found}.values())


def _attempt(step: Callable[..., Any]) -> list[PosecfgError]:
    try:
        step()
    except PosecfgError as error:
        return [error]
    except SystemExit as error:
        return [ConfigError(f"A component would end the program before the run ({sentence(error)}).")]
    return []


def _executor(config: dict[str, Any]) -> None:
    """Refuse an executor that has only some of the contract."""
    part = top(config, "executor")
    if lack := misfit(part.component, "executor", Executor):
        raise ConfigError(f"executor={part.component.__name__} is no executor: {lack}.")
    executor = build(config["executor"], "executor")
    workers = getattr(executor, "workers", None)
    if not isinstance(workers, int):
        raise ConfigError(f"executor={part.component.__name__} is no executor: it has no number of 'workers'.")
    if isinstance(workers, bool) or workers < 0:
        text = f"expected 'workers' to be a whole number from 0 on, but got {workers}"
        raise ConfigError(f"executor={part.component.__name__} is no executor: {text}.")


def _others(config: dict[str, Any]) -> list[Part]:
    """Return the components that have facts, without the models."""
    several = [part for group in ("refine", "writer", "metric") for part in listed(config, group).values()]
    return [*(top(config, group) for group in ("sampler", "persons", "device")), *several]


def _promises(part: Part) -> None:
    """Ask a component for its facts; refuse them if they speak of a method that it does not have."""
    for fact, method in PROMISED.items():
        if getattr(part.facts, fact) and not hasattr(part.component, method):
            raise ConfigError(f"{part.where}: {part.component.__name__} has no '{method}', but says {fact}=True.")
    if part.facts.combines and (lack := misfit(part.component, "metric", Combining)):
        raise ConfigError(f"{part.where}: {part.component.__name__} says combines=True, but {lack}.")


def _flat(config: dict[str, Any]) -> None:
    """Refuse a metric that needs poses in space beside models that give none."""
    given = given_by(config)
    wanting = [part.where for part in listed(config, "metric").values() if part.facts.spatial]
    if wanting and given is not None and "xyz" not in given:
        raise ConfigError(
            f"{wanting[0]}: it needs poses in space, but detector and lifter give none: type lifter=videopose3d, or "
            "detector=blazepose; rtmw3d has them with detector.pose.intrinsics."
        )


def _models(job: Job) -> list[PosecfgError]:
    """Look at detector and lifter, and what they are made of: arguments, devices, packages, weights."""
    found: list[PosecfgError] = []
    weights: list[str] = []
    heavy = {"detector": False, "lifter": False}
    far = is_elsewhere(job.config)
    for part in models(job.config):
        wrong = _attempt(lambda part=part: part.facts)
        if not wrong:
            lacks = far and not all(map(backends.present, part.facts.packages))
            heavy[part.where.partition(".")[0]] |= part.facts.is_heavy or lacks
            # What other machines have is asked for there, by workers that say what they lack.
            wrong = _attempt(lambda part=part: _device(job, part) if far else _here(job, part))
        if wrong:
            heavy[part.where.partition(".")[0]] = True
        else:
            weights += part.facts.weights
        found += wrong
    for group, loads in heavy.items():
        if not loads:
            found += _attempt(lambda group=group: _whole(build(job.config[group], group), top(job.config, group)))
    left = lacking_weights(weights) if far else []
    return found + _absent([name for name in weights if name not in left])


def _whole(built: Any, part: Part) -> None:
    """Refuse a model that was built without a value that its role must have, such as a detector's ``batch``."""
    if wrong := unset(built, part.where):
        raise ConfigError(f"{part.where}: {part.component.__name__} {wrong}.")


def typed(job: Job, part: Part) -> str:
    """Return how a component was chosen, such as detector=rtmdet or detector/boxes=yolox_nano."""
    group = part.where.replace(".", "/")
    return f"{group}={job.choices.get(group) or part.component.__name__}"


def _here(job: Job, part: Part) -> None:
    """Refuse a device that the component does not know, and packages that are not here or cannot do what is asked."""
    _device(job, part)
    for package in part.facts.packages:
        backends.check(package, typed(job, part))
    if part.facts.ready is not None:
        _ready(part, part.facts.ready)


def _ready(part: Part, ready: Callable[[], object]) -> None:
    try:
        answer = ready()
    except PosecfgError as error:
        raise type(error)(f"{part.where}: {error}") from error
    except (Exception, SystemExit) as error:
        raise ConfigError(f"{part.where}: {part.component.__name__} cannot tell if it is ready: {error!r}.") from error
    if answer is not None:
        raise ConfigError(
            f"{part.where}: expected Facts.ready of {part.component.__name__} to return None, or to raise ConfigError "
            f"where it is not ready, but got {answer!r}."
        )


def _device(job: Job, part: Part) -> None:
    known, own = part.facts.devices, part.arguments.get("device")
    name = own if isinstance(own, str) else str(job.config["device"].get("name", "auto"))
    if known is None or name == "auto" or name in known:
        return
    other = f"{part.where}.device" if "." in part.where else "device"
    raise ConfigError(
        f"device={name} was asked for, but {typed(job, part)} runs on {', '.join(known)} only: "
        f"type {other}={known[0]} or device=auto."
    )


def _precision(config: dict[str, Any]) -> None:
    """Refuse a number format that no model of the chain knows: it would change nothing but the folder."""
    name = config["device"].get("precision", "fp32")
    if name != "fp32" and not any(name in part.facts.precisions for part in models(config)):
        raise ConfigError(f"device.precision={name}: no model of this chain runs in {name}: leave it at fp32.")


def _sampler(job: Job) -> None:
    """Refuse a sampler that leaves frames out as it likes beside a detector that follows from frame to frame."""
    sampler = top(job.config, "sampler")
    if not sampler.facts.needs_stateless:
        return
    for part in parts(job.config["detector"], "detector"):
        if part.facts.stateful:
            ways = [way for way in (part.facts.stateless_by, "sampler=all") if way]
            raise ConfigError(
                f"{typed(job, sampler)} looks at some frames only, but {typed(job, part)} follows from frame to frame: "
                f"type {' or '.join(ways)}."
            )


def _absent(weights: list[str]) -> list[PosecfgError]:
    """Return why these weights cannot be loaded; those that a worker will fetch are not asked for."""
    if not weights:
        return []
    from posecfg.models import settings, store

    return list(store.problems(weights, autofetch=settings.current().autofetch))


def _decoder(name: str) -> None:
    """Ask for the decoder device, where one was named: only then is PyAV needed to know."""
    if name not in ("cpu", "auto"):
        from posecfg.video.hardware import accelerator

        accelerator(name)


def _skeletons(job: Job) -> None:
    """Check that the lifter's input, and what writers ask for, can be had from the detector's keypoints."""
    given = skeleton(job.config)
    if given is None:
        return
    lifter = top(job.config, "lifter")
    wanted = lifter.facts.input_skeleton
    source = _load(given, "detector")
    if wanted is not None:
        lost = unreachable(source, _load(wanted, "lifter"))
        if lost:
            raise ConfigError(
                f"{typed(job, lifter)} needs {wanted}, but the detector's {given} lacks: {', '.join(lost)}."
            )
    lifted = source if lifter.facts.skeleton is None else _load(lifter.facts.skeleton, "lifter")
    parts = listed(job.config, "writer")
    for name, node in job.config["writer"].items():
        written = source if parts[name].facts.source else lifted
        try:
            called(f"writer.{name}", build(node, f"writer.{name}").check, written, given_by(job.config))
        except PosecfgError as error:
            # What writers ask to type is their own key.
            advice = re.sub(r"\btype (?=(?:channels|keypoints|space)=)", f"type writer.{name}.", str(error))
            raise ConfigError(f"writer.{name}: {advice.removeprefix(f'writer.{name}: ')}") from error


def _load(name: str, where: str) -> Skeleton:
    """Return the skeleton that the facts of a component name."""
    try:
        return skeletons.load(name)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
