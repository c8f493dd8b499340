import importlib
import inspect
from pathlib import Path

import pytest
import yaml

CONF = Path(__file__).resolve().parents[2] / "conf" / "sampler"
MINE = ["all", "annotated", "fps", "motion", "stride", "uniform"]


@pytest.mark.parametrize("name", MINE)
def test_an_option_states_every_argument_with_its_default(name):
    lines = (CONF / f"{name}.yaml").read_text().splitlines()
    assert lines[0].startswith("# ")
    assert lines[1].startswith("# python run.py ")
    assert f" sampler={name}" in lines[1]
    node = yaml.safe_load("\n".join(lines))
    module, _, kind = node.pop("_target_").rpartition(".")
    component = getattr(importlib.import_module(module), kind)
    defaults = {n: p.default for n, p in inspect.signature(component).parameters.items()}
    assert node == defaults
    assert hasattr(component(**node), "begin")
