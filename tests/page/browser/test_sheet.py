"""The sheet of jobs: sorted by any column, filtered by words, and leading to the clips of a job."""

import pytest
import reported


@pytest.fixture
def sheet(visit):
    """Return the sheet of the sweep, at an address."""

    def open_one(address=""):
        page = visit("sweep", address)
        return page, page.get_by_role("table").first

    return open_one


def column(table, label):
    """Return the texts of a column that is called so, from the top, of the rows that are shown."""
    heads = [" ".join(head.inner_text().split()) for head in table.get_by_role("columnheader").all()]
    (place,) = (number for number, text in enumerate(heads) if text in (label, f"{label} px/s²"))
    return [row.locator("th, td").nth(place).inner_text().split()[0] for row in table.locator("tbody tr:visible").all()]


def header(table, label):
    return table.get_by_role("columnheader").filter(has=table.page.get_by_text(label, exact=True))


def test_a_row_a_job_with_the_knobs_that_differ(sheet, made):
    data = reported.data_of(made("sweep"))
    _, table = sheet()
    assert column(table, "bbox_thr") == [job["settings"]["bbox_thr"] for job in data["jobs"]]
    assert column(table, "detector.noise") == [job["settings"]["detector.noise"] for job in data["jobs"]]


@pytest.mark.parametrize("key", ["jitter_px_s2", "people", "bbox_thr"])
def test_a_header_sorts_both_ways_and_then_not_at_all(sheet, made, key):
    data = reported.data_of(made("sweep"))
    label = data["measures"][key]["label"] if key in data["measures"] else key
    _, table = sheet()
    before, head = column(table, label), header(table, label)
    values = sorted(before, key=lambda text: float(text.replace(",", "")))
    for order, expected in (("ascending", values), ("descending", values[::-1]), ("none", before)):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == order
        assert column(table, label) == expected


def test_words_filter_jobs_and_the_address_keeps_what_is_asked(sheet):
    page, table = sheet()
    page.get_by_role("searchbox", name="Filter jobs").fill("bbox_thr=0.5 noise=3")
    assert column(table, "bbox_thr") == ["0.5"]
    header(table, "bbox_thr").get_by_role("button").click()
    again, _ = sheet(page.url.partition("#")[2])
    assert again.get_by_role("searchbox", name="Filter jobs").input_value() == "bbox_thr=0.5 noise=3"
    assert header(again.get_by_role("table").first, "bbox_thr").get_attribute("aria-sort") == "ascending"
    page.get_by_role("searchbox", name="Filter jobs").fill("nothing like it")
    page.get_by_text("No job matches").wait_for()


def test_the_clips_of_a_job_are_one_step_away_and_back(sheet, made):
    page, table = sheet()
    table.get_by_role("row").nth(2).get_by_role("link").click()
    chosen = page.get_by_role("search", name="Clips").get_by_label("run")
    assert chosen.input_value() == str(reported.data_of(made("sweep"))["jobs"][1]["run"])
    page.go_back()
    assert chosen.input_value() == ""


def test_a_job_that_finds_few_people_is_not_held_to_be_best(visit):
    page = visit("rarely")
    often, rarely = page.get_by_role("table").first.get_by_role("row").filter(has_text="done").all()
    found = "(row) => [...row.children].flatMap((cell, at) => cell.classList.contains('best') ? [at] : [])"
    heads = (
        page.get_by_role("table")
        .first.get_by_role("columnheader")
        .evaluate_all("(all) => all.map((one) => one.dataset.key)")
    )
    best = {name: {heads[at] for at in row.evaluate(found)} for name, row in (("often", often), ("rarely", rarely))}
    assert {"jitter_px_s2", "bone_variation", "detection_rate"} <= best["often"]
    assert best["rarely"] <= {"frames_per_second", "model_per_second", "seconds"}
    page.get_by_text("the best is bold, of jobs that find people in as many frames").wait_for()


def test_of_runs_of_other_clips_none_is_best(visit):
    page = visit("lengths")
    assert "best" not in page.get_by_role("table").first.inner_text()
    page.get_by_text("none is best, since these are not of the same clips").wait_for()
    page.get_by_text("every clip of each run is done").wait_for()


def test_scores_of_different_detectors_are_not_held_against_each_other(visit):
    page = visit("detectors")
    page.get_by_text("none in score, by which each detector means something else").wait_for()
    for row in page.get_by_role("table").first.locator("tbody tr").all():
        assert "best" not in row.locator("td").nth(3).inner_text()
    plot = page.locator("figure.plot").filter(has_text="score")
    assert plot.count() == 1
    assert "is better" not in plot.inner_text()
