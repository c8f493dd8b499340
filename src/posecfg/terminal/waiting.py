"""Show how far an extraction in somebody else's program is: a bar on a terminal, or in a notebook."""

from __future__ import annotations

import html
import importlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from posecfg.executors.protocol import Event, Progress
from posecfg.pipeline.work import Work
from posecfg.runs.pace import Pace
from posecfg.terminal.redrawing import can_redraw
from posecfg.text import count, seconds

# What takes less than this (s) shows nothing; a notebook is told so often (s).
SOON, OFTEN = 0.7, 0.3
Hear = Callable[[Event], None]


@contextmanager
def shown(works: Sequence[Work], stream: TextIO, wanted: bool | None = None) -> Iterator[Hear]:
    """Show the progress of ``works`` as events are told; ``wanted`` None is where somebody looks."""
    notebook = _notebook()
    looked_at = notebook is not None or can_redraw(stream)
    if wanted is False or not (looked_at or wanted):
        yield lambda event: None
    elif notebook is not None:
        yield from _in_notebook(Pace(works), notebook)
    else:
        yield from _on_terminal(works, stream)


def _on_terminal(works: Sequence[Work], stream: TextIO) -> Iterator[Hear]:
    from rich.live import Live

    from posecfg.terminal.console import literal
    from posecfg.terminal.live import Lively

    console = literal()
    console.file = stream
    lively = Lively(console)
    lively.pace = Pace(works)
    began, live = time.monotonic(), Live(get_renderable=lively.render, console=console, transient=True)

    def hear(event: Event) -> None:
        lively.pace.event(event)
        if not live.is_started and time.monotonic() - began > SOON:
            live.start()

    try:
        yield hear
    finally:
        live.stop()


def _in_notebook(pace: Pace, display: Callable[..., Any]) -> Iterator[Hear]:
    began = time.monotonic()
    told, handle = began + SOON - OFTEN, None

    def hear(event: Event) -> None:
        nonlocal told, handle
        pace.event(event)
        if time.monotonic() - told < OFTEN and isinstance(event, Progress):
            return
        if time.monotonic() - began < SOON:
            return
        told = time.monotonic()
        bundle = {"text/html": _markup(pace), "text/plain": _words(pace)}
        if handle is None:
            handle = display(bundle, raw=True, display_id=True)
        else:
            handle.update(bundle, raw=True)

    try:
        yield hear
    finally:
        if handle is not None:
            handle.update({"text/html": "", "text/plain": ""}, raw=True)


def _markup(pace: Pace) -> str:
    return f'<progress value="{pace.share:.4f}" max="{max(1, pace.total)}"></progress> {html.escape(_words(pace))}'


def _words(pace: Pace) -> str:
    """Say in a line how far it is."""
    parts = [f"{pace.finished:,} of {count(pace.total, 'clip')}"] if pace.total != 1 else []
    for name, flight in list(pace.flight.items())[:1]:
        parts.append(f"{name}: {flight.told}")
    if (left := pace.left()) is not None:
        parts.append(f"about {seconds(left)} left")
    return ", ".join(parts)


def _notebook() -> Callable[..., Any] | None:
    """Return what displays in a notebook, None outside of one."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    if running is None or not hasattr(running, "kernel"):
        return None
    found: Callable[..., Any] = importlib.import_module("IPython.display").display
    return found
