"""The type of what each call returns; a checker that infers another one reports it."""

from typing import Any, assert_type

import medqa_kit as mk
from medqa_kit.loaders import (
    RowDataset,
    RowDatasetDict,
    RowIterableDataset,
    RowIterableDatasetDict,
)
from medqa_kit.schemas import LabeledRow, ParallelRow, QARow, TextRow, TokensRow

kormedmcqa = mk.loaders.kormedmcqa
train = kormedmcqa(subset="doctor", split="train", years=range(2012, 2022), origin="sample")
assert_type(train, RowDataset[QARow])
assert_type(train[0], QARow)
assert_type(train[0]["year"], int | None)
assert_type(train.shuffle(seed=0).select(range(2)), RowDataset[QARow])
assert_type(kormedmcqa(), RowDatasetDict[QARow])
assert_type(kormedmcqa()["train"], RowDataset[QARow])
assert_type(kormedmcqa(split="all", streaming=True), RowIterableDataset[QARow])
assert_type(kormedmcqa(streaming=True), RowIterableDatasetDict[QARow])
assert_type(next(iter(kormedmcqa(split="test", view="raw"))), dict[str, Any])

khmer = mk.loaders.khmer_medical_qa
assert_type(khmer(split="train", variant="both"), RowDataset[QARow])
assert_type(khmer(split="train", view="parallel", variant="both"), RowDataset[ParallelRow])
assert_type(mk.loaders.klue(subset="ynat", split="train"), RowDataset[LabeledRow])
assert_type(mk.loaders.klue(subset="ner", split="train"), RowDataset[TokensRow])
texts = mk.loaders.aihub_healthcare_qa(subset="answers", split="train", pairing="none")
assert_type(texts, RowDataset[TextRow])


def prepared(rows: RowDataset[QARow], holdout: mk.Holdout) -> RowDataset[QARow]:
    kept, leaks = mk.exclude(rows, holdout)
    assert_type(kept, RowDataset[QARow])
    alone, copies = mk.dedupe(kept)
    assert_type(alone, RowDataset[QARow])
    assert_type(f"{leaks}{copies}", str)
    divided = mk.split(alone, {"train": 0.9, "validation": 0.1}, seed=0)
    assert_type(divided["train"], RowDataset[QARow])
    # A kernel goes from pyarrow.Table to pyarrow.Table, and pyarrow publishes no types.
    return mk.apply(divided["train"], mk.to_open())  # pyright: ignore[reportUnknownMemberType]


for source in mk.sources(schema="qa"):
    rows_of_any_source = mk.load(source, split="train")
    assert_type(len(rows_of_any_source), int)
of_a_plugin = mk.load("ward_exam", choices={"variant": "long"})
assert_type(len(of_a_plugin), int)
