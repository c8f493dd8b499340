"""Which clips are shown: the worst of each run in turn, each counted by the worst of its runs."""

from hypothesis import given
from hypothesis import strategies as st

from posecfg.page.choose import chosen
from posecfg.page.columns import of_rows
from posecfg.store.ledger_row import Row
from posecfg.store.told_row import of_row


def run(**missing):
    """Return a run of clips of ten rows, so many of them without a person; None stands for one that failed."""
    rows = [
        Row(name, "failed" if number is None else "done", frames=10, facts={"rows_missing": number or 0})
        for name, number in missing.items()
    ]
    return of_rows(map(of_row, rows))


def test_the_worst_clips_come_first_and_those_that_are_alike_by_their_ids():
    assert chosen([run(a=1, b=5, d=9, c=5)], 9) == ["d", "b", "c", "a"]
    assert chosen([run(a=1, b=5, d=9, c=5)], 2) == ["d", "b"]


def test_clips_that_failed_have_no_poses():
    assert chosen([run(a=None, b=0)], 9) == ["b"]
    assert chosen([run(a=None, b=0), run(a=3, b=1)], 9) == ["a", "b"]


def test_a_clip_counts_by_the_worst_of_its_runs():
    assert chosen([run(a=1, b=2), run(a=9, b=2)], 1) == ["a"]


def test_runs_of_other_clips_take_turns():
    assert chosen([run(a=9, b=8, c=7), run(x=2, y=1)], 4) == ["a", "b", "x", "y"]
    assert chosen([run(), run(x=2)], 4) == ["x"]


def test_none_of_no_runs_and_where_none_are_wanted():
    assert chosen([], 5) == []
    assert chosen([run(a=1)], 0) == []


@given(
    st.lists(st.dictionaries(st.sampled_from("abcdef"), st.none() | st.integers(0, 10)), max_size=4), st.integers(0, 8)
)
def test_any_runs(many, most):
    done = [{name: number for name, number in one.items() if number is not None} for one in many]
    worst = {name: max(one.get(name, 0) for one in done) for name in "abcdef"} if done else {}
    queues = [sorted(one, key=lambda name: (-worst[name], name)) for one in done]
    found: list[str] = []
    for place in range(6):
        found += [queue[place] for queue in queues if place < len(queue)]
    expected = list(dict.fromkeys(found))[:most]
    assert chosen([run(**one) for one in many], most) == sorted(expected, key=lambda n: (-worst[n], n))
