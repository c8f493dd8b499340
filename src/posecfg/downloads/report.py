"""What came of a download: counts, and the list of films that failed, in a file beside the films."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg.downloads import failed_list, mp4
from posecfg.downloads.batch import Film
from posecfg.types import Downloads, Wanted

INTERRUPTED = 130
DOWNLOADED, OTHER, ELSEWHERE, FAILED = "downloaded", "other", "elsewhere", "failed"


@dataclass
class Report:
    """Films by what came of them; ``broken`` are films here that are not whole."""

    plan: Downloads
    base: str
    here: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    films: list[Film] = field(default_factory=list)
    seconds: float = 0.0
    stopped: bool = False

    def of(self, state: str) -> list[Film]:
        """Return the films of one state, by name."""
        return sorted((film for film in self.films if film.state == state), key=lambda film: film.name)

    def failed(self) -> dict[str, str]:
        """Return the names that failed, with reasons."""
        return dict(sorted({**self.broken, **{film.name: film.reason for film in self.of(FAILED)}}.items()))

    @property
    def bytes(self) -> int:
        """Bytes that came in this start."""
        return sum(film.bytes - film.earlier for film in self.films)

    @property
    def list_file(self) -> Path:
        """The file that names what failed."""
        return failed_list.file(self.plan)

    @property
    def exit_code(self) -> int:
        """0: every film is here; 3: some failed, or another process has them; 1: not one is here; 130: stopped."""
        if self.stopped:
            return INTERRUPTED
        if not self.failed() and not self.of(ELSEWHERE):
            return 0
        return 3 if self.here or any(film.state != FAILED for film in self.films) else 1

    def data(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        failed = self.failed()
        return {
            "split": self.plan.label,
            "base": self.base,
            "folder": str(self.plan.folder),
            "here": len(self.here),
            "downloaded": [film.name for film in self.of(DOWNLOADED)],
            "other_views": {film.name: film.file.name for film in self.of(OTHER) if film.file},
            "elsewhere": [film.name for film in self.of(ELSEWHERE)],
            "failed": failed,
            "failed_list": str(self.list_file) if failed else None,
            "excluded": [{"name": one.name, "reason": one.reason} for one in self.plan.excluded],
            "by_hand": self.plan.by_hand if failed else None,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
            "exit_code": self.exit_code,
        }


def sorted_out(report: Report, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Return the films that are not here, and note those that are."""
    missing = []
    for film in wanted:
        path = report.plan.here.get(film.name)
        if path is None:
            missing.append(film)
        elif path.suffix.lower() == ".mp4" and not mp4.is_whole_file(path):
            report.broken[film.name] = f"'{path}' is no whole film: delete it, and type the same command again"
        else:
            report.here.append(film.name)
    return missing


def write_list(report: Report) -> None:
    """Bring the list of films that failed up to date."""
    failed_list.write(report.plan, report.failed(), {*report.here, *report.failed(), *(f.name for f in report.films)})
