"""Facts say what they are, or are refused before anything starts."""

import pytest
from whole_runs import job_of

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
    ],
)
def test_a_fact_of_another_kind_is_refused(name, value, expected):
    with pytest.raises(ConfigError, match=f"Facts.{name}: expected {expected}, but got"):
        Facts(**{name: value})


def leave(**arguments):
    raise SystemExit(0)


def lack(**arguments):
    return {}["facts"]


@pytest.mark.parametrize("facts", [lambda **_: Facts(fils=True), lambda **_: Facts(packages="av"), leave, lack])
def test_what_a_refine_step_says_of_itself_is_asked_before_the_run(tmp_path, monkeypatch, facts):
    job = job_of(tmp_path / "out", "refine=[fill]")
    monkeypatch.setattr(Fill, "facts", staticmethod(facts))
    (problem,) = preflight.problems(job)
    assert str(problem).startswith("refine.fill")
