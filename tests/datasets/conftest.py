import pytest
from films import pictures


@pytest.fixture
def tree(tmp_path):
    """Return a function that makes empty files below ``films`` and returns that folder."""
    root = tmp_path / "films"
    root.mkdir()

    def make(*names):
        for name in names:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return root

    return make


@pytest.fixture
def place(tmp_path):
    """Make pictures with a folder of annotations beside them."""
    pictures(tmp_path / "images", ["b.jpg", "a.jpg"])
    pictures(tmp_path / "images" / "sub", ["c.png"])
    (tmp_path / "annotations").mkdir()
    return tmp_path
