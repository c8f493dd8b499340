"""Plugins that are not as their authors meant: each is told with the package, the file and the line."""

from __future__ import annotations

import pytest

from posecfg.components import plugins
from posecfg.components.build import build
from posecfg.components.calls import blamed, called
from posecfg.components.parts import Part
from posecfg.components.trust import locate
from posecfg.config.options import options
from posecfg.config.overrides import no_option
from posecfg.errors import ComponentFailed, ConfigError
from posecfg.review import doctor

NET = """import math

class Net:
    @staticmethod
    def facts(size):
        return {}[size]
    def __init__(self, size=1):
        if size > 5:
            math.sqrt(-size)
        self.size = sise
    @staticmethod
    def look():
        return 1 / 0
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write modules of packages that can be imported."""
    monkeypatch.syspath_prepend(tmp_path / "site")

    def call(**texts):
        for name, text in texts.items():
            path = tmp_path / "site" / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return tmp_path / "site"

    return call


def test_a_plugin_without_its_yaml_files_is_told_where_its_option_is_missed(plugin, write):
    site = write(posecfg_bare__parts="")
    plugin("posecfg_bare")
    why = plugins.without_options()["posecfg_bare"]
    assert why.startswith(f"'{site / 'posecfg_bare'}' has no folder 'conf'")
    assert '[tool.setuptools.package-data] posecfg_bare = ["conf/**/*.yaml"]' in why
    assert no_option("detector", "barenet", options()).endswith(f" The plugin 'posecfg_bare' brings no options: {why}.")
    (row,) = [row for row in doctor.examine([]) if row["kind"] == "plugin"]
    assert (row["name"], row["ok"], row["version"], row["detail"]) == ("posecfg_bare", False, "1.0", why)
    (site / "posecfg_bare" / "conf").mkdir()
    plugins.folders.cache_clear()
    assert plugins.without_options() == {}
    assert "plugin" not in no_option("detector", "barenet", options())


def test_a_plugin_whose_module_is_not_there_is_told(plugin, write):
    plugin("posecfg_away")
    assert plugins.without_options() == {
        "posecfg_away": "no module 'posecfg_away' is installed, which its entry point 'posecfg.plugins' names"
    }
    write(posecfg_single="")
    plugin("posecfg_single")
    assert "is a single file" in plugins.without_options()["posecfg_single"]


def test_what_a_module_of_a_plugin_lacks_is_not_blamed_on_the_option(plugin, write):
    write(posecfg_lacking__net="import math\nimport posecfg_nowhere\n")
    plugin("posecfg_lacking")
    with pytest.raises(ConfigError) as told:
        locate("posecfg_lacking.net.Net", "detector")
    assert str(told.value) == (
        "detector._target_ is 'posecfg_lacking.net.Net', but 'posecfg_lacking.net' cannot be imported "
        "(ModuleNotFoundError: No module named 'posecfg_nowhere', posecfg_lacking/net.py, line 2)."
    )
    with pytest.raises(ConfigError, match=r"which cannot be found \(No module named 'posecfg_lacking.nets'\)"):
        locate("posecfg_lacking.nets.Net", "detector")


def test_errors_of_a_plugin_name_its_file_and_line(plugin, write):
    write(posecfg_lab__net=NET)
    plugin("posecfg_lab")
    target = "posecfg_lab.net.Net"
    net = locate(target, "detector")
    with pytest.raises(ConfigError) as told:
        build({"_target_": target}, "detector")
    assert str(told.value) == (
        f"detector: {target} cannot be built (NameError: name 'sise' is not defined, posecfg_lab/net.py, line 10)."
    )
    with pytest.raises(ConfigError, match=r"does not take these values: .*, posecfg_lab/net.py, line 9\.$"):
        build({"_target_": target, "size": 6}, "detector")
    with pytest.raises(ConfigError, match=r"^detector: Net.facts failed: KeyError\(3\), posecfg_lab/net.py, line 6\.$"):
        _ = Part("detector", net, {"size": 3}).facts
    with pytest.raises(ConfigError, match=r"look failed \(ZeroDivisionError: .*, posecfg_lab/net.py, line 13\)\.$"):
        called("detector", net.look)
    with (
        pytest.raises(ComponentFailed, match=r"^detector failed \(.*, posecfg_lab/net.py, line 13\)\."),
        blamed("detector"),
    ):
        net.look()


def test_errors_of_posecfg_itself_name_no_line(plugin):
    with pytest.raises(ComponentFailed, match=r"^detector failed \(ValueError: oh\)\.$"), blamed("detector"):
        raise ValueError("oh")


def test_a_list_of_entry_points_that_python_cannot_read_breaks_nothing(plugin, write):
    site = write(posecfg_sound__parts="")
    plugin("posecfg_sound")
    broken = {
        "line": b"[posecfg.plugins]\nlab\n= x\nlab2 =\nlab3 = .up\nlab4 = not a name\n",
        "bytes": b"[console_scripts]\nx = \xff\xfe\n",
        "other": b"no group = nothing\n[console_scripts]\nposecfg_other = posecfg_other:main\n",
    }
    for name, text in broken.items():
        (site / f"{name}-1.0.dist-info").mkdir()
        (site / f"{name}-1.0.dist-info" / "entry_points.txt").write_bytes(text)
    plugins.packages.cache_clear()
    assert plugins.packages() == ("posecfg_sound",)


def test_entry_points_are_named_by_their_modules(plugin, write):
    site = write(posecfg_sound__parts="")
    plugin("posecfg_sound")
    lines = ("# note = no", "; two = no", " lab=sub.module:Thing [extra]", "b = bare", "[c]", "y = z", "")
    text = "\n".join(("[a]", "x = other", "[posecfg.plugins]", *lines))
    (site / "lab-1.0.dist-info").mkdir()
    (site / "lab-1.0.dist-info" / "entry_points.txt").write_text(text)
    plugins.packages.cache_clear()
    assert plugins.packages() == ("bare", "posecfg_sound", "sub")
