"""A configuration as a page of YAML: what a run would use, with values in the place of interpolations or without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from posecfg.config.checks import take_unknown
from posecfg.config.compose import Job
from posecfg.config.experiments import drop_replaced
from posecfg.config.hydra_loader import load, open_loader
from posecfg.config.knob_types import typed
from posecfg.config.quoting import brief, parted
from posecfg.config.sources import ABSENT, below

WIDTH = 80
WHOLE = "_global_"


def page(job: Job, resolve: bool, package: str | None = None, config_dir: str | None = None) -> str:
    """Return the configuration of a job, or the part of it that ``package`` names, as YAML with notes above it.

    Values that an experiment sets for an option that was replaced are not in it, as a run leaves them out.
    """
    values = job.config if resolve else _unresolved(job, config_dir)
    if package not in (None, WHOLE):
        values = below(values, str(package).split("."))
    head = [*_head(job), *([] if package in (None, WHOLE) else [f"# @package {package}"])]
    if values is ABSENT or not isinstance(values, dict | list):
        return f"{values}\n"
    return "".join(f"{line}\n" for line in head) + _dumped(values)


def _head(job: Job) -> Iterator[str]:
    if job.sweep:
        yield f"# {' '.join(map(brief, job.overrides)) or 'what all jobs share'}"
    yield from (f"# {note}" for note in job.notes)


def _unresolved(job: Job, config_dir: str | None) -> dict[str, Any]:
    """Return the values of a job with interpolations as they are written."""
    from omegaconf import OmegaConf

    config = load(open_loader(config_dir), job.overrides)
    take_unknown(config, config_dir)
    drop_replaced(config, job.overrides, config_dir)
    values: Any = OmegaConf.to_container(typed(config, config_dir), resolve=False)
    if isinstance(values["dataset"], dict) and "path" in values["dataset"]:
        values["dataset"]["path"] = parted(values["dataset"]["path"])
    return dict(values)


def _dumped(values: Any) -> str:
    """Return YAML in which lists of plain values take a line or two."""
    import yaml  # type: ignore[import-untyped]
    from omegaconf._utils import get_omega_conf_dumper

    class Dumper(get_omega_conf_dumper()):  # type: ignore[misc]
        """A writer of our own, so that none of others is changed; it quotes texts that OmegaConf takes for numbers."""

    def listed(dumper: Any, items: list[Any]) -> Any:
        plain = not any(isinstance(item, dict | list) for item in items)
        return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=plain)

    Dumper.add_representer(list, listed)
    text: str = yaml.dump(values, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text
