"""Small JSON files that come in two forms, or belong together by their folders."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.catalog import Cells, Layout, LocalFiles, Reading
from medqa_kit.loading.files import file as file_module
from medqa_kit.loading.files.local_files import local_files
from medqa_kit.loading.readers import cells as cells_module
from medqa_kit.loading.readers.read_files import read_files
from medqa_kit.loading.readers.read_task import RawBatch, Rejected

ITEM = pa.struct(
    {"name": pa.string(), "said": pa.struct({"body": pa.string(), "end": pa.string()})}
)
RAW = pa.schema({"cell": pa.string(), "asked": pa.list_(ITEM), "given": pa.list_(ITEM)})
CELLS = Cells(depth=2, key="cell", lists={"asked": "**/q/**", "given": "**/a/**"})


def layout(raw: pa.Schema = RAW, **reading: Any) -> Layout:
    return Layout(at=LocalFiles("."), files="**", raw=raw, normalize=lambda raw: raw, schema=raw,
                  read=Reading(format="json-tree", **reading), extra="ignore")  # fmt: skip


def batches(folder: Path, declared: Layout, **options: Any) -> list[RawBatch]:
    files = local_files(folder, "**", source="s", part="p")
    return list(read_files(files, declared, source="s", part="p", **options))


def rows(folder: Path, declared: Layout, **options: Any) -> list[dict[str, Any]]:
    return [row for b in batches(folder, declared, **options) for row in b.table.to_pylist()]


def put(folder: Path, name: str, content: Any) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    file.write_text(text, "utf-8")


def item(name: str) -> dict[str, Any]:
    return {"name": name, "said": {"body": "b", "end": "e"}}


def names(row: dict[str, Any], column: str) -> list[str]:
    return [entry["name"] for entry in row[column]]


def pack(folder: Path) -> None:
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w") as archive:
        for file in sorted(folder.rglob("*.json"), reverse=True):  # in an order of its own
            archive.write(file, file.relative_to(folder).as_posix())
    shutil.rmtree(folder)


# Two forms of one column.


@pytest.mark.parametrize("mixed", [False, True])
def test_a_bare_text_is_the_field_it_stands_for(tmp_path: Path, mixed: bool) -> None:
    put(tmp_path, "1.json", {"name": "1", "said": "flat"})
    if mixed:
        put(tmp_path, "2.json", {"name": "2", "said": {"body": "b"}})
        put(tmp_path, "3.json", {"name": "3", "said": None})
    raw_rows = rows(tmp_path, layout(pa.schema(list(ITEM)), flat={"said": "body"}))
    assert raw_rows[0]["said"] == {"body": "flat", "end": None}
    assert [row["said"] for row in raw_rows[1:]] == [{"body": "b", "end": None}, None][: 2 * mixed]


@pytest.mark.parametrize("value", [3, ["a"], True])
def test_of_other_types_nothing_stands_for_a_field(tmp_path: Path, value: Any) -> None:
    put(tmp_path, "1.json", {"name": "1", "said": value})
    with pytest.raises(mk.errors.ValueTypeError, match="said"):
        rows(tmp_path, layout(pa.schema(list(ITEM)), flat={"said": "body"}))


def test_without_the_option_a_bare_text_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, "1.json", {"name": "1", "said": "flat"})
    with pytest.raises(mk.errors.ValueTypeError, match="said"):
        rows(tmp_path, layout(pa.schema(list(ITEM))))


def test_numbers_are_taken_as_their_digits_where_that_is_declared(tmp_path: Path) -> None:
    big = 12345678901234567890
    put(tmp_path, "1.json", [{"key": 7}, {"key": "07"}, {"key": big}, {"key": None}, {"key": 7.5}])
    raw = pa.schema({"key": pa.string()})
    raw_rows = rows(tmp_path, layout(raw, number_as_text=("key",)))
    assert [row["key"] for row in raw_rows] == ["7", "07", str(big), None, "7.5"]
    with pytest.raises(mk.errors.ValueTypeError, match="key"):
        rows(tmp_path, layout(raw))


@pytest.mark.parametrize("value", [1e22, True, {"a": 1}, [7]])
def test_other_values_are_no_digits(tmp_path: Path, value: Any) -> None:
    put(tmp_path, "1.json", {"key": value})
    with pytest.raises(mk.errors.ValueTypeError, match="key"):
        rows(tmp_path, layout(pa.schema({"key": pa.string()}), number_as_text=("key",)))


def test_fractions_are_taken_as_they_are_written(tmp_path: Path) -> None:
    put(tmp_path, "1.json", {"key": 7.5})
    raw_rows = rows(tmp_path, layout(pa.schema({"key": pa.string()}), number_as_text=("key",)))
    assert [row["key"] for row in raw_rows] == ["7.5"]


# Cells.


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for kind, cell, name in [("q", "d1/i1", "q2"), ("q", "d1/i1", "q1"), ("a", "d1/i1", "a1"),
                             ("q", "d2/i1", "q3"), ("a", "d3/i2", "a2")]:  # fmt: skip
        put(tmp_path, f"tree/{kind}/group/{cell}/{name}.json", item(name))
    return tmp_path / "tree"


def test_a_cell_is_one_record_of_all_its_files(tree: Path) -> None:
    raw_rows = rows(tree, layout(cells=CELLS))
    assert [row["cell"] for row in raw_rows] == ["d1/i1", "d2/i1", "d3/i2"], "in the order of names"
    assert [names(row, "asked") for row in raw_rows] == [["q1", "q2"], ["q3"], []]
    assert [names(row, "given") for row in raw_rows] == [["a1"], [], ["a2"]]
    assert raw_rows[0]["given"] == [item("a1")]


def test_files_of_a_cell_come_in_the_order_of_their_names_wherever_they_lie(tree: Path) -> None:
    put(tree, "q/zoo/d1/i1/q0.json", item("q0"))
    assert names(rows(tree, layout(cells=CELLS))[0], "asked") == ["q0", "q1", "q2"]


@pytest.mark.parametrize("packed", ["q", "a", "both"])
def test_zips_give_the_same_cells(tree: Path, packed: str) -> None:
    before = rows(tree, layout(cells=CELLS))
    for kind in ("q", "a"):
        if packed in (kind, "both"):
            pack(tree / kind)
    assert rows(tree, layout(cells=CELLS)) == before


def test_an_archive_is_opened_once_although_cells_take_turns(tree: Path, monkeypatch) -> None:
    pack(tree / "q")
    pack(tree / "a")
    opened: list[str] = []
    real = file_module.open_archive
    monkeypatch.setattr(
        file_module, "open_archive", lambda path, name: opened.append(path) or real(path, name)
    )
    files = local_files(tree, "**", source="s", part="p")
    opened.clear()  # listing opens them, too
    assert len(list(read_files(files, layout(cells=CELLS), source="s", part="p"))) == 1
    assert len(opened) == 2


def test_few_archives_stay_open(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(file_module, "_OPEN_ARCHIVES", 2)
    for number in range(5):
        put(tmp_path, f"{number}/x/d/i/{number}.json", item(str(number)))
        pack(tmp_path / str(number))
    files = local_files(tmp_path, "**", source="s", part="p")
    for order in (files, files[::-1], [*files, *files]):
        read_names = [json.loads(data)["name"] for _, data in file_module.contents(order)]
        assert read_names == [Path(file.name).stem for file in order]


@settings(deadline=None, max_examples=examples(40))  # each writes files
@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=8), most=st.integers(1, 10))
def test_batches_are_bounded_and_say_the_same(
    sizes: list[int], most: int, tmp_path_factory
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    for cell, size in enumerate(sizes):
        for number in range(size):
            put(folder, f"q/d{cell}/i/{number}.json", item(f"{cell}-{number}"))
    whole = rows(folder, layout(cells=CELLS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells_module, "_MOST_OBJECTS", most)
        cut = batches(folder, layout(cells=CELLS))
    assert [row for batch in cut for row in batch.table.to_pylist()] == whole
    for batch in cut:
        objects = sum(len(row["asked"]) for row in batch.table.to_pylist())
        assert objects <= most or batch.table.num_rows == 1
    assert [len(row["asked"]) for row in whole] == sizes


def test_a_broken_file_is_set_aside_alone(tree: Path) -> None:
    put(tree, "q/group/d1/i1/q1.json", '{"name": "q1"')
    with pytest.raises(mk.errors.FormatError, match="not JSON") as error:
        rows(tree, layout(cells=CELLS))
    assert error.value.file == "q/group/d1/i1/q1.json"
    rejected: list[Rejected] = []
    raw_rows = rows(tree, layout(cells=CELLS), reject=rejected.append)
    assert [names(row, "asked") for row in raw_rows] == [["q2"], ["q3"], []]
    assert [(reject.file, reject.reason) for reject in rejected] == [
        ("q/group/d1/i1/q1.json", "broken_record")
    ]


def test_a_row_is_placed_by_its_cell(tree: Path) -> None:
    (batch,) = batches(tree, layout(cells=CELLS))
    assert [batch.place(row)[0] for row in range(3)] == ["d1/i1", "d2/i1", "d3/i2"]


@pytest.mark.parametrize("name", ["q/1.json", "other/d/i/1.json", "q/a/i/1.json"])
def test_a_file_that_belongs_nowhere_or_twice_is_refused(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, item("x"))
    with pytest.raises(mk.errors.WrongFilesError, match="where it belongs") as error:
        rows(tmp_path, layout(cells=CELLS))
    assert error.value.file == name


def test_both_forms_within_cells(tree: Path) -> None:
    put(tree, "a/group/d1/i1/a0.json", {"name": 7, "said": "flat"})
    declared = layout(cells=CELLS, flat={"said": "body"}, number_as_text=("name",))
    given_ = rows(tree, declared)[0]["given"]
    assert given_ == [{"name": "7", "said": {"body": "flat", "end": None}}, item("a1")]


def test_processes_do_not_part_a_cell(hub, tree: Path, tmp_path: Path) -> None:
    source = mk.Source(
        name="demo", title="Demo", about="Invented.", language=("en",),
        citation="@misc{demo, title={Demo}, year={2026}}",
        license=(mk.catalog.Claim("MIT", "invented"),), parts=(mk.catalog.Part(None, "train"),),
        layout=Layout(at=LocalFiles(str(tree)), files="**/*.json", raw=RAW, schema=mk.schemas.TEXT,
                      read=Reading(format="json-tree", cells=CELLS), normalize=_counted),
    )  # fmt: skip
    first, two = (mk.load(source, split="train", num_proc=n, cache_dir=tmp_path / f"cache-{n}")
                for n in (None, 2))  # fmt: skip
    assert first[:]["text"] == two[:]["text"] == ["2+1", "1+0", "0+1"]


def _counted(raw: pa.Table) -> pa.Table:
    pairs = [f"{len(row['asked'])}+{len(row['given'])}" for row in raw.to_pylist()]
    return pa.table({"id": raw["cell"], "text": pa.array(pairs, pa.string())})


# Packed and unpacked.


def test_an_archive_beside_the_folder_it_was_unpacked_to_is_refused(tree: Path) -> None:
    shutil.make_archive(str(tree / "q"), "zip", tree / "q")
    with pytest.raises(mk.errors.WrongFilesError, match="there twice") as error:
        local_files(tree, "q/**", source="s", part="p")
    assert "q/group/d1/i1/q1.json" in error.value.found
    assert local_files(tree, "a/**", source="s", part="p"), "others are no matter"
