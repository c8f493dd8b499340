"""Which GPUs a process may use, as variables, drivers and their programs tell, each of them made up."""

from __future__ import annotations

import stat

import pytest

from posecfg.errors import ConfigError
from posecfg.executors import capacity, gpus
from posecfg.executors.gpus import CUDA, HIP, ROCR, Gpu

MODEL = {"_target_": "posecfg.detectors.topdown.yolox.YoloX"}
FIGURES = {"_target_": "posecfg.detectors.synthetic.Synthetic", "skeleton": "coco17", "xyz": False}
MAPPED = {"_target_": "posecfg.detectors.blazepose.BlazePose"}
A, B = "GPU-aaaa1111-0000", "GPU-bbbb2222-0000"
SLICES = f"""GPU 0: NVIDIA A100-SXM4-40GB (UUID: {A})
  MIG 3g.20gb     Device  0: (UUID: MIG-c1)
  MIG 3g.20gb     Device  1: (UUID: MIG-c2)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: {B})
"""


def config(detector=MODEL):
    return {"detector": detector, "lifter": {}, "refine": {}}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """Return a machine without a GPU, in an environment that says nothing of any."""
    for name in (CUDA, HIP, ROCR):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "dev").mkdir()
    gpus._listed.cache_clear()
    return tmp_path


def driver(root, *names, devices=True):
    """Let NVIDIA's driver list GPUs."""
    (root / "dev" / "nvidiactl").touch()
    for number, name in enumerate(names):
        folder = root / "proc/driver/nvidia/gpus" / f"0000:0{number}:00.0"
        folder.mkdir(parents=True)
        (folder / "information").write_text(
            f"Model: \t\t Tesla T4\nIRQ:   \t\t 33\nGPU UUID: \t {name}\nDevice Minor: \t {number}\n"
        )
        if devices:
            (root / "dev" / f"nvidia{number}").touch()


def smi(root, text):
    """Put a program nvidia-smi on the PATH, which answers to -L only."""
    path = root / "bin" / "nvidia-smi"
    path.write_text(f'#!/bin/sh\n[ "$1" = -L ] || exit 2\n{text}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def names(root):
    return [one.name for one in gpus.visible(str(root))]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("0,1,2", ("0", "1", "2")),
        (" 2 , 0", ("2", "0")),
        ("1gpu,2", ("1", "2")),
        ("", ()),
        ("-1", ()),
        ("none", ()),
        ("0,-1,1", ("0",)),
        ("3,,1", ("3",)),
        ("1,1", ()),
        ("0,1,0", ()),
        ("0,x,0", ("0",)),
        (f"{A},{B}", (A, B)),
        (f"{A},{A}", ()),
        (f"{A},1", (A,)),
        ("MIG-c1,MIG-c2", ("MIG-c1", "MIG-c2")),
        ("MIG-GPU-aaaa/1/0,GPU-x", ("MIG-GPU-aaaa/1/0",)),
    ],
)
def test_a_list_is_read_as_cuda_does(listed, expected):
    assert gpus.shown(listed) == expected


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("0,1,2", ["0", "1"]),
        ("2,0", []),
        ("1", ["1"]),
        ("GPU-bbbb,GPU-aaaa", ["GPU-bbbb", "GPU-aaaa"]),
        ("GPU-AAAA1,GPU-cccc,GPU-bbbb", ["GPU-AAAA1"]),
        ("MIG-c1", ["MIG-c1"]),
    ],
)
def test_a_list_ends_before_a_gpu_that_is_not_there(root, monkeypatch, listed, expected):
    driver(root, A, B)
    monkeypatch.setenv(CUDA, listed)
    assert names(root) == expected


def test_the_driver_tells_where_no_variable_does(root):
    assert names(root) == []
    driver(root, A, "GPU-????????-????")
    smi(root, "exit 9")
    assert gpus.visible(str(root)) == (Gpu(CUDA, "0"), Gpu(CUDA, "1"))


def test_names_that_the_driver_does_not_know_yet_refuse_none(root, monkeypatch):
    driver(root, A, "GPU-????????-????")
    monkeypatch.setenv(CUDA, B)
    assert names(root) == [B]


def test_a_container_has_those_whose_device_file_it_has(root):
    driver(root, A, B, devices=False)
    assert names(root) == ["0", "1"]
    (root / "dev" / "nvidia1").touch()
    assert names(root) == ["0"]


def test_nvidia_smi_tells_where_the_driver_does_not_and_names_slices(root):
    smi(root, f"echo '{SLICES}'")
    assert names(root) == ["MIG-c1", "MIG-c2", B]


def test_slices_of_a_gpu_are_asked_for(root):
    driver(root, A, B)
    smi(root, f"echo '{SLICES}'")
    assert names(root) == ["0", "1"]
    (root / "proc/driver/nvidia/capabilities/gpu0/mig/gi1").mkdir(parents=True)
    assert names(root) == ["MIG-c1", "MIG-c2", B]


@pytest.mark.parametrize("text", ["exit 9", "echo 'No devices were found'", "exec sleep 9"])
def test_a_program_that_fails_tells_nothing(root, monkeypatch, text):
    monkeypatch.setattr(gpus, "ASK_SECONDS", 0.2)
    monkeypatch.setenv("PATH", f"{root / 'bin'}:/bin:/usr/bin")
    smi(root, text)
    assert names(root) == []


def amd(root, *simds):
    (root / "dev" / "kfd").touch()
    for number, simd in enumerate(simds):
        folder = root / "sys/class/kfd/kfd/topology/nodes" / str(number)
        folder.mkdir(parents=True)
        (folder / "properties").write_text(f"cpu_cores_count 0\nsimd_count {simd}\nunique_id 255\n")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [(HIP, "0"), (HIP, "1")]),
        ({HIP: "1"}, [(HIP, "1")]),
        ({HIP: "1,0", CUDA: "0"}, [(HIP, "1"), (HIP, "0")]),
        ({CUDA: "0,1,2"}, [(CUDA, "0"), (CUDA, "1")]),
        ({ROCR: "1,0"}, [(ROCR, "1"), (ROCR, "0")]),
        ({ROCR: "1", HIP: "0,1"}, [(HIP, "0")]),
        ({ROCR: "GPU-4b2c1a9f,GPU-7"}, [(ROCR, "GPU-4b2c1a9f"), (ROCR, "GPU-7")]),
        ({HIP: ""}, []),
    ],
)
def test_amd_has_lists_of_its_own(root, monkeypatch, values, expected):
    amd(root, 0, 240, 240)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert [(one.variable, one.name) for one in gpus.visible(str(root))] == expected


def test_workers_are_dealt_where_models_use_several_gpus(root, monkeypatch):
    driver(root, A, B)
    both = (Gpu(CUDA, "0"), Gpu(CUDA, "1"))
    assert gpus.dealt("cuda", config(), str(root)) == both
    assert gpus.dealt("tensorrt", config(), str(root)) == both
    for device, detector in (("cpu", MODEL), ("mps", MODEL), ("cuda", FIGURES), ("auto", FIGURES), ("cuda", MAPPED)):
        assert gpus.dealt(device, config(detector), str(root)) == (), (device, detector)
    monkeypatch.setenv(CUDA, "1")
    assert gpus.dealt("cuda", config(), str(root)) == ()


def test_auto_is_the_processor_where_all_are_hidden(root, monkeypatch):
    driver(root, A, B)
    monkeypatch.setattr(capacity, "on_gpu", lambda device, packages: True)
    assert gpus.on_gpu("auto", config(), str(root))
    assert len(gpus.dealt("auto", config(), str(root))) == 2
    monkeypatch.setenv(CUDA, "")
    assert gpus.is_hidden(str(root))
    assert not gpus.on_gpu("auto", config(), str(root))
    assert gpus.on_gpu("cuda", config(), str(root))
    monkeypatch.setenv(CUDA, "2")
    assert gpus.is_hidden(str(root)), "there are two"


@pytest.mark.parametrize(
    ("text", "expected"), [("", None), ("1/1", None), ("1/2", "4"), ("2/2", "7"), ("3/3", "4"), ("4/4", "7")]
)
def test_agents_of_one_machine_share_its_gpus_out(text, expected):
    found = gpus.share((Gpu(CUDA, "4"), Gpu(CUDA, "7")), text)
    assert (found and found.name) == expected
    assert gpus.share((), "1/2") is None


@pytest.mark.parametrize("text", ["x", "3/2", "0/2", "1", "1/2/3", "-1/2"])
def test_a_share_that_is_none_is_refused(text):
    with pytest.raises(ConfigError, match=r"Expected POSECFG_SHARE to be such as 1/2, but got"):
        gpus.share((), text)
