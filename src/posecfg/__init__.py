"""posecfg turns video into human-pose data, with every choice written as configuration."""

__version__ = "0.1.0"
