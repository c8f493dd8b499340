"""What a reader must know of the clips of a page that is not to be seen: poses and pictures that are not there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from posecfg.page.shown import Wishes
from posecfg.text import count


def shown(picked: int, of: int, done: int, lost: int) -> str:
    """Return in words which clips are shown with poses: of how many, how many are done, and cannot be read."""
    if picked == of:
        text = "all clips are shown with their poses"
    elif picked == done:
        text = f"all {count(done, 'clip')} that are done are shown with their poses, of {of:,}"
    else:
        one = "clip that seems" if picked == 1 else "clips that seem"
        text = f"the {picked:,} {one} worst {'is' if picked == 1 else 'are'} shown with poses, of {of:,}"
    return f"{text}, but for {lost:,} whose poses cannot all be read" if lost else text


def of_poses(clips: Sequence[Mapping[str, Any]], wishes: Wishes) -> Iterator[str]:
    """Yield a note where poses have no pixels, and one where clips have no picture, each with what to type."""
    if not wishes.pictures:
        return
    people = [[person for run in clip["runs"].values() for person in run["people"]] for clip in clips]
    if number := sum(any(one["xyz"] and not one["xy"] for one in some) for some in people):
        # BlazePose's arrays are so.
        yield (
            f"the files of {count(number, 'clip')} hold points in space alone, so no pose is drawn on a picture: the "
            f"same command with 'writer=[npy,npz]' adds pixels"
        )
    lacking = [clip["note"] for clip in clips if clip["runs"] and not clip["pictures"]]
    if lacking:
        reasons = Counter(re.sub(r"'[^']*' ?", "", note) for note in lacking if note)
        often = f": {reasons.most_common(1)[0][0]}" if reasons else ""
        of = f"{len(lacking):,} of {count(len(clips), 'clip')}"
        yield f"{of} {'has' if len(lacking) == 1 else 'have'} no picture{often}"
