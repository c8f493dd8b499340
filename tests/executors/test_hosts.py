"""The hosts of a list, as ssh gets them; no ssh is needed."""

from __future__ import annotations

import os
from io import BytesIO

import pytest

from posecfg.errors import ConfigError
from posecfg.executors.remote import hosts
from posecfg.executors.remote.hosts import Hosts, SshAgents
from posecfg.executors.remote.starter import Call


@pytest.mark.parametrize("name", ["", " ", "-x", " -oProxyCommand=x", "a -oProxyCommand=x", "\t-x", "a\nb", "a\x1b", 7])
def test_a_host_that_is_no_name_is_refused(name):
    with pytest.raises(ConfigError, match=r"Expected executor\.hosts to be names that ssh knows"):
        Hosts(["localhost", name])


@pytest.mark.parametrize("name", ["node1", "me@node1", "ssh://me@node1:2222", "fe80::1%eth0", "10.0.0.1", "köln"])
def test_every_form_that_ssh_knows_is_a_name_and_has_a_log(tmp_path, monkeypatch, name):
    started = []

    class Popen:
        def __init__(self, words, stdin, stdout, stderr, start_new_session):
            started.append((words, stdout.name))
            self.stdin = BytesIO()

    monkeypatch.setattr(hosts.subprocess, "Popen", Popen)
    agents = SshAgents(Hosts([name]).hosts, None)
    agents.start(Call(("python",), tmp_path / "crew.json", "{}", {}, tmp_path / "logs"), 1)
    ((words, log),) = started
    assert words[-2] == name
    assert os.path.dirname(log) == str(tmp_path / "logs")


def test_an_agent_that_came_by_itself_is_not_replaced():
    SshAgents(["localhost"], None).replace("77_1")
