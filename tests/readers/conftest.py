"""Files of writers on the disk, and what other programs find in them. ``make test-readers`` brings these programs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from whole_runs import go

from posecfg import skeletons
from posecfg.types import Extraction

MEDIA = Path(__file__).resolve().parents[2].parent / "shared" / "media"


class Folder:
    """The ``Files`` of a writer in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def open(self, name, about=None):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w+b") as stream:
            yield stream


@pytest.fixture
def saved(tmp_path) -> Callable[..., list[Path]]:
    """Write extractions into a folder, and return the files, without what is kept for files over all clips."""

    def write(writer, *every: Extraction) -> list[Path]:
        for one in every:
            writer.write(one, Folder(tmp_path))
        files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        return [path for path in files if ".posecfg" not in path.parts]

    return write


@pytest.fixture(scope="session")
def media() -> Callable[[str], Path]:
    """Return a real file by its name."""

    def get(name: str) -> Path:
        if not (MEDIA / name).exists():
            pytest.skip(f"the real file {name} is not here; a synthetic twin is tested")
        return MEDIA / name

    return get


@pytest.fixture(scope="session", params=["coco17", "blazepose33"])
def coco_folder(request, tmp_path_factory):
    """Return the folder of a split that a run made of a person on some skeleton, its keypoints, and how many images."""
    root = tmp_path_factory.mktemp("coco") / "out"
    words = ["dataset=synthetic", "dataset.clips=1", "dataset.frames=3", "dataset.size=[320,240]", "writer=[coco]"]
    words += [f"detector.skeleton={request.param}", "writer.coco.results=true", "writer.coco.skeleton=own"]
    go(root, *words)
    return root / "coco" / "train", skeletons.load(request.param).keypoints, 3
