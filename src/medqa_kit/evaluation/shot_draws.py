"""Repeat the draws by which a harness chooses its examples, for scores that are compared with its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import cycle, islice
from random import Random
from typing import Literal, get_args

import numpy as np

from medqa_kit.core.arguments import one_of, several, whole_number
from medqa_kit.errors import ArgumentError

Sampler = Literal["lm_eval", "lm_eval/first_n", "lighteval", "helm"]


def shot_indices(
    sampler: Sampler,
    *,
    pool: int | Sequence[str],
    k: int,
    documents: int = 1,
    seed: int | None = None,
) -> list[list[int]]:
    """Redraw which pool rows a harness shows, as it draws them.

    * ``"lm_eval"``: one generator for the whole task draws k of the pool for one document after
      the other, so the shots of a document depend on its position. Seed 1234.
    * ``"lm_eval/first_n"``: the first k, for every document (KorMedMCQA).
    * ``"lighteval"``: classes by gold letter, the largest first, ties shuffled; one random row of
      each class in turn, the same for every document. Seed 0.
    * ``"helm"``: the same, with the gold *text* as the class.

    HRET takes the first k; inspect_evals and NeMo-Skills show none.

    Args:
        sampler: Whose draw.
        pool: The pool's size, or (lighteval, HELM) its golds in order.
        k: Shots a document.
        documents: How many documents, from the first.
        seed: Instead of the harness's own.

    Returns:
        For each document, places in the pool, in the order they are shown.

    Raises:
        ArgumentError: No such sampler, a pool smaller than k, or a size where golds are needed.

    Example:
        >>> shot_indices("lm_eval", pool=5, k=5, documents=2)
        [[3, 0, 4, 2, 1], [0, 4, 1, 3, 2]]
        >>> shot_indices("lighteval", pool=["A", "B", "C", "D"] * 2, k=2)
        [[6, 4]]
    """
    one_of("sampler", sampler, get_args(Sampler))
    drawn_by_class = sampler in ("lighteval", "helm")
    if isinstance(pool, int | np.integer) and drawn_by_class:
        raise ArgumentError(f"{sampler} draws by class", argument="pool", expected="the golds of the pool",
                            found="its size", hint="pool=[...] with each row's gold")  # fmt: skip
    size = (
        whole_number("pool", pool, least=0)
        if isinstance(pool, int | np.integer)
        else len(several("pool", pool))
    )
    k = whole_number("k", k, least=0, most=size, hint="a larger pool, or fewer shots")
    documents = whole_number("documents", documents, least=0)
    if seed is not None:
        seed = whole_number("seed", seed)
    if sampler == "lm_eval":
        draw = Random(1234 if seed is None else seed)
        return [draw.sample(range(size), k) for _ in range(documents)]
    if sampler == "lm_eval/first_n":
        return [list(range(k)) for _ in range(documents)]
    golds = () if isinstance(pool, int | np.integer) else pool
    drawn = _balanced(golds, k, Random(0 if seed is None else seed))
    return [list(drawn) for _ in range(documents)]


def _balanced(golds: Sequence[str], k: int, draw: Random) -> list[int]:
    """Draw class by class; the order of the draws is upstream's, so the numbers are, too."""
    members: dict[str, list[int]] = defaultdict(list)
    for place, gold in enumerate(golds):
        members[gold].append(place)
    by_size: dict[int, list[str]] = defaultdict(list)
    for gold in sorted(members):
        by_size[len(members[gold])].append(gold)
    classes: list[str] = []
    for size in sorted(by_size, reverse=True):
        tied = by_size[size]
        draw.shuffle(tied)
        classes += tied
    drawn = (
        members[gold].pop(draw.randrange(len(members[gold])))
        for gold in cycle(classes)
        if members[gold]
    )
    return list(islice(drawn, k))
