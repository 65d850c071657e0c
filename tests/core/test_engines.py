"""Ray Data and Spark give the rows that a table gives."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from engine_sessions import MARKS, ray_session, spark_session
from exam_text import Writer
from medqa_kit.errors import FormattingError
from medqa_kit.schemas import QA

pytestmark = MARKS
_PARTS = 4


class _Engine:
    """How rows go into an engine, in several blocks, and come back."""

    def __init__(
        self, hold: Callable[[pa.Table], Any], rows_of: Callable[[Any], list[dict[str, Any]]],
        nothing: Callable[[], Any], read: Callable[[Path], Any], table_of: Callable[[Any], pa.Table],
    ) -> None:  # fmt: skip
        self.hold, self.rows_of, self.nothing = hold, rows_of, nothing
        self.read, self.table_of = read, table_of


def _ray() -> Iterator[_Engine]:
    with ray_session() as ray:
        yield _Engine(
            lambda table: ray.data.from_arrow(_pieces(table)),
            lambda holder: holder.take_all(),
            lambda: ray.data.from_items([]),
            lambda folder: ray.data.read_parquet(str(folder)),
            lambda holder: pa.concat_tables(ray.get(holder.to_arrow_refs())),
        )


def _spark() -> Iterator[_Engine]:
    with spark_session() as session:

        def hold(table: pa.Table) -> Any:
            frame = session.createDataFrame(table)
            return frame.repartition(1).coalesce(1) if table.num_rows < _PARTS else frame

        yield _Engine(hold, lambda holder: [row.asDict(recursive=True) for row in holder.collect()],
                      lambda: hold(_rows(8)).where("id is null"), lambda folder: session.read.parquet(str(folder)),
                      lambda holder: holder.toArrow())  # fmt: skip


def _pieces(table: pa.Table) -> list[pa.Table]:
    size = -(-table.num_rows // _PARTS) or 1
    return [table.slice(start, size) for start in range(0, max(table.num_rows, 1), size)]


@pytest.fixture(scope="module", params=[_ray, _spark], ids=["ray", "spark"])
def engine(request: pytest.FixtureRequest) -> Iterator[_Engine]:
    yield from request.param()


def _rows(count: int, *, holder: pa.Table | None = None) -> pa.Table:
    """Make rows; every ninth is a copy of an earlier one, every tenth of a held item, without options too."""
    writer = Writer("ko", 3)
    rows: list[dict[str, Any]] = []
    items = [] if holder is None else holder.select(["question", "options"]).to_pylist()
    for number in range(count):
        item = writer.long_item(f"i/{number}")
        place, options = number % 4, list(item.options)
        row = {
            "id": f"i/{number}", "source": ("one", "two")[number % 2], "split": "train", "language": "ko",
            "family": f"f/{number // 2}", "question": f"{item.stem} {number}", "options": options,
            "answer_index": place, "answer": options[place],
        }  # fmt: skip
        if number % 9 == 8:
            row |= {
                name: rows[number // 2][name]
                for name in ("question", "options", "answer_index", "answer")
            }
            row["question"] += (" ", "!")[number % 2] + " 다음." * (number % 4)
        if items and number % 10 == 3:
            row |= items[number % len(items)]
            row["answer_index"], row["answer"] = 0, row["options"][0]
        rows.append(row)
    return mk.conform(pa.Table.from_pylist(rows), QA)


def _exam(count: int) -> pa.Table:
    writer = Writer("ko", 77)
    items = [writer.long_item(f"h/{number}") for number in range(count)]
    return mk.conform(
        pa.Table.from_pylist([
            {"id": f"h/{number}", "source": "exam", "split": "test", "language": "ko",
             "question": f"{item.stem} {number}호", "options": list(item.options), "answer_index": 0,
             "answer": item.options[0]}
            for number, item in enumerate(items)
        ]),
        QA,
    )  # fmt: skip


def _same(engine: _Engine, holder: Any, expected: pa.Table) -> None:
    """Check rows and order; Spark has no fewer rows for being in another type."""
    assert engine.rows_of(holder) == expected.to_pylist()


def _same_report(first: mk.Report, other: mk.Report) -> None:
    assert (first.rows, first.kept, first.counts) == (other.rows, other.kept, other.counts)
    assert first.findings.to_pylist() == other.findings.to_pylist()


def test_kernels_run_on_the_workers(engine: _Engine) -> None:
    table = _rows(100)
    kernel = mk.record("trl/prompt-completion")
    _same(engine, mk.apply(engine.hold(table), kernel), kernel(table))


def test_types_that_an_engine_lacks_stay_equal_values(engine: _Engine) -> None:
    def typed(table: pa.Table) -> pa.Table:
        return pa.table({
            "large": table["id"].cast(pa.large_string()), "coded": table["id"].dictionary_encode(),
            "byte": pa.array([7] * len(table), pa.uint8()), "lists": table["options"].cast(pa.large_list(pa.large_string())),
        })  # fmt: skip

    table = _rows(20)
    _same(engine, mk.apply(engine.hold(table), typed), typed(table))


def test_null_lists_and_empty_ones_stay_what_they_are(engine: _Engine) -> None:
    def in_reverse(table: pa.Table) -> pa.Table:
        return table.select(table.column_names[::-1])

    texts, talk = (
        [None, [], ["a", None], ["b"]],
        [None, [{"n": 1, "t": None}], [], [{"n": None, "t": ["x"]}]],
    )
    table = pa.table({
        "id": [f"i/{number}" for number in range(24)], "text": [f"Text {number // 2}." for number in range(24)],
        "tags": pa.array(texts * 6, pa.list_(pa.string())), "a.b `c`": pa.array([None] * 24, pa.list_(pa.int64())),
        "talk": pa.array(talk * 6, pa.list_(pa.struct([("n", pa.int64()), ("t", pa.list_(pa.string()))]))),
        "whole": [["w"]] * 24,
    })  # fmt: skip
    _same(engine, mk.apply(engine.hold(table), in_reverse), in_reverse(table))
    kept, report = mk.dedupe(engine.hold(table))
    expected, wanted = mk.dedupe(table)
    assert 0 < wanted.dropped < 12
    _same(engine, kept, expected)
    _same_report(report, wanted)


def test_a_worker_loads_the_kernel_once_for_all_its_tasks(engine: _Engine, tmp_path: Path) -> None:
    class Loaded:
        def __setstate__(self, folder: str) -> None:
            (Path(folder) / f"{os.getpid()} {time.monotonic_ns()}").touch()

        def __reduce__(self) -> Any:
            return type(self), (), str(tmp_path)

    loaded = Loaded()

    def kernel(table: pa.Table) -> pa.Table:
        return table if loaded is not None else table.slice(0, 0)

    table = _rows(400)
    rows = engine.hold(table)
    if type(rows).__module__.startswith("ray"):
        pytest.skip("Ray loads what a task is given for each task")
    lazy = mk.apply(rows, kernel)
    for _ in range(2):  # each time the tasks are new ones
        _same(engine, lazy, table)
    loads = [file.name.split()[0] for file in tmp_path.iterdir()]
    assert loads
    assert len(loads) == len({*loads})


def test_what_a_kernel_drops_is_reported_by_its_place_in_all_rows(engine: _Engine) -> None:
    rows = _rows(60).to_pylist()
    for number in (5, 17, 41, 59):
        rows[number]["question"] += " <|im_end|>"
    table = mk.conform(pa.Table.from_pylist(rows), QA)
    kernel = mk.record("openai/chat", on_bad="drop")
    expected, wanted = kernel.run(table)
    records, report = kernel.run(engine.hold(table))
    assert [row["row"] for row in report.findings.to_pylist()] == [5, 17, 41, 59]
    _same(engine, records, expected)
    _same_report(report, wanted)


def test_errors_of_workers_are_the_library_s_own(engine: _Engine) -> None:
    kernel = mk.record("openai/chat")
    bad = _rows(20).to_pylist()
    bad[11]["answer_index"] = 9
    with pytest.raises(FormattingError, match="1 of"):
        kernel.run(engine.hold(mk.conform(pa.Table.from_pylist(bad), QA)))


def test_errors_of_lazy_rows_are_told_in_the_library_s_words(engine: _Engine) -> None:
    bad = _rows(20).to_pylist()
    bad[11]["answer_index"] = 9
    lazy = mk.apply(
        engine.hold(mk.conform(pa.Table.from_pylist(bad), QA)), mk.record("openai/chat")
    )
    with pytest.raises(Exception, match="answer_index points outside the options") as caught:
        engine.rows_of(lazy)
    if type(lazy).__module__.startswith("ray"):  # Spark tells of all Python code by one class
        assert isinstance(caught.value, FormattingError)
        assert caught.value.hint.startswith("on_bad='drop'")
        assert bad[11]["id"] in caught.value.found


def test_columns_that_a_kernel_lacks_are_told_at_once(engine: _Engine) -> None:
    with pytest.raises(FormattingError, match="columns"):
        mk.apply(engine.hold(_rows(8).select(["id", "question"])), mk.record("openai/chat"))


def test_held_out_items_are_excluded_with_their_families(engine: _Engine) -> None:
    exam = _exam(5)
    table, holdout = _rows(90, holder=exam), mk.Holdout.from_rows(exam, reason="we report it")
    expected, wanted = mk.exclude(table, holdout)
    rows, report = mk.exclude(engine.hold(table), holdout)
    assert {"exact", "family"} <= set(wanted.by("code"))
    _same(engine, rows, expected)
    _same_report(report, wanted)
    assert mk.search(engine.hold(table), holdout).dropped == wanted.dropped


@pytest.mark.parametrize("near", [None, 0.8])
def test_copies_go_in_the_order_of_the_rows(engine: _Engine, near: float | None) -> None:
    table = _rows(120)
    table = pa.concat_tables([table, table.slice(0, 10)])  # ids that repeat themselves, too
    expected, wanted = mk.dedupe(table, near=near, prefer=["two"])
    rows, report = mk.dedupe(engine.hold(table), near=near, prefer=["two"])
    assert ("near" in wanted.by("code")) == (near is not None)
    _same(engine, rows, expected)
    _same_report(report, wanted)


_DIVIDED: dict[str, Callable[[Any], mk.Split[Any]]] = {
    "shares": lambda rows: mk.split(rows, {"train": 0.8, "validation": 0.2}, seed=4, stratify=["source"]),
    "portion": lambda rows: mk.split(rows, {"train": 1.0}, seed=4, near=None,
                                     validation={"source": "two", "share": 0.4}),
    "folds": lambda rows: mk.kfold(rows, 3, seed=4, near=None),
    "years": lambda rows: mk.split_by_year(rows, {"train": [2020, 2021], "test": [2022]}, near=None),
}  # fmt: skip


@pytest.mark.parametrize("way", _DIVIDED)
def test_rows_are_divided_alike(engine: _Engine, way: str) -> None:
    table = _rows(120)
    years = pa.array([2020 + number // 2 % 4 for number in range(len(table))], pa.int32())
    table = table.set_column(table.column_names.index("year"), "year", years)
    expected, parts = _DIVIDED[way](table), _DIVIDED[way](engine.hold(table))
    assert list(parts) == list(expected)
    for name, part in expected.items():
        _same(engine, parts[name], part)
    assert parts.manifest == expected.manifest
    assert parts.strata == expected.strata


def test_checks_and_budgets_count_alike(engine: _Engine) -> None:
    table = _rows(40)
    twice = pa.concat_tables([table, table.slice(7, 3)])  # ids that stand in two partitions
    _same_report(mk.validate(engine.hold(twice)), mk.validate(twice))
    kept, report = mk.fit(
        table, max_tokens=300, counter=len, record=mk.record("trl/prompt-completion")
    )
    rows, same = mk.fit(
        engine.hold(table), max_tokens=300, counter=len, record=mk.record("trl/prompt-completion")
    )
    assert 0 < len(kept) < 40
    _same(engine, rows, kept)
    _same_report(same, report)


def test_no_rows_stay_no_rows(engine: _Engine) -> None:
    table = _rows(8)
    holdout = mk.Holdout.from_rows(table, reason="all of it")
    rows, report = mk.exclude(engine.hold(table), holdout)
    assert (report.kept, engine.rows_of(rows)) == (0, [])
    assert mk.dedupe(rows)[1].rows == 0


def test_rows_of_no_block_at_all_go_through(engine: _Engine) -> None:
    """As what a filter left of a data set, or an empty list, is."""
    none = engine.nothing()
    holdout = mk.Holdout.from_rows(_rows(4), reason="all of it")
    for rows, report in (mk.exclude(none, holdout), mk.dedupe(none)):
        assert (report.rows, report.kept, engine.rows_of(rows)) == (0, 0, [])
    parts = mk.split(none, {"train": 0.5, "test": 0.5}, seed=1)
    assert [engine.rows_of(part) for part in parts.values()] == [[], []]


_Many = tuple[Path, mk.Holdout, pa.Table, mk.Report, mk.Report]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> _Many:
    """200,000 rows in a file and a holdout, the rows that are left of them here, and the two reports."""
    exam, folder = _exam(500), tmp_path_factory.mktemp("many")
    table, holdout = _rows(200_000, holder=exam), mk.Holdout.from_rows(exam, reason="we report it")
    pq.write_table(
        table, folder / "part-0.parquet"
    )  # of several files, Spark reads the largest first
    free, excluded = mk.exclude(table, holdout)
    kept, copied = mk.dedupe(free)
    return folder, holdout, kept, excluded, copied


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_hundred_thousand_rows_come_out_equal(engine: _Engine, many: _Many) -> None:
    folder, holdout, expected, wanted, copied = many
    free, report = mk.exclude(engine.read(folder), holdout)
    kept, same = mk.dedupe(free)
    assert engine.table_of(kept).to_pylist() == expected.to_pylist()
    _same_report(report, wanted)
    _same_report(same, copied)
