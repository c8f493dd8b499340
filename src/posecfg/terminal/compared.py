"""Print the result of ``diff`` on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from posecfg.terminal.apart import NAMES, number, unit
from posecfg.terminal.console import literal
from posecfg.text import count, printable, shortened

NAMED, FEW, WIDE = 20, 5, 28
_SECTIONS = {
    "results": "what results depend on",
    "writers": "writers and metrics",
    "weights": "weights",
    "versions": "versions",
    "device": "device",
    "others": "what can change no result",
}
_TITLES = {"xy": "2D", "xyz": "3D"}
_WORDS = {"missing": "rows without anybody", "input": "input", "clock": "clock"}


def show(result: Mapping[str, Any]) -> None:
    """Print settings, outcomes and poses that differ, and the verdict."""
    for name in ("a", "b"):
        clips = result.get("clips", {}).get(name, {})
        told = f": {_counts(clips)}" if clips and result["kind"] == "folder" else ""
        _say((f"{name.upper()}  ", "bold"), printable(result[name]), told)
    _settings(result["settings"], result["kind"])
    if "clips" in result:
        _clips(result["clips"], result["kind"])
        _poses(result["poses"])
    for note in result["notes"][:NAMED]:
        _say(("note: ", "yellow"), printable(note))
    if result["same"]:
        that = " that can change a result" if any(result["settings"].values()) else ""
        _say((f"Nothing differs{that}.", "bold green"))


def _counts(clips: Mapping[str, int]) -> str:
    parts = [f"{clips[status]:,} {status}" for status in ("done", "skipped", "failed") if clips.get(status)]
    return f"{count(clips['clips'], 'clip')}, {', '.join(parts)}"


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def _settings(settings: Mapping[str, Sequence[Mapping[str, str]]], kind: str) -> None:
    table = _table("setting", "A", "B")
    for section, title in _SECTIONS.items():
        lines = settings.get(section, ())
        if not lines:
            continue
        # Of presets all settings count.
        table.add_row(
            Text("all others" if (section, kind) == ("others", "configuration") else title, style="dim italic")
        )
        for line in lines[:NAMED]:
            table.add_row(f" {printable(line['key'])}", printable(line["a"]), printable(line["b"]))
        if len(lines) > NAMED:
            table.add_row(f" and {len(lines) - NAMED:,} more")
    if table.row_count:
        literal().print(table)
    elif kind != "configuration":
        _say("The settings are the same.")


def _clips(clips: Mapping[str, Any], kind: str) -> None:
    good = clips["identical"] == clips["both"]
    whole = count(clips["both"], "clip")
    line = f"identical: {clips['identical']:,} of {whole}"
    if kind == "clip":
        line = "identical: every byte" if good else "not identical"
    _say((line, "bold green" if good else "bold yellow"))
    for name in ("a", "b"):
        if only := clips[f"only_{name}"]:
            named = ", ".join(shortened(one, 40) for one in only[:FEW])
            more = f" and {len(only) - FEW:,} more" if len(only) > FEW else ""
            _say((f"only in {name.upper()}: ", "yellow"), f"{count(len(only), 'clip')}: {named}{more}")
    if not clips["differ"]:
        return
    table = _table("outcome", "", "A", "B")
    for line in clips["differ"][:NAMED]:
        name = shortened(line["clip"], WIDE)
        for what, old, new in _fields(line):
            table.add_row(name, what, printable(old), printable(new))
            name = ""
    literal().print(table)
    if len(clips["differ"]) > NAMED:
        _say(f"and {len(clips['differ']) - NAMED:,} more clips with other outcomes (--json lists them all)")


def _fields(line: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key, values in line.items():
        if key == "clock":
            yield from ((name, str(pair[0]), str(pair[1])) for name, pair in values.items())
        elif key == "input":
            yield "content of input", values[0][:12], values[1][:12]
        elif key != "clip":
            yield _WORDS.get(key, key), str(values[0]) or "-", str(values[1]) or "-"


def _poses(poses: Mapping[str, Any]) -> None:
    """Print how far poses are apart, the clips that are furthest first."""
    differ = poses["differ"]
    if poses["same"]:
        _say(f"the poses are the same in {poses['same']:,} of {count(poses['compared'], 'clip')} with other bytes")
    if not differ:
        return
    measures = [name for name in NAMES if any(name in one for one in differ)]
    # There is room for three at 80 columns.
    measures = [name for name in measures if name != "depth" or "xyz" not in measures]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("poses", overflow="fold", min_width=12)
    table.add_column("rows\nin both", justify="right", no_wrap=True)
    if alone := any(one["rows_in_one"] for one in differ):
        table.add_column("rows\nin one", justify="right", no_wrap=True)
    for name in measures:
        word = unit(name, next(one[name] for one in differ if name in one))
        table.add_column(
            f"{_TITLES.get(name, name)}{f' ({word})' if word else ''}\nmedian / most", justify="right", no_wrap=True
        )
    for one in differ[:NAMED]:
        cells = [f"{one['rows']:,}", *([f"{one['rows_in_one']:,}"] if alone else [])]
        cells += [_pair(one[name]) if name in one else "-" for name in measures]
        lonely = one["people_only_a"] + one["people_only_b"]
        people = f" ({lonely:,} {'person' if lonely == 1 else 'people'} in one only)" if lonely else ""
        table.add_row(shortened(one["clip"], WIDE) + people, *cells)
    literal().print(table)
    if len(differ) > NAMED:
        _say(f"and {len(differ) - NAMED:,} more clips with other poses (--json lists them all)")


def _pair(found: Mapping[str, Any]) -> str:
    return f"{number(found['median'])} / {number(found['largest'])}"


def _say(*parts: str | tuple[str, str]) -> None:
    console = literal()
    # A terminal gets whole words, and a file whole lines.
    console.print(Text.assemble(*parts), soft_wrap=not console.is_terminal)
