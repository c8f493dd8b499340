"""The memory of one run: what of its clips is known already, and what is kept of each."""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from posecfg.errors import OutputError
from posecfg.pipeline.annotations import Known
from posecfg.pipeline.boxes_memory import BoxesMemo
from posecfg.pipeline.finds import Finds, Recorder, Told, Whole, above
from posecfg.pipeline.remembering import Remembering
from posecfg.pixels import Frames
from posecfg.protocols import Detector
from posecfg.store import fingerprint
from posecfg.store.clip_record import InputRecord
from posecfg.store.memory import Memory
from posecfg.text import sentence
from posecfg.types import Clip, Poses

log = logging.getLogger("posecfg.memory")
KIND = "poses"
_HEX = 32


class Model(Protocol):
    """A detector that is built when it is needed."""

    def __call__(self) -> Detector:
        """Return it."""

    @property
    def floor(self) -> float:
        """Above which box score it gives everybody."""


Look = Callable[[Detector, Iterator[Frames], Clip], Iterator[Poses]]
"""Calls a detector for a clip."""


class Recall:
    """Opens the memory for the clips of one process; ``knows`` says that there may be something in it."""

    def __init__(self, told: Remembering) -> None:
        self._told, self._memory = told, Memory(Path(told.folder), told.limit)
        self.knows = told.reads and not self._memory.empty

    def of(self, clip: Clip, seen: InputRecord, annotations: Known | None) -> Memo:
        """Return what is remembered of a clip; ``seen`` is its input."""
        about: dict[str, Any] = {**fingerprint.part(clip), "input": seen.content}
        if not seen.sha256:
            # Between the samples it may have changed, and then its time did.
            about["modified"] = seen.mtime_ns
        if self._told.named:
            about["id"] = clip.id
        else:
            about.pop("said", None)
        if annotations and self._told.annotated:
            about["annotations"] = [_told(one) for _, one in sorted(annotations.items())]
        detector = self._told.name or str(self._told.detector.get("_target_", "")).rpartition(".")[2]
        return Memo(self._told, self._memory, about, {"clip": clip.id, "detector": detector})


def _told(known: Sequence[Any]) -> list[Any]:
    """Return what annotations tell of themselves, and the hashes of their files, without the stamps."""
    return [known[0], *(file[-1] for file in known[1:])] if known else []


class Memo:
    """What is remembered of one clip, and what will be once ``keep`` is called."""

    def __init__(self, told: Remembering, memory: Memory, about: Mapping[str, Any], names: Mapping[str, str]) -> None:
        self._told, self._memory, self._about, self._names = told, memory, about, names
        self.key = _digest(told.key, about)
        self._recorder, self._sizes = Recorder(), list[tuple[int, int]]()
        self._floor = told.floor
        self._boxes: BoxesMemo | None = None
        self._found: Finds | None = None
        self._begun = False

    @cached_property
    def _there(self) -> Finds | None:
        entry = self._memory.read(self.key, KIND) if self._told.reads else None
        return None if entry is None else Finds.of(entry)

    @cached_property
    def known(self) -> Finds | None:
        """What is remembered of the clip, as far as it is of use: everybody whom this run must see, from its begin."""
        found, cut = self._there, self._told.cut
        if found is None or (cut is not None and found.floor > cut):
            return None
        return found if found.whole is not None or self._told.extends else None

    @property
    def whole(self) -> Whole | None:
        """What is known of a clip that was looked at to its end, None for any other."""
        return None if self.known is None else self.known.whole

    @property
    def seconds(self) -> Sequence[float]:
        """The seconds that each of the frames took that are known."""
        return [] if self.known is None else self.known.seconds.tolist()

    def poses(self, model: Model, look: Look, frames: Iterator[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the poses of each frame: those that are known, then what ``look`` is given of the detector."""
        done, known = 0, self.known
        self._begun, self._recorder, self._sizes = True, Recorder(), []
        self._floor = self._told.floor if known is None else max(self._told.floor, known.floor)
        for batch in frames:
            if known is None or done + len(batch) > len(known):
                yield from self._rest(model, look, itertools.chain([batch], frames), clip, done)
                return
            for poses in known.seen.between(done, done + len(batch)):
                if known.whole is None:
                    self._recorder.add(above(poses, self._floor))
                yield above(poses, self._told.cut)
            self._sizes += [batch.size] * len(batch)
            done += len(batch)

    def _rest(self, model: Model, look: Look, frames: Iterable[Frames], clip: Clip, done: int) -> Iterator[Poses]:
        """Yield what the detector finds from frame ``done`` on, and note it."""
        detector = model()
        self._floor = max(self._floor, model.floor)
        if done and self.whole is not None:
            # A clip that has more frames than are known of it: nothing is added to an entry that cannot be right.
            self._recorder.fits = False
        if self._told.boxes is not None:
            key = _digest(self._told.boxes, self._about)
            self._boxes = BoxesMemo(self._memory, key, model.floor, self._told.reads)
            detector = self._boxes.given_to(detector, done)
        found = look(detector, self._measured(frames), clip)
        try:
            for poses in found:
                if isinstance(poses, Poses):
                    self._recorder.add(above(poses, self._floor))
                    poses = above(poses, self._told.cut)
                yield poses
        finally:
            if hasattr(found, "close"):
                found.close()

    def _measured(self, frames: Iterable[Frames]) -> Iterator[Frames]:
        for batch in frames:
            self._sizes += [batch.size] * len(batch)
            yield batch

    @property
    def helped(self) -> bool:
        """Whether something was known, so that the detector did less than it would have."""
        return self._begun and (self.known is not None or (self._boxes is not None and self._boxes.helps))

    @property
    def is_new(self) -> bool:
        """Whether something was found that was not known."""
        return len(self._recorder) > (0 if self.known is None else len(self.known))

    def settle(self, whole: Whole, seconds: Sequence[float], told: Told) -> None:
        """Take what is known once the clip was looked at to its end."""
        if self.is_new:
            self._found = self._recorder.finds(seconds, self._sizes, self._floor, told, whole)

    def keep(self) -> None:
        """Put into the memory what was found, of a clip that did not change meanwhile; a failure is a warning only."""
        if not self._begun:
            return
        found = self._found
        if found is None and self.is_new and (self._there is None or self._there.whole is None):
            found = self._recorder.finds((), self._sizes, self._floor, Told(), None)
        try:
            if found is not None:
                header, arrays = found.entry()
                self._memory.write(self.key, KIND, {**header, **self._names}, arrays)
            if self._boxes is not None:
                self._boxes.keep(found is not None and found.whole is not None, self._names)
        except (OSError, OutputError) as error:
            log.warning(
                "'%s' cannot be written (%s), so that detections are not remembered: see that it has room and may be "
                "written to, or type cache=FOLDER or cache=off.",
                self._told.folder,
                (error.strerror if isinstance(error, OSError) else None) or sentence(error).rstrip("."),
            )


def _digest(key: Mapping[str, Any], about: Mapping[str, Any]) -> str:
    text = json.dumps([key, about], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_HEX]
