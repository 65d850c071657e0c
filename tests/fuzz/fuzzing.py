"""Mutated files and nasty tables, each met with rows, rows aside, or an error of the library.

Run in a process of its own, because a crash is an outcome too::

    python tests/fuzz/fuzzing.py files 20000 --seed 1
    python tests/fuzz/fuzzing.py tables 500 --seed 1

It prints one JSON object: how often each outcome came, and what should not have come. The number of
the case at hand stands in the file ``--at``, so that one knows which case ended the process.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from openpyxl import Workbook

import medqa_kit as mk
from medqa_kit.errors import AccountError, DroppedRowsWarning, MedQAError, MedQAWarning

RAW = pa.schema({"n": pa.int64(), "q": pa.string(), "x": pa.float64(), "o": pa.list_(pa.string())})
FLAT = pa.schema(list(RAW)[:3])
TOKENS = [
    b"null", b"NaN", b"-Infinity", b"1e400", b"9007199254740993", b"18446744073709551616", b"9" * 5000,
    b"{}", b"[]", b"{", b"}", b"[" * 3000, b"]" * 3000, b'"', b'""', b'"""', b"\\", b'\\"', b"\\ud800",
    b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\n", b"\r\n", b"\r", b"\t", b",",
    b":", b'"q"', b'"n": 1, "n": 2', b"q,n,x", b"\xe2\x80\xa8", b"true", b"-0", b"1.5", b"PAR1",
    b"PK\x03\x04", b"\x1f\x8b", "가".encode(), "가".encode("cp949"), b"<!DOCTYPE html>", b" " * 200,
]  # fmt: skip


def rows(rng: random.Random, count: int) -> list[dict[str, Any]]:
    return [
        {
            "n": number,
            "q": "".join(rng.choices('가나다 abc,"\n\t\\;', k=rng.randint(1, 12))) + "?",
            "x": rng.choice([None, 0.5, float(number)]),
            "o": rng.choice([["a", "b"], [], None, ['"', "\\"]]),
        }
        for number in range(count)
    ]


def _lines(rows: list[dict[str, Any]], rng: random.Random) -> bytes:
    return b"\n".join(json.dumps(r, ensure_ascii=rng.random() < 0.5).encode() for r in rows)


def _delimited(rows: list[dict[str, Any]], delimiter: str) -> bytes:
    import csv

    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(FLAT.names)
    writer.writerows([[r[name] for name in FLAT.names] for r in rows])
    return out.getvalue().encode()


def _parquet(rows: list[dict[str, Any]], rng: random.Random) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, RAW), out, row_group_size=rng.choice([2, 100]),
                   compression=rng.choice(["none", "zstd"]), use_dictionary=rng.random() < 0.5,
                   write_page_checksum=rng.random() < 0.5)  # fmt: skip
    return out.getvalue()


def _sheet(rows: list[dict[str, Any]]) -> bytes:
    book = Workbook()
    book.active.append(FLAT.names)
    for r in rows:
        book.active.append([r[name] for name in FLAT.names])
    book.save(out := io.BytesIO())
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Change a few places of some bytes."""
    for _ in range(rng.choice([0, 1, 1, 1, 2, 5])):
        at, size = rng.randint(0, len(data)), rng.randint(1, 20)
        match rng.randint(0, 6):
            case 0:
                data = data[:at]
            case 1:
                data = data[:at] + data[at + size :]
            case 2:
                data = data[:at] + data[at : at + size] * rng.randint(2, 4) + data[at + size :]
            case 3 if data:
                at = min(at, len(data) - 1)
                data = data[:at] + bytes([data[at] ^ 1 << rng.randint(0, 7)]) + data[at + 1 :]
            case 4:
                data = data[:at] + rng.randbytes(size) + data[at:]
            case _:
                data = data[:at] + rng.choice(TOKENS) + data[at + rng.choice([0, 0, size]) :]
    return data


def changed_sheet(data: bytes, rng: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(["xl/worksheets/sheet1.xml"] * 3 + sorted(members))
    members[name] = mutated(members[name], rng)
    return zipped(members)


FORMATS: dict[str, Callable[[list[dict[str, Any]], random.Random], bytes]] = {
    "a.jsonl": lambda rows, rng: mutated(_lines(rows, rng), rng),
    "a.json": lambda rows, rng: mutated(b"[" + _lines(rows, rng).replace(b"\n", b",\n") + b"]", rng),
    "a.csv": lambda rows, rng: mutated(_delimited(rows, ","), rng),
    "a.tsv": lambda rows, rng: mutated(_delimited(rows, "\t"), rng),
    "a.parquet": lambda rows, rng: mutated(_parquet(rows, rng), rng),
    "a.xlsx": lambda rows, rng: rng.choice([mutated, changed_sheet])(_sheet(rows), rng),
    "a.jsonl.gz": lambda rows, rng: rng.choice([
        lambda: mutated(gzip.compress(_lines(rows, rng)), rng),
        lambda: gzip.compress(mutated(_lines(rows, rng), rng))])(),
    "a.jsonl.zst": lambda rows, rng: rng.choice([
        lambda: mutated(zstandard.compress(_lines(rows, rng)), rng),
        lambda: zstandard.compress(mutated(_lines(rows, rng), rng))])(),
    "a.zip": lambda rows, rng: rng.choice([
        lambda: mutated(zipped({"a.jsonl": _lines(rows, rng)}), rng),
        lambda: zipped({"a.jsonl": mutated(_lines(rows, rng), rng), "b.csv": b""})])(),
    "tree.zip": lambda rows, rng: zipped(
        {f"{i}.json": mutated(json.dumps(r).encode(), rng) for i, r in enumerate(rows)}),
}  # fmt: skip


def normalize(raw: pa.Table) -> pa.Table:
    return pa.table({"id": raw["n"].cast(pa.string()), "text": raw["q"]})


def source(name: str) -> mk.Source:
    flat = name.endswith((".csv", ".tsv", ".xlsx"))
    tree = mk.catalog.Reading(format="json-tree") if name == "tree.zip" else mk.catalog.Reading()
    return mk.Source(
        name="fuzz", title="Fuzz", about="Invented.", language=("ko",), citation="@misc{fuzz, title={Fuzz}, year={2024}}",
        layout=mk.catalog.Layout(
            at=mk.catalog.LocalFiles("x"), files="**" if name == "tree.zip" else "*.*", repeats=True,
            raw=FLAT if flat else RAW, normalize=normalize, schema=mk.schemas.TEXT, read=tree),
        parts=(mk.catalog.Part(None, "train"),), license=(mk.catalog.Claim("CC-BY-4.0", "x"),),
    )  # fmt: skip


def refuse_without_hint(error: MedQAError) -> None:
    if "Hint: " not in str(error):
        raise AssertionError(f"no hint: {error}") from error


def of_file(number: int, rng: random.Random, folder: Path, outcomes: Counter[str]) -> None:
    name = sorted(FORMATS)[number % len(FORMATS)]
    path = folder / name
    path.write_bytes(FORMATS[name](rows(rng, rng.choice([1, 3, 30])), rng))
    kind = name[2:] if name.startswith("a.") else name
    try:
        data = mk.load(source(name), split="train", path=path, on_bad="drop", streaming=True)
        with warnings.catch_warnings(record=True) as warnings_shown:
            warnings.simplefilter("always")
            count = sum(len(batch) for batch in data.with_format("arrow").iter(batch_size=1000))
        dropped = [w for w in warnings_shown if issubclass(w.category, DroppedRowsWarning)]
        outcomes[f"{kind}: {'rows aside' if dropped else 'rows'}"] += 1
        assert count > 0, "no rows, and no error"
    except AccountError:
        raise
    except MedQAError as error:
        outcomes[f"{kind}: {type(error).__name__}"] += 1
        refuse_without_hint(error)
    if path.suffix in (".jsonl", ".json", ".csv", ".tsv", ".parquet"):
        try:
            mk.training_rows(path)
        except MedQAError as error:
            refuse_without_hint(error)


def nasty(rng: random.Random) -> pa.Table:
    """Make a table of odd types, values and chunks."""
    size = rng.choice([0, 1, 2, 7])
    texts = [
        "",
        " ",
        "가" * 3,
        "a\0b",
        "<!--" * 50,
        "x" * 3000,
        "\u2028",
        "A",
        "=1+1",
        "정답: B",
        "e\u0301",
    ]

    def text(none: float = 0.2) -> list[str | None]:
        return [None if rng.random() < none else rng.choice(texts) for _ in range(size)]

    def lists() -> list[list[str] | None]:
        return [rng.choice([None, [], ["a", "b"], ["a", "a"], ["", "b", "c"], ["위의 모두", "x"]])
                for _ in range(size)]  # fmt: skip

    turn = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]
    dialogues = [rng.choice([None, [], turn, turn[:1], [{"role": None, "content": None}]])
                 for _ in range(size)]  # fmt: skip
    string = rng.choice([pa.string(), pa.large_string(), pa.string_view()])
    listed = rng.choice([pa.list_(pa.string()), pa.large_list(pa.string()),
                         pa.list_view(pa.string())])  # fmt: skip
    columns: dict[str, Any] = {
        "id": pa.array([rng.choice([f"s/{i}", "s/0", None, ""]) if rng.random() < 0.2 else f"s/{i}"
                        for i in range(size)], string),
        "source": pa.array(["s"] * size, string),
        "question": pa.array(text(), string),
        "options": pa.array(lists(), listed),
        "answer_index": pa.array([rng.choice([None, 0, 1, 9, -1]) for _ in range(size)],
                                 rng.choice([pa.int32(), pa.int64(), pa.int8()])),
        "answer": pa.array(text(0.5), string),
        "text": pa.array(text(), string).dictionary_encode() if string == pa.string() else
                pa.array(text(), string),
        "messages": pa.array(dialogues, pa.list_(pa.struct({"role": pa.string(), "content": pa.string()}))),
        "prompt": pa.array(text(), string), "completion": pa.array(text(), string),
        "chosen": pa.array(text(), string), "rejected": pa.array(text(), string),
        "family": pa.nulls(size), "language": pa.array(["ko"] * size, string),
        "context": pa.array([rng.choice([None, b"\xff", b"a"]) for _ in range(size)], pa.binary()),
        "score": pa.array([rng.choice([None, float("nan"), 1.5]) for _ in range(size)], pa.float64()),
    }  # fmt: skip
    names = rng.sample(sorted(columns), rng.randint(1, len(columns)))
    if rng.random() < 0.7:
        names = list(dict.fromkeys(["id", "question", *names]))
    table = pa.table({name: columns[name] for name in names})
    if rng.random() < 0.3:
        table = pa.concat_tables([table, table.slice(0, size // 2)])
    return table.slice(rng.choice([0, 0, 1]))


def verbs() -> dict[str, Callable[[pa.Table], Any]]:
    exam = mk.Holdout.from_rows([{"id": "e/1", "question": "무엇이 맞는가?"}], reason="a test")
    return {
        "check": lambda t: mk.check(t, exam),
        "exclude": lambda t: mk.exclude(t, exam),
        "search": lambda t: mk.search(t, exam),
        "overlap": lambda t: mk.overlap(t, t),
        "dedupe": mk.dedupe,
        "split": lambda t: mk.split(t, {"train": 0.5, "test": 0.5}, seed=1),
        "kfold": lambda t: mk.kfold(t, 2, seed=1),
        "lint": mk.lint,
        "lint_targets": lambda t: mk.lint_targets(t, rule="robust", column="answer"),
        "check_records": lambda t: mk.check_records(t.to_pylist(), record="openai/chat"),
        "option_balance": mk.option_balance,
        "holdout": lambda t: mk.Holdout.from_rows(t, reason="a test"),
        "prompt": lambda t: mk.apply(t, mk.prompt(language="ko")),
        "record": lambda t: mk.apply(t, mk.record("openai/chat")),
        "shuffle": lambda t: mk.apply(t, mk.shuffle_options(seed=1)),
        "to_open": lambda t: mk.apply(t, mk.to_open()),
        "to_dialogue": lambda t: mk.apply(t, mk.to_dialogue()),
        "to_preference": lambda t: mk.apply(t, mk.to_preference()),
        "extract": lambda t: mk.apply(t, mk.extract_answers(options=4)),
        "batch_files": lambda t: list(mk.batch_files(t)),
        "conform": lambda t: mk.conform(t, mk.schemas.QA),
        "json_lines": lambda t: list(mk.json_lines(t)),
        "read": lambda t: mk.read(t, schema="text", on_bad="drop"),
        "few_shot": lambda t: mk.apply(t, mk.few_shot(t, k=1)),
    }


def of_table(number: int, rng: random.Random, folder: Path, outcomes: Counter[str]) -> None:
    table = nasty(rng)
    foreign: list[str] = []
    for name, verb in _VERBS.items():
        try:
            verb(table)
            outcomes[f"{name}: done"] += 1
        except MedQAError as error:
            outcomes[f"{name}: {type(error).__name__}"] += 1
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            foreign.append(
                f"{name}: {type(error).__name__} in {frame.name}, {frame.filename[-40:]}"
            )
    if foreign:
        raise AssertionError("; ".join(foreign))


_VERBS: dict[str, Callable[[pa.Table], Any]] = {}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["files", "tables"])
    parser.add_argument("count", type=int)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of the processor")
    parser.add_argument("--at", type=Path)
    options = parser.parse_args()
    datasets.disable_progress_bars()
    warnings.simplefilter("ignore", MedQAWarning)
    if options.what == "tables":
        _VERBS.update(verbs())
    work = {"files": of_file, "tables": of_table}[options.what]
    outcomes: Counter[str] = Counter()
    failures: dict[str, list[int]] = {}
    done, end = 0, time.process_time() + options.seconds
    with tempfile.TemporaryDirectory() as folder, suppress(KeyboardInterrupt):
        for number in range(options.first, options.first + options.count):
            if time.process_time() > end:
                break
            if options.at:
                options.at.write_text(str(number))
            try:
                work(number, random.Random(options.seed << 32 | number), Path(folder), outcomes)
            except Exception:
                lines = traceback.format_exc().replace(folder, "").splitlines()
                failures.setdefault("\n".join([*lines[:1], *lines[-14:]]), []).append(number)
            done += 1
    json.dump({"done": done, "outcomes": dict(sorted(outcomes.items())), "failures": failures},
              sys.stdout, ensure_ascii=False, indent=1)  # fmt: skip


if __name__ == "__main__":
    main()
