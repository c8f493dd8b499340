"""One run: list, resume, spread, record, report. There is no ``if`` about models here."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path

from posecfg import startup
from posecfg.components.build import build
from posecfg.components.parts import top
from posecfg.config.compose import Job
from posecfg.errors import ConfigError, PosecfgError
from posecfg.executors import checked
from posecfg.executors.protocol import Event, Executor, Finished, Warned
from posecfg.executors.warnings import warnings_to
from posecfg.models import settings
from posecfg.pipeline.provenance import made_with
from posecfg.pipeline.work import Destination, Setup
from posecfg.reasons import tally
from posecfg.runs import clip_table, configuration, killed_driver, score_file, shared
from posecfg.runs.estimate import estimate
from posecfg.runs.events import Events
from posecfg.runs.inputs import Compared, compare
from posecfg.runs.interruptible import interruptible
from posecfg.runs.measure import Measure
from posecfg.runs.origin import Origin
from posecfg.runs.remembering import remembering
from posecfg.runs.report import Report
from posecfg.runs.resume import survey
from posecfg.runs.scope import Scope, annotated, known, others_read, remarks, scope
from posecfg.runs.scores import Scores
from posecfg.runs.screen import Screen
from posecfg.runs.second_person import Crowd
from posecfg.runs.standing import Standing, remembered
from posecfg.runs.state import State, told
from posecfg.runs.turns import in_turn
from posecfg.store import latest, lease_keeper, locks
from posecfg.store.disk import lasting
from posecfg.store.inputs import Inputs
from posecfg.store.ledger import Ledger
from posecfg.store.ledger_trouble import locked
from posecfg.store.listing import note_clips
from posecfg.store.made_with import MadeWith, refuse_versions
from posecfg.text import count, sentence
from posecfg.types import Clip

MANY = 20  # Inputs of which the user hears that they are compared.


def run(
    job: Job, screen: Screen, several: bool = False, executor: Executor | None = None, patience: float = 0.0
) -> Report:
    """Do everything that is left to do; the report says what came of it.

    ``executor`` is one that was prepared for the job already; otherwise the job's own is built here. For so many
    seconds of ``patience`` another run in the folder is waited for. What stands in the way before the first clip is
    raised; what ends a run later is the report's ``error``.
    """
    if not job.config["writer"]:
        raise ConfigError("No writer is chosen, so nothing would be saved: type writer=[npy], or several of them.")
    began, place = time.monotonic(), scope(job, several)
    startup.over()
    directory = place.directory
    report = Report(
        str(directory.root),
        total=len(place.clips),
        excluded=len(place.excluded),
        not_taken={left.reason: left.number for left in tally(place.excluded)},
        scores=Scores.of(Standing.of(job, remembered(job, directory), annotated(place))),
        origin=Origin.of(job.config),
        crowd=Crowd(job.config["persons"].get("bbox_thr", job.config["bbox_thr"]), job.config["score_floor"]),
    )
    note = directory.admit(place.data).note
    made, overwrite, accept = made_with(job.config), job.config["overwrite"], job.config["accept"] == "versions"
    inputs = cache(lambda: Inputs.of(directory.root, place.data.clips, others_read(job, place)))
    claimed = job.identity, job.writers(), overwrite, place.data, made, accept, inputs, report.altered
    with _naming_kept(report, screen), ExitStack() as held:
        undone = in_turn(held, partial(directory.occupy, *claimed), screen.say, patience)
        killed_driver.clear(directory, screen.say)
        if note:
            screen.say(f"note: {note}")
        if job.config["output_dir"] is None:
            latest.point(directory.root)
        state = held.enter_context(told(job, directory, report, screen, _typed(job)))
        book, there = Ledger(directory.ledger), locks.mark(directory.home)
        try:
            measure = _run(job, place, inputs, book, report, screen, state, undone, executor, made, began)
            state.end_work()
            locks.require_same(directory.home, there)
            shared.finish(job, directory, inputs, report, screen.say, screen.detail)
            score_file.write(job, directory, partial(known, directory, book), inputs, report)
            clip_table.keep(directory, partial(known, directory, book), report)
            report.whole = not report.left
            if measure is not None:
                measure.remember(job, report, time.monotonic() - began, directory)
            state.deafen()
        except PosecfgError as error:
            report.error = sentence(error)
            report.altered += error.altered
        except KeyboardInterrupt:
            report.stopped = True
        except BaseException as error:
            full = lasting(error, directory.root)
            report.error = sentence(full or error)
            if full is None:
                screen.end(report)
                raise
        finally:
            report.seconds = time.monotonic() - began
            book.close()
    screen.end(report)
    return report


@contextmanager
def _naming_kept(report: Report, screen: Screen) -> Iterator[None]:
    """Name the outputs that were edited, and are kept under other names, where an error leaves no report."""
    try:
        yield
    except PosecfgError:
        for name in report.altered:
            screen.say(f"note: an output that was edited is kept as '{name}'")
        raise


def _run(
    job: Job,
    place: Scope,
    inputs: Callable[[], Inputs],
    book: Ledger,
    report: Report,
    screen: Screen,
    state: State,
    undone: int,
    executor: Executor | None,
    made: MadeWith,
    began: float,
) -> Measure | None:
    """Do the work; return what was measured of it, None where there was none."""
    rows, tools = known(place.directory, book), place.directory.made_with(True)
    found = survey(place.clips, rows, place.wanted(job, tools), partial(_compare, place.directory.root, screen))
    found.refuse(place.directory.root, job.config["overwrite"])
    if found.work:
        refuse_versions(place.directory.root, tools, made)
    book.put(found.imported)
    if book.rebuilt:
        screen.say(
            f"The ledger was damaged: it was set aside and rebuilt from {count(len(found.imported), 'clip record')}."
        )
    if book.locked:
        screen.say(locked(book.path))
    if undone:
        screen.detail(f"{count(undone, 'clip')} that an earlier stop left half written are made again.")
    for text in (*found.costs.notes(), *remarks(job, place, rows)):
        screen.say(f"note: {text}")
    report.already, report.to_do, report.writers = len(found.done), len(found.work), frozenset(job.writers())
    report.begin(found.done, found.skipped)
    whole = place.whole and job.config["limit"] is None and job.config["only"] is None
    note = partial(note_clips, place.directory, [c.id for c in place.clips], report.places, report.not_taken, whole)
    note()
    kept = configuration.keep(job, place.directory, made, bool(found.work))
    if not found.work:
        screen.begin(job, report, found, place.excluded)
        return None
    measure = Measure(began, found)
    with ExitStack() as stack:
        if executor is None:
            own: Executor = build(job.config["executor"], "executor")
            executor = stack.enter_context(checked.prepared(own, job.config, len(found.work)))
        report.workers, report.gpus = min(executor.workers, len(found.work)), checked.dealt(executor)
        thought = estimate(job, place, found, rows, report.workers)
        measure.estimated = None if thought is None else thought.seconds
        clip_table.begin(place.directory)
        state.begin(found.work)
        screen.begin(job, report, found, place.excluded)
        mend = partial(place.directory.mend, inputs=inputs(), altered=report.altered, before=found.over(rows))
        events = checked.events(executor, _setup(job, place, made, inputs(), kept), found.work, mend)
        with interruptible(executor, screen.stopping, report, state):
            checks = Events(_typed(job), [work.clip.id for work in found.work], place.directory.root)
            stop_on_error = job.config["on_error"] == "stop"
            _record(events, checks, executor, book, report, screen, state, stop_on_error, measure)
    note()
    return measure


def _compare(root: Path, screen: Screen, clips: Sequence[Clip]) -> Compared:
    """Read inputs of which the file system tells other than is known, and say so where that may take long."""
    if len(clips) >= MANY:
        screen.detail(f"{count(len(clips), 'input')} may have changed or moved: the content is compared once.")
    return compare(root, clips)


def _setup(job: Job, place: Scope, made: MadeWith, inputs: Inputs, kept: str = "") -> Setup:
    """Return what workers build themselves from."""
    directory, writers = place.directory, place.wanted(job).writers
    where, token = (directory.root, directory.part, directory.aside), lease_keeper.token(directory.home, directory.part)
    destination = Destination(*where, job.hash, writers, made, inputs, kept, token)
    return Setup(job.config, destination, settings.current(), directory.home / "logs", remembering(job))


def _typed(job: Job) -> str:
    """Return how the executor was chosen."""
    return f"executor={job.choices.get('executor') or top(job.config, 'executor').component.__name__}"


def _record(
    events: Generator[Event],
    checks: Events,
    executor: Executor,
    book: Ledger,
    report: Report,
    screen: Screen,
    state: State,
    stop_on_error: bool,
    measure: Measure,
) -> None:
    # Each worker says the same; what this process says, where it does the work, is told at once too.
    said: set[str] = set()

    def tell(text: str) -> None:
        if text not in said:
            said.add(text)
            screen.say(text)

    try:
        with warnings_to(tell):
            for event in events:
                checks.check(event)
                measure.event(event)
                state.event(event)
                if isinstance(event, Warned):
                    tell(event.text)
                    continue
                if isinstance(event, Finished):
                    row = event.outcome.row
                    report.add(event.outcome)
                    if row.id not in report.places:
                        book.put([row])
                    if stop_on_error and row.status == "failed":
                        executor.stop()
                screen.event(event)
        if not report.stopped and not (stop_on_error and report.failed):
            checks.check_end()
    except KeyboardInterrupt:
        report.stopped = True
    finally:
        events.close()
