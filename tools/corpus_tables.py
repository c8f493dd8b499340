"""Segments from tables: every kind of wrong row, table and folder, for ``tools/corpus.py``."""

from __future__ import annotations

from corpus_scenes import RUN, Make, film
from corpus_stage import BARRED, Case, Stage, partly, refused, works

TABLE = f"dataset=manifest dataset.path=t.csv dataset.videos=films {RUN}"
HEAD = "VIDEO_NAME\tSENTENCE_NAME\tSTART\tEND\tSENTENCE\n"
GOOD = "a\tgood\t0\t0.2\thello\n"
LONG = 100_000_000
OUTSIDE = "cannot be that of a file"
ROWS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("a\tgood\t0\t0.2\t.", "good", ("done",)),
    ("a\tnan\tnan\t1\t.", "line 3: nan", ("left out", "not finite")),
    ("a\tendless\t0\tinf\t.", "line 4: endless", ("left out", "not finite")),
    ("a\tnegative\t-1\t1\t.", "line 5: negative", ("left out", "negative")),
    ("a\treversed\t1\t0.5\t.", "line 6: reversed", ("left out", "not after its start")),
    ("a\tmoment\t1\t1\t.", "line 7: moment", ("left out", "not after its start")),
    ("a\tword\tzero\t1\t.", "line 8: word", ("left out", "not a number")),
    ("a\tclock\t00:00:99\t2\t.", "line 9: clock", ("left out", "not a number")),
    ("a\tcomma\t0,5\t1\t.", "line 10: comma", ("left out", "not a number")),
    ("a\tblank\t\t1\t.", "line 11: blank", ("left out", "missing")),
    ("a\tyears\t1e300\t1e301\t.", "line 12: years", ("left out", "beyond any film")),
    ("a\tlate\t100\t101\t.", "late", ("failed", "a.mp4", "lasts 0.4 s")),
    ("a\tover\t0.2\t100\t.", "over", ("warned", "ends 99.6 s after the film")),
    ("a\tgood\t0\t0.2\t.", "line 15: good", ("left out", "the same")),
    ("a\tgood\t0\t0.3\t.", "line 16: good", ("left out", "has this name")),
    ("\tnowhere\t0\t1\t.", "line 17: nowhere", ("left out", "names no film")),
    ("a\t\t0\t1\t.", "line 18", ("left out", "no name")),
    ("zz\tmissing\t0\t1\t.", "line 19: missing", ("left out", "video not found")),
    ("../films/a\tleads\t0\t1\t.", "line 20: leads", ("left out", "video not found")),
    ("/etc/passwd\tabsolute\t0\t1\t.", "line 21: absolute", ("left out", "video not found")),
    ("a\t../../up\t0\t1\t.", "line 22: ../../up", ("left out", OUTSIDE)),
    ("a\t/etc/passwd\t0\t1\t.", "line 23: /etc/passwd", ("left out", OUTSIDE)),
    ("a\t..\t0\t1\t.", "line 24: ..", ("left out", OUTSIDE)),
    ("a\t.posecfg/run\t0\t1\t.", "line 25: .posecfg/run", ("left out", OUTSIDE)),
    ("a\tfew\t0", "line 26", ("left out", "too few")),
    ("a\tmany\t0\t1\t.\tx\ty", "line 27", ("left out", "too many")),
    ("a\tnul\0\t0\t1\t.", "line 28", ("left out", "NUL")),
    ("a\tlatin\t0\t1\tcaf\udce9", "line 29", ("left out", "not UTF-8")),
    ("a\tdeep/er\t0\t0.2\t.", "deep/er", ("done",)),
    ("a\t[/red]\t0\t0.2\t.", "[/red]", ("done",)),
    ("a\t\x1b[31mred\t0\t0.2\t.", "\\x1b[31mred", ("done",)),
    ("a.mp4\twith suffix\t0\t0.2\t.", "with suffix", ("done",)),
    ("broken\tunreadable\t0\t0.2\t.", "unreadable", ("failed", "broken.mp4", "0 bytes")),
)


def segments(text: str | bytes, *names: str) -> Make:
    """Return a maker of two films and of a table, ``t.csv``."""

    def make(stage: Stage) -> None:
        film("films/a.mp4", "films/b.mp4", *names)(stage)
        data = text if isinstance(text, bytes) else text.encode(errors="surrogateescape")
        (stage / "t.csv").write_bytes(data)

    return make


def rows(stage: Stage) -> None:
    segments(HEAD + "".join(f"{row}\n" for row, _, _ in ROWS))(stage)
    (stage / "films/broken.mp4").touch()


def long_line(before: str, after: str) -> Make:
    """Return a maker of a table in which one line is a hundred megabytes of nothing, which no disk has to hold."""

    def make(stage: Stage) -> None:
        segments(before)(stage)
        with (stage / "t.csv").open("r+b") as stream:
            stream.seek(LONG, 2)
            stream.write(after.encode())

    return make


def closed(stage: Stage) -> None:
    segments(HEAD + GOOD)(stage)
    (stage / "t.csv").chmod(0)


def usual(stage: Stage) -> None:
    """Lie where YouTube-ASL is looked for, with segments that it leaves out."""
    film("dataset/origin/a.mp4")(stage)
    lines = (GOOD, "a\tshort\t0\t0.1\t.\n", "a\tlong\t0\t61\t.\n")
    (stage / "assets/youtube_asl.csv").write_text(HEAD + "".join(lines))


def bad(name: str, text: str | bytes, *says: str, more: str = "") -> Case:
    """A table of which nothing can be taken."""
    return refused(f"table {name}", f"{TABLE}{more}", *says, make=segments(text))


def fair(name: str, text: str | bytes, *says: str, make: Make | None = None) -> Case:
    """A table of which something can be taken."""
    return works(
        f"table {name}",
        f"{TABLE} workers=0",
        *says,
        "Results: out",
        make=make or segments(text),
        good=("out/good.npy",),
    )


CASES = [
    partly(
        "table rows",
        TABLE,
        make=rows,
        clips={name: fate for _, name, fate in ROWS},
        good=("out/good.npy",),
    ),
    refused("table missing", TABLE.replace("t.csv", "tt.csv"), "'tt.csv'", "'t.csv'?", make=segments(HEAD + GOOD)),
    bad("empty", "", "'t.csv'", "it is empty"),
    bad("header only", HEAD, "'t.csv'", "only its first line (VIDEO_NAME"),
    bad("other columns", "film\tfrom\tto\na\t0\t1\n", "VIDEO_NAME or VIDEO_ID", "film, from, to", "video_column=NAME"),
    bad("near column", "VIDEO_NAM\tSTART\tEND\na\t0\t1\n", "Did you mean dataset.video_column=VIDEO_NAM?"),
    bad("near times", "VIDEO_NAME,STRT,END\na,0,1\n", "dataset.start_column=STRT dataset.end_column=END?"),
    bad("column twice", "VIDEO_NAME,START,END,END\na,0,1,1\n", "one column END"),
    bad("named column", HEAD + GOOD, "VIDEO_NAM", "video_column=VIDEO_NAME?", more=" dataset.video_column=VIDEO_NAM"),
    bad("utf-16", (HEAD + GOOD).encode("utf-16"), "UTF-16", "save it as UTF-8"),
    bad("header in latin-1", "VIDÉO\tSTART\tEND\na\t0\t1\n".encode("latin-1"), "line 1 is not UTF-8"),
    bad("of json", '{"VIDEO_NAME": "a", "START": 0}\n', "VIDEO_NAME or VIDEO_ID"),
    bad("no film of it", HEAD + "q\tx\t0\t1\t.\nr\ty\t0\t1\t.\n", "2 video not found", "'q'", "dataset.videos="),
    bad("no row of it", HEAD + "a\tx\t1\t0\t.\na\ty\tnan\t0\t.\n", "1 its end is not after its start", "line 2: x"),
    bad("past the end", HEAD + "a\tx\t100\t101\t.\n", "a.mp4", "100 s to 101 s", "lasts 0.4 s"),
    bad("none of them", HEAD + GOOD, "named by dataset.only", more=" dataset.only=[nobody]"),
    bad("no such mode", HEAD + GOOD, "time or inclusive_index", "'frames'", more=" dataset.segment=frames"),
    bad("limits reversed", HEAD + GOOD, "5 and 1", more=" dataset.min_duration=5 dataset.max_duration=1"),
    bad("limit nan", HEAD + GOOD, "dataset.max_duration", "finite", more=" dataset.max_duration=nan"),
    refused("table is a folder", TABLE.replace("t.csv", "films"), "'films'", "dataset.videos=", make=segments("")),
    refused("table is a film", TABLE.replace("t.csv", "films/a.mp4"), "films/a.mp4", "UTF-8", make=segments("")),
    refused("table unreadable", TABLE, "'t.csv'", "denied", make=closed, **BARRED),
    refused("table of no folder", TABLE.replace("films", "flims"), "'flims'", "'films'", make=segments(HEAD + GOOD)),
    refused("table of a file", TABLE.replace("=films", "=t.csv"), "'t.csv' is a file", make=segments(HEAD + GOOD)),
    refused("table header long", TABLE, "line 1 is longer than 1,048,576", make=long_line("", "\n")),
    fair("line long", "", "line 3: is longer than 1,048,576", make=long_line(HEAD + GOOD + "a\tx\t0\t1\t", "\nb\ty")),
    fair("bom", b"\xef\xbb\xbf" + (HEAD + GOOD).encode()),
    fair("semicolons", (HEAD + GOOD).replace("\t", ";").replace("\n", "\r\n")),
    fair(
        "lone quotes",
        HEAD + GOOD.replace("hello", '"he') + 'b\ty\t0\t0.2\tthe 5" one\na\tz\t0.2\t0.3\tend"\n',
        "done 3",
    ),
    works(
        "table of youtube",
        f"dataset=youtube_asl {RUN}",
        "line 3: short: too short (<0.2 s)",
        "line 4: long: too long (>60 s)",
        make=usual,
        good=("out/good.npy",),
    ),
    refused("table of youtube gone", f"dataset=youtube_asl {RUN}", "'assets/youtube_asl.csv'", "no 'assets'"),
]
