"""The scores of all finished clips of an output directory as a table: ``scores.csv``, made anew at the end of a run."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from posecfg.config.compose import Job
from posecfg.runs.measured import GROUPS, Counts, Measured
from posecfg.runs.report import Report
from posecfg.runs.scores import Scores
from posecfg.runs.shared import LOCK
from posecfg.runs.standing import Standing, by_reason
from posecfg.store import shared_files
from posecfg.store.clip_facts import partials
from posecfg.store.clip_parts import state
from posecfg.store.inputs import Inputs
from posecfg.store.ledger_row import Row
from posecfg.store.locks import Locks
from posecfg.store.replacing import is_as_recorded
from posecfg.store.run_directory import RunDirectory
from posecfg.store.shared_files import SharedRecord
from posecfg.store.staging import Staging
from posecfg.text import count, text_cell

NAME, OWNER, ASIDE = "scores.csv", "metric.all", "scores"
COLUMNS = (
    *("metric", "measure", "by", "of", "value", "clips", "compared", "left_out", "why", "left_out_keypoints", "used"),
    "truth_found_by",
)
# Significant digits: processors add up in different orders.
DIGITS = 9
NONE: Mapping[str, int] = MappingProxyType({})


def write(
    job: Job,
    directory: RunDirectory,
    rows: Callable[[], Mapping[str, Row]],
    inputs: Callable[[], Inputs],
    report: Report,
) -> None:
    """Write the table of all finished clips in ``rows``, by all metrics that are known of; without any there is none.

    Scores of other settings, or against other annotations than the data set has now, are left out. Shards of a run,
    which share the directory, wait for each other.
    """
    report.scores.settle()
    if (report.stopped and report.left) or not (job.config["metric"] or shared_files.read(directory.root, OWNER)):
        return
    with Locks(directory.home, directory.part).gate(LOCK):
        _write(job, directory, rows(), inputs, report)


def _write(
    job: Job, directory: RunDirectory, rows: Mapping[str, Row], inputs: Callable[[], Inputs], report: Report
) -> None:
    root, ours = directory.root, {i: rows[i] for i in sorted(rows) if rows[i].status == "done"}
    ours = {i: row for i, row in ours.items() if row.identity == job.hash}
    standing = report.scores.standing
    fallen = {i: standing.fallen(row) for i, row in ours.items()}
    report.scores_left, made_of = by_reason(fallen.values()), _made_of(ours, fallen, standing)
    kept, now = shared_files.read(root, OWNER), state(root, job.hash, made_of)
    if kept is None or kept.state != now or kept.whole(root) is None:
        whole = kept is not None and kept.settings == made_of and is_as_recorded(root / NAME, kept.files.get(NAME, ()))
        # Of a metric that cannot be built any more, only the table knows what it says.
        stays = whole and standing.unknown
        data = (root / NAME).read_bytes() if stays else table(_scores(ours, fallen, standing)).encode(errors="replace")
        if not data and (kept is None or not kept.files):
            return
        staging = Staging(root, directory.aside / ASIDE, shared_files.owned(root, kept), inputs())
        try:
            if data:
                with staging.open(NAME) as stream:
                    stream.write(data)
            record = SharedRecord(OWNER, job.hash, made_of, now, clips=len(ours))
            kept = shared_files.publish(root, record, staging, kept, inputs(), report.altered)
        finally:
            staging.discard()
    report.scores_file = next(iter(kept.files), "")


def _scores(rows: Mapping[str, Row], fallen: Mapping[str, Mapping[str, str]], standing: Standing) -> Scores:
    """Return the scores of clips that stand."""
    scores = Scores.of(standing)
    for clip_id, row in rows.items():
        scores.add(clip_id, row.facts, fallen[clip_id])
    return scores


def _made_of(rows: Mapping[str, Row], fallen: Mapping[str, Mapping[str, str]], standing: Standing) -> str:
    """Return a hash of all that the table is made of."""
    seen = hashlib.sha256(json.dumps(standing.wanted, sort_keys=True).encode())
    for clip_id, row in rows.items():
        if sums := partials(row.facts):
            known = [clip_id, sums, fallen[clip_id], row.facts.get("scored")]
            seen.update(json.dumps(known, sort_keys=True).encode())
    return seen.hexdigest()


def table(scores: Scores) -> str:
    """Return the table as text, by the names of metrics, "" where nothing was scored."""
    scores.settle()
    found = [row for _, one in sorted(scores.combined.items()) if one.partials for row in _rows(one)]
    if not found:
        return ""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(found)
    return stream.getvalue()


def _rows(one: Measured) -> Iterator[list[Any]]:
    """Yield the rows of one metric: of all clips, and of each keypoint, sequence, view and clip."""
    every = list(one.partials)
    yield from _lines(one, "all", "", one.scores, every, one.counts, one.fallen)
    for joint in dict.fromkeys([*one.joints, *one.joint_counts]):
        yield from _lines(one, "joint", joint, one.joints.get(joint, {}), every, one.joint_counts.get(joint))
    for by in (*GROUPS, "clip"):
        for name, (clips, scores, counts) in one.grouped(by).items():
            yield from _lines(one, by, name, scores, clips, counts)


def _lines(
    one: Measured,
    by: str,
    name: str,
    scores: Mapping[str, float],
    clips: list[str],
    counts: Counts | None,
    fallen: Mapping[str, int] = NONE,
) -> Iterator[list[Any]]:
    """Yield one row a measure; where frames were left out and nothing could be compared, one without a value."""
    told: list[Any] = [""] * 5
    if counts is not None:
        each = (counts.left_out, counts.unsure, counts.used)
        words = ["; ".join(f"{what} {number}" for what, number in one.items()) for one in each]
        words[0] = "; ".join([*filter(None, words[:1]), *(f"{count(n, 'clip')} {why}" for why, n in fallen.items())])
        told = [counts.compared, sum(counts.left_out.values()), *words]
    metric = one.name.partition(".")[2]
    for measure, value in scores.items() if scores else [("", None)]:
        shown = "" if value is None else f"{value:.{DIGITS}g}"
        yield [metric, measure, by, text_cell(name), shown, len(clips), *told, "; ".join(one.found_by(clips))]
