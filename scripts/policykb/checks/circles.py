"""Circles in directed graphs."""

from graphlib import CycleError, TopologicalSorter


def on_circles(leads: dict[str, list[str]]) -> list[str]:
    """Return the nodes of a directed graph that lie on a circle or between two circles, in order.

    `leads` has the targets of each node.
    """
    back: dict[str, list[str]] = {}
    for node, targets in leads.items():
        for target in targets:
            back.setdefault(target, []).append(node)
    return sorted(_blocked(leads) & _blocked(back))


def _blocked(leads: dict[str, list[str]]) -> set[str]:
    """Return the nodes that a topological sort cannot reach, because a circle comes before them."""
    sorter = TopologicalSorter(leads)
    try:
        sorter.prepare()
        return set()
    except CycleError:
        reached: set[str] = set()
        while ready := sorter.get_ready():
            reached.update(ready)
            sorter.done(*ready)
    return {*leads, *(target for targets in leads.values() for target in targets)} - reached
