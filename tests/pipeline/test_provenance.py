"""What is recorded of the packages that a result depends on."""

from importlib.metadata import version

from whole_runs import job_of

from posecfg.pipeline import provenance


def test_versions_are_those_of_the_chain_and_of_components_from_elsewhere(tmp_path):
    config = job_of(tmp_path).config
    own = {"python", "posecfg", "numpy", "av"}
    assert provenance.versions(config).keys() == own
    foreign = {**config, "refine": {"mine": {"_target_": "hypothesis.strategies.Smooth"}}}
    found = provenance.versions(foreign)
    assert (found.keys(), found["hypothesis"]) == (own | {"hypothesis"}, version("hypothesis"))
