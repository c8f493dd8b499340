"""An extraction as one line, and as a small picture with a table for notebooks."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from posecfg.types.clip import Clip, Clock
from posecfg.types.people import Meaning
from posecfg.types.track import PoseTrack

if TYPE_CHECKING:
    from posecfg.skeletons.skeleton import Skeleton

# Px of the picture's longer side; the first so many people are drawn and listed.
SIDE, PEOPLE = 220, 6
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def line(clip: Clip, clock: Clock, skeleton: Skeleton, meaning: Meaning, tracks: Sequence[PoseTrack]) -> str:
    """Return what an extraction is in one line."""
    import numpy as np

    rows, people = len(clock), len(tracks)
    missing = rows - int(np.any([track.valid for track in tracks], axis=0).sum())
    whom = "1 person" if people == 1 else f"{people} people"
    metres = f", {'metres' if meaning.xyz.startswith('metres') else 'in space'}" if meaning.xyz and people else ""
    gone = f", nobody in {missing:,} of them" if missing else ""
    return (
        f"<Extraction {clip.id!r}: {rows:,} rows at {clock.fps:.4g} frames/s{gone}; {whom} of {skeleton.name}{metres}>"
    )


def markup(text: str, clock: Clock, tracks: Sequence[PoseTrack]) -> str:
    """Return a picture of the row in which most is seen, ``text``, and what is known of each person, as HTML."""
    cells = "".join(_row(number, track, clock) for number, track in enumerate(tracks[:PEOPLE]))
    more = len(tracks) - PEOPLE
    rest = f"<tr><td colspan=4>and {more} more</td></tr>" if more > 0 else ""
    table = f"<table><tr><th>person</th><th>rows</th><th>from</th><th>mean score</th></tr>{cells}{rest}</table>"
    return (
        f'<div style="display:flex;gap:1em;align-items:center">{_picture(clock, tracks[:PEOPLE])}'
        f"<div><code>{html.escape(text[1:-1])}</code>{table if cells else ''}</div></div>"
    )


def _row(number: int, track: PoseTrack, clock: Clock) -> str:
    import numpy as np

    seen = np.flatnonzero(track.valid)
    first = f"{clock.times[seen[0]]:.2f} s" if len(seen) else ""
    scores = track.scores[track.valid]
    score = f"{float(np.nanmean(scores)):.2f}" if np.isfinite(scores).any() else ""
    mark = f'<span style="color:{COLOURS[number]}">&#9679;</span> {track.id}'
    return f"<tr><td>{mark}</td><td>{len(seen):,}</td><td>{first}</td><td>{score}</td></tr>"


def _picture(clock: Clock, tracks: Sequence[PoseTrack]) -> str:
    """Draw the people of one row as lines, without the film's own pixels."""
    import numpy as np

    if not tracks or not len(clock):
        return ""
    row = int(np.argmax(sum(np.where(t.valid, np.nan_to_num(t.scores).mean(axis=1), 0) for t in tracks)))
    width, height = clock.size
    scale = SIDE / max(width, height, 1)
    drawn = []
    for colour, track in zip(COLOURS, tracks, strict=False):
        points = track.xy[row] * scale
        for a, b in track.skeleton.edges if track.valid[row] else ():
            if np.isfinite(points[[a, b]]).all():
                (x0, y0), (x1, y1) = points[[a, b]].tolist()
                ends = f'x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
                drawn.append(f'<line {ends} stroke="{colour}" stroke-width="2" stroke-linecap="round"/>')
    size = f'width="{width * scale:.0f}" height="{height * scale:.0f}"'
    title = f"<title>row {row}, {clock.times[row]:.2f} s</title>"
    return f'<svg {size} style="background:#8881;border-radius:4px" role="img">{title}{"".join(drawn)}</svg>'
