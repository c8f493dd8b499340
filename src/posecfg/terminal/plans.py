"""Print a plan on the terminal."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from posecfg.config.quoting import brief
from posecfg.terminal import stock
from posecfg.terminal.console import literal
from posecfg.terminal.text import failures, left_out
from posecfg.terminal.weights import asks_to_be_named, use
from posecfg.text import count, printable, seconds, shortened, size
from posecfg.types import Excluded

NAMED = 12
FEW = 3


def show(plan: dict[str, Any]) -> None:
    """Print one plan."""
    console = literal()
    if plan["overrides"]:
        console.print(Text(printable(" ".join(map(brief, plan["overrides"]))), style="bold"))
    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("chain", printable(_chain(plan)))
    table.add_row("thresholds", ", ".join(f"{key} {value:g}" for key, value in plan["thresholds"].items()))
    for row in plan["weights"]:
        table.add_row("weights", printable(_weights(row)))
        if asks_to_be_named(row):
            table.add_row("", printable(f"cite {row['cite']}"))
    _memory(table, plan.get("memory") or {})
    if "clips" in plan:
        _clips(table, plan)
        _estimate(table, plan["estimate"])
    console.print(table)
    stock.show(plan.get("stock"), "--probe")
    probed = plan.get("probed") or []
    for row in probed[:NAMED]:
        console.print(Text(f"  {printable(_probed(row))}"))
    if len(probed) > NAMED:
        console.print(Text(f"  and {len(probed) - NAMED:,} more: --json names them all"))
    for note in plan["notes"]:
        console.print(Text.assemble(("note: ", "yellow"), printable(note)))
    for problem in plan["problems"]:
        console.print(Text.assemble(("problem: ", "bold red"), printable(problem)))
    if not plan["problems"]:
        console.print(_verdict(plan))


def _verdict(plan: dict[str, Any]) -> Text:
    """Say that nothing stops a run; films that it cannot read either stand above."""
    if unreadable := len(plan.get("unreadable_before", ())):
        text = f"No other problems were found; {count(unreadable, 'clip')} could not be read, as the reasons say."
        return Text(text, style="bold yellow")
    return Text("No problems were found.", style="bold green")


def _chain(plan: dict[str, Any]) -> str:
    steps = []
    for step in plan["chain"]:
        text = str(step["option"])
        steps.append(f"{text} ({step['skeleton']})" if step["skeleton"] else text)
    return " -> ".join(steps)


def _weights(row: dict[str, Any]) -> str:
    if row["own"]:
        known = f", {size(row['bytes'])}, sha256 {row['found'][:12]}..." if row["found"] else ""
        return f"{row['name']}: {row['what']}, {row['state']}{known}"
    weight = f", {size(row['bytes'])}" if row["bytes"] else ""
    return f"{row['name']}: {row['state']}{weight}, {row['licence']} (commercial use: {use(row)})"


def _clips(table: Table, plan: dict[str, Any]) -> None:
    todo = f"{plan['to_do']:,} to do"
    if plan["why"]:
        todo += f" ({', '.join(f'{number:,} {why}' for why, number in plan['why'].items())})"
    table.add_row("clips", f"{count(plan['clips'], 'clip')}: {plan['done']:,} done, {todo}")
    for reason, number in list(plan["skipped"].items())[:NAMED]:
        first = ", the first" if number > 1 else ""
        table.add_row("skipped", f"{number:,}{first}: {printable(reason)}")
    mend = set(plan["unreadable_before"])
    for label, wanted in (("unreadable", True), ("failed before", False)):
        clips = {name: reason for name, reason in plan["failed_before"].items() if (name in mend) == wanted}
        for line in failures(clips, NAMED):
            table.add_row(label, line)
    for line in left_out([Excluded(**item) for item in plan["excluded"]], NAMED):
        table.add_row("not taken", line)
    _again(table, plan)
    table.add_row("output", printable(plan["output_dir"]))
    for name, path in plan["outputs"].items():
        table.add_row("", f"{name}: {printable(path)}{' ...' if plan['clips'] > 1 else ''}")
    if plan["unopened"]:
        table.add_row("", f"{count(plan['unopened'], 'file')} never opened yet; --probe opens them")


def _memory(table: Table, told: dict[str, Any]) -> None:
    """Add what is remembered and where."""
    for label, name in (("memory", "shares"), ("", "folder")):
        if told.get(name):
            table.add_row(label, printable(told[name]))


def _estimate(table: Table, told: dict[str, Any] | None) -> None:
    """Add how long the work takes and what it writes, and how wrong the last estimate was."""
    if told is None:
        return
    number, by = told["frames"], told["by"]
    frames = "how many frames is unknown" if number is None else f"about {count(number, 'frame')}"
    table.add_row("estimate", f"{count(told['clips'], 'clip')}, {frames} ({by['frames']})")
    about = "unknown" if told["seconds"] is None else f"about {seconds(told['seconds'])}"
    table.add_row("", printable(f"time: {about} ({by['seconds']})"))
    written = "unknown" if told["bytes"] is None else f"about {size(told['bytes'])}"
    table.add_row("", printable(f"disk: {written} ({by['bytes']})"))
    if told["last"] is not None:
        last = told["last"]
        text = f"the last estimate said {seconds(last['estimated'])}, it took {seconds(last['took'])}"
        table.add_row("", text)


def _again(table: Table, plan: dict[str, Any]) -> None:
    """Add the first clips that are made again, with what was found of them; those that failed have rows already."""
    told = {name: texts[1:] for name, texts in plan["again"].items() if texts[1:] and name not in plan["failed_before"]}
    for name in list(told)[:FEW]:
        table.add_row("again", printable(f"{shortened(name, 50)}: {'; '.join(told[name])}"))
    if len(told) > FEW:
        table.add_row("", f"and {len(told) - FEW:,} more: --json names them all, --why-again CLIP tells of one")


def _probed(row: dict[str, Any]) -> str:
    name = shortened(row["id"], 50)
    if "error" in row:
        return f"{name}: {printable(row['error'])}"
    length = "unknown length" if row["duration"] is None else seconds(row["duration"])
    text = f"{name}: {row['size'][0]}x{row['size'][1]}, {row['fps']:g} fps, {length}"
    return f"{text}; skipped: {row['refused']}" if row["refused"] else text
