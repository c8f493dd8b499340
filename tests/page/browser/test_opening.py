"""A report opens from the disk, asks for nothing, and takes names for text, whatever they are."""

import pytest
import reported

EVERY = ["one", "sweep", "two", "hostile", "empty", "single", "unseen"]


# Visits assert by themselves that nothing was fetched, forbidden or said on the console.
@pytest.mark.parametrize("name", EVERY)
def test_a_report_opens_from_the_disk_with_the_network_off(visit, made, name):
    page = visit(name)
    assert reported.data_of(made(name))["title"] in page.title()
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("heading", level=1).count() == 1


def test_names_are_text_and_nothing_runs(visit, made):
    page = visit("hostile")
    ids = reported.data_of(made("hostile"))["ids"]
    assert sorted(ids) == sorted(reported.MARKUP)
    for name in ids:
        page.get_by_text(reported.visible(name), exact=True).first.wait_for(state="attached")
    assert "49" not in page.get_by_role("main").inner_text()
    assert page.locator("img[onerror], svg[onload]").count() == 0


def test_without_scripts_the_jobs_are_a_table(chromium, made):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(made("sweep").as_uri())
    assert page.get_by_role("row").count() == 1 + 6
    context.close()


def test_a_page_forbids_all_but_itself(visit):
    page = visit("one")
    (policy,) = page.locator("meta[http-equiv=Content-Security-Policy]").all()
    rules = dict(rule.split(" ", 1) for rule in policy.get_attribute("content").split("; "))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in str(rules)
    assert "http" not in str(rules)
