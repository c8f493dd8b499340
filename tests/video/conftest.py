from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from films import make, read_code

from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.video import Video

MEDIA = Path(__file__).resolve().parents[2].parent / "shared" / "media"


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Write the film of that kind once a session."""
    folder = tmp_path_factory.mktemp("films")
    made: dict[str, Path] = {}

    def get(name: str) -> Path:
        if name not in made:
            made[name] = make(name, folder)
        return made[name]

    return get


@pytest.fixture
def media() -> Callable[[str], Path]:
    def get(name: str) -> Path:
        path = MEDIA / name
        if not path.exists():
            pytest.skip(f"real film {name} is not here; its synthetic twin is tested")
        return path

    return get


@pytest.fixture
def play() -> Callable[..., Played]:
    return Played


class Played:
    """A film played to its end: the video, and the frame numbers read from its pixels."""

    def __init__(
        self, path: Path, sampler: object = None, clip: dict[str, object] | None = None, **how: object
    ) -> None:
        clip_ = Clip(id="film", path=path, **(clip or {}))
        self.video = Video(clip_, sampler or All(), **how)
        self.codes = [read_code(image) for batch in self.video for image in batch.rgb()]
        self.clock = self.video.clock()
