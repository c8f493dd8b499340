from posecfg.engine.reasons import groups, kind


def test_sentences_that_differ_in_numbers_alone_are_one_group():
    clips = {
        "a": "more than one person: 2 above bbox_thr=0.3 in frame 17 of those looked at",
        "b": "too short: 0.15 s, at least 0.2 s was asked for",
        "c": "more than one person: 3 above bbox_thr=0.3 in frame 1,204 of those looked at",
    }
    assert [(group.names, group.reason) for group in groups(clips)] == [(("a", "c"), clips["a"]), (("b",), clips["b"])]


def test_the_largest_group_comes_first():
    assert [group.names for group in groups({"a": "x", "b": "y 1", "c": "y 2.5"})] == [("b", "c"), ("a",)]
    assert groups({}) == []


def test_the_kind_of_a_reason_is_what_stands_before_its_colon():
    assert kind("too short: 0.15 s, at least: 0.2 s") == "too short"
    assert kind("too short (<0.2 s)") == "too short (<0.2 s)"
