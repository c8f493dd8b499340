"""VideoPose3D: a person's pixels over time to 17 joints in space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from posecfg import skeletons
from posecfg.errors import ClipError, ConfigError, WeightsError
from posecfg.facts import Facts
from posecfg.lifters import temporal
from posecfg.models import store, torch_file
from posecfg.models.roads import cure
from posecfg.models.torch_pickle import Saved
from posecfg.refine.convert import convert
from posecfg.refine.fill import EDGES, Fill
from posecfg.refine.gaps import gapless
from posecfg.runtimes.onnx import Session
from posecfg.types import Clock, PoseTrack

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64

FROM, TO = "coco17", "h36m17"
XYZ = "metres, origin pelvis, x to the right of the image, y down, z away from the camera"
ROOTED = "metres, origin camera, x to the right of the image, y down, z away from the camera"
# Frames that are lifted at once: memory does not grow with the film, and the same film gives the same bytes.
WINDOW = 2592
NETWORKS = {"model_pos": 17, "model_traj": 1}


class VideoPose3D:
    """Lift 17 keypoints in pixels to 17 joints in metres, from 121 frames before a frame to 121 after it.

    A row without the person is interpolated first, and marked as made. ``edges`` is for rows before the first and after
    the last one, as in ``refine=[fill]``; ``auto`` holds the pose of a clip's only person. With ``flip``, the mirrored
    person is lifted too, for the mean of both. Where the track goes on with another person, the rows between both stay
    missing, and each is lifted alone.
    ``trajectory`` adds the path of the pelvis where the checkpoint has a network for it.
    """

    def __init__(
        self,
        checkpoint: str = "videopose3d_coco",
        flip: bool = True,
        trajectory: Literal["auto", False] = "auto",
        edges: Literal["auto", "hold", "none"] = "auto",
        device: str = "auto",
        threads: int = 1,
    ) -> None:
        if trajectory not in ("auto", False):
            raise ConfigError(f"Expected trajectory to be auto or false, but got {trajectory!r}.")
        if edges not in ("auto", *EDGES):
            raise ConfigError(f"Expected edges to be auto, {' or '.join(EDGES)}, but got {edges!r}.")
        self._fills = {
            alone: Fill(edges=("hold" if alone else "none") if edges == "auto" else edges) for alone in (True, False)
        }
        self._flip = flip
        self._needed, self._given = skeletons.load(FROM), skeletons.load(TO)
        with store.loading(checkpoint) as found:
            networks = _networks(found.path, checkpoint)
        self._pose = Network(networks["model_pos"], checkpoint, device, threads)
        path = networks.get("model_traj") if trajectory == "auto" else None
        self._path = None if path is None else Network(path, checkpoint, device, threads)
        self.device = self._pose.session.device
        self.weights: Mapping[str, str] = found.weights

    @staticmethod
    def facts(checkpoint: str, threads: int, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        if threads < 1:
            raise ConfigError(f"Expected threads to be at least 1, but got {threads}.")
        return Facts(
            skeleton=TO,
            input_skeleton=FROM,
            gives=("xyz",),
            packages=("onnxruntime",),
            weights=(checkpoint,),
            operational=("threads",),
        )

    def __call__(self, track: PoseTrack, clock: Clock) -> PoseTrack:
        """Return the track on H36M's joints: pixels by conversion, and places in space."""
        import numpy as np

        source = self._fills[track.alone](track if track.skeleton.name == FROM else convert(track, self._needed), clock)
        xyz = np.full((len(track), len(self._given), 3), np.nan, np.float32)
        for start, end in _spans(source):
            rows = gapless(source.xy[start:end], clock.times[start:end])
            if rows is not None:
                xyz[start:end] = self._lift(_normal(rows, clock.size))
        lifted = convert(replace(source, xyz=None, depth=None), self._given)
        meaning = replace(track.meaning, xyz=XYZ if self._path is None else ROOTED, depth=None)
        return replace(lifted, xyz=xyz, meaning=meaning)

    def _lift(self, rows: F64) -> F32:
        """Lift (T, 17, 2) of -1 to 1 across the picture."""
        import numpy as np

        mirrored = rows[:, self._needed.swaps] * (-1, 1)
        both = np.stack([rows, mirrored] if self._flip else [rows])
        given = self._pose(both)
        if self._flip:
            given = np.stack([given[0], (given[1] * (-1, 1, 1))[:, self._given.swaps]])
        lifted: F64 = given.mean(axis=0)
        if self._path is not None:
            path = self._path(both)
            lifted = lifted + (path * np.array([[1, 1, 1], [-1, 1, 1]])[: len(both), None, None]).mean(axis=0)
        if not np.isfinite(lifted).all():
            raise ClipError("lifter: expected numbers of its network, but it gives NaN or infinity: check its weights.")
        return lifted.astype(np.float32)


class Network:
    """A network over time, run in windows."""

    def __init__(self, built: temporal.Temporal, name: str, device: str, threads: int) -> None:
        self.session = Session(built.graph, name, device, threads)
        self._reach, self._step = built.reach, built.step

    def __call__(self, rows: F64) -> F64:
        """Return (B, T, joints, 3) of (B, T, 17, 2); before the first and after the last frame, they stand still."""
        import numpy as np

        count, reach, step = rows.shape[1], self._reach, self._step
        flat = rows.reshape(*rows.shape[:2], -1).astype(np.float32)
        padded = np.pad(flat, ((0, 0), (reach, reach + -count % step), (0, 0)), mode="edge")
        parts = []
        for start in range(0, count, size := max(WINDOW // step, 1) * step):
            window = padded[:, start : start + size + 2 * reach]
            parts.append(self.session(np.ascontiguousarray(window))[0])
        whole = np.concatenate(parts, axis=1)[:, :count]
        return whole.reshape(*rows.shape[:2], -1, 3).astype(np.float64)


def _networks(path: Path, name: str) -> dict[str, temporal.Temporal]:
    """Return the networks in a checkpoint."""
    try:
        file = torch_file.opened(path)
        whole = torch_file.plain(file.content)
        found = {}
        for key, out in NETWORKS.items():
            saved = torch_file.plain(whole.get(key))
            if not saved and key != "model_pos":
                continue
            own = {key.removeprefix("module."): one for key, one in saved.items() if isinstance(one, Saved)}
            if wrong := temporal.misfit({part: one.shape for part, one in own.items()}, 17, out):
                raise ValueError(f"{key} is no network of VideoPose3D: {wrong}")
            arrays = file.arrays(own)
            if broken := _broken(arrays):
                raise ValueError(f"{key}.{broken} has numbers that no network can have")
            found[key] = temporal.built(arrays)
    except (ValueError, OSError) as error:
        raise WeightsError(f"Expected '{path}' to be a checkpoint of VideoPose3D, but {error}: {cure(name)}") from error
    return found


def _broken(arrays: Mapping[str, Any]) -> str:
    """Return the name of an array whose numbers are not finite, or of variances below 0; "" where all are good."""
    import numpy as np

    for name, array in arrays.items():
        if not np.isfinite(array).all() or (name.endswith("running_var") and (array < 0).any()):
            return name
    return ""


def _spans(track: PoseTrack) -> Iterator[tuple[int, int]]:
    """Yield the first row and the one after the last of each run of rows in which one person is there."""
    import numpy as np

    there = track.valid | track.made
    for part in track.parts:
        edges = np.flatnonzero(np.diff(np.concatenate([[False], there[part], [False]]).astype(np.int8))) + part.start
        yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _normal(xy: F64, size: tuple[int, int]) -> F64:
    """Return pixels as -1 to 1 across the width of the picture, with the same scale for its height."""
    width, height = size
    return xy / width * 2 - (1, height / width)
