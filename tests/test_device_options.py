"""What every option of the group device keeps to, built from its YAML."""

from __future__ import annotations

import pytest
from yaml_options import ALL, params

from posecfg.errors import ConfigError
from posecfg.protocols import Machine

NAMES = {option.name for option in ALL if option.group == "device"}


@pytest.mark.parametrize("option", params("device"))
def test_it_names_a_machine(option):
    machine = option.build()
    assert machine.name == option.name
    assert set(Machine.__annotations__) == {"name", "precision", "threads"}
    assert (machine.precision, machine.threads) == ("fp32", 1)
    assert option.build() == machine
    assert (option.build(threads=3).threads, option.build(precision="fp16").precision) == (3, "fp16")


@pytest.mark.parametrize("option", params("device"))
@pytest.mark.parametrize("wrong", [{"threads": 0}, {"precision": "fp8"}])
def test_what_no_machine_has_is_refused(option, wrong):
    with pytest.raises(ConfigError, match="Expected"):
        option.build(**wrong)


@pytest.mark.parametrize("option", params("detector", "detector/boxes", "detector/pose", "lifter"))
def test_models_run_on_devices_that_can_be_chosen(option):
    assert set(option.part().facts.devices or ()) <= NAMES - {"auto"}
