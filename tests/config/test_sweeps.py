from __future__ import annotations

import pytest

from posecfg.config import compose, sweeps
from posecfg.config.quoting import forced


def test_every_value_is_a_job(swept):
    jobs = swept("-m", "bbox_thr=0.2,0.5", "sampler=stride")
    assert [(job.config["bbox_thr"], job.choices["sampler"]) for job in jobs] == [(0.2, "stride"), (0.5, "stride")]
    assert {job.sweep for job in jobs} == {"listed"}
    assert jobs[0].hash != jobs[1].hash
    assert jobs[0].overrides == ("bbox_thr=0.2", "sampler=stride")


def test_a_bad_value_stops_all_and_is_named(refused):
    sentences, code = refused("-m", "bbox_thr=0.2,7")
    assert sentences == ["job 1 (bbox_thr=7): bbox_thr: expected a number from 0 to 1, but got 7."]
    assert code == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("detector=blazepose,blazpose", "detector has no option 'blazpose'. Did you mean 'blazepose'?"),
        ("sampler.rate=1 sampler=fps,all", "job 1 (sampler.rate=1 sampler=all): sampler=all does not read 'rate'"),
        ("bbox_tr=1,2", "job 1 (bbox_tr=2): nothing reads 'bbox_tr'. Did you mean 'bbox_thr'?"),
        ("bbox_thr=0.1,0.2 bbox_thr=0.5", "'bbox_thr' is given twice: keep one of them."),
        ("hydra.verbose=true,false", "hydra's own settings cannot be swept over"),
        ("bbox_thr=interval(0,1)", "needs another sweeper: list the values"),
        ("writer=[npy],[vcs]", "writer has no option 'vcs'. Did you mean 'csv'?"),
    ],
)
def test_faults_of_a_sweep_are_told(refused, line, sentence):
    assert sentence in refused("-m", *line.split())[0][-1]


def test_many_bad_jobs_are_told_in_few_lines(refused, monkeypatch):
    monkeypatch.setattr(compose, "SHOWN", 0)
    assert refused("-m", "workers=-1,-2")[0] == ["2 more of the 2 jobs cannot work either."]


def test_settings_of_a_group_that_is_swept_over_reach_the_jobs(swept):
    jobs = swept("-m", "sampler=fps,stride", "sampler.every=4", "persons.overlap=0.2")
    assert [job.config["sampler"]["every"] for job in jobs] == [4, 4]
    assert jobs[0].overrides == ("sampler=fps", "++sampler.every=4", "persons.overlap=0.2")
    words = forced(["writer=[npz],[npz,csv]", "writer.npz.compress=false", "seed=1,2", "persons.overlap=0.1"])
    assert words == ["writer=[npz],[npz,csv]", "++writer.npz.compress=false", "seed=1,2", "persons.overlap=0.1"]


def test_hydras_ways_of_listing_values_work(swept):
    jobs = swept("-m", "bbox_thr=range(0,1,0.5)", "seed=choice(3)", "device=glob(mp*)")
    assert [(job.config["bbox_thr"], job.config["seed"]) for job in jobs] == [(0.0, 3), (0.5, 3)]
    assert {job.choices["device"] for job in jobs} == {"mps"}


def test_an_experiment_may_bring_its_own_sweep(swept, typed, conf):
    page = "# @package _global_\nhydra:\n  {mode}sweeper:\n    params:\n      bbox_thr: 0.1,0.2\n"
    conf("experiment/sweep.yaml", page.format(mode=""))
    folder = conf("experiment/always.yaml", page.format(mode="mode: MULTIRUN\n  "))
    assert typed("experiment=sweep", config_dir=folder).sweep == ""
    jobs = swept("experiment=always", config_dir=folder)
    assert [(job.config["bbox_thr"], job.sweep) for job in jobs] == [(0.1, "listed"), (0.2, "listed")]
    (job,) = swept("hydra.mode=MULTIRUN", "experiment=sweep", "bbox_thr=0.9", config_dir=folder)
    assert (job.config["bbox_thr"], job.sweep) == (0.9, "listed")


def test_with_another_sweeper_what_all_jobs_share_is_checked(swept, refused, plugin, conf, monkeypatch, tmp_path):
    package = tmp_path / "path" / "posecfg_sweeper"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "parts.py").write_text("class Guess:\n    pass\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "path"))
    plugin("posecfg_sweeper")
    folder = conf("hydra/sweeper/guess.yaml", "_target_: posecfg_sweeper.parts.Guess\nn_trials: 3\n")
    words = ["-m", "hydra/sweeper=guess", "bbox_thr=interval(0,1)", "sampler=stride"]
    (job,) = swept(*words, config_dir=folder)
    assert (job.sweep, job.choices["sampler"]) == ("open", "stride")
    assert "nothing reads 'bbox_tr'" in refused(*words, "bbox_tr=1", config_dir=folder)[0][0]


def test_composing_leaves_no_trace_in_hydra(typed):
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.hydra_config import HydraConfig

    typed("sampler=stride")
    assert not GlobalHydra.instance().is_initialized()
    assert not HydraConfig.initialized()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("seed=range(1000000000)", "The sweep has 1,000,000,000 jobs, but at most 10,000 jobs are run: seed has"),
        ("seed=range(0,1e9)", "has 1,000,000,000 jobs"),
        ("seed=range(0,10000000000000000000000000)", "has 10,000,000,000,000,000,000,000,000 jobs"),
        ("seed=range(10001,0,-1)", "has 10,001 jobs"),
        ("seed=range(101) bbox_thr=range(0,1,0.01)", "has 10,100 jobs"),
        ("seed=shuffle(range(1000000000))", "has 1,000,000,000 jobs"),
        ("seed=range(0,inf)", "The sweep has no end, but at most 10,000 jobs are run: seed has no end"),
        ("seed=range(0,1,0)", "seed: expected range(START,STOP,STEP) with numbers and a step that is not 0."),
        ("seed=range(0,nan)", "seed: expected range(START,STOP,STEP) with numbers"),
        ("sampler=range(1000000000)", "has 1,000,000,000 jobs"),
    ],
)
def test_a_sweep_with_too_many_jobs_is_counted_and_not_made(refused, line, sentence):
    sentences, code = refused("-m", *line.split())
    assert sentence in sentences[0]
    assert code == 1


def test_values_in_a_file_count_although_the_command_line_replaces_them(swept, refused, conf, monkeypatch):
    monkeypatch.setattr(sweeps, "MOST", 4)
    page = "# @package _global_\nhydra:\n  sweeper:\n    params:\n      seed: {}\n"
    words = ["-m", "experiment=sweep", "seed=range(2)", "bbox_thr=0.1,0.2"]
    assert len(swept(*words, config_dir=conf("experiment/sweep.yaml", page.format("range(2)")))) == 4
    folder = conf("experiment/sweep.yaml", page.format("range(1000000000)"))
    assert "2,000,000,000 jobs" in refused(*words, config_dir=folder)[0][0]
