"""Loading from local files and samples; what one may ask for; typed rows."""

from __future__ import annotations

import os
import subprocess
import sys
import typing
import zipfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

import medqa_kit as mk
from demo import COLUMNS, PIN, REPO, Read, both_ways, demo, folder, jsonl, records, serve
from hub import Hub
from medqa_kit.errors import (
    ArgumentError,
    CatalogError,
    EmptyDataError,
    LicenseWarning,
    ManualDownloadError,
    MedQAWarning,
    NoDataError,
    SchemaError,
    UnknownPartError,
    UnknownSourceError,
    WrongFilesError,
)

pytestmark = pytest.mark.usefixtures("hub")
FILES = {"train.jsonl": jsonl(records(6)), "test.jsonl": jsonl(records(4, 100))}
quiet = pytest.mark.filterwarnings("ignore::medqa_kit.errors.LicenseWarning")


@pytest.fixture
def where(tmp_path: Path) -> Path:
    return folder(tmp_path / "data", FILES)


# -- local files


@both_ways
def test_a_folder_an_archive_and_a_file_give_the_same_rows(
    tmp_path: Path, where: Path, read: Read
) -> None:
    archive = tmp_path / "data.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for name, content in FILES.items():
            out.writestr(name, content)
    rows = read(demo(), path=where)
    assert len(rows) == 6
    assert read(demo(), path=archive) == rows
    assert read(demo(), path=str(where / "train.jsonl")) == rows


def test_an_edited_file_is_read_anew(where: Path) -> None:
    assert len(mk.load(demo(), split="train", path=where)) == 6
    (where / "train.jsonl").write_bytes(jsonl(records(7)))
    assert len(mk.load(demo(), split="train", path=where)) == 7
    (where / "train2.jsonl").write_bytes(jsonl(records(1, 50)))
    assert len(mk.load(demo(), split="train", path=where)) == 8


def test_local_files_ask_no_hub(hub: Hub, where: Path) -> None:
    mk.load(demo(), path=where)
    assert hub.requests == []


def test_a_source_of_local_files_needs_no_path(where: Path) -> None:
    assert len(mk.load(demo(at=mk.catalog.LocalFiles(str(where))), split="train")) == 6


def test_files_to_be_fetched_by_hand(where: Path) -> None:
    manual = demo(at=mk.catalog.Manual(steps=("Ask the board.",), expect="the folder"))
    with pytest.raises(ManualDownloadError, match="Ask the board"):
        mk.load(manual, split="train")
    assert len(mk.load(manual, split="train", path=where)) == 6


def test_no_such_path() -> None:
    with pytest.raises(WrongFilesError, match="does not exist"):
        mk.load(demo(), split="train", path="/no/such/folder")


@quiet
def test_samples_are_always_named_as_such() -> None:
    data = mk.load("kormedmcqa", subset="doctor", split="test", origin="sample")
    assert all(i.startswith("sample:") for i in data["id"])
    assert data.info.description.startswith("INVENTED SAMPLE ROWS")
    with pytest.raises(NoDataError, match="embeds no sample"):
        mk.load(demo(), split="train", origin="sample")


def test_a_failing_hub_is_no_reason_to_give_a_sample(hub: Hub) -> None:
    hub.stop()
    with pytest.raises(mk.errors.OfflineError):
        mk.load("kormedmcqa", subset="doctor", split="test")


# -- what one may ask for


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"split": "trian"}, UnknownPartError, "did you mean 'train'"),
        ({"subset": "doctor"}, UnknownPartError, "has no subsets"),
        ({"view": "rwa"}, UnknownPartError, "did you mean 'raw'"),
        ({"keep": ["cot"]}, UnknownPartError, "number, year, question"),
        ({"columns": {"cot": "x"}}, UnknownPartError, "number, year, question"),
        ({"choices": {"variant": "both"}}, UnknownPartError, "offers no choice 'variant'"),
        ({"choices": "both"}, ArgumentError, "choices= takes a dict of names"),
        ({"origin": "smaple"}, ArgumentError, "did you mean 'sample'"),
        ({"origin": "path"}, CatalogError, "needs path="),
        ({"on_bad": "ignore"}, ArgumentError, "expected: raise, drop"),
        ({"on_bad": "keep"}, ArgumentError, "cannot be kept"),
        ({"split": ["train", "test"]}, ArgumentError, "split= takes a name or None"),
        ({"subset": 3}, ArgumentError, "subset= takes a name or None"),
        ({"revision": 3}, ArgumentError, "revision= takes text"),
        ({"path": 3}, ArgumentError, "path= takes a path"),
        ({"lock": 3}, ArgumentError, "lock= takes a path"),
        ({"cache_dir": __file__}, WrongFilesError, "cache_dir= cannot be a folder"),
        ({"cache_dir": f"{__file__}/x"}, WrongFilesError, "cache_dir= cannot be a folder"),
        ({"repo": "not a repo"}, ArgumentError, "expected: owner/name"),
        (
            {"repo": "https://huggingface.co/datasets/demo/exam/tree/main"},
            ArgumentError,
            "did you mean 'demo/exam'",
        ),
        ({"origin": "sample", "path": "."}, ArgumentError, "contradict each other"),
        (
            {"origin": "sample", "repo": "a/b"},
            ArgumentError,
            'repo= would do nothing with origin="sa',
        ),
        ({"path": ".", "repo": "a/b"}, ArgumentError, "repo= would do nothing with path="),
        (
            {"path": ".", "repo": "a/b", "revision": "main"},
            ArgumentError,
            "repo= and revision= would do nothing with path=",
        ),
        ({"years": [1999]}, EmptyDataError, "no row is of these years"),
        ({"num_proc": 0}, ArgumentError, "at least 1"),
        ({"streaming": "yes"}, ArgumentError, "streaming= takes one of 2 values"),
        ({"keep": "a"}, ArgumentError, "keep= takes a list"),
    ],
)
def test_what_there_is_not(
    hub: Hub, arguments: dict[str, object], error: type[Exception], words: str
) -> None:
    serve(hub)
    with pytest.raises(error) as caught:
        mk.load(demo(), **{"split": "train", **arguments})
    assert words in str(caught.value)
    assert "Hint:" in str(caught.value)


def test_no_repository_where_there_is_no_hub(where: Path) -> None:
    local = demo(at=mk.catalog.LocalFiles(str(where)))
    with pytest.raises(ArgumentError, match="revision= would do nothing with a source that is not"):
        mk.load(local, split="train", revision="main")


def test_a_source_is_asked_for_by_name() -> None:
    for call in (mk.load, mk.source):
        with pytest.raises(ArgumentError, match="takes the name of a source"):
            call(3)


def test_no_such_source() -> None:
    with pytest.raises(UnknownSourceError, match="kormedmcqa"):
        mk.load("kormedmcq")


def test_years_of_rows_without_a_year(where: Path) -> None:
    with pytest.raises(SchemaError, match="no year"):
        mk.load(
            demo(schema=mk.schemas.TEXT, normalize=mk.normalizing.Columns(take={"text": "a"}, key=("number",))),
            split="train", path=where, years=[2020],
        )  # fmt: skip


def test_years_that_only_some_splits_have(where: Path) -> None:
    rows = [{**row, "year": 1999} for row in records(2, 100)]
    (where / "test.jsonl").write_bytes(jsonl(rows))
    parts = mk.load(demo(), path=where, years=[1999])
    assert {split: len(data) for split, data in parts.items()} == {"train": 0, "test": 2}


@both_ways
@pytest.mark.filterwarnings("ignore::medqa_kit.errors.HoldoutWarning")
@pytest.mark.parametrize("split", ["train", "test", "all"])
def test_years_of_every_kind_keep_the_same_rows(where: Path, read: Read, split: str) -> None:
    """A generator was eaten by the first part, and a long range made a long list."""
    kinds = [[2021, 2022], (y for y in (2022, 2021)), {2021, 2022}, range(2021, 2023),
             range(2021, 2**60, 1)]  # fmt: skip
    *tables, long = [read(demo(), path=where, split=split, years=years) for years in kinds]
    every = read(demo(), path=where, split=split)
    assert tables == [[row for row in every if row["year"] in (2021, 2022)]] * 4
    assert long == [row for row in every if row["year"] >= 2021]


def test_years_from_a_generator_reach_every_split(where: Path) -> None:
    rows = mk.load(demo(), path=where, years=(year for year in [2021]))
    assert {split: len(data) for split, data in rows.items()} == {"train": 2, "test": 1}


@pytest.mark.parametrize(
    "years", [2021, True, "2021", ["2021"], [True], [2021.0], [None]], ids=repr
)
def test_years_that_are_no_years(where: Path, years: object) -> None:
    with pytest.raises(ArgumentError, match="years= takes whole numbers") as caught:
        mk.load(demo(), path=where, years=years)
    assert "range(2012, 2022)" in caught.value.expected
    assert caught.value.hint


def test_years_where_every_year_is_null(where: Path) -> None:
    (where / "train.jsonl").write_bytes(jsonl([{**row, "year": None} for row in records(3)]))
    with pytest.raises(SchemaError, match="no row that was asked for has a year"):
        mk.load(demo(), split="train", path=where, years=[2020])
    assert len(mk.load(demo(), path=where, years=[2020])["train"]) == 0, "the other split has"


def test_parts_of_two_schemas_are_two_tables(where: Path) -> None:
    source = demo()
    layout = source.layout
    assert isinstance(layout, mk.catalog.Layout)
    texts = replace(
        layout,
        schema=mk.schemas.TEXT,
        normalize=mk.normalizing.Columns(take={"text": "a"}, key=("number",)),
    )
    mixed = replace(source, parts=(source.parts[0], replace(source.parts[1], layout=texts)))
    rows = mk.load(mixed, path=where)
    assert rows["test"].column_names == mk.schemas.TEXT.names
    with pytest.raises(UnknownPartError, match="cannot be one table"):
        mk.load(mixed, path=where, split="all")


# -- warnings


def test_contradicting_licences_are_spoken_of_at_the_line_of_the_user() -> None:
    for _ in range(2):
        with pytest.warns(LicenseWarning, match=r"kormedmcqa.*CC-BY-NC-2.0") as caught:
            mk.load("kormedmcqa", subset="doctor", split="test", origin="sample")
        assert caught[0].filename == __file__


def test_a_source_may_warn(where: Path) -> None:
    with pytest.warns(MedQAWarning, match="outdated advice") as caught:
        mk.load(replace(demo(), warning="outdated advice"), split="train", path=where)
    assert caught[0].filename == __file__


# -- typed rows


@both_ways
def test_rows_are_typed(where: Path, read: Read) -> None:
    row = next(mk.rows(mk.load(demo(), split="train", path=where), mk.schemas.QARow))
    assert row.keys() == typing.get_type_hints(mk.schemas.QARow).keys()
    assert row["options"] == ["예", "아니오"]
    assert read(demo(), path=where)[0] == row


def test_rows_of_everything_apply_knows(where: Path) -> None:
    data = mk.load(demo(), split="train", path=where)
    stream = mk.load(demo(), split="train", path=where, streaming=True)
    table = data.with_format("arrow")[:]
    assert isinstance(table, pa.Table)
    expected = list(data)
    assert list(mk.rows(data)) == list(mk.rows(stream)) == list(mk.rows(table)) == expected
    assert list(mk.rows(data.select([4, 1]))) == [expected[4], expected[1]]
    assert len(list(mk.rows(pa.concat_tables([table] * 700)))) == 4200


def test_rows_of_another_schema(where: Path) -> None:
    data = mk.load(demo(), path=where)
    with pytest.raises(SchemaError, match="prompt, chosen, rejected"):
        mk.rows(data["train"], mk.schemas.PreferenceRow)
    with pytest.raises(SchemaError, match="dict of splits"):
        mk.rows(data)


# -- the cache


def test_the_cache_is_where_it_is_said_to_be(tmp_path: Path, where: Path) -> None:
    data = mk.load(demo(), split="train", path=where, cache_dir=tmp_path / "cache")
    [file] = [Path(entry["filename"]) for entry in data.cache_files]
    assert file.is_relative_to(tmp_path / "cache" / "medqa_kit___demo_exam" / "train")


def test_what_is_asked_for_tells_places_in_the_cache_apart(where: Path) -> None:
    def place(source: mk.Source, **arguments: object) -> str:
        data = mk.load(source, **{"split": "train", "path": where, **arguments})
        return str(data.cache_files[0]["filename"])

    other = replace(COLUMNS, options=("b", "a"), index=None)
    places = [
        place(demo()), place(demo(), view="raw"), place(demo(), keep=["a"]),
        place(demo(), on_bad="drop"), place(demo(), split="test"),
        place(replace(demo(), version=2)), place(replace(demo(), language=("km",))),
        place(replace(demo(), name="other")), place(demo(normalize=other)),
        place(demo(repeats=True)),
    ]  # fmt: skip
    assert len(set(places)) == len(places)
    assert place(demo()) == places[0]


def test_dataset_info_says_where_it_is_from(hub: Hub) -> None:
    info = mk.load(serve(hub), split="train").info
    assert PIN in info.description
    assert REPO in info.homepage
    assert info.license == "CC-BY-4.0"


def test_streams_can_be_stopped_and_taken_up_again(where: Path) -> None:
    (where / "train.jsonl").write_bytes(jsonl(records(50)))
    stream = mk.load(demo(), split="train", path=where, streaming=True)
    seen = []
    for row in stream:
        seen.append(row["id"])
        if len(seen) == 20:
            state = stream.state_dict()
            break
    again = mk.load(demo(), split="train", path=where, streaming=True)
    again.load_state_dict(state)
    assert seen + [row["id"] for row in again] == [f"demo_exam/{n}" for n in range(50)]


@pytest.mark.slow
def test_a_load_imports_no_package_that_it_does_not_use(tmp_path: Path) -> None:
    code = (
        "import sys, medqa_kit as mk\n"
        "mk.load('kormedmcqa', subset='doctor', split='test', origin='sample')[0]\n"
        "print([name for name in ('scipy', 'numba', 'openpyxl', 'polars') if name in sys.modules])"
    )
    environment = {**os.environ, "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_a_split_is_taken_whole() -> None:
    with pytest.raises(UnknownPartError, match=r"split='train' takes it whole: .*\.select\(\)"):
        mk.load("kormedmcqa", split="train[:10%]", origin="sample")
    with pytest.raises(UnknownPartError, match="did you mean 'train'"):
        mk.load("kormedmcqa", split="trian", origin="sample")
