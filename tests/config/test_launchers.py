"""What may be set of launchers that run jobs side by side, whether they are installed or not."""

from __future__ import annotations

import pytest

from posecfg.config import launchers
from posecfg.config.launchers import check_launcher
from posecfg.errors import ConfigError

JOBLIB = {
    **{"_target_": "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher", "n_jobs": -1, "backend": None},
    **{"prefer": "processes", "require": None, "verbose": 0, "timeout": None, "pre_dispatch": "2*n_jobs"},
    **{"batch_size": "auto", "temp_folder": None, "max_nbytes": None, "mmap_mode": "r"},
}
LOCAL = {
    "_target_": "hydra_plugins.hydra_submitit_launcher.submitit_launcher.LocalLauncher",
    **{"submitit_folder": "${hydra.sweep.dir}/.submitit/%j", "timeout_min": 60, "cpus_per_task": None},
    **{"gpus_per_node": None, "tasks_per_node": 1, "mem_gb": None, "nodes": 1, "name": "${hydra.job.name}"},
    "stderr_to_stdout": False,
}
SLURM = {
    **LOCAL,
    "_target_": "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher",
    **dict.fromkeys(("partition", "qos", "comment", "constraint", "exclude", "gres", "account", "setup")),
    **dict.fromkeys(("cpus_per_gpu", "gpus_per_task", "mem_per_gpu", "mem_per_cpu")),
    **{"signal_delay_s": 120, "max_num_timeout": 0, "additional_parameters": {}, "array_parallelism": 256},
}


@pytest.mark.parametrize(
    ("node", "more"),
    [
        (JOBLIB, {}),
        (JOBLIB, {"n_jobs": 2, "timeout": 9.5, "pre_dispatch": "all", "max_nbytes": "1M", "batch_size": 1}),
        (LOCAL, {}),
        (LOCAL, {"timeout_min": 600, "name": "my_sweep"}),
        (SLURM, {}),
        (SLURM, {"partition": "gpu,long", "gres": "gpu:a100:1", "mem_per_cpu": "4G", "max_num_timeout": 3}),
        ({"_target_": "hydra._internal.core_plugins.basic_launcher.BasicLauncher"}, {}),
        ({"_target_": "hydra_plugins.mine.MyLauncher"}, {"anything": "goes"}),
    ],
)
def test_defaults_and_numbers_are_taken(node, more):
    check_launcher({**node, **more})


@pytest.mark.parametrize(
    ("node", "key", "value"),
    [
        *((JOBLIB, "n_jobs", value) for value in (0, True, "${oc.env:X}")),
        *((JOBLIB, "pre_dispatch", value) for value in ("9**9**9", "__import__('os')", "n_jobs+1")),
        (JOBLIB, "temp_folder", "/etc"),
        (JOBLIB, "backend", "threading"),
        (JOBLIB, "require", "sharedmem"),
        (JOBLIB, "initializer", "x"),
        (JOBLIB, "timeout", 0),
        *((LOCAL, "submitit_folder", f"{start}x") for start in ("/tmp/", "${hydra.sweep.dir}/../", "${oc.env:HOME}/")),
        (LOCAL, "submitit_folder", "${hydra.sweep.dir}/${oc.env:X}"),
        (LOCAL, "nodes", 2),
        (LOCAL, "setup", ["rm -rf ~"]),
        (SLURM, "setup", ["rm -rf ~"]),
        (SLURM, "tasks_per_node", 2),
        (SLURM, "additional_parameters", {"wrap": "rm"}),
        *((SLURM, "partition", value) for value in ("a\nrm -rf ~", "a b", "$(id)", "", ["a"])),
    ],
)
def test_what_could_not_work_or_would_be_a_command_is_refused(node, key, value):
    with pytest.raises(ConfigError, match=rf"^hydra\.launcher\.{key}(: expected | is no setting )"):
        check_launcher({**node, key: value})


@pytest.mark.parametrize("node", ["joblib", None, {}, ["joblib"]])
def test_a_launcher_that_is_chosen_in_the_wrong_way_is_told_the_right_one(node):
    with pytest.raises(ConfigError, match="type hydra/launcher=joblib"):
        check_launcher(node)


@pytest.mark.parametrize("name", launchers.OPTIONAL)
def test_a_launcher_that_is_not_installed_names_the_command(refused, monkeypatch, name):
    monkeypatch.setattr(launchers, "is_here", lambda module: False)
    text = launchers.absent("hydra/launcher", name)
    assert text.startswith(f"hydra/launcher={name} needs the package 'hydra-")
    assert text.endswith(": pip install 'posecfg[parallel]'")
    assert launchers.absent("detector", name) is None
    assert launchers.absent("hydra/launcher", "other") is None


@pytest.mark.skipif(launchers.is_here("hydra_plugins.hydra_joblib_launcher"), reason="the launcher is installed")
def test_a_user_reads_that_a_launcher_is_not_installed(refused):
    lines, code = refused("hydra/launcher=joblib", "-m", "bbox_thr=0.2,0.3")
    assert (lines, code) == ([launchers.absent("hydra/launcher", "joblib")], 1)


def test_a_launcher_that_is_mistyped_is_told_those_that_there_are(refused):
    (sentence,), _ = refused("hydra/launcher=jobli", "-m", "bbox_thr=0.2,0.3")
    assert "Did you mean 'joblib'? Options: basic, joblib, submitit_local, submitit_slurm." in sentence


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("n_jobs", "only hydra/launcher=joblib takes it."),
        ("timeout_min", "only hydra/launcher=submitit_local or hydra/launcher=submitit_slurm take it."),
        ("n_job", "Did you mean 'hydra.launcher.n_jobs'?"),
    ],
)
def test_a_setting_that_the_chosen_launcher_does_not_take_is_told_who_takes_it(refused, key, told):
    (sentence,), code = refused(f"hydra.launcher.{key}=2", "-m", "bbox_thr=0.2,0.3")
    assert (sentence.endswith(told), code) == (True, 1)
