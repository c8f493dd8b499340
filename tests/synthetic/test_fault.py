import signal
import subprocess
import sys

import pytest

from posecfg.errors import ConfigError
from posecfg.synthetic.fault import parse


def test_only_the_clips_meant_are_struck():
    fault = parse("raise:bad")
    fault.strike("a/good")
    with pytest.raises(RuntimeError, match="injected"):
        fault.strike("a/bad_1")


@pytest.mark.parametrize(("kind", "code"), [("exit", 86), ("segfault", -signal.SIGSEGV)])
def test_the_process_really_dies(kind, code):
    script = f"from posecfg.synthetic.fault import parse; parse('{kind}').strike('x')"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == code


def test_unknown_faults_are_config_errors():
    with pytest.raises(ConfigError, match="segfault"):
        parse("boom")
