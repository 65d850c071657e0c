"""The relation of two catalogued sources, by the parents that each declares."""

from __future__ import annotations

from typing import Literal, TypeAlias

from medqa_kit.catalog.model import Source
from medqa_kit.catalog.registry import names, source

Lineage: TypeAlias = Literal["own", "descends", "origin", "shares", ""]
"""How a source is related to a benchmark: ``own``: it has that benchmark. ``descends``: it was made from
the benchmark's source. ``origin``: the other way round. ``shares``: both were made from a third. Empty: no
relation is known, which proves nothing."""


def relation_of(trained: Source, tested: Source) -> tuple[Lineage, tuple[str, ...]]:
    """Return how a training source is related to the source of a benchmark, and through which others.

    Example:
        >>> relation_of(source("medical_reasoning_kormedmcqa"), source("kormedmcqa"))
        ('descends', ())
        >>> relation_of(source("khmer_medical_qa"), source("medqa_usmle"))
        ('descends', ('medical_o1_reasoning_sft', 'medical_o1_verifiable'))
    """
    if trained.name == tested.name:
        return "own", ()
    up, down = _ancestors(trained), _ancestors(tested)
    if tested.name in up:
        return "descends", up[tested.name]
    if trained.name in down:
        return "origin", down[trained.name]
    shared = [name for name in up if name in down]
    return ("shares", tuple(shared[:1])) if shared else ("", ())


def _ancestors(data_set: Source) -> dict[str, tuple[str, ...]]:
    """Return all ancestors, nearest first, each with the sources between."""
    paths: dict[str, tuple[str, ...]] = {}
    line: list[tuple[Source, tuple[str, ...]]] = [(data_set, ())]
    known = {*names()}
    for child, between in line:  # grows while it is read
        for parent in child.derived_from:
            if parent.name in paths:
                continue
            paths[parent.name] = between
            if parent.catalogued and parent.name in known:
                line.append((source(parent.name), (*between, parent.name)))
    return paths
