"""How often each verb that takes a whole set goes over a filtered, shuffled or selected one.

Counts calls, never seconds: rows of a view are picked many at a time, as often as a verb needs a pass.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import datasets
import pyarrow as pa
import pytest

import medqa_kit as mk
from medqa_kit.core.arrow.picking import Picker

COUNT = 120
RECORD = mk.record("trl/prompt-completion")
CLAIM = mk.CardClaim(measure="rows", claimed=COUNT)
OTHER = mk.read(pa.table({"question": ["Which vitamin prevents scurvy?"], "answer": ["Vitamin C"]}))
PASSES: dict[str, tuple[int, Callable[[Any, mk.Holdout], object]]] = {
    "apply": (1, lambda view, _: mk.apply(view, RECORD)),
    "apply_manifest": (3, lambda view, _: mk.apply_manifest(view, manifest(view))),
    "attribution": (1, lambda view, _: mk.attribution(view)),
    "audit": (1, lambda view, _: mk.audit(view, claims=[CLAIM])),
    "check": (2, lambda view, _: mk.check(view, mk.Holdout.from_rows(OTHER, reason="a test"))),
    "check_records": (1, lambda view, _: mk.check_records(mk.apply(view, RECORD), record="trl/prompt-completion")),
    "dedupe": (3, lambda view, _: mk.dedupe(view)),
    "exclude": (2, lambda view, holdout: mk.exclude(view, holdout)),
    "fit": (1, lambda view, _: mk.fit(view, max_tokens=9_999, counter=len, record=RECORD)),
    "Holdout.from_rows": (1, lambda view, _: mk.Holdout.from_rows(view, reason="a test")),
    "json_lines": (1, lambda view, _: list(mk.json_lines(view))),
    "kfold": (2, lambda view, _: mk.kfold(view, 3, seed=0)),
    "lint": (1, lambda view, _: mk.lint(view, on_bad="keep")),
    "lint_targets": (1, lambda view, _: mk.lint_targets(view, rule="lm_eval/kormedmcqa@3.0", column="answer")),
    "mix": (1, lambda view, _: mk.mix({"view": view, "other": VIEWS["shuffled"](OTHER)}, seed=0)),
    "option_balance": (1, lambda view, _: mk.option_balance(view)),
    "overlap": (2, lambda view, _: mk.overlap(view, OTHER)),
    "read": (1, lambda view, _: mk.read(view)),
    "rows": (1, lambda view, _: list(mk.rows(view))),
    "script_report": (1, lambda view, _: mk.script_report(view)),
    "search": (2, lambda view, holdout: mk.search(view, holdout)),
    "split": (2, lambda view, _: mk.split(view, {"train": 0.5, "test": 0.5}, seed=0)),
    "split_by_year": (3, lambda view, _: mk.split_by_year(view, {"train": range(2012, 2018), "test": range(2018, 2030)})),
    "term_report": (1, lambda view, _: mk.term_report(view, source="question", target="answer")),
    "validate": (1, lambda view, _: mk.validate(view)),
}  # fmt: skip
"""Verb to the passes it may take, and a call of it. Every row here is like others: where none is,
``dedupe`` reads no row a third time for what it claims. What divides rows reads their ids once more at the
end rather than keep them all."""

VIEWS: dict[str, Callable[[datasets.Dataset], datasets.Dataset]] = {
    "shuffled": lambda data: data.shuffle(seed=0),
    "filtered": lambda data: data.filter(lambda row: not row["id"].endswith("-3")),
    "selected": lambda data: data.select([n for n in range(len(data)) if n % 3]),
}

KINDS = [
    pytest.param(kind, marks=() if kind == "shuffled" else pytest.mark.slow) for kind in VIEWS
]  # each is a list of places to ``datasets``; only a shuffle puts them out of order


def manifest(rows: datasets.Dataset) -> pa.Table:
    """Return a manifest that puts the rows into two parts by turns."""
    ids = [row["id"] for row in mk.rows(rows)]  # one of the passes
    return pa.table({"id": ids, "part": ["train" if n % 2 else "test" for n in range(len(ids))]})


@pytest.fixture(scope="module")
def data() -> datasets.Dataset:
    """Rows of a sample, many times over, under ids of their own."""
    sample = mk.load("kormedmcqa", subset="doctor", split="train", origin="sample")
    table = pa.concat_tables([sample.data.table] * (COUNT // len(sample)))
    numbered = pa.array([f"row-{n}" for n in range(table.num_rows)])
    family = table.column_names.index("family")
    return datasets.Dataset(
        table.set_column(0, "id", numbered).set_column(family, "family", numbered)
    )


def counted_picks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let ``datasets`` pick nothing, and return how many rows are picked each time."""
    picked: list[int] = []
    pick = Picker.__call__

    def counted(picker: Picker, places: Any) -> pa.Table:
        picked.append(len(places))
        return pick(picker, places)

    def refused(*_: object) -> None:
        raise AssertionError("datasets picks row by row")

    monkeypatch.setattr(Picker, "__call__", counted)
    monkeypatch.setattr("datasets.table.IndexedTableMixin.fast_gather", refused)
    return picked


def test_every_verb_that_takes_rows_is_counted() -> None:
    verbs = {
        name
        for name in mk.__all__
        if inspect.isfunction(verb := getattr(mk, name))
        and next(iter(inspect.signature(verb).parameters), "") in ("rows", "data", "sets")
    }
    # The first argument of attribution may be names, and trace makes no pass.
    assert verbs == PASSES.keys() - {"Holdout.from_rows", "attribution"} | {"trace"}


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", PASSES)
def test_a_verb_picks_the_rows_of_a_view_once_a_pass(
    verb: str, kind: str, data: datasets.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = VIEWS[kind](data)
    holdout = mk.Holdout.from_rows(data.select([0]), reason="a test")
    picked = counted_picks(monkeypatch)
    most, call = PASSES[verb]
    call(view, holdout)
    assert len(picked) <= most
    assert sum(picked) <= most * len(view)


@pytest.mark.parametrize("kind", VIEWS)
def test_rows_are_led_back_in_one_pass(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = mk.load("kormedmcqa", subset="doctor", split="train", origin="sample")
    view = VIEWS[kind](sample)
    picked = counted_picks(monkeypatch)
    assert len(mk.trace(view)) == len(view)
    assert sum(picked) <= len(view)


@pytest.mark.slow
def test_apply_picks_a_batch_at_a_time(
    data: datasets.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    many = datasets.Dataset(pa.concat_tables([data.data.table] * 200)).shuffle(seed=1)
    mk.apply(many, lambda table: calls.append(len(table)) or table)
    assert calls == [0, 10_000, 10_000, 4_000]  # the empty one tells the columns
