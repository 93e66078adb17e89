"""A unit's lineage as a tree: what was made on top, below it what it was made from.

A result rests on others directly, or because a bridge tells it of them: then they stand below the
bridge. What several rest on stands below the first of them and is only named below the others. Of
many branches that are alike the first stands for all, unless each is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline_defs import policies

Key = tuple[str, str]  # asset and partition
Told = Mapping[str, Any]  # a node as the API tells it


@dataclass(frozen=True, slots=True)
class Branch:
    """One or more results or bridges of an asset, and what they were made from.

    `like`: they are not shown each, as they are like this one. `is_above`: they stand there.
    `hidden`: everything below them, not shown either.
    """

    keys: tuple[Key, ...]
    below: tuple[Branch, ...] = ()
    like: Key | None = None
    is_above: bool = False
    hidden: tuple[Key, ...] = ()


@dataclass(slots=True)
class _Growing:
    """What came from what, and what already stands in the tree."""

    below: Mapping[Key, Sequence[Key]]
    kinds: Mapping[Key, object]  # the same for branches that are alike
    whole: bool
    there: set[Key] = field(default_factory=set[Key])

    def branches(self, keys: Sequence[Key]) -> tuple[Branch, ...]:
        """Branches that stand beside each other."""
        alike: dict[object, list[Key]] = {}
        for key in keys:
            if key not in self.there:
                alike.setdefault(self.kinds[key], []).append(key)
        grown: list[Branch] = []
        above: dict[str, list[Key]] = {}
        folded: set[Key] = set()
        for key in keys:
            if key in folded:
                continue
            if key in self.there:
                above.setdefault(key[0], []).append(key)
                continue
            first, *others = alike[self.kinds[key]]
            if key == first or self.whole or len(others) < policies.LINEAGE_ALIKE_MOST:
                grown.append(self._branch(key))
            else:
                folded.update(others)
                grown.append(self._folded(first, others))
        return (*grown, *(Branch(tuple(named), is_above=True) for named in above.values()))

    def _branch(self, key: Key) -> Branch:
        self.there.add(key)
        return Branch((key,), self.branches(self.below[key]))

    def _folded(self, first: Key, others: Sequence[Key]) -> Branch:
        hidden: list[Key] = []
        waiting = list(others)
        while waiting:
            key = waiting.pop()
            if key not in self.there:
                self.there.add(key)
                hidden.append(key)
                waiting += self.below[key]
        return Branch(tuple(others), like=first, hidden=tuple(hidden))


def told_of(nodes: Iterable[Told]) -> dict[Key, Told]:
    """The nodes of a lineage, and before the first that is made from it each bridge that is known
    by its version alone, as Dagster was not told of it yet."""
    nodes = list(nodes)
    there = {_key(node) for node in nodes}
    told: dict[Key, Told] = {}
    for node in nodes:
        for source in node["made_from"]:
            key = (source["asset"], node["partition"])
            if key not in there:
                told.setdefault(key, _untold(source, node["partition"]))
        told[_key(node)] = node
    return told


def tree_of(told: Mapping[Key, Told], *, whole: bool) -> tuple[Branch, ...]:
    """The tree of a lineage; its first branch is the unit's main result.

    `whole`: branches that are alike stand there each for itself.
    """
    below = _sources(told)
    used = {key for keys in below.values() for key in keys}
    tops = [key for key in told if key not in used]
    # a result of the unit itself first, then those of its parts, then bridges nothing came from yet
    tops.sort(key=lambda key: (_is_bridge(told[key]), "/" in key[1]))
    return _Growing(below, _kinds(told, below), whole).branches(tops)


def outdated(node: Told) -> list[Told]:
    """Sources in versions that are not theirs any more."""
    return [source for source in node["made_from"] if not source["is_current"]]


def _key(node: Told) -> Key:
    return node["asset"], node["partition"]


def _untold(source: Told, partition: str) -> Told:
    return {
        "asset": source["asset"],
        "partition": partition,
        "standing": None,
        "version": source["version"],
        "made_from": [],
        "rests_on": {},
        "cost_usd": 0.0,
        "made_at": None,
    }


def _is_bridge(node: Told) -> bool:
    return node["standing"] is None


def _sources(told: Mapping[Key, Told]) -> dict[Key, list[Key]]:
    """What each result and bridge came from, in the order of the lineage."""
    found: dict[Key, set[Key]] = {key: set() for key in told}
    for key, node in told.items():
        direct = {(source["asset"], key[1]) for source in node["made_from"]}
        rest = {(asset, part) for asset, parts in node["rests_on"].items() for part in parts}
        bridges = [name for name in direct if _is_bridge(told[name])]
        teller = bridges[0] if len(bridges) == 1 else key
        found[key] |= direct
        found[teller] |= rest - direct
    order = {key: number for number, key in enumerate(told)}
    return {key: sorted(keys, key=order.__getitem__) for key, keys in found.items()}


def _kinds(told: Mapping[Key, Told], below: Mapping[Key, Iterable[Key]]) -> dict[Key, object]:
    """Branches are alike that stand alike, with what is below them of the same part."""
    found: dict[Key, object] = {}

    def kind(key: Key) -> object:
        if key not in found:
            found[key] = key[0]  # until it is known: what a bridge tells of may rest on it
            changed = tuple(source["asset"] for source in outdated(told[key]))
            made_from = frozenset(kind(k) if k[1] == key[1] else k[0] for k in below[key])
            found[key] = (key[0], told[key]["standing"], changed, made_from)
        return found[key]

    for key in below:
        kind(key)
    return found
