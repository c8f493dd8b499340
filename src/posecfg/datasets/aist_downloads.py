"""Which films of AIST++ can be downloaded, and from where."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from posecfg.datasets.aist_lists import lists, names
from posecfg.datasets.aist_names import UNFIT, VIEWS, Take, parse
from posecfg.datasets.refused import Refused
from posecfg.errors import ConfigError
from posecfg.types import Downloads, Terms, Wanted

BASE = "https://aistdancedb.ongaaccel.jp/v1.0.0/video/10M/"
TERMS = Terms("aist", "AIST Dance Video Database", "https://aistdancedb.ongaaccel.jp/terms_of_use/")
BY_HAND = "https://aistdancedb.ongaaccel.jp/"
# Films have some tens of megabytes; that one is whole is told by its boxes.
_LEAST, _MOST = 10_000, 4_000_000_000
_EVERY = "all"


def plan(
    root: Path,
    folder: Path,
    split: tuple[str, Sequence[str]] | None,
    views: Sequence[str],
    ignored: Collection[str],
    here: Mapping[str, Path],
) -> Downloads:
    """Say which films of ``views`` can be downloaded below ``folder``; ``here`` maps their names to films there.

    ``split`` is the name of a list and its sequences; None stands for all that are annotated or on any list.
    """
    label, sequences = split or (_EVERY, annotated(root))
    if not sequences:
        raise ConfigError(
            f"Expected '{root}' to hold keypoints2d or splits, which name the sequences of AIST++, but there are none: "
            "unpack the annotations there, from https://google.github.io/aistplusplus_dataset/download.html."
        )
    refused, wanted = Refused(), list[Wanted]()
    for sequence in sequences:
        if parse(sequence) is None:
            refused.add(sequence, "it is no sequence of AIST++")
        elif sequence in ignored:
            refused.add(sequence, "on ignore_list.txt: dataset.ignore=false takes it")
        else:
            for view in views:
                if reason := UNFIT.get((sequence, view)):
                    refused.add(Take(sequence, view).film, reason)
                else:
                    others = [one for one in VIEWS if one not in views and (sequence, one) not in UNFIT]
                    names = [f"{Take(sequence, one).film}.mp4" for one in (view, *others)]
                    wanted.append(Wanted(names[0], tuple(names[1:])))
    if not wanted:
        raise ConfigError(
            f"Expected dataset.split={label} to name sequences of AIST++ whose films can be downloaded, but all are "
            f"left out: {refused}."
        )
    return Downloads(
        label,
        TERMS,
        BASE,
        BY_HAND,
        folder,
        folder if split is None else folder / label,
        tuple(wanted),
        {f"{name}.mp4": path for name, path in here.items()},
        refused.excluded,
        _LEAST,
        _MOST,
    )


def annotated(root: Path) -> list[str]:
    """Return the sequences that have keypoints, or that a list of ``splits`` names."""
    found = {path.stem for path in (root / "keypoints2d").glob("*.pkl")}
    for file in lists(root).values():
        found |= names(file)
    return sorted(name for name in found if parse(name) is not None)
