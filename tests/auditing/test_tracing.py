"""From a row, whatever was done to it, back to the raw row it was made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.cli import main
from medqa_kit.errors import ArgumentError

pytestmark = [
    pytest.mark.usefixtures("hub"),
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning"),
]
NAMES = ("kormedmcqa", "medical_training_dataset", "first_aid", "khmer_medical_qa", "medqa_usmle")


def sample(name: str, **options: Any) -> datasets.Dataset:
    return mk.load(name, split="train", origin="sample", **options)


@pytest.fixture
def sets(hub) -> dict[str, tuple[datasets.Dataset, dict[str, dict[str, Any]]]]:
    """Rows of some sources, and the raw row of each id, carried along by loading."""
    known = {}
    for name in NAMES:
        source = mk.source(name)
        raw = source.layout.raw.names
        rows = sample(name, keep=raw).to_list()
        own = source.layout.schema.names
        known[name] = (
            sample(name),
            {row["id"]: {n: row[f"raw_{n}" if n in own else n] for n in raw} for row in rows},
        )
    return known


def _through_parquet(data: datasets.Dataset, folder: Path) -> datasets.Dataset:
    pq.write_table(data.with_format("arrow")[:], folder / "rows.parquet")
    return datasets.Dataset(pq.read_table(folder / "rows.parquet"))


OPERATIONS = {
    "map": lambda data, other, n, folder: data.map(lambda row: {"question": row["question"] + "!", "length": n}),
    "filter": lambda data, other, n, folder: data.filter(lambda row: len(row["question"]) % 5 != n % 5),
    "shuffle": lambda data, other, n, folder: data.shuffle(seed=n),
    "select": lambda data, other, n, folder: data.select(range(n % max(len(data), 1), len(data))),
    "concat": lambda data, other, n, folder: datasets.concatenate_datasets([data, other.cast(data.features)])
    if set(other.column_names) == set(data.column_names) else data,
    "parquet": lambda data, other, n, folder: _through_parquet(data, folder),
    "frame": lambda data, other, n, folder: datasets.Dataset(pa.Table.from_pandas(data.to_pandas(), data.features.arrow_schema, preserve_index=False)),
    "options": lambda data, other, n, folder: mk.apply(data, mk.shuffle_options(seed=n)),
    "fix": lambda data, other, n, folder: mk.apply(data, mk.FixText()),
    "split": lambda data, other, n, folder: data.train_test_split(0.5, seed=n)["train"] if len(data) > 3 else data,
    "reverse": lambda data, other, n, folder: data.select(range(len(data) - 1, -1, -1)),
}  # fmt: skip


@settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True),
    steps=st.lists(st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 9)), min_size=5, max_size=5),
)  # fmt: skip
@pytest.mark.slow
def test_every_row_of_a_random_pipeline_is_traced(sets, tmp_path: Path, names, steps) -> None:
    data, other = sets[names[0]][0], sets[names[1]][0]
    before = {row["id"]: row for name in names for row in sets[name][0]}
    for step, number in steps:
        data = OPERATIONS[step](data, other, number, tmp_path)
    traces = mk.trace(data)
    assert [each.id for each in traces] == data["id"][:]
    for row, trace in zip(data, traces, strict=True):
        assert trace.raw == sets[trace.source][1][row["id"]]
        original = before[row["id"]]
        assert trace.row == original
        assert trace.edited == {k: row[k] for k in original if row[k] != original[k]}


@pytest.mark.slow
@pytest.mark.parametrize("name", [each.name for each in mk.sources() if each.parts])
def test_every_row_of_every_sample_leads_to_its_raw_row(name: str) -> None:
    source, traced = mk.source(name), 0
    for part in source.parts:
        layout = source.layout_of(part)
        options = {"subset": part.subset, "split": part.split, "origin": "sample"}
        try:
            rows = mk.load(name, keep=layout.raw.names, **options).to_list()
        except mk.errors.WrongFilesError:  # a part without a sample
            continue
        for row, trace in zip(rows, mk.trace(rows), strict=True):
            own = layout.schema.names
            expected = {
                "upstream_id" if n == "id" else n: row[f"raw_{n}" if n in own else n]
                for n in layout.raw.names
            }
            assert trace.raw == expected
            assert (trace.part, trace.edited) == (part.name, {})
            traced += 1
    assert traced


def test_rows_of_choices_and_views_are_found() -> None:
    both = sample("khmer_medical_qa", choices={"variant": "both"})
    paraphrase = next(row for row in both if row["id"].endswith("-para"))
    trace = mk.trace(paraphrase)
    assert trace.choices in ({"variant": "both"}, {"variant": "paraphrase"})
    assert paraphrase["question"] == trace.raw["question_km_para"]
    pairs = sample("khmer_medical_qa", view="parallel")
    assert mk.trace(pairs[0]).view == "parallel"
    shots = mk.load("kormedmcqa", subset="doctor", split="fewshot", origin="sample")
    assert mk.trace(shots[0]).part == "doctor/fewshot"


def test_a_trace_tells_its_way_and_its_revision(tmp_path: Path) -> None:
    row = sample("kormedmcqa")[0]
    trace = mk.trace(row)
    assert mk.get(row["id"]) == row
    assert trace.steps[0].startswith(f"kormedmcqa/{trace.part} from sample at files-")
    assert trace.content == mk.trace(row["id"]).content
    assert json.loads(trace.to_json())["raw"] == trace.raw
    assert "not edited since" in str(trace)
    edited = mk.trace({**row, "answer": "다른 답"})
    assert edited.edited == {"answer": "다른 답"}
    assert edited.steps[-1] == "edited since: answer"


def test_rows_of_a_hub_are_traced_to_their_commit(hub, tmp_path: Path) -> None:
    from medqa_kit.catalog import Hub, Layout, Part
    from medqa_kit.catalog.registry import _REGISTERED

    commit = "c" * 40
    body = b'{"number": 3, "question": "Why?", "answer": "So."}\n{"number": 4, "question": "How?", "answer": "Thus."}\n'
    hub.repo("invented/traced").commit(commit, {"train.jsonl": body})
    schema = pa.schema({"number": pa.int64(), "question": pa.string(), "answer": pa.string()})
    columns = mk.normalizing.Columns(
        take={"question": "question", "answer": "answer"}, key=("number",)
    )
    source = mk.Source(
        name="traced_of_ours", title="x", about="x", language=("en",), parts=(Part(None, "train"),),
        layout=Layout(at=Hub("invented/traced", revision=commit), files="train.jsonl", raw=schema,
                      schema=mk.schemas.QA, normalize=columns),
        license=(mk.catalog.Claim("MIT", "the card"),), citation="@misc{x}",
    )  # fmt: skip
    mk.register(source)
    try:
        row = mk.load("traced_of_ours", split="train")[1]
        trace = mk.trace(row)
        assert (trace.origin, trace.revision, trace.number) == (
            "hub",
            f"invented/traced@{commit}",
            1,
        )
        assert trace.raw == {"number": 4, "question": "How?", "answer": "Thus."}
        lock = tmp_path / "medqa.lock"
        mk.lock(["traced_of_ours"], lock)
        assert mk.get(row["id"], lock=lock) == row
    finally:
        _REGISTERED.pop("traced_of_ours")


@pytest.mark.parametrize(
    ("row", "words"),
    [({"question": "?"}, "no id"), ({"id": None}, "no id"), ({"id": "nowhere/1"}, "no source"),
     ({"id": "sample:kormedmqca/doctor/1"}, "no source"), ({"id": "sample:kormedmcqa/doctor/1999-1-1"}, "no row")],
)  # fmt: skip
def test_rows_that_lead_nowhere_are_refused(row: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        mk.trace(row)


def test_the_command_prints_the_way(capsys) -> None:
    assert main(["trace", "sample:kormedmcqa/doctor/2022-1-7", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["part"] == "doctor/test"
    assert main(["trace", "sample:kormedmcqa/doctor/9-9-9"]) == 2


@pytest.mark.parametrize("name", [[], (), None, 7, ""])
def test_a_row_is_got_by_its_id(name: str) -> None:
    with pytest.raises(ArgumentError, match="id"):
        mk.get(name)
