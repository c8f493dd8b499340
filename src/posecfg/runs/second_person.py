"""How many clips show two people at once, by threshold: what choosing ``bbox_thr`` rests on."""

from __future__ import annotations

from dataclasses import dataclass, field

from posecfg.store.ledger_row import Row

STEPS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass
class Crowd:
    """Counts over the clips of a run with ``persons=only``, from the highest second score in each clip's frames.

    At ``bbox_thr``, the run's own, the count is that of the dropped clips. Elsewhere it is the least there can be: a
    dropped clip is not looked at any further, and below ``floor`` detectors say nothing.
    """

    bbox_thr: float = 0.3
    floor: float = 0.3
    _known: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Take in what is known of a clip."""
        second = row.facts.get("second_score")
        if isinstance(second, int | float):
            self._known.append((float(second), "people" in row.facts))

    def counts(self) -> dict[str, int]:
        """Return clips by threshold, as text: the run's own and the usual ones that detectors still see."""
        if not self._known:
            return {}
        steps = sorted({self.bbox_thr, *(step for step in STEPS if step >= self.floor)})
        return {f"{step:g}": sum(self._above(step, *one) for one in self._known) for step in steps}

    def sentence(self) -> str:
        """Say what other thresholds would drop, as far as anything; empty where there is nothing to say."""
        counts = self.counts()
        own = counts.pop(f"{self.bbox_thr:g}", 0)
        if not own and not any(counts.values()):
            return ""
        steps: dict[int, list[str]] = {}
        for step, number in counts.items():
            if number:  # "at least 0" says nothing
                steps.setdefault(number, []).append(step)
        told = [f"{number:,} above {' to '.join(dict.fromkeys((s[0], s[-1])))}" for number, s in steps.items()]
        least = f"; other thresholds would drop at least {', '.join(told)}" if told else ""
        return f"{own:,} above bbox_thr={self.bbox_thr:g}{least}"

    def _above(self, step: float, second: float, dropped: bool) -> bool:
        return second > step or (dropped and step <= self.bbox_thr)
