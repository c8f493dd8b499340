from samples import clock, track

from posecfg.lifters.identity import Identity


def test_it_returns_the_very_track():
    given = track(2)
    assert Identity()(given, clock(2)) is given
