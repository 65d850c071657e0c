"""Rows in several formats: the same rows in each, equal bytes however they come, whole files or none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.building.output.format_files import FormatFiles
from medqa_kit.building.output.format_records import RecordMaker
from medqa_kit.building.output.formats import Format, checked_formats
from medqa_kit.building.output.listings import ASIDE, DROPPED, DroppedRows, list_aside

QUESTIONS = mk.schemas.QA
CHAT = Format(name="chat", record="trl/messages", write=("parquet", "jsonl", "jsonl.zst"))


def questions(rows: int, *, text: str = "다음 중 옳은 것은?") -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "id": f"exam/{n}", "source": "exam", "family": f"f/{n // 2}", "language": "ko",
                "question": f"{text} {n}", "options": ["간", "폐", "뇌"], "answer_index": n % 3, "answer": ["간", "폐", "뇌"][n % 3],
            }
            for n in range(rows)
        ],
        QUESTIONS,
    )  # fmt: skip


def batched(table: pa.Table, size: int) -> Iterator[pa.Table]:
    return (table.slice(begin, size) for begin in range(0, table.num_rows, size))


def written(folder: Path, formats: list[Format], table: pa.Table, size: int = 700) -> FormatFiles:
    with FormatFiles(folder, RecordMaker(formats, [table.schema])) as files:
        for batch in batched(table, size):
            assert not files.write(batch, "train").num_rows
    return files


def content(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.mark.slow
def test_all_kinds_of_files_hold_the_same_rows_in_order(tmp_path: Path) -> None:
    table = questions(5000)
    small = [Format(name="chat", record="trl/messages", write=CHAT.write, shard="200KB"),
             Format(name="alpaca", record="alpaca", shard="100KB")]  # fmt: skip
    files = written(tmp_path, small, table)
    told = files.written()
    for form in small:
        parquet = sorted((tmp_path / form.name / "train").iterdir())
        lines = sorted((tmp_path / f"{form.name}_jsonl" / "train").iterdir())
        rows = pa.concat_tables([pq.read_table(f) for f in parquet])
        texts = [json.loads(line) for f in lines for line in f.read_text("utf-8").splitlines()]
        assert rows["id"].to_pylist() == table["id"].to_pylist()
        assert [line["id"] for line in texts] == table["id"].to_pylist()
        assert len(lines) > 2
        total = f"-of-{len(lines):05d}.jsonl"
        assert [f.name for f in lines] == [f"part-{n:05d}{total}" for n in range(len(lines))]
        train = told[form.name]["splits"]["train"]
        assert train["records"] == 5000
        assert train["shards"]["jsonl"] == len(lines)
    packed = sorted((tmp_path / "chat_jsonl_zst" / "train").iterdir())
    plain = b"".join(pa.input_stream(str(f), compression="zstd").read() for f in packed)
    chat = sorted((tmp_path / "chat_jsonl" / "train").iterdir())
    assert plain == b"".join(f.read_bytes() for f in chat)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 1023, 1024, 4000])
def test_bytes_do_not_depend_on_how_the_rows_come(tmp_path: Path, size: int) -> None:
    table = questions(3000 if size > 1 else 300)
    forms = [Format(shard="20KB"), Format(name="text", record="text", write=("parquet",))]
    written(tmp_path / "a", forms, table, 777)
    written(tmp_path / "b", forms, table, size)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_a_row_that_one_format_cannot_hold_is_in_none(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    table = pa.table({
        "id": ["d/1", "d/2"], "source": ["d", "d"], "family": pa.nulls(2, pa.string()),
        "messages": [turns, turns * 2],
    })  # fmt: skip
    forms = [CHAT, Format(name="plain", record="text")]
    with FormatFiles(tmp_path, RecordMaker(forms, [table.schema])) as files:
        broken = files.write(table, "train").to_pylist()
    assert [(row["row"], row["reason"]) for row in broken] == [(1, "record_multi_turn")]
    for name in ("chat", "plain"):
        (file,) = (tmp_path / name / "train").iterdir()
        assert pq.read_table(file)["id"].to_pylist() == ["d/1"]


def test_rows_of_several_schemas_become_one_table(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Q", "name": "kim"}, {"role": "assistant", "content": "A"}]
    other = pa.table({"id": ["d/1"], "source": ["d"], "messages": [turns]})
    with FormatFiles(tmp_path, RecordMaker([CHAT], [QUESTIONS, other.schema])) as files:
        files.write(questions(2), "train")
        files.write(other, "train")
        files.write(questions(1), "validation")
    (file,) = (tmp_path / "chat" / "train").iterdir()
    rows = pq.read_table(file).to_pylist()
    assert [row["id"] for row in rows] == ["exam/0", "exam/1", "d/1"]
    assert rows[2]["family"] is None
    assert rows[2]["messages"][0]["name"] == "kim"
    assert rows[0]["messages"][0]["name"] is None
    assert files.written()["chat"]["splits"].keys() == {"train", "validation"}


def test_a_preference_may_become_two_records(tmp_path: Path) -> None:
    table = pa.table({"id": ["p/1", "p/2"], "source": ["p", "p"], "prompt": ["Q", "Q"],
                      "chosen": ["A", "A"], "rejected": ["B", "A"]})  # fmt: skip
    form = Format(name="kto", record="trl/kto")
    with FormatFiles(tmp_path, RecordMaker([form], [table.schema])) as files:
        broken = files.write(table, "train")
    assert broken["row"].to_pylist() == [1]
    (file,) = (tmp_path / "kto" / "train").iterdir()
    assert pq.read_table(file)["id"].to_pylist() == ["p/1#chosen", "p/1#rejected"]


def test_without_rows_there_is_one_file_that_says_the_columns(tmp_path: Path) -> None:
    with FormatFiles(tmp_path, RecordMaker([Format(name="chat")], [QUESTIONS])):
        pass
    names = sorted(content(tmp_path))
    assert names == [f"chat{end}" for end in ("/train/part-00000-of-00001.parquet",
                                              "_jsonl/train/part-00000-of-00001.jsonl")]  # fmt: skip
    assert pq.read_schema(tmp_path / names[0]).names == [
        "id",
        "source",
        "family",
        "prompt",
        "completion",
    ]


def test_what_fails_leaves_no_file_that_looks_whole(tmp_path: Path) -> None:
    files = FormatFiles(tmp_path, RecordMaker([Format(shard="50KB")], [QUESTIONS]))

    def write_some() -> None:
        with files:
            files.write(questions(2000), "train")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_some()
    names = [name.rpartition(".")[2] for name in content(tmp_path)]
    assert {*names} == {"tmp"}


def test_rows_that_are_left_out_are_listed(tmp_path: Path) -> None:
    rows = questions(3)
    with DroppedRows(tmp_path) as listed:
        listed.add(rows, pa.table({"reason": ["a", "b", "c"], "detail": ["x", "y", "z"]}))
        listed.add(
            rows.slice(0, 1), pa.table({"reason": ["d"], "detail": ["w"], "match": ["exam/2"]})
        )
    (file,) = (tmp_path / "dropped").iterdir()
    table = pq.read_table(file)
    assert table.schema.equals(DROPPED)
    assert table["match"].to_pylist() == [None, None, None, "exam/2"]
    raw = {"source": "d", "file": "a.csv", "row": 3, "reason": "r", "detail": "m", "content": "{}"}
    assert list_aside(tmp_path, []) == 0
    assert not (tmp_path / "aside").exists()
    assert list_aside(tmp_path, [pa.Table.from_pylist([raw], ASIDE)]) == 1
    (file,) = (tmp_path / "aside").iterdir()
    assert pq.read_table(file).to_pylist() == [raw]


@pytest.mark.parametrize(("wrong", "message"), [
    ({"name": "Chat"}, "cannot name"), ({"name": "dropped"}, "cannot name"),
    ({"name": "../x"}, "cannot name"), ({"name": 3}, "cannot name"),
    ({"record": "trl/mesages"}, "trl/messages"), ({"write": ("jsonl",)}, "as Parquet at least"),
    ({"write": "parquet"}, "takes a list"), ({"write": ("parquet", "csv")}, "write"),
    ({"shard": "256 mb"}, "no size"), ({"shard": 10}, "shard"), ({"shard": 1.5}, "shard"),
    ({"language": "xx"}, "language"), ({"record": "alpaca", "reasoning": "field"}, "reasoning"),
])  # fmt: skip
def test_a_wrong_format_is_refused(wrong: dict, message: str) -> None:
    with pytest.raises(mk.errors.ArgumentError, match=message) as caught:
        Format(**wrong)
    assert "Hint:" in str(caught.value)


@pytest.mark.parametrize("formats", [
    [], [Format(), Format()],
    [Format(name="chat"), Format(name="chat_jsonl", write=("parquet",))],
])  # fmt: skip
def test_formats_that_meet_in_a_folder_are_refused(formats: list[Format]) -> None:
    with pytest.raises(mk.errors.ArgumentError, match=r"formats?"):
        checked_formats(formats)
