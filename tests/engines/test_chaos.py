"""Real SLURM and Ray: whatever is killed, frozen, cancelled or preempted, no clip is lost, and none is made twice."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import engines
import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))
import chaos
import chaos_strikes
import forked_runs

TRIES, MOST = 5, 4
HERE = [name for name, variable in {"slurm": "SLURM_CONF", "ray": "POSECFG_TEST_RAY"}.items() if variable in os.environ]
# The contract of executors has Ctrl-C, and a driver that is away is what an agent is that freezes.
STRIKES = [
    (name, strike) for name in HERE for strike in chaos_strikes.EACH[name] if strike not in ("away", "interrupt")
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Return a function that gives the runs on some engines, which share a tree to compare with."""
    made, calm = {}, forked_runs.Runs(tmp_path_factory.mktemp("calm"), None)

    def on(*names):
        if names not in made:
            folder, mark = tmp_path_factory.mktemp("chaos"), f"{'-'.join(names)} of {os.getpid()}"
            made[names] = chaos.Chaos(folder, calm, random.Random(1), clips=10, least=1, on=names, mark=mark)
        return made[names]

    with calm:
        yield on


@pytest.mark.skipif(not HERE, reason="neither SLURM nor Ray is set up: make test-engines does that")
@pytest.mark.parametrize(("engine", "strike"), STRIKES)
def test_a_strike_costs_nothing_that_is_done(runs, engine, strike):
    struck = runs(engine)
    with engines.used([engine], alone=True):
        for _ in range(TRIES):
            struck.round(engine, 2, strike)
            # What a run left undone is the next one's, unless that is so little that it would be over too soon.
            if len(struck.tokens()) > MOST:
                struck.finish()
            assert struck.told() == []
            if struck.seen[f"{engine}: {strike}"]:
                return
    pytest.fail("the run was never met at work")


@pytest.mark.skipif(not HERE, reason="neither SLURM nor Ray is set up: make test-engines does that")
def test_a_tree_that_many_engines_made_is_that_of_one(runs):
    struck = runs(*HERE)
    steps = [("local", 2, "driver"), ("ray", 3, "raylet"), ("slurm", 5, "scancel")]
    with engines.used(HERE, alone=True):
        for engine, workers, strike in steps:
            if engine in ("local", *HERE):
                struck.round(engine, workers, strike)
        struck.finish()
    assert struck.told() == []
