"""Holdouts by name: which benchmark rows must not be trained on, and which numbers that protects."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from medqa_kit.core.holders import Rows, count
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import HoldoutWarning, LicenseWarning, UnknownSourceError

if TYPE_CHECKING:
    from medqa_kit.catalog import Source


@dataclass(frozen=True, kw_only=True)
class NamedHoldout:
    """A holdout one can ask for by name.

    Attributes:
        name: Its name.
        source: The catalogued source whose rows are held out.
        split: Which split of it.
        subset: Which subset; ``None`` takes all.
        years: Which exam years; ``None`` takes all.
        items: How many rows that is, where it was counted.
        reason: Why they must not be trained on.
        protects: Ids of the harness formats whose scores would be spoilt.
        default: Whether recipes that use the source, or one that descends from it, apply it
            without being asked.
        leaves_in: What a person should know that it does not hold out.
    """

    name: str
    source: str
    split: str
    subset: str | None = None
    years: tuple[int, ...] | None = None
    items: int | None = None
    reason: str
    protects: tuple[str, ...]
    default: bool = True
    leaves_in: str = ""


_KORMEDMCQA = ("lm_eval/kormedmcqa", "hret/kormedmcqa", "nemo_skills/kormedmcqa")
_MEDQA = ("lm_eval/medqa_4options", "lighteval/med_qa", "inspect_evals/medqa", "helm/med_qa",
          "helm/medhelm_med_qa")  # fmt: skip

NAMED: tuple[NamedHoldout, ...] = (
    NamedHoldout(
        name="kormedmcqa-official-test", source="kormedmcqa", split="test", items=3009,
        reason="the official test split: the licensing exams of 2022 to 2024",
        protects=_KORMEDMCQA,
    ),
    NamedHoldout(
        name="kormedmcqa-2024", source="kormedmcqa", split="test", years=(2024,), items=964,
        reason="the licensing exams of 2024", protects=(), default=False,
        leaves_in="2,045 rows of the official test split (2022 and 2023) stay in: no harness scores "
        "2024 alone. Use kormedmcqa-official-test if you report KorMedMCQA",
    ),
    NamedHoldout(
        name="kormedmcqa-validation", source="kormedmcqa", split="validation", items=1059,
        reason="the licensing exams of 2021, of which the few-shot examples are copies",
        protects=(), default=False,
    ),
    NamedHoldout(
        name="kormedlawqa-test", source="kormedlawqa", split="train",
        reason="the whole source, because upstream publishes no test split", protects=(),
        default=False,
        leaves_in="upstream publishes a train split only, so this holds out every row of "
        "kormedlawqa. For a test split of your own, use mk.split and Holdout.from_rows",
    ),
    NamedHoldout(
        name="medqa-usmle-test", source="medqa_usmle", split="test", subset="5_options", items=1273,
        reason="the official test split; the layout with four options has the same stems",
        protects=_MEDQA,
    ),
    NamedHoldout(
        name="medqa-usmle-validation", source="medqa_usmle", split="validation",
        subset="5_options", items=1272, reason="the official validation split, which two harnesses "
        "score as well", protects=("lighteval/med_qa", "helm/med_qa"), default=False,
    ),
    NamedHoldout(
        name="medmcqa-validation", source="medmcqa", split="validation", items=4183,
        reason="the split that harnesses score, because the answers of the test split are withheld",
        protects=("lm_eval/medmcqa", "lighteval/med_mcqa", "helm/med_mcqa",
                  "helm/medhelm_med_mcqa"),
    ),
    NamedHoldout(
        name="medmcqa-test", source="medmcqa", split="test", items=6150,
        reason="the official test split, answers withheld", protects=(),
    ),
    NamedHoldout(
        name="kmmlu-health-test", source="kmmlu_medical", split="test", subset="Health",
        reason="the official test split of the one medical subject; KMMLU-HARD is a part of it",
        protects=("lm_eval/kmmlu", "lm_eval/kmmlu_direct", "lm_eval/kmmlu_hard",
                  "lm_eval/kmmlu_direct_hard", "lm_eval/kmmlu_cot_hard_health", "hret/kmmlu",
                  "nemo_skills/kmmlu"),
    ),
    NamedHoldout(
        name="pubmedqa-test", source="pubmedqa", split="train", subset="pqa_labeled", items=1000,
        reason="all expert-labelled questions: two harnesses score the 1,000, two the 500 of the "
        "official test",
        protects=("lm_eval/pubmedqa", "lighteval/pubmedqa", "inspect_evals/pubmedqa",
                  "helm/pubmed_qa"),
    ),
)  # fmt: skip


def holdouts() -> tuple[NamedHoldout, ...]:
    """List the holdouts that :meth:`Holdout.named` makes.

    Example:
        >>> [h.items for h in holdouts() if h.name.startswith("kormedmcqa")]
        [3009, 964, 1059]
    """
    return NAMED


def named_holdout(name: str) -> NamedHoldout:
    """Find a named holdout.

    Raises:
        UnknownSourceError: There is none of that name.
    """
    known = {h.name: h for h in NAMED}
    if name not in known:
        close = get_close_matches(name, known, n=3)
        raise UnknownSourceError(
            f"there is no holdout {name!r}", expected=", ".join(known),
            hint=f"did you mean {' or '.join(close)}?" if close
            else "mk.holdouts() lists them; Holdout.from_rows makes your own",
        )  # fmt: skip
    return known[name]


def make(
    name: str,
    *,
    origin: Literal["hub", "path", "sample"] = "hub",
    path: str | os.PathLike[str] | None = None,
    paths: Mapping[str, str | os.PathLike[str]] | None = None,
    rows: Rows | None = None,
    revision: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    token: str | None = None,
) -> Holdout:
    """Make a named holdout; see :meth:`Holdout.named`."""
    wanted = named_holdout(name)
    if wanted.leaves_in:
        warnings.warn(f"{name}: {wanted.leaves_in}", HoldoutWarning, stacklevel=3)
    if rows is None:
        from medqa_kit.loading.load import load  # here: whoever brings rows needs no loader

        at = path if path is not None else (paths or {}).get(wanted.source)
        with warnings.catch_warnings():  # to know an exam by its fingerprints is not to use it
            warnings.simplefilter("ignore", LicenseWarning)
            rows = load(wanted.source, subset=wanted.subset, split=wanted.split, years=wanted.years,
                    origin=origin if at is None else "path", path=at, revision=revision, cache_dir=cache_dir, token=token)  # fmt: skip
    elif wanted.items is not None and count(rows) != wanted.items:
        warnings.warn(
            f"{name}: {wanted.items:,} rows were counted upstream, {count(rows):,} were given; "
            "what is missing is not held out",
            HoldoutWarning, stacklevel=3,
        )  # fmt: skip
    return Holdout.from_rows(rows, name=name, reason=wanted.reason, protects=wanted.protects)


def protecting(source: Source | str) -> tuple[str, ...]:
    """Name the holdouts that recipes with this source apply by default.

    These are the ones made of its own rows and of rows of all sources it descends from.

    Args:
        source: A source, or its name.

    Example:
        >>> protecting("medical_reasoning_kormedmcqa")
        ('kormedmcqa-official-test',)
    """
    related = _with_ancestors(source)
    return tuple(h.name for h in NAMED if h.default and h.source in related)


def _with_ancestors(source: Source | str) -> set[str]:
    from medqa_kit.catalog import registry

    found: set[str] = set()
    waiting = [registry.source(source) if isinstance(source, str) else source]
    while waiting:
        one = waiting.pop()
        if one.name not in found:
            found.add(one.name)
            waiting += [registry.source(p.name) for p in one.derived_from if p.catalogued]
    return found
