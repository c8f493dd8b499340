"""Do the chosen components fit together, and is what they need here? Asked before any frame is decoded."""

from __future__ import annotations

import re
from typing import Any

from posecfg import backends, skeletons
from posecfg.components.build import build
from posecfg.components.parts import Part, given_by, parts, skeleton
from posecfg.errors import ConfigError, PosecfgError
from posecfg.skeletons.skeleton import unreachable

LIGHT = ("dataset", "sampler", "persons", "device", "executor")


def problems(config: dict[str, Any]) -> list[PosecfgError]:
    """Return everything that would stop the run, as errors whose messages say what to type."""
    found: list[PosecfgError] = []
    if not config["writer"]:
        text = "No writer is chosen, so nothing would be saved: type writer=[npy], or several of them."
        found.append(ConfigError(text))
    found += _attempt(lambda: [build(config[group], group) for group in LIGHT])
    for group in ("refine", "writer"):
        for name, node in config[group].items():
            found += _attempt(lambda node=node, name=name, group=group: build(node, f"{group}.{name}"))
    weights: list[str] = []
    for group in ("detector", "lifter"):
        if not any(_heavy(part) for part in parts(config[group], group)):
            found += _attempt(lambda group=group: build(config[group], group))
        for part in parts(config[group], group):
            elsewhere = _device(part, str(config["device"].get("name", "auto")))
            wrong = elsewhere or _attempt(lambda part=part: _packages(part)) or _attempt(part.check)
            found += wrong or _attempt(lambda part=part: weights.extend(_weights(part)))
    found += _absent(weights)
    found += _precision(config)
    found += _attempt(lambda: _sampler(config))
    found += _attempt(lambda: _decoder(str(config["video"]["hwaccel"])))
    found += _attempt(lambda: _skeletons(config))
    return list({str(error): error for error in found}.values())


def _heavy(part: Part) -> bool:
    """Tell whether building the component loads a package or weights."""
    return bool(part.fact("requires", ())) or hasattr(part.component, "weights_of")


def _attempt(step: Any) -> list[PosecfgError]:
    try:
        step()
    except PosecfgError as error:
        return [error]
    return []


def _device(part: Part, name: str) -> list[PosecfgError]:
    known, own = part.fact("devices"), part.arguments.get("device")
    name = own if isinstance(own, str) else name
    if known is None or name == "auto" or name in known:
        return []
    other = f"{part.where}.device" if "." in part.where else "device"
    return [
        ConfigError(
            f"device={name} was asked for, but {part.component.__name__} runs on {', '.join(known)} only: "
            f"type {other}={known[0]} or device=auto."
        )
    ]


def _precision(config: dict[str, Any]) -> list[PosecfgError]:
    """Refuse a number format that no model of the chain knows: it would change nothing but the folder."""
    name = config["device"].get("precision", "fp32")
    chain = [part for group in ("detector", "lifter") for part in parts(config[group], group)]
    if name == "fp32" or any(name in part.fact("precisions", ()) for part in chain):
        return []
    return [ConfigError(f"device.precision={name}: no model of this chain runs in {name}: leave it at fp32.")]


def _sampler(config: dict[str, Any]) -> None:
    """Refuse a sampler that leaves frames out as it likes beside a detector that follows from frame to frame."""
    sampler = next(parts(config["sampler"], "sampler"))
    if not sampler.fact("stateless_only"):
        return
    for part in parts(config["detector"], "detector"):
        if part.fact("stateful"):
            ways = [way for way in (part.fact("stateless"), "sampler=all") if way]
            raise ConfigError(
                f"sampler={sampler.component.__name__.lower()} looks at some frames only, but "
                f"detector={part.component.__name__.lower()} follows from frame to frame: type {' or '.join(ways)}."
            )


def _packages(part: Part) -> None:
    for module in part.fact("requires", ()):
        backends.check(module, part.component.__name__)


def _weights(part: Part) -> tuple[str, ...]:
    return tuple(part.fact("weights", ())) if hasattr(part.component, "weights_of") else ()


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


def _skeletons(config: dict[str, Any]) -> None:
    """Check that the lifter's input, and what writers ask for, can be had from the detector's keypoints."""
    given = skeleton(config)
    if given is None:
        return
    lifter = next(parts(config["lifter"], "lifter"))
    wanted = lifter.fact("input_skeleton")
    if wanted is not None:
        lost = unreachable(skeletons.load(given), skeletons.load(wanted))
        if lost:
            name = lifter.component.__name__
            raise ConfigError(f"lifter={name} needs {wanted}, but the detector's {given} lacks: {', '.join(lost)}.")
    written = lifter.fact("skeleton") or given
    for name, node in config["writer"].items():
        writer = build(node, f"writer.{name}")
        if hasattr(writer, "check"):
            try:
                writer.check(skeletons.load(written), given_by(config))
            except PosecfgError as error:
                # What writers ask to type is their own key.
                typed = re.sub(r"\btype (?=(?:channels|keypoints|space)=)", f"type writer.{name}.", str(error))
                raise ConfigError(f"writer.{name}: {typed}") from error
