"""What holds for every writer, built from its own YAML."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from unittest.mock import patch

import numpy as np
import pytest
from samples import SIZE, extraction, track, with_everybody
from yaml_options import params

from posecfg import backends, skeletons
from posecfg.errors import ClipError, ConfigError
from posecfg.samplers.every import All
from posecfg.synthetic.scene import StickScene
from posecfg.types import Extraction
from posecfg.video.video import Video
from posecfg.writers.people import people

pytestmark = pytest.mark.deep

WRITERS = params("writer")


def lacking(option):
    """Return the packages of a writer that are not installed."""
    return [name for name in option.part().facts.packages if not backends.present(name)]


BUILT = [
    pytest.param(*one.values, id=one.id, marks=pytest.mark.skipif(bool(lacks), reason=f"{lacks} is not installed"))
    for one in WRITERS
    for lacks in [" ".join(lacking(one.values[0]))]
]


@pytest.fixture(params=BUILT)
def option(request):
    return request.param


@pytest.fixture(params=[one for one in WRITERS if one.values[0].part().facts.filmed])
def filmed(request):
    return request.param


def shown(source: Extraction) -> Extraction:
    """Return an extraction with everybody whom the detector saw, and with pictures to draw on, one a row."""
    source = with_everybody(source)
    rows = len(source.clock)
    clip = replace(source.clip, scene=StickScene(1, rows, SIZE, 30.0))
    frames = partial(Video, replace(clip, start=None), All(), batch=3) if rows else list
    return replace(source, clip=clip, frames=lambda: iter(frames()), seconds=np.full(rows, 0.0125, np.float32))


def samples():
    found = {
        "one": extraction(track(4, missing=[1])),
        "3d": extraction(track(3, "blazepose33", xyz=True)),
        "3d people": extraction(track(3, xyz=True), track(3, missing=[0], person=4, xyz=True)),
        "depth": extraction(track(2, "wholebody133", depth=True)),
        "nobody": extraction(track(3, missing=range(3))),
        "people": extraction(track(3, person=0), track(3, missing=[0], person=4)),
        "no tracks": extraction(rows=3),
        "one row": extraction(track(1)),
        "no rows": extraction(track(0)),
        "unicode": extraction(track(1), clip_id="Spiel-Film ü (1)/été [2] #&=,"),
    }
    return {name: shown(source) for name, source in found.items()}


SAMPLES = samples()


def takes_flat(option):
    """Tell whether a writer takes poses without points in space."""
    try:
        option.build().check(skeletons.load("coco17"), ())
    except ConfigError:
        return False
    return True


def fits(option, sample):
    """Leave out what no run gives to a writer of films, or to one of points in space, and what one has no file for."""
    if sample in ("nobody", "no tracks") and option.name in ("videopose3d", "angles"):
        pytest.skip("its format cannot say that there is nobody")
    if sample == "no rows" and option.part().facts.ordered:
        pytest.skip("a film has at least one frame")
    if sample not in ("3d", "3d people") and not takes_flat(option):
        pytest.skip("flat poses are refused before a run")


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_same_extraction_gives_the_same_bytes(option, sample, written):
    fits(option, sample)
    if option.name == "rerun":
        pytest.skip("its library draws ids anew")
    first = written(option.build(), SAMPLES[sample])
    with patch("time.time", return_value=time.time() + 1e6), patch("time.localtime", return_value=time.gmtime(2e9)):
        second = written(option.build(), samples()[sample])
    assert first.data == second.data
    assert first.about == second.about


@pytest.mark.parametrize("sample", SAMPLES)
def test_names_lie_below_the_clip_and_facts_are_json(option, sample, written):
    fits(option, sample)
    if option.part().facts.finishes:
        pytest.skip("its files belong to all clips together")
    source, writer = SAMPLES[sample], option.build()
    files = written(writer, source)
    for name, about in files.about.items():
        assert name.startswith(source.clip.id)
        assert name.endswith((writer.suffix, "frame_mapping.json"))
        assert about["kind"] in (option.name, writer.suffix[1:])
        json.dumps(about, allow_nan=False)
    if len(source.tracks) == 1 and len(source.clock):
        assert next(iter(files.data)) == writer.target(source.clip.id)


@pytest.mark.parametrize("sample", SAMPLES)
def test_timings_and_machine_paths_are_not_data(option, sample, written):
    fits(option, sample)
    for data in written(option.build(), SAMPLES[sample]).data.values():
        assert b"timings" not in data
        assert b"/data/" not in data


def test_one_file_a_person_is_written_where_it_says_so(option, written):
    names = list(written(option.build(), SAMPLES["3d people"]).data)
    if option.part().facts.by_track:
        assert [name.rpartition(".person")[2].partition(".")[0] for name in names] == ["0", "4"]
    else:
        assert not any(".person" in name for name in names)


@pytest.mark.parametrize("given", [None, (), ("xyz", "depth")], ids=str)
@pytest.mark.parametrize("skeleton", ["coco17", "blazepose33", "wholebody133"])
def test_its_defaults_take_any_skeleton(option, skeleton, given):
    if given != () or takes_flat(option):
        assert option.build().check(skeletons.load(skeleton), given) is None


def test_a_film_is_the_same_as_frames_pass_and_from_a_second_decode(filmed, written):
    source, writer = SAMPLES["people"], filmed.build()

    class Passing:
        def write(self, extraction, files):
            rows = iter(range(len(extraction.clock)))
            with writer.begin(extraction.clip, files) as pen:
                for batch in extraction.frames():
                    own = [next(rows) for _ in batch.indices]
                    pen(batch, [people(extraction, row) for row in own], [extraction.seconds[row] for row in own])
                pen.end()
            if filmed.part().facts.concludes:
                writer.conclude(extraction, files)

    passing, later = written(Passing(), source), written(writer, source)
    assert passing.data == later.data
    assert passing.about == later.about


def test_a_film_that_breaks_off_is_thrown_away(filmed, written):
    class Broken:
        def write(self, extraction, files):
            self.files = files
            with filmed.build().begin(extraction.clip, files) as pen:
                batch = next(extraction.frames())
                pen(batch, [[]] * len(batch), [0.01] * len(batch))
                raise ClipError("the film broke off")

    broken = Broken()
    with pytest.raises(ClipError, match="broke off"):
        written(broken, SAMPLES["people"])
    assert broken.files.data == {}


def test_the_yaml_lists_every_argument_with_its_default(option):
    parameters = inspect.signature(option.component).parameters
    values = {key: value for key, value in option.page.items() if key != "_target_"}
    assert list(values) == list(parameters)
    for name, value in values.items():
        default = parameters[name].default
        assert value in (list(default) if isinstance(default, tuple) else default, f"${{{name}}}")


def test_the_yaml_starts_with_package_sentence_and_command(option):
    package, sentence, command = option.file.read_text().splitlines()[:3]
    assert package == f"# @package writer.{option.name}"
    assert sentence.endswith(".")
    assert command.startswith("# python run.py ")


@pytest.mark.parametrize(
    "path",
    ["", "fixed", "../{id}", "/{id}", "a/../{name}", "{id", "{clip}", "{id!r}", "{id:>9}", "{id.path}", "a\\{id}", 7],
)
def test_a_template_that_cannot_work_is_refused(option, path):
    if option.part().facts.finishes and path == "fixed":
        pytest.skip("its files belong to all clips together")
    with pytest.raises(ConfigError, match="Expected path to"):
        option.build(path=path)


def test_no_writer_loads_numpy_before_it_is_used():
    modules = [one.values[0].component.__module__ for one in WRITERS]
    code = (
        f"import sys, {', '.join(modules)}, posecfg.loading, posecfg.detectors.stored; sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
