"""Checkpoints are data: what would run code does not run, and what belongs to another network is refused."""

from __future__ import annotations

import builtins
import collections
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from posecfg.errors import WeightsError
from posecfg.models.architectures import KNOWN
from posecfg.openmmlab import checkpoints, networks

NAME = "rtmdet_nano_torch"


class Calls:
    """Unpickles as the result of a call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def saved(path, content, **options):
    import torch

    torch.save(content, path, **options)
    return path


@pytest.mark.parametrize("legacy", [False, True])
def test_what_published_checkpoints_carry_is_read(tmp_path, legacy):
    import torch
    from mmengine.logging import HistoryBuffer

    content = {
        "state_dict": collections.OrderedDict(weight=torch.arange(3.0)),
        "meta": {
            "numbers": [np.float64(1), np.float32(2), np.int64(3), np.bool_(True)],
            "arrays": [np.ones(2), np.ones(2, np.int32), np.array(["a"]), np.array([b"b"]), np.array([True])],
        },
        "message_hub": {"log_scalars": collections.OrderedDict(loss=HistoryBuffer([1.0, 2.0], [1, 1]))},
    }
    path = saved(tmp_path / "x.pth", content, _use_new_zipfile_serialization=not legacy)
    found = checkpoints.state(path, NAME)
    assert list(found) == ["weight"]
    assert torch.equal(found["weight"], torch.arange(3.0))


def test_tensors_may_stand_alone_and_carry_the_name_of_a_wrapper(tmp_path):
    import torch

    path = saved(tmp_path / "x.pth", {"module.a": torch.ones(1), "b": torch.ones(1)})
    assert list(checkpoints.state(path, NAME)) == ["a", "b"]


@pytest.mark.parametrize("where", ["meta", "message_hub", "state_dict"])
@pytest.mark.parametrize(
    "attack",
    [
        lambda canary: Calls(os.system, f"touch {canary}"),
        lambda canary: Calls(eval, f"open({str(canary)!r}, 'w')"),
        lambda canary: Calls(open, str(canary), "w"),
        # The look-up that training statistics are pickled with finds nothing here.
        lambda canary: Calls(getattr, Calls(open, str(canary), "w"), "name"),
        lambda canary: Calls(Found(builtins, "open"), str(canary), "w"),
    ],
)
def test_a_checkpoint_that_would_run_code_does_not(tmp_path, where, attack):
    import torch

    canary = tmp_path / "canary"
    content = {"state_dict": {"a": torch.ones(1)}, "meta": {}, "message_hub": {}}
    content[where]["b"] = attack(canary)
    path = saved(tmp_path / "x.pth", content)
    with pytest.raises(WeightsError, match="hold tensors and plain data only") as caught:
        checkpoints.state(path, NAME)
    assert not canary.exists()
    assert "posecfg models fetch rtmdet_nano_torch" in str(caught.value)
    # The advice of torch, to allow it all the same, is not passed on.
    assert not re.search("safe_globals|weights_only|trust", str(caught.value))


class Found:
    """Pickles as a look-up of ``name``, as methods do, and can be called so that pickle takes it for a function."""

    def __init__(self, owner, name):
        self.look_up = getattr, (owner.open if owner is builtins else owner, name)

    def __reduce__(self):
        return self.look_up

    def __call__(self, *arguments):
        raise AssertionError


def test_a_look_up_gives_nothing_that_could_be_called(tmp_path):
    import torch

    path = saved(tmp_path / "x.pth", {"state_dict": {"a": torch.ones(1)}, "found": Calls(getattr, "text", "upper")})
    inert = [(checkpoints._Ignored, name) for name in checkpoints._HARMLESS]
    with torch.serialization.safe_globals(inert):
        assert not callable(torch.load(path, weights_only=True)["found"])


class Forged:
    """Pickles as one of NumPy's objects with a state that it never has."""

    def __init__(self, *made):
        self.made = made

    def __reduce__(self):
        return self.made


def test_numpy_follows_no_address_that_stands_in_a_checkpoint(tmp_path):
    """In a process of its own, because what happens otherwise is no exception."""
    import torch

    def objects_of_bytes(place, flags):
        return Forged(np.dtype, ("V8",), (3, "|", None, ("a",), {"a": (np.dtype("O"), place)}, 8, 1, flags))

    far = Forged(np.ndarray, ((8,), objects_of_bytes(1 << 28, 0x3F)))
    made = np._core.multiarray._reconstruct
    fake = Forged(made, (np.ndarray, (0,), b"b"), (1, (4,), objects_of_bytes(0, 1), False, b"xV4\x12AA\0\0" * 4))
    path = saved(tmp_path / "x.pth", {"state_dict": {"a": torch.ones(1)}, "meta": [far, fake]})
    code = (
        "import sys; from pathlib import Path; from posecfg.openmmlab.checkpoints import state; "
        "print(list(state(Path(sys.argv[1]), 'x')))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "['a']"), done.stderr[-500:]


@pytest.mark.parametrize("share", [0, 0.02, 0.5, 0.999])
def test_a_damaged_file_is_told_from_a_wrong_one(tmp_path, forge, share):
    whole = forge("rtmdet_nano").checkpoint.read_bytes()
    path = tmp_path / "x.pth"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(WeightsError, match=r"Expected '.*x\.pth' to .*; .*posecfg models fetch rtmdet_nano_torch"):
        checkpoints.state(path, NAME)


@pytest.mark.parametrize("content", [{}, [], {"state_dict": {}}, {"state_dict": {"a": 1}}, {"model": {"a": 1}}])
def test_a_file_without_tensors_is_refused(tmp_path, content):
    with pytest.raises(WeightsError, match="hold the tensors of a network under state_dict, but found none"):
        checkpoints.state(saved(tmp_path / "x.pth", content), NAME)


class Overridden(collections.OrderedDict):
    """Unpickles as an ordered dictionary some of whose methods are what a file says."""

    def __reduce__(self):
        return (
            collections.OrderedDict,
            (),
            dict.fromkeys(("get", "keys", "values", "items"), 1),
            None,
            iter(self.items()),
        )


def test_methods_that_a_file_brings_are_not_asked(tmp_path):
    import torch

    found = checkpoints.state(saved(tmp_path / "x.pth", Overridden(state_dict=Overridden(a=torch.ones(1)))), NAME)
    assert list(found) == ["a"]


@pytest.mark.parametrize(
    "make",
    [
        lambda torch: {1: torch.ones(1)},
        lambda torch: {("a", "b"): torch.ones(1)},
        lambda torch: {"a": torch.ones(1, device="meta")},
        lambda torch: {"a": torch.ones(1).to_sparse()},
        lambda torch: {"a": torch.ones(1, dtype=torch.complex64)},
    ],
)
def test_what_could_not_be_put_into_a_network_is_refused(tmp_path, make):
    import torch

    with pytest.raises(WeightsError, match="hold the tensors of a network under state_dict, but found none"):
        checkpoints.state(saved(tmp_path / "x.pth", {"state_dict": make(torch)}), NAME)


def test_what_torch_has_switched_off_does_not_switch_this_off(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    canary = tmp_path / "canary"
    path = saved(tmp_path / "x.pth", {"state_dict": {}, "meta": Calls(os.system, f"touch {canary}")})
    with pytest.raises(WeightsError):
        checkpoints.state(path, NAME)
    assert not canary.exists()


def test_a_checkpoint_of_another_network_is_named(forge):
    with pytest.raises(WeightsError) as caught:
        networks.build("rtmdet_nano", forge("rtmpose_m").checkpoint)
    assert "to be a checkpoint of rtmdet_nano, but it lacks backbone." in str(caught.value)
    assert "has besides backbone." in str(caught.value)
    assert "posecfg models fetch rtmdet_nano_torch" in str(caught.value)


def test_other_categories_are_another_network(forge):
    with pytest.raises(WeightsError, match=r"rtmdet_nano_coco, but it has in another shape bbox_head\.rtm_cls\.0\.wei"):
        networks.build("rtmdet_nano_coco", forge("rtmdet_nano").checkpoint)


def test_every_tensor_must_be_there(tmp_path, forge):
    found = checkpoints.state(forge("rtmdet_nano").checkpoint, NAME)
    found.pop("bbox_head.rtm_cls.2.bias")
    path = saved(tmp_path / "x.pth", {"state_dict": found})
    with pytest.raises(WeightsError, match=r"but it lacks bbox_head\.rtm_cls\.2\.bias: it belongs to another"):
        networks.build("rtmdet_nano", path)


def test_every_network_has_a_checkpoint_in_the_registry():
    from posecfg.models import registry

    assert {one.weights for one in KNOWN.values()} <= set(registry.names())


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_attributes_and_nested_tensors_are_not_asked_either(tmp_path):
    import torch

    odd = torch.nn.Parameter(torch.ones(2))
    odd.is_complex = odd.detach = odd.dim = 5
    found = checkpoints.state(saved(tmp_path / "x.pth", {"a": odd}), NAME)
    assert type(found["a"]) is torch.Tensor
    assert found["a"].tolist() == [1, 1]
    assert not found["a"].__dict__
    nested = torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])
    with pytest.raises(WeightsError, match="but found none"):
        checkpoints.state(saved(tmp_path / "y.pth", {"a": nested}), NAME)
