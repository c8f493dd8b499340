"""What experiments resolve to; `POSECFG_SNAPSHOTS=write pytest tests/config/test_snapshots.py` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from posecfg.config.compose import compose
from posecfg.config.options import options
from posecfg.config.sources import ABSENT, Sources, below, flat

FOLDER = Path(__file__).parents[1] / "snapshots"
NAMES = ["default", *options()["experiment"]]


def resolved(name: str) -> str:
    (job,) = compose([] if name == "default" else [f"experiment={name}"])
    chosen = {group: option for group, option in sorted(job.choices.items()) if option != "None"}
    page = {"choices": chosen, "config": job.config, "notes": list(job.notes)}
    return yaml.safe_dump(page, sort_keys=False, allow_unicode=True, width=120)


@pytest.mark.parametrize("name", NAMES)
def test_an_experiment_resolves_to_its_snapshot(name):
    path = FOLDER / f"{name}.yaml"
    if os.environ.get("POSECFG_SNAPSHOTS") == "write":
        path.write_text(resolved(name), "utf-8")
    assert path.is_file(), "POSECFG_SNAPSHOTS=write pytest tests/config/test_snapshots.py"
    assert resolved(name) == path.read_text("utf-8")


@pytest.mark.deep
@pytest.mark.parametrize("name", NAMES)
def test_a_changed_default_shows_in_every_snapshot_that_has_it(name):
    """Every value of every file that takes part is in the snapshot: where the file says, or what took its place."""
    (job,) = compose([] if name == "default" else [f"experiment={name}"])
    page, sources, seen = yaml.safe_load(resolved(name)), Sources.of(job), 0
    for file in sources.files:
        for key in flat(file.values):
            keys = [*file.package, *key.split(".")]
            if keys[0] == "hydra":
                continue
            value = below(page["config"], keys)
            assert value is not ABSENT, ".".join(keys)
            last = sources.settings(".".join(keys))[-1]
            if last.file == file.path and not isinstance(last.value, dict) and "${" not in str(last.value):
                assert value == last.value, ".".join(keys)
                seen += 1
    assert seen > 30


def test_there_is_no_snapshot_of_something_that_is_gone():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(NAMES)
