"""Read OpenMMLab's checkpoints without running code that a pickle may contain."""

from __future__ import annotations

import re
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from posecfg.errors import WeightsError

# Buffers of older checkpoints; a network's configuration has their numbers now.
_OBSOLETE = "data_preprocessor."
# Counts that older checkpoints lack, and that inference does not use.
_COUNTS = ".num_batches_tracked"
_ASKED = re.compile(r"\bGLOBAL (\S+)")
_SHOWN = 3
_LONGEST = 300


class _Ignored:
    """Stand-in for every class that is no tensor: its data are dropped, and its code does not run."""

    def __init__(self, *arguments: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass


# Names in checkpoints beside tensors: NumPy's numbers and arrays, and training statistics. NumPy's own classes are not
# safe: a forged state makes them follow addresses in the file.
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
    """Return the tensors of the checkpoint ``path`` by name; raise ``WeightsError`` if it is not safe to read."""
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
        # The errors that torch raises for a damaged file have no common class.
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
    # A file can give a tensor attributes that hide its methods; a detached tensor has none.
    return {key.removeprefix("module."): torch.Tensor.detach(tensor) for key, tensor in found.items()}


def _plain(found: Any) -> dict[Any, Any]:
    """Return a mapping as a dictionary, without calling methods that a file gave it; {} for anything else."""
    return {key: dict.__getitem__(found, key) for key in dict.__iter__(found)} if isinstance(found, dict) else {}


def _is_plain(value: Any) -> bool:
    """Tell whether this is a dense tensor of real numbers that are stored in the file."""
    import torch

    if type(value) not in (torch.Tensor, torch.nn.Parameter) or value.is_nested or value.layout != torch.strided:
        return False
    return not (value.is_meta or value.is_quantized or torch.Tensor.is_complex(value))


def fill(model: Any, path: Path, architecture: str, name: str) -> None:
    """Load the tensors of ``path`` into ``model``; they must be exactly those of ``architecture``."""
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
    """Return torch's reason without its advice to trust the file."""
    text = " ".join(str(error).split())
    asked = _ASKED.search(text)
    if asked:
        return f"it asks for {asked[1]}"
    text = text.rpartition("WeightsUnpickler error: ")[2].partition(" Check the documentation")[0]
    return text.partition(". ")[0].rstrip(".")[:_LONGEST] if " " in text else type(error).__name__
