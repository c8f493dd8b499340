"""Whether a film ends before what its container declares, as one does that was cut off."""

from __future__ import annotations

from fractions import Fraction

# What a container may declare beyond its last frame, as for sound that is longer: seconds, and a share of the film.
_SLACK_SECONDS, _SLACK_SHARE = Fraction(1, 2), Fraction(1, 5)
_SLACK_FRAMES = 2


def lacks_packets(declared: int, packets: int) -> bool:
    """Tell whether a container's index has more packets than came."""
    return declared - packets > _SLACK_FRAMES


def ends_early(reached: Fraction, end: Fraction, length: Fraction, rate: Fraction | None) -> bool:
    """Tell whether packets that ``reached`` a time (s) ended well before ``end``; ``length`` (s) is declared too."""
    slack = max(min(_SLACK_SECONDS, length * _SLACK_SHARE), _SLACK_FRAMES / rate if rate else Fraction(0))
    return reached < end - slack
