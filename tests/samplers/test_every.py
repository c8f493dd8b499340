from posecfg.samplers.every import All


def test_every_frame_is_taken(take):
    assert take(All(), [0.0, 0.1, 0.5]) == [0, 1, 2]
