"""The view of a clip: opened by the address, moved through by keys, compared with another run, and closed again."""

import re
import shlex

import pytest
import reported

CLIP = "synthetic_0003"
NOWHERE = [
    *("clip=synthetic_9999", "clip=%00&run=7&frame=x", "clip=__proto__&run=-1", "clip=synthetic_0001&run=99&frame=1e9"),
    *("clip=synthetic_0001&run=0&person=77&with=0&mode=x", "clip=constructor&run=toString"),
]
VIEWS = [("one", f"clip={CLIP}&run=0"), ("two", "clip=synthetic_0001&run=0&with=1&mode=side")]


def view(page):
    """Return the clip's view that is open."""
    return page.get_by_role("dialog").filter(has=page.get_by_role("heading", level=2)).first


def row(page):
    return int(page.get_by_role("slider", name="row of the clip").input_value())


def eventually(page, holds):
    """Wait until something holds: a row is drawn with the window's next picture, on a busy machine late."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    assert holds()


def asked(page):
    """Return what the address holds once it has come to rest."""
    page.wait_for_timeout(400)
    return dict(pair.split("=", 1) for pair in page.url.partition("#")[2].split("&") if pair)


def drawn(page):
    """Return what the view's canvases hold."""
    return page.evaluate("[...document.querySelectorAll('dialog[open] canvas')].map((one) => one.toDataURL())")


def test_a_card_opens_it_and_the_way_back_closes_it(visit):
    page = visit("one")
    page.get_by_role("article", name=CLIP).get_by_role("link").click()
    view(page).get_by_role("heading", name=CLIP).wait_for()
    assert asked(page)["clip"] == CLIP
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert asked(page)["frame"] == str(row(page))
    page.go_back()
    page.get_by_role("dialog").first.wait_for(state="detached")
    assert "clip" not in asked(page)
    page.go_forward()
    view(page).get_by_role("heading", name=CLIP).wait_for()


def test_an_address_leads_to_a_clip_a_frame_and_a_person(visit):
    page = visit("one", f"clip={CLIP}&run=0&frame=12&person=1")
    view(page).get_by_role("heading", name=CLIP).wait_for()
    eventually(page, lambda: row(page) == 12)
    people = view(page).get_by_role("group", name="person", exact=True)
    assert people.get_by_role("button", pressed=True).inner_text().startswith("person 1")
    people.get_by_role("button", name="all").click()
    assert "person" not in asked(page)


def test_the_keyboard_alone_is_enough(visit):
    page = visit("one")
    page.get_by_role("article", name=CLIP).get_by_role("link").focus()
    page.keyboard.press("Enter")
    view(page).get_by_role("heading", name=CLIP).wait_for()
    page.keyboard.press("Home")
    eventually(page, lambda: row(page) == 0)
    for key, expected in (("ArrowRight", 1), ("Shift+ArrowRight", 11), ("ArrowLeft", 10), ("End", 19)):
        page.keyboard.press(key)
        eventually(page, lambda expected=expected: row(page) == expected)
    page.keyboard.press("m")
    assert view(page).get_by_role("button", name="Mark", pressed=True).count() == 1
    page.keyboard.press("]")
    view(page).get_by_role("heading", name=CLIP).wait_for(state="detached")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").first.wait_for(state="detached")
    assert page.evaluate("document.activeElement.closest('article') !== null")
    page.get_by_text("1 marked", exact=True).wait_for()


def test_poses_are_drawn_and_differ_from_row_to_row(visit):
    page = visit("one", f"clip={CLIP}&run=0&frame=3")
    view(page).get_by_role("heading", name=CLIP).wait_for()
    page.wait_for_timeout(500)
    before = drawn(page)
    page.get_by_role("slider", name="row of the clip").fill("9")
    eventually(page, lambda: drawn(page) != before)
    page.get_by_role("slider", name="row of the clip").fill("3")
    eventually(page, lambda: drawn(page) == before)


def test_poses_in_space_are_turned_by_keys(visit):
    page = visit("one", f"clip={CLIP}&run=0&frame=3")
    space = page.get_by_role("img", name="In space")
    space.focus()
    before = space.evaluate("(canvas) => canvas.toDataURL()")
    page.keyboard.press("ArrowLeft")
    eventually(page, lambda: space.evaluate("(canvas) => canvas.toDataURL()") != before)
    assert row(page) == 3


def test_it_plays_and_rests(visit):
    page = visit("one", f"clip={CLIP}&run=0&frame=0")
    view(page).get_by_role("button", name="Play").click()
    eventually(page, lambda: row(page) > 3)
    view(page).get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    at = row(page)
    page.wait_for_timeout(300)
    assert row(page) == at


def test_two_runs_are_laid_over_each_other_and_told_apart(visit):
    page = visit("two", "clip=synthetic_0001&run=0&frame=2")
    page.get_by_label("run to compare with").select_option(index=1)
    view(page).get_by_text("px apart on average").wait_for()
    page.wait_for_timeout(500)
    over = drawn(page)
    page.get_by_role("button", name="in turn").click()
    page.get_by_role("button", name="Show the other").click()
    eventually(page, lambda: drawn(page) != over)
    address = asked(page)
    assert (address["with"], address["mode"]) == ("1", "toggle")
    again = visit("two", page.url.partition("#")[2])
    again.get_by_role("button", name="in turn", pressed=True).wait_for()


def test_pictures_of_a_film_are_seen_and_lead_to_their_time(visit):
    page = visit("hostile", "clip=constructor&run=0")
    pictures = view(page).get_by_role("list", name="pictures of the film").get_by_role("button")
    pictures.first.wait_for()
    assert page.evaluate("[...document.querySelectorAll('dialog[open] img')].every((one) => one.naturalWidth > 0)")
    before = row(page)
    pictures.last.click()
    eventually(page, lambda: row(page) > before)


@pytest.mark.parametrize("address", NOWHERE)
def test_an_address_that_leads_nowhere_is_told(visit, address):
    page = visit("one", address)
    view(page).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("article").first.wait_for()
    assert page.get_by_role("article").count() == 6


def test_of_a_clip_that_is_not_shown_whole_the_command_is_told(visit, made):
    known = reported.data_of(made("few"))
    name = next(name for number, name in enumerate(known["ids"]) if str(number) not in known["shown"])
    page = visit("few")
    page.get_by_role("article", name=reported.visible(name), exact=True).get_by_role("link").click()
    command = view(page).get_by_text("posecfg report").inner_text()
    assert shlex.split(command)[1:] == ["report", "<b>out</b>", f"clips={len(known['ids'])}"]


def test_a_clip_with_any_name_is_opened(visit):
    page = visit("hostile")
    for name in reported.MARKUP:
        page.get_by_role("article", name=reported.visible(name), exact=True).get_by_role("link").click()
        view(page).get_by_role("heading", level=2, name=reported.visible(name), exact=True).wait_for()
        page.reload()
        view(page).get_by_role("heading", level=2, name=reported.visible(name), exact=True).wait_for()
        page.keyboard.press("Escape")


@pytest.mark.parametrize(("name", "address"), VIEWS)
def test_axe_finds_nothing_serious_in_it(visit, serious, name, address):
    page = visit(name, address)
    view(page).wait_for()
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious(page) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_into_the_window(visit, width):
    page = visit("one", f"clip={CLIP}&run=0", viewport={"width": width, "height": 740})
    view(page).wait_for()
    assert page.evaluate("document.querySelector('dialog[open]').scrollWidth <= innerWidth")


def test_a_shorter_clip_follows_a_longer_one(visit):
    page = visit("lengths", "clip=long&run=0&frame=19&of=0&sort=name")
    eventually(page, lambda: row(page) == 19)
    page.keyboard.press("]")
    view(page).get_by_role("heading", name="short").wait_for()
    assert row(page) < 8


def test_it_begins_with_a_row_that_has_a_picture(visit):
    page = visit("one", f"clip={CLIP}&run=0")
    view(page).get_by_text(re.compile("^picture of")).first.wait_for()
    assert view(page).get_by_text("not this row's own").count() == 0


def test_the_address_of_what_is_seen_is_copied(visit):
    page = visit("one", f"clip={CLIP}&run=0&frame=3")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    eventually(page, lambda: row(page) == 3)
    view(page).get_by_role("heading", name=CLIP).wait_for()
    page.keyboard.press("ArrowRight")
    eventually(page, lambda: row(page) == 4)
    view(page).get_by_role("button", name="Copy link").click()
    view(page).get_by_role("button", name="Copy link").get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert "frame=4" in page.url


def test_the_worst_clip_is_one_step_away(visit):
    page = visit("one")
    name = page.get_by_role("article").first.get_attribute("aria-label")
    page.locator("header").get_by_role("link", name=name).click()
    view(page).get_by_role("heading", name=name).wait_for()


def test_people_whom_one_run_alone_has_are_told(visit):
    page = visit("detectors", "clip=synthetic_0000&run=0&with=1&frame=2")
    view(page).get_by_text("There is 1 more in").wait_for()


def test_the_mesh_of_a_face_lets_the_face_be_seen(visit):
    """Of 484 points within 60 px, dots as large as those of a face of few points would cover all."""
    page = visit("one")
    script = """(count) => {
      const [canvas, side] = [document.createElement("canvas"), 60];
      Object.assign(canvas, { width: side, height: side });
      const g = canvas.getContext("2d");
      const row = Math.ceil(Math.sqrt(count));
      const at = Float32Array.from({ length: 2 * count }, (_, i) =>
        ((i % 2 ? Math.floor(i / 2 / row) : (i >> 1) % row) + 0.5) * (side / row));
      const keypoints = [...Array(count).keys()].map((k) => `face_${k}`);
      const skeleton = { name: "mesh", keypoints, bones: [], sides: Array(count).fill(0) };
      const body = { skeleton, at, levels: new Uint8Array(count), alphas: [1], made: false, wide: 4 };
      posecfg.strokes.rim(g, body, "#fff");
      posecfg.strokes.body(g, body, { left: "#fff", right: "#fff", middle: "#fff" });
      const alpha = g.getImageData(0, 0, side, side).data.filter((_, i) => i % 4 === 3);
      return alpha.reduce((sum, one) => sum + one, 0) / (255 * alpha.length);
    }"""
    assert 0.05 < page.evaluate(script, 484) < 0.4
    assert page.evaluate(script, 100) > 0.3
