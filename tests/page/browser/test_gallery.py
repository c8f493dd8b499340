"""The gallery: worst first, with the reason in words, searched and ordered."""

import reported


def names(page):
    return [card.get_attribute("aria-label") for card in page.get_by_role("article").all()]


def clips(data, run=0):
    """Map the ids of a run's clips to their badness and the reason."""
    found, whys = data["runs"][run]["clips"], [*data["whys"], ""]
    each = zip(found["id"], found["badness"], found["why"], strict=True)
    return {data["ids"][place]: (bad, whys[why]) for place, bad, why in each}


def test_cards_begin_with_the_worst_and_say_why(visit, made):
    page, known = visit("one"), clips(reported.data_of(made("one")))
    assert names(page) == sorted(known, key=lambda name: (-known[name][0], name))
    worst = page.get_by_role("article").first
    name, why = names(page)[0], known[names(page)[0]][1]
    assert why
    assert why in worst.inner_text()
    assert "without a person" in worst.inner_text()
    assert worst.get_by_role("heading", name=name).count() == 1


def test_a_clip_that_failed_is_found_by_how_it_ended(visit):
    page = visit("two")
    page.get_by_role("group", name="Clips that are").get_by_role("button", name="failed").click()
    assert names(page) == ["synthetic_0003"]
    assert "failed" in page.get_by_role("article").inner_text()
    again = visit("two", page.url.partition("#")[2])
    assert names(again) == ["synthetic_0003"]


def test_clips_are_found_by_their_names_and_ordered(visit):
    page = visit("one")
    page.get_by_label("order").select_option("name")
    assert names(page) == [f"synthetic_{number:04}" for number in range(6)]
    page.get_by_label("reversed").check()
    assert names(page) == [f"synthetic_{number:04}" for number in reversed(range(6))]
    page.get_by_role("searchbox", name="Find clips").fill("_0004")
    assert names(page) == ["synthetic_0004"]
    page.get_by_role("searchbox", name="Find clips").fill("no such clip")
    page.get_by_role("button", name="Show all clips").click()
    assert len(names(page)) == 6


def test_clips_are_found_by_any_name(visit):
    page = visit("hostile")
    for name in reported.MARKUP:
        page.get_by_role("searchbox", name="Find clips").fill(name)
        page.get_by_role("heading", level=3, name=reported.visible(name), exact=True).wait_for()
        assert len(names(page)) < len(reported.MARKUP)


def test_paper_has_the_first_clips_with_their_pictures_and_says_so(visit):
    page = visit("hostile")
    told = page.get_by_text("The first 12 of them are on paper.")
    assert not told.is_visible()
    page.locator(".card .pictures.drawn").nth(11).wait_for(state="attached")
    page.emulate_media(media="print")
    assert told.is_visible()
    shown = page.locator(".card:visible")
    assert shown.count() == shown.locator(".pictures.drawn").count() == 12
