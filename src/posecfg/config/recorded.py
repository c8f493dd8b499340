"""What is recorded of a resolved configuration, as JSON values, and the job that it is again.

A record holds every value, so that neither other defaults nor an edited YAML changes what is run again. Values that
come from environment variables are their texts (``environment_values``). The identity is computed from values with
operational knobs set to neutral ones: where those differ, the record has them too.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from posecfg.components import identity as ids
from posecfg.components.own_weights import located
from posecfg.config import checks, environment_values
from posecfg.config.checks import resolved
from posecfg.config.compose import Job
from posecfg.config.environment_values import Place
from posecfg.config.hydra_errors import explain, foreign
from posecfg.config.knob_types import typed
from posecfg.config.schema import OWN
from posecfg.errors import ConfigError


def recorded(job: Job) -> dict[str, Any]:
    """Return what is recorded of the configuration of a job."""
    names = {place: text for place, text in job.environment.items() if _is_there(job.config, place)}
    return {
        "choices": dict(job.choices),
        "config": environment_values.masked(job.config, names),
        "environment": [list(place) for place in names],
        "neutral": [[list(place), value] for place, value in job.neutral if place not in names],
    }


def job_of(record: Mapping[str, Any]) -> Job:
    """Return the job that a record stands for; a ConfigError tells a damaged record or a variable that is not set."""
    from omegaconf import OmegaConf

    try:
        config, choices = copy.deepcopy(dict(record["config"])), {str(k): str(v) for k, v in record["choices"].items()}
        names = {tuple(place): environment_values.get(config, place) for place in record["environment"]}
        if not all(isinstance(text, str) and _is_there(config, place) for place, text in names.items()):
            raise ValueError("it names no text")
        neutral = tuple((tuple(place), value) for place, value in record["neutral"])
        aside = copy.deepcopy(config)
        for place, value in neutral:
            environment_values.put(aside, place, value)
        if names:
            try:
                knobs = typed(OmegaConf.create(environment_values.escaped(config, names)))
                values, others = located(resolved(knobs)), located(resolved(checks.neutral(knobs)))
            except foreign() as error:
                raise explain(error) from error
            for place in names:
                environment_values.put(config, place, environment_values.get(values, place))
                environment_values.put(aside, place, environment_values.get(others, place))
        identity = ids.identity(aside, OWN)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise ConfigError(f"a record of a configuration is damaged ({type(error).__name__}: {error})") from error
    return Job(config, choices, identity, tuple(map(str, record.get("overrides", ()))), environment=names)


def _is_there(config: Mapping[str, Any], place: Place) -> bool:
    *above, last = place
    node = environment_values.get(config, above)
    return last in node if isinstance(node, dict) else isinstance(node, list) and last in range(len(node))
