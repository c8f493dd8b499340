"""Facts of a component that must be known before it is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

from posecfg.errors import ConfigError

GIVEN = ("xyz", "depth")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts of a component with certain arguments, from the static method ``facts(**arguments)`` of its class.

    For detectors, their halves and lifters:

    * ``skeleton``: name of the skeleton that it gives, None if only the data tell, or a lifter changes nothing.
    * ``input_skeleton``: name of the skeleton that a lifter needs, None for any.
    * ``gives``: which of xyz and depth poses have beside pixels, or a lifter adds; None if only the data tell.
    * ``packages``: packages that it imports when it is built; ``weights``: names of the weights that it loads then.
    * ``devices``: devices that it can run on, except auto; None for any. ``precisions``: number formats besides fp32.
    * ``ready``: called when the packages are installed; returns None, or raises ``ConfigError`` if they cannot do what
      was asked.
    * ``stateful``: a frame's result depends on earlier frames; ``stateless_by``: what to type for one that does not.
    * ``by_row``: it yields poses for each row that a frame fills (``Frames.fills``), not one for all of them.
    * ``shares``: people whose box scores are not above its argument ``score_thr``, which follows ``score_floor``, are
      left out at the end, and nothing else depends on it, so that what was found above a lower one holds all that is
      found above a higher one.
    * ``named``: what it finds depends on the id of the clip, not only on its pixels.
    * ``reuses``: name of the argument that boxes do not depend on; it then has ``reusing``, as ``protocols.Reusing``.
    * ``reads``: gives, for a clip's id, the file besides the film that its result depends on.

    For samplers: ``needs_stateless`` if its choice of frames would mislead a stateful detector, and ``fillable`` if
    it has ``filled()``. For persons: ``single`` if there is exactly one track. For refine steps: ``fills`` if it makes
    rows that no detector looked at. For writers: ``by_track`` if each person has a file, ``ordered`` if it needs frames
    that follow each other, ``filmed`` if it also has ``begin`` and can take frames while they are decoded,
    ``undrawn`` if it takes them as they are, whatever the poses become, ``concludes`` if it has ``conclude`` besides,
    ``finishes`` if it has ``finish`` (``finishing.Finishing``) and makes files over all clips,
    ``shows_dropped`` if it has ``write_dropped`` and makes a picture of a clip that a policy drops,
    ``detections`` if it writes everybody that the detector saw, ``timed`` if it writes how long frames took, or ids
    that are drawn anew, so that its files differ each time, and ``source`` if it writes tracks as they were before
    a lifter: its ``check`` gets the skeleton that they had. For metrics: ``combines`` if it has the methods of
    ``Combining``, ``jointed`` if it also has ``joints``, ``spatial`` if it needs poses in space, and ``truthless`` if
    it needs no known poses, and gets None for them.

    Also for writers: ``row_bytes`` gives about how many bytes a row of one person takes in a file, for a number of
    keypoints and whether poses are in space.

    For datasets: ``truths`` are the arguments that choose which points in space are known.

    For all: ``annotated`` if it reads the annotations of clips, ``Clip.truth``, as metrics do that are not truthless: a
    result is made again where these change; ``flat`` if it reads no points in space there. ``operational`` are the
    arguments that do not change the data, such as threads.
    """

    skeleton: str | None = None
    input_skeleton: str | None = None
    gives: tuple[str, ...] | None = None
    packages: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    devices: tuple[str, ...] | None = None
    precisions: tuple[str, ...] = ()
    ready: Callable[[], None] | None = None
    stateful: bool = False
    stateless_by: str = ""
    shares: bool = False
    named: bool = False
    reuses: str = ""
    reads: Callable[[str], Path] | None = None
    row_bytes: Callable[[int, bool], float] | None = None
    needs_stateless: bool = False
    fillable: bool = False
    single: bool = False
    fills: bool = False
    by_track: bool = False
    ordered: bool = False
    filmed: bool = False
    undrawn: bool = False
    finishes: bool = False
    concludes: bool = False
    detections: bool = False
    shows_dropped: bool = False
    timed: bool = False
    source: bool = False
    combines: bool = False
    jointed: bool = False
    spatial: bool = False
    truthless: bool = False
    annotated: bool = False
    by_row: bool = False
    flat: bool = False
    truths: tuple[str, ...] = ()
    operational: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a value of another kind, such as a text where names are listed, and unknown names."""
        for one in fields(self):
            value = getattr(self, one.name)
            if value is one.default or (one.default is not False and value == one.default):
                continue
            if isinstance(one.default, bool):
                wanted, fits = "True or False", isinstance(value, bool)
            elif one.name in ("ready", "reads", "row_bytes"):
                wanted, fits = "something to call", callable(value)
            elif one.name in ("skeleton", "input_skeleton", "stateless_by", "reuses"):
                wanted, fits = "a text", isinstance(value, str)
            else:
                wanted, fits = "a tuple of texts", isinstance(value, tuple) and all(isinstance(v, str) for v in value)
            if not fits:
                raise ConfigError(f"Facts.{one.name}: expected {wanted}, but got {value!r}.")
        if unknown := [name for name in self.gives or () if name not in GIVEN]:
            raise ConfigError(f"Facts.gives: expected some of {', '.join(GIVEN)}, but got {unknown[0]!r}.")
        if self.devices == ():
            raise ConfigError("Facts.devices: expected names of devices, or None for any, but got ().")

    @property
    def is_heavy(self) -> bool:
        """Whether building the component imports a package or loads weights."""
        return bool(self.packages or self.weights)
