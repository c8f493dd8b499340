"""What must be known of a component before it is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a component with certain arguments is; a class says it in its static method ``facts(**arguments)``.

    For detectors, their halves and lifters:

    * ``skeleton``: name of the skeleton of what it gives, None where only the data tell, or a lifter changes nothing.
    * ``input_skeleton``: name of the skeleton that a lifter needs, None for any.
    * ``gives``: what poses have beside pixels, of xyz and depth, or what a lifter adds; None where only the data tell.
    * ``packages``: what it imports when it is built; ``weights``: names of the weights that it loads then.
    * ``devices``: where it can run, auto aside; None for anywhere. ``precisions``: number formats besides fp32.
    * ``ready``: called when the packages are there, raises ``ConfigError`` where they cannot do what was asked.
    * ``stateful``: a frame's result depends on frames before; ``stateless_by``: what to type for one that does not.
    * ``reads``: for a clip's id, the file besides the film that its result rests on.

    For samplers: ``needs_stateless`` where its choice of frames would mislead a stateful detector, and ``fillable``
    where it has ``filled()``. For persons: ``single`` where there is exactly one track. For refine steps: ``fills``
    where rows are made up that were not looked at. For writers: ``by_track`` where each person has a file, and
    ``filmed`` where it has ``begin`` and can be fed as frames pass.

    For all: ``operational`` are the arguments that cannot change a byte of the data, such as threads.
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
    reads: Callable[[str], Path] | None = None
    needs_stateless: bool = False
    fillable: bool = False
    single: bool = False
    fills: bool = False
    by_track: bool = False
    filmed: bool = False
    operational: tuple[str, ...] = ()

    @property
    def is_heavy(self) -> bool:
        """Whether building the component imports a package or loads weights."""
        return bool(self.packages or self.weights)
