"""What the workers of an engine do, tried without one."""

from __future__ import annotations

import pickle
import sys
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from medqa_kit.core.engines import spark_rows
from medqa_kit.core.engines.known import engine_rows
from medqa_kit.core.engines.outcome import Outcome
from medqa_kit.errors import ArgumentError, SchemaError


def _batches(*sizes: int) -> list[pa.RecordBatch]:
    return [pa.record_batch({"n": list(range(size))}) for size in sizes]


def test_tables_and_lists_are_of_no_engine() -> None:
    for rows in (pa.table({"n": [1]}), [{"n": 1}], None):
        assert engine_rows(rows) is None


def test_an_error_comes_back_as_what_it_was() -> None:
    def refuses(table: pa.Table) -> int:
        raise SchemaError(
            "no such column", expected="id", found=str(table.num_rows), hint="name it"
        )

    sent = pickle.loads(pickle.dumps(Outcome.of(refuses, pa.table({"n": [1, 2]}))))
    with pytest.raises(SchemaError, match="no such column"):
        sent.result()
    assert Outcome.of(len, pa.table({"n": [1, 2]})).result() == 2


def test_marks_go_on_from_batch_to_batch() -> None:
    keep = np.array([True, False, False, True, True])
    left = list(spark_rows._marked(_batches(2, 3), keep))
    assert [batch["n"].to_pylist() for batch in left] == [[0], [1, 2]]


@pytest.mark.parametrize("sizes", [(2, 2), (2, 4), ()])
def test_a_plan_that_gives_other_rows_stops_the_job(sizes: tuple[int, ...]) -> None:
    with pytest.raises(RuntimeError, match="persist"):
        list(spark_rows._marked(_batches(*sizes), np.ones(5, np.bool_)))


def test_types_that_spark_lacks_become_the_next_that_hold_every_value() -> None:
    deep = pa.large_list(pa.struct([("a", pa.large_string()), ("b", pa.uint64())]))
    plain = pa.list_(pa.struct([("a", pa.string()), ("b", pa.decimal128(20, 0))]))
    for kind, kept in (
        (deep, plain), (pa.uint8(), pa.int16()), (pa.string_view(), pa.string()), (pa.int8(), pa.int8()),
        (pa.dictionary(pa.int32(), pa.large_string()), pa.string()), (pa.binary(4), pa.binary()),
        (pa.list_(pa.uint16(), 2), pa.list_(pa.int32())), (pa.float16(), pa.float32()),
    ):  # fmt: skip
        assert spark_rows._in_spark(kind) == kept


def test_a_session_whose_workers_run_another_python_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = SimpleNamespace(master="local[2]", pythonExec="/no/such/python")
    monkeypatch.delenv("PYSPARK_PYTHON", raising=False)
    with pytest.raises(ArgumentError, match="another Python"):
        spark_rows._refuse_another_python(other)
    for fine in (
        SimpleNamespace(master="local[2]", pythonExec=sys.executable),
        SimpleNamespace(master="spark://cluster:7077", pythonExec="/no/such/python"),
    ):
        spark_rows._refuse_another_python(fine)
    monkeypatch.setenv("PYSPARK_PYTHON", "/no/such/python")  # chosen by somebody
    spark_rows._refuse_another_python(other)
