"""The version of posecfg; pyproject.toml has the same, which a test checks."""

__version__ = "0.1.0"
