"""A folder of results remembers which data set they are of, and refuses another one."""

import json
import shutil

import films
import pytest
from whole_runs import SMALL, go, job_of, published

from posecfg.commands.run import refuse
from posecfg.errors import ConfigError
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.runs.places import data_set, root_of
from posecfg.runs.run import run
from posecfg.runs.scope import scope
from posecfg.terminal.progress import Quiet

NPY = "writer=[npy]"


def data_of(out):
    return [entry["location"] for entry in json.loads((out / ".posecfg" / "run.json").read_text())["data_sets"]]


def at(place):
    return "dataset=folder", f"dataset.path={place}"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def done(out, folder):
    """Return a finished run of two films: its folder, and that of the films."""
    assert go(out, *folder("a.mp4", "b.mp4"), NPY).done == 2
    return out, out.parent / "films"


@pytest.fixture
def others(tmp_path):
    """Return a folder of other films, one of them with a name that is there already."""
    where = tmp_path / "others"
    where.mkdir()
    for name, frames in (("b.mp4", 5), ("c.mp4", 7)):
        films.write(where / name, range(frames), fps=10)
    return where


def test_another_data_set_is_refused_by_plan_and_run_alike(done, others):
    out, first = done
    before = published(out)
    sentence = (
        f"'{out}' holds results of another data set (folder '{first}', now folder '{others}'): choose another "
        "output_dir=, or type append=true to put the results of this one beside them."
    )
    job = job_of(out, *at(others), NPY)
    assert plan(job)["problems"] == [sentence]
    for start in (lambda: go(out, *at(others), NPY), lambda: refuse([job])):
        with pytest.raises(ConfigError) as caught:
            start()
        assert str(caught.value) == sentence
    assert (published(out), data_of(out)) == (before, [str(first)])
    with pytest.raises(ConfigError, match="append=true"):
        go(out, *at(others), NPY, "overwrite=true")


def test_a_data_set_without_a_place_is_told_by_its_class(out, done):
    with pytest.raises(ConfigError, match=rf"folder '{done[1]}', now synthetic\): choose"):
        go(out, "dataset=synthetic", *SMALL, NPY)


def test_results_of_another_data_set_go_beside_those_that_are_there(done, others):
    out, first = done
    before = published(out)
    (others / "b.mp4").unlink()
    assert go(out, *at(others), NPY, "append=true").done == 1
    after = published(out)
    assert (sorted(after), {name: after[name] for name in before}) == (["a.npy", "b.npy", "c.npy"], before)
    assert data_of(out) == [str(first), str(others)]
    for place, number in ((first, 2), (others, 1)):
        report = go(out, *at(place), NPY)
        assert (report.already, report.todo) == (number, {})
    assert verify([str(out)])["problems"] == []


def test_results_of_another_film_of_the_same_name_are_not_replaced(done, others):
    out, _ = done
    before = published(out)
    with pytest.raises(ConfigError, match=r"several data sets, and 'b' of folder .* type redo=NAME"):
        go(out, *at(others), NPY, "append=true")
    assert published(out) == before


def test_films_that_were_moved_are_the_same_data_set(done):
    out, first = done
    before, moved = published(out), first.with_name("moved")
    first.rename(moved)
    shutil.copy(moved / "a.mp4", moved / "new.mp4")
    note = f"folder '{moved}' is taken for the same data set as folder '{first}', by 2 clips of the same name"
    assert plan(job_of(out, *at(moved), NPY))["notes"][0].startswith(note)
    report = go(out, *at(moved), NPY)
    assert (report.done, report.screen.said[0].startswith(f"note: {note}")) == (1, True)
    after = published(out)
    assert {name: after[name] for name in before} == before
    assert data_of(out) == [str(moved)]
    assert go(out, *at(moved), NPY).screen.said == []


def test_films_that_were_moved_and_changed_are_not_taken_for_the_same(done, other_film):
    out, first = done
    moved = first.rename(first.with_name("moved"))
    shutil.copy(other_film, moved / "b.mp4")
    with pytest.raises(ConfigError, match="another data set"):
        go(out, *at(moved), NPY)


def test_a_shard_on_a_machine_that_sees_the_films_elsewhere_joins_in(out, folder):
    dataset = folder(*(f"{number}.mp4" for number in range(6)))
    first = out.parent / "films"
    mounted = out.parent / "mounted"
    mounted.symlink_to(first)
    one = go(out, *dataset, NPY, "shard=1/2")
    assert 0 < one.done < 6
    assert go(out, *at(mounted), NPY, "shard=2/2").done == 6 - one.done
    assert data_of(out) == [str(first), str(mounted)]
    assert go(out, *dataset, NPY).todo == {}


@pytest.mark.parametrize("place", ["films/b.mp4", "films/b.*", "films/"])
def test_films_of_one_folder_are_one_data_set_however_they_are_named(done, monkeypatch, place):
    out, first = done
    monkeypatch.chdir(out.parent)
    assert go(out, *at(place), NPY).todo == {}
    shutil.copy(first / "b.mp4", first / "c.mp4")
    report = go(out, *at("films/c.mp4"), NPY)
    assert (report.done, report.screen.said, data_of(out)) == (1, [], [str(first)])


def test_a_folder_below_is_another_data_set_since_its_clips_are_called_otherwise(out, folder):
    go(out, *folder("a.mp4", "day/b.mp4"), NPY)
    with pytest.raises(ConfigError, match=r"films', now folder '.*films/day'"):
        go(out, *at(out.parent / "films" / "day"), NPY)


def test_takes_that_are_found_by_their_names_are_the_same_from_a_folder_below(out, folder):
    folder("S1/TC_S1_acting1_cam1.mp4", "S2/TC_S2_acting1_cam1.mp4")
    takes = ("dataset=totalcapture", f"dataset.path={out.parent / 'films'}")
    assert go(out, *takes, NPY).done == 2
    assert go(out, *takes[:1], f"{takes[1]}/S1", NPY).todo == {}


def test_a_folder_without_results_takes_any_data_set(out, folder, others):
    assert go(out, *folder("a.mp4"), NPY, "detector.crash=raise").done == 0
    assert go(out, *at(others), NPY).done == 2
    assert data_of(out) == [str(others)]


def test_a_folder_that_does_not_tell_takes_any_data_set_and_tells_from_then_on(done, others):
    out, _ = done
    path = out / ".posecfg" / "run.json"
    data = json.loads(path.read_text())
    del data["data_sets"]
    path.write_text(json.dumps(data))
    (others / "b.mp4").unlink()
    refuse([job_of(out, *at(others), NPY)])
    assert go(out, *at(others), NPY).done == 1
    assert data_of(out) == [str(others)]


@pytest.fixture
def shared(tmp_path):
    """Return two folders of films that share one film and one name."""
    places = tmp_path / "one", tmp_path / "two"
    film = films.write(tmp_path / "a.mp4", range(3), fps=10)
    for place, frames in zip(places, (4, 6), strict=True):
        place.mkdir()
        shutil.copy(film, place)
        films.write(place / "z.mp4", range(frames), fps=10)
    return places


def test_one_film_that_two_data_sets_share_does_not_make_them_one(out, shared):
    one, two = shared
    assert go(out, *at(one), NPY, "limit=1").done == 1
    before = published(out)
    with pytest.raises(ConfigError, match="append=true"):
        go(out, *at(two), NPY)
    assert published(out) == before
    assert go(out, *at(one), NPY).done == 1


def test_clips_of_several_data_sets_do_not_replace_each_other_unasked(out, shared):
    one, two = shared
    go(out, *at(one), NPY)
    assert go(out, *at(two), NPY, "append=true", "redo=z").done == 1
    before = published(out)
    with pytest.raises(ConfigError, match=r"'z' of folder .* was made of another film"):
        go(out, *at(one), NPY)
    assert published(out) == before
    assert go(out, *at(one), NPY, "redo=z").done == 1


def test_a_shard_at_work_keeps_another_data_set_away_before_it_has_results(out, shared):
    one, two = shared
    first, second = (scope(job_of(out, *at(place), NPY, f"shard={n}/2")) for n, place in ((1, one), (2, two)))
    job = job_of(out, *at(one), NPY)
    with first.directory.occupy(job.identity, job.writers(), False, first.data):
        with (
            pytest.raises(ConfigError, match="another data set"),
            second.directory.occupy(job.identity, job.writers(), False, second.data),
        ):
            pass
        assert data_of(out) == [str(one)]


@pytest.mark.parametrize("harm", [5, {"a": 1}, [5], [{"dataset": "folder", "_target_": "x"}]])
def test_a_damaged_memory_is_taken_as_none(done, harm):
    out, first = done
    path = out / ".posecfg" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"data_sets": harm}))
    assert go(out, *at(first), NPY).exit_code == 0


def test_films_that_are_named_are_the_data_set_of_their_folder(typed, folder, tmp_path, monkeypatch):
    folder("a.mp4", "b.mp4", "deep/a.mp4")
    monkeypatch.chdir(tmp_path)
    names = ["films/a.mp4", "films/b.mp4", "films/deep/a.mp4"]
    words = ["detector=synthetic", "workers=0"]
    whole, some, moved = typed("films", *words), typed(*names, *words), typed("films/deep", "films/a.mp4", *words)
    assert root_of(whole, False) == root_of(some, False) == root_of(moved, False)
    assert data_set(whole) == data_set(some)
    assert run(some, Quiet()).done == 3
    assert run(whole, Quiet()).already == 3
    again = run(moved, Quiet())
    assert (again.already, again.done) == (2, 0)
    assert data_of(root_of(whole, False)) == [str(tmp_path / "films")]


def test_a_sweep_takes_several_paths_in_every_job(swept, folder, tmp_path, monkeypatch):
    folder("a.mp4", "b.mp4", "c.mp4")
    monkeypatch.chdir(tmp_path)
    jobs = swept("-m", "films/a.mp4", "films/c.mp4", "detector=synthetic", "bbox_thr=0.2,0.5", "output_dir=out")
    refuse(jobs)
    assert [[clip.id for clip in scope(job, True).clips] for job in jobs] == [["a", "c"]] * 2
    assert plan(jobs[0], True)["clips"] == 2
