"""After any sequence of runs, kills, edits and losses, what a folder vouches for is what a fresh run would give.

``POSECFG_TORTURE=1 python -m pytest tests/torture`` tries 100 sequences of 30 steps; the suite tries a few short ones.
"""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from one_folder import CONTENTS, HOME, REACHES, THRESHOLDS, WRITERS, OneFolder, Runs, Strike, compiled, contents

pytestmark = pytest.mark.deep

GRAPHS = all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime", "cv2"))
LONG = bool(os.environ.get("POSECFG_TORTURE"))
EXAMPLES, STEPS = (100, 30) if LONG else (4, 9)
NAMES = st.sampled_from("abc")
CONTENT = st.integers(0, CONTENTS - 1)
OPERATIONS = 140


class Sequence(RuleBasedStateMachine):
    """What may happen to one folder of results."""

    world: OneFolder

    def __init__(self):
        super().__init__()
        self.world = OneFolder(self.runs, self.films)

    @property
    def out(self):
        return self.world.out

    def _pick(self, number, paths):
        paths = sorted(paths)
        return paths[number % len(paths)] if paths else None

    def _outputs(self):
        mine, found = self.world.own, [p for p in self.out.rglob("*") if p.is_file() and HOME not in p.parts]
        # What was kept as altered belongs to the user from then on.
        return [p for p in found if p.name not in mine and ".altered" not in p.name]

    def _records(self):
        return list((self.out / HOME / "clips").rglob("*.json"))

    @initialize(graph=st.booleans())
    def choose_model(self, graph):
        if graph and GRAPHS:
            self.world.put_weights(0)

    @rule()
    def run(self):
        self.world.run()

    @rule()
    @precondition(lambda self: LONG)
    def run_with_workers(self):
        self.world.run("workers=2")

    @rule(at=st.integers(1, OPERATIONS), act=st.sampled_from(["kill", "after", "half"]), overwrite=st.booleans())
    def kill(self, at, act, overwrite):
        how = {"strike": Strike(str(self.out), at, act)} if self.runs.shim else {"after": at / 1000}
        self.world.run(*["overwrite=true"] * overwrite, **how)

    @rule(name=NAMES, content=CONTENT)
    def edit_input(self, name, content):
        self.world.put(name, content)

    @rule(name=NAMES, content=CONTENT)
    def edit_input_unseen(self, name, content):
        self.world.put_unseen(name, content)

    @rule(number=st.integers(0, len(REACHES) - 1))
    @precondition(lambda self: self.world.model == "graph")
    def swap_weights(self, number):
        self.world.put_weights(number)

    @rule(name=NAMES)
    @precondition(lambda self: len(self.world.inputs) > 1)
    def delete_input(self, name):
        self.world.path(name).unlink(missing_ok=True)
        self.world.inputs.pop(name, None)
        if not self.world.inputs:
            self.world.put("a", 0)

    @rule(name=NAMES, to=NAMES)
    def rename_input(self, name, to):
        if name in self.world.inputs:
            self.world.inputs[to] = self.world.inputs.pop(name)
            self.world.path(name).rename(self.world.path(to))

    @rule(threshold=st.sampled_from(THRESHOLDS), overwrite=st.booleans())
    def change_key(self, threshold, overwrite):
        self.world.threshold = threshold
        self.world.run(*["overwrite=true"] * overwrite)

    @rule(name=NAMES)
    def redo(self, name):
        if name in self.world.inputs:
            self.world.run(f"redo=[{name}]")

    @rule(number=st.integers(0, 9))
    def delete_output(self, number):
        if path := self._pick(number, self._outputs()):
            path.unlink()

    @rule(number=st.integers(0, 9))
    def alter_output(self, number):
        if path := self._pick(number, self._outputs()):
            data = bytearray(path.read_bytes())
            data[-1] ^= 1
            path.write_bytes(data)
            self.world.altered.add(bytes(data))
            if self._records():
                assert self.runs.run("verify", "out").code != 0

    @rule()
    def delete_ledger(self):
        for path in (self.out / HOME).glob("ledger*"):
            path.unlink()

    @rule(number=st.integers(0, 9), cut=st.booleans())
    def hurt_record(self, number, cut):
        if path := self._pick(number, self._records()):
            self.world.hurt.add(path.stem)
            if cut:
                path.write_bytes(path.read_bytes()[:100])
            else:
                path.unlink()

    @rule()
    def hurt_run_file(self):
        path = self.out / HOME / "run.json"
        if path.is_file():
            path.write_bytes(path.read_bytes()[:50])

    @rule(writers=st.sets(st.sampled_from(WRITERS), min_size=1))
    def change_writers(self, writers):
        self.world.writers = tuple(sorted(writers))

    @rule(part=st.sampled_from(["1/2", "2/2", "1/3"]))
    def run_a_shard(self, part):
        self.world.run(f"shard={part}")

    @rule()
    def append(self):
        self.world.appended = True
        self.world.run("append=true", folder="more")

    @rule()
    def back_up(self):
        shutil.rmtree(self.world.root / "backup", ignore_errors=True)
        shutil.copytree(self.out, self.world.root / "backup", copy_function=shutil.copy2)

    @rule()
    @precondition(lambda self: (self.world.root / "backup").exists())
    def restore(self):
        shutil.rmtree(self.out)
        shutil.copytree(self.world.root / "backup", self.out, copy_function=shutil.copy2)

    @rule()
    def settle(self):
        self.world.settle()

    @invariant()
    def nothing_lies(self):
        self.world.check()

    def teardown(self):
        self.world.settle()


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs").resolve()
    with Runs(folder, compiled(folder), ("onnxruntime", "cv2") if GRAPHS else ()) as server:
        yield server


@pytest.fixture(scope="module")
def made():
    return contents()


def test_any_sequence_of_events_ends_as_a_fresh_run(runs, made):
    machine = type("Any", (Sequence,), {"runs": runs, "films": made})
    quick = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=not LONG,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=True,
    )
    run_state_machine_as_test(machine, settings=quick)


def test_an_input_with_other_bytes_of_the_same_size_and_date_is_done_again(runs, made):
    world = OneFolder(runs, made)
    world.run()
    world.put_unseen("a", 2)
    world.settle()


@pytest.mark.skipif(not GRAPHS, reason="onnx and onnxruntime are not here")
def test_other_weights_of_the_same_name_are_not_mixed_with_the_first(runs, made):
    world = OneFolder(runs, made)
    world.put_weights(0)
    world.run()
    before = world.fresh()
    world.put_weights(1)
    assert world.fresh() != before
    world.settle()
