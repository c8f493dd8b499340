"""Read OpenMMLab's checkpoints without running what a pickle may carry."""

from __future__ import annotations

import re
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from posecfg.errors import WeightsError

# Buffers that older checkpoints carry; today a network's configuration has their numbers.
_OBSOLETE = "data_preprocessor."
# Counts that older checkpoints lack, and that inference does not look at.
_COUNTS = ".num_batches_tracked"
_ASKED = re.compile(r"\bGLOBAL (\S+)")
_SHOWN = 3
_LONGEST = 300


class _Ignored:
    """Takes the place of all that is no tensor: nothing of it is kept, and nothing of it runs."""

    def __init__(self, *arguments: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass


# What checkpoints carry beside tensors: NumPy's numbers and arrays, and statistics with what they look up. NumPy's own
# classes would not do: a state that is not theirs makes them follow addresses that stand in the file.
_HARMLESS = (
    "numpy.dtype",
    "numpy.ndarray",
    "numpy.core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray._reconstruct",
    "numpy._core.multiarray.scalar",
    "mmengine.logging.history_buffer.HistoryBuffer",
    "builtins.getattr",
)


def state(path: Path, name: str) -> dict[str, Any]:
    """Return the tensors of the checkpoint ``path`` by their names; one that holds anything else is refused."""
    import torch

    try:
        with torch.serialization.safe_globals([(_Ignored, name) for name in _HARMLESS]):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise WeightsError(
            f"Expected '{path}' to hold tensors and plain data only, but it is no checkpoint that can be read safely "
            f"({_reason(error)}); get the right one: posecfg models fetch {name}"
        ) from error
    except Exception as error:
        # What torch raises on a damaged file has no class in common.
        raise WeightsError(
            f"Expected '{path}' to be a whole checkpoint of torch, but it cannot be read ({_reason(error)}); delete "
            f"it, and get the right one: posecfg models fetch {name}"
        ) from error
    whole = _plain(content)
    found = _plain(whole.get("state_dict", whole))
    if not found or not all(isinstance(key, str) and _is_plain(value) for key, value in found.items()):
        raise WeightsError(
            f"Expected '{path}' to hold the tensors of a network under state_dict, but found none; get the right one: "
            f"posecfg models fetch {name}"
        )
    # A file may give a tensor attributes that hide its methods; what is detached has none.
    return {key.removeprefix("module."): torch.Tensor.detach(tensor) for key, tensor in found.items()}


def _plain(found: Any) -> dict[Any, Any]:
    """Return a mapping as a dictionary, whatever methods a file gave it; an empty one for anything else."""
    return {key: dict.__getitem__(found, key) for key in dict.__iter__(found)} if isinstance(found, dict) else {}


def _is_plain(value: Any) -> bool:
    """Tell whether this is a tensor of real numbers, each of them stored."""
    import torch

    if type(value) not in (torch.Tensor, torch.nn.Parameter) or value.is_nested or value.layout != torch.strided:
        return False
    return not (value.is_meta or value.is_quantized or torch.Tensor.is_complex(value))


def fill(model: Any, path: Path, architecture: str, name: str) -> None:
    """Put the tensors of ``path`` into ``model``; they must be those of ``architecture``, all of them and no others."""
    found = {key: value for key, value in state(path, name).items() if not key.startswith(_OBSOLETE)}
    wanted = model.state_dict()
    shapes = {key: (tuple(wanted[key].shape), tuple(found[key].shape)) for key in wanted if key in found}
    wrong = {
        "lacks": [key for key in wanted if key not in found and not key.endswith(_COUNTS)],
        "has besides": [key for key in found if key not in wanted],
        "has in another shape": [key for key, (own, other) in shapes.items() if own != other],
    }
    if any(wrong.values()):
        parts = [f"{what} {_listed(keys)}" for what, keys in wrong.items() if keys]
        raise WeightsError(
            f"Expected '{path}' to be a checkpoint of {architecture}, but it {', '.join(parts)}: it belongs to another "
            f"network; get the right one: posecfg models fetch {name}"
        )
    model.load_state_dict(found, strict=False)


def _listed(keys: list[str]) -> str:
    more = len(keys) - _SHOWN
    return ", ".join(keys[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _reason(error: Exception) -> str:
    """Return torch's own reason, without the advice that follows it: to trust the file."""
    text = " ".join(str(error).split())
    asked = _ASKED.search(text)
    if asked:
        return f"it asks for {asked[1]}"
    text = text.rpartition("WeightsUnpickler error: ")[2].partition(" Check the documentation")[0]
    return text.partition(". ")[0].rstrip(".")[:_LONGEST] if " " in text else type(error).__name__
