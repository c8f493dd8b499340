"""Real SLURM and Ray: whatever is killed, frozen, cancelled or preempted, no clip is lost, and none is made twice."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))
import chaos
import chaos_strikes

TRIES = 5
HERE = [name for name, variable in {"slurm": "SLURM_CONF", "ray": "POSECFG_TEST_RAY"}.items() if variable in os.environ]
# The contract of executors has Ctrl-C, and a driver that is away is what an agent is that freezes.
STRIKES = [
    (name, strike) for name in HERE for strike in chaos_strikes.EACH[name] if strike not in ("away", "interrupt")
]


@pytest.fixture(scope="module")
def struck(tmp_path_factory):
    """Return runs that share a tree to compare with."""
    return chaos.Chaos(tmp_path_factory.mktemp("chaos"), random.Random(1), clips=10, least=1)


@pytest.mark.skipif(not HERE, reason="neither SLURM nor Ray is set up: make test-engines does that")
@pytest.mark.parametrize(("engine", "strike"), STRIKES)
def test_a_strike_costs_nothing_that_is_done(struck, engine, strike):
    for _ in range(TRIES):
        struck.round(engine, 2, strike)
        # What a run left undone is the next one's, whatever engine that is on.
        if struck.is_whole():
            struck.finish()
        assert struck.told() == []
        if struck.seen[f"{engine}: {strike}"]:
            return
    pytest.fail("the run was never met at work")


@pytest.mark.skipif(not HERE, reason="neither SLURM nor Ray is set up: make test-engines does that")
def test_a_tree_that_many_engines_made_is_that_of_one(struck):
    steps = [("local", 2, "driver"), ("ray", 3, "raylet"), ("slurm", 5, "scancel")]
    for engine, workers, strike in steps:
        if engine in ("local", *HERE):
            struck.round(engine, workers, strike)
    struck.finish()
    assert struck.told() == []
