import av

from posecfg.datasets.demo import Demo


def test_the_demo_is_one_short_film_inside_the_package():
    (clip,) = Demo().scan().clips
    assert (clip.id, clip.source) == ("demo", "demo.mp4")
    assert clip.path.stat().st_size < 300_000
    with av.open(str(clip.path)) as film:
        frames = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    assert len(frames) == 105
    assert frames[0].shape == (480, 480)
    assert (frames[0] != frames[50]).mean() > 0.5
