"""What a run tells whatever shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from posecfg.config.compose import Job
from posecfg.executors.protocol import Event
from posecfg.runs.report import Report
from posecfg.runs.resume import Survey
from posecfg.types import Excluded


class Screen(Protocol):
    """What a run shows to the user."""

    def begin(self, job: Job, report: Report, found: Survey, excluded: Sequence[Excluded]) -> None:
        """Say what is about to happen; the report holds what is known before."""

    def event(self, event: Event) -> None:
        """Show that a clip was started, went on or is done."""

    def say(self, text: str) -> None:
        """Say one line that the user should not miss."""

    def detail(self, text: str) -> None:
        """Say one line that a quiet run leaves out."""

    def stopping(self) -> None:
        """Say that the user asked for an end, and what is finished first."""

    def end(self, report: Report) -> None:
        """Say what came of it."""
