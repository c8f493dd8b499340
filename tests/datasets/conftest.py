import pytest


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
