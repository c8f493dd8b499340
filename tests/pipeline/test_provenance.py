"""What is recorded of the packages that a result depends on."""

from importlib.metadata import version
from pathlib import Path

import pytest
from whole_runs import go, job_of

from posecfg.detectors.synthetic import Synthetic
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.pipeline import provenance
from posecfg.review.plan import plan


def test_versions_are_those_of_the_chain_and_of_components_from_elsewhere(tmp_path):
    config = job_of(tmp_path).config
    own = {"python", "posecfg", "numpy", "av"}
    assert provenance.versions(config).keys() == own
    foreign = {**config, "writer": {"mine": {"_target_": "hypothesis.strategies.Smooth"}}}
    found = provenance.versions(foreign)
    assert (found.keys(), found["hypothesis"]) == (own | {"hypothesis"}, version("hypothesis"))


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        (lambda clip_id: Path(1), "detector: reads failed (TypeError"),
        (str, "detector: expected facts.reads to return a Path, but got 'synthetic_0000'."),
    ],
)
def test_a_detector_that_cannot_say_what_it_reads_is_named(tmp_path, monkeypatch, reads, expected):
    def named(clip_id):
        return reads(clip_id)

    named.__qualname__ = "reads"
    monkeypatch.setattr(Synthetic, "facts", staticmethod(lambda **_: Facts(skeleton="coco17", reads=named)))
    with pytest.raises(ConfigError) as error:
        go(tmp_path / "out", "dataset=synthetic", "detector=synthetic", "dataset.clips=1")
    assert str(error.value).startswith(expected)
    (problem,) = plan(job_of(tmp_path / "out", "dataset=synthetic", "detector=synthetic"))["problems"]
    assert problem.startswith(expected)
