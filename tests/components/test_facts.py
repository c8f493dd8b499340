"""Facts say what they are, or are refused before anything starts."""

import functools
import re

import pytest
from whole_runs import job_of

from posecfg.detectors.synthetic import Synthetic
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.refine.fill import Fill
from posecfg.runs import preflight


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("packages", "onnxruntime", "a tuple of texts"),
        ("devices", "cpu", "a tuple of texts"),
        ("operational", 5, "a tuple of texts"),
        ("weights", (1,), "a tuple of texts"),
        ("skeleton", ["coco17"], "a text"),
        ("stateful", 1, "True or False"),
        ("stateful", 0, "True or False"),
        ("ready", True, "something to call"),
        ("gives", ("xzy",), "some of xyz, depth"),
        ("devices", (), "names of devices, or None for any"),
    ],
)
def test_a_fact_of_another_kind_is_refused(name, value, expected):
    with pytest.raises(ConfigError, match=f"Facts.{name}: expected {expected}, but got"):
        Facts(**{name: value})


def leave(*values, **arguments):
    raise SystemExit(0)


def lack(**arguments):
    return {}["facts"]


@pytest.mark.parametrize("facts", [lambda **_: Facts(fils=True), lambda **_: Facts(packages="av"), leave, lack])
def test_what_a_refine_step_says_of_itself_is_asked_before_the_run(tmp_path, monkeypatch, facts):
    job = job_of(tmp_path / "out", "refine=[fill]")
    monkeypatch.setattr(Fill, "facts", staticmethod(facts))
    (problem,) = preflight.problems(job)
    assert str(problem).startswith("refine.fill")


class Unchecked(Facts):
    """Facts that leave the checks out."""

    def __post_init__(self):
        pass


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (lambda **_: Unchecked(skeleton=5), "Facts.skeleton: expected a text, but got 5."),
        (lambda **_: Facts(skeleton="coco99"), "Expected a skeleton among .* but got 'coco99'. Did you mean"),
        (lambda **_: Facts(operational=("batch", "nonsense")), "Facts.operational: expected arguments of the class"),
        (lambda **_: Facts(devices=()), "Facts.devices: expected names of devices, or None for any, but got"),
        (lambda **_: Facts(ready=lambda: False), "expected Facts.ready of Synthetic to return None, or to raise"),
        (lambda **_: Facts(ready=leave), r"Synthetic cannot tell if it is ready: SystemExit\(0\)."),
        (leave, r"Synthetic.facts failed: SystemExit\(0\)."),
    ],
)
def test_facts_that_cannot_be_are_told_of_the_component_that_has_them(tmp_path, monkeypatch, facts, told):
    job = job_of(tmp_path / "out", "device=cpu")
    monkeypatch.setattr(Synthetic, "facts", staticmethod(facts))
    found = [str(error) for error in preflight.problems(job)]
    assert found
    assert all(re.match(f"detector: {told}", text) for text in found)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("batch", "4", "a whole number from 1 on, but got '4'"),
        ("batch", 0, "a whole number from 1 on, but got 0"),
        ("batch", True, "a whole number from 1 on, but got True"),
        ("weights", None, "texts by name, but got None"),
        ("notes", [1], r"JSON values by name, but got \[1\]"),
        ("device", None, "a text, but got None"),
    ],
)
def test_a_value_of_another_kind_on_a_built_detector_is_told_before_the_run(tmp_path, monkeypatch, name, value, told):
    good = Synthetic.__init__

    def build(self, *arguments, **named):
        good(self, *arguments, **named)
        setattr(self, name, value)

    job = job_of(tmp_path / "out")
    monkeypatch.setattr(Synthetic, "__init__", functools.wraps(good)(build))
    (problem,) = preflight.problems(job)
    assert re.match(f"detector: Synthetic has a '{name}' of another kind: expected {told}", str(problem))


def test_a_component_that_leaves_while_it_is_built_is_a_sentence(tmp_path, monkeypatch):
    job = job_of(tmp_path / "out", "refine=[fill]")
    monkeypatch.setattr(Fill, "__init__", leave)
    assert any("would end the program before the run (SystemExit: 0)" in str(one) for one in preflight.problems(job))
