"""The verb ``download``: get the films of a dataset, after its terms of use are accepted."""

from __future__ import annotations

import time
from collections.abc import Sequence

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.commands.run import worst
from posecfg.components.build import build
from posecfg.components.roles import misfit
from posecfg.config.compose import Job, compose
from posecfg.downloads import failed_list, terms
from posecfg.downloads.batch import Batch
from posecfg.downloads.report import Report, sorted_out, write_list
from posecfg.downloads.request import check_base
from posecfg.errors import ConfigError
from posecfg.protocols import Downloadable
from posecfg.runs.named_clips import only
from posecfg.types import Downloads, Wanted

# More would be no faster, and a burden for a server that gives films away.
MOST, USUAL = 16, 4


def run(command: Command) -> int:
    """Get the films of each job that are not here; 3 says that some failed, 1 that there is none."""
    jobs = compose(command.overrides, command.multirun, command.config_dir)
    plans = [_plan(job) for job in jobs]
    bases = [check_base(command.base or plan.base) for plan in plans]
    for plan in plans:
        failed_list.check(plan)
        terms.require(plan.terms, command.accept_terms)
    reports = list[Report]()
    for job, plan, base in zip(jobs, plans, bases, strict=True):
        reports.append(_one(command, job, Report(plan, base)))
        if reports[-1].stopped:
            break
    if command.json:
        found = [report.data() for report in reports]
        print_json(found if jobs[0].sweep else found[0])
    return worst([report.exit_code for report in reports])


def _plan(job: Job) -> Downloads:
    """Ask the job's dataset for what can be downloaded."""
    dataset, name = build(job.config["dataset"], "dataset"), job.choices.get("dataset")
    if misfit(type(dataset), "dataset", Downloadable):
        raise ConfigError(f"dataset={name} has no films to be downloaded: choose one that has, such as dataset=aist.")
    plan: Downloads = dataset.downloads()
    if job.config["shard"] is not None:
        raise ConfigError(
            "shard= does not belong to download: start it on several machines, and each leaves films to "
            "the others that they are getting."
        )
    _workers(job)
    return plan


def _chosen(job: Job, wanted: Sequence[Wanted]) -> Sequence[Wanted]:
    """Return the films that ``only`` and ``limit`` leave."""
    names = [film.name.rpartition(".")[0] for film in wanted]
    kept = only(job.config["only"], names)
    left = [film for film, name in zip(wanted, names, strict=True) if kept is None or name in kept]
    return left[: job.config["limit"]]


def _workers(job: Job) -> int:
    """Return how many films come at once."""
    workers = job.config["workers"]
    if workers not in ("auto", 0) and workers > MOST:
        raise ConfigError(
            f"Expected workers= to be at most {MOST} films at once, out of regard for the server, but got {workers}."
        )
    return int({"auto": USUAL, 0: 1}.get(workers, workers))


def _one(command: Command, job: Job, report: Report) -> Report:
    from posecfg.terminal.downloads import Quiet, screen

    wanted = _chosen(job, report.plan.wanted)
    missing = sorted_out(report, wanted)
    batch = Batch(report.plan, report.base, _workers(job), command.other_views)
    began = time.monotonic()
    with Quiet() if command.json else screen(job.config["console"]) as shown:
        shown.begin(report, len(missing), batch.flight)
        try:
            for film in batch(missing):
                report.films.append(film)
                shown.film(film)
        except KeyboardInterrupt:
            report.stopped = True
        report.seconds = time.monotonic() - began
        write_list(report)
        shown.end(report)
    return report
