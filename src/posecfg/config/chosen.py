"""The options and keys that a command line speaks of, as the text of the YAML files tells; nothing is composed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from posecfg.config.options import LISTS, options
from posecfg.config.pages import Key, Page, names, page, place, root, usual

VALUELESS = ("null", "???", "")


class Chosen:
    """What the settings among ``words`` choose, on top of what an experiment and config.yaml choose."""

    def __init__(self, words: Sequence[str], config_dir: str | None = None) -> None:
        self.config_dir = config_dir
        self._typed = {
            key.lstrip("+"): value for key, equals, value in (word.partition("=") for word in words) if equals
        }

    def groups(self) -> list[str]:
        """Return the groups that can be chosen: those inside an option only where that is chosen."""
        known = options(self.config_dir)
        return [group for group in known if "/" not in group or group in self._parts]

    def knobs(self) -> tuple[Key, ...]:
        """Return the keys of config.yaml."""
        return root().keys

    def options(self, group: str) -> Iterator[tuple[str, str]]:
        """Yield the options of a group with their sentences."""
        for name in options(self.config_dir).get(group, ()):
            said = page(group, name, self.config_dir)
            yield name, said.sentence if said else ""

    def places(self) -> dict[str, tuple[Key, ...]]:
        """Map where keys of chosen options are typed, such as ``sampler`` and ``writer.npy``, to these keys."""
        found = {}
        for group in self.groups():
            for name in self.names(group) if group != "experiment" else ():
                found[place(group, name)] = self._page(group, name).keys
        return found

    def names(self, group: str) -> list[str]:
        """Return the options that are chosen of a group; of several values of a sweep, all."""
        if group in self._typed:
            return names(self._typed[group].strip("'\""))
        if group in self._preset:
            return self._preset[group]
        return self._parts.get(group, []) if "/" in group else usual(group)

    def values(self, key: str) -> Iterator[tuple[str, str]]:
        """Yield what a key or group may be, and what that means, where it can be told by name."""
        known = options(self.config_dir)
        if key in known:
            yield from self.options(key)
            return
        from posecfg.config.topics import find

        above = key.rpartition(".")[0]
        chosen = {f"{group}=[{one}]" if group in LISTS else f"{group}={one}" for group, one in self._at(above)}
        topics = [topic for topic in find(key, self.config_dir) if topic["kind"] == "key" and topic["key"] == key]
        for topic in [one for one in topics if chosen & set(one["of"])] or topics:
            yield from ((word, "") for word in topic["choices"])
            usual_one = topic["default"]
            if not topic["choices"] and usual_one not in VALUELESS and not set("${}[") & set(usual_one):
                yield usual_one, "what it is where nothing is typed"

    def every_key(self) -> Iterator[tuple[str, str]]:
        """Yield each key of each option with its comment."""
        for group, known in options(self.config_dir).items():
            for name in known if group != "experiment" else ():
                for key in self._page(group, name).keys:
                    yield f"{place(group, name)}.{key.name}", key.comment

    def _at(self, where: str) -> Iterator[tuple[str, str]]:
        for group in self.groups():
            yield from ((group, name) for name in self.names(group) if place(group, name) == where)

    def _page(self, group: str, name: str) -> Page:
        said = page(group, name, self.config_dir) or Page("", "", (), "", ())
        other = next((one for where, one in said.chosen if not where), None)
        return (page(group, other, self.config_dir) if other else None) or said

    @cached_property
    def _preset(self) -> dict[str, list[str]]:
        """The options that the experiment chooses."""
        found = dict[str, list[str]]()
        for name in names(self._typed.get("experiment", "")):
            found = {group: names(value) for group, value in self._page("experiment", name).chosen}
        return found

    @cached_property
    def _parts(self) -> dict[str, list[str]]:
        """The options inside chosen ones, such as those of ``detector/boxes``."""
        found = dict[str, list[str]]()
        for group in options(self.config_dir):
            for name in self.names(group) if "/" not in group and group != "experiment" else ():
                found |= {f"{group}/{part}": [one] for part, one in self._page(group, name).chosen if part}
        return found
