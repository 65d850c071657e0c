"""A package with a source, written from rows of any format: it keeps the contract, and tests itself."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.catalog import registry
from medqa_kit.cli import main

EXAM = [
    {"no": str(n), "stem": f"Which is the vitamin of fruit {n}, \"C\" or, perhaps,\nanother?", "a": "retinol", "b": "ascorbic acid",
     "c": f"thiamine {n}", "right": "B"}
    for n in range(30)
]  # fmt: skip
SAID = {
    "language": "en",
    "question": "stem",
    "options": ["a", "b", "c"],
    "answer": "right",
    "key": "no",
}


def written(folder: Path, ending: str, rows: list[dict[str, object]]) -> Path:
    """The rows in a file of some format."""
    import csv

    file = folder / f"rows.{ending}"
    if ending == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), file)
    elif ending in ("csv", "tsv"):
        with file.open("w", encoding="utf-8", newline="") as handle:
            table = csv.DictWriter(
                handle, list(rows[0]), delimiter="\t" if ending == "tsv" else ","
            )
            table.writeheader()
            table.writerows(rows)
    elif ending == "json":
        file.write_text(json.dumps(rows), "utf-8")
    else:
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return file


def loaded(source: mk.Source | object, name: str, monkeypatch: pytest.MonkeyPatch) -> mk.Source:
    monkeypatch.syspath_prepend(str(Path(source.folder) / "src"))
    return importlib.import_module(name).SOURCE


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["jsonl", "json", "csv", "tsv", "parquet"])
def test_a_source_of_any_format_loads_as_its_rows_do(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub
) -> None:
    file, name = written(tmp_path, ending, EXAM), f"ward_{ending}"
    package = mk.new_source(name, file, **SAID, folder=tmp_path / name)
    assert package.rows == 24
    source = loaded(package, name, monkeypatch)
    rows = mk.load(source, split="train", path=file)
    own = mk.read(file, **SAID, name=name)
    assert rows.num_rows == 30
    assert list(rows) == list(own)
    assert set(rows["answer"]) == {"ascorbic acid"}


def test_a_column_of_families_stays_one_as_the_warning_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub
) -> None:
    file = written(tmp_path, "csv", [{**row, "family": f"patient {row['no'][0]}"} for row in EXAM])
    with pytest.warns(mk.errors.FamilyWarning, match="say family='family'"):
        mk.new_source("ward_alone", file, **SAID, folder=tmp_path / "ward_alone")
    words = "--language en --question stem --options a b c --answer right --key no --family family"
    assert main(["new-source", "ward_families", "--rows", str(file), *words.split(),
                 "--folder", str(tmp_path / "ward_families")]) == 0  # fmt: skip
    monkeypatch.syspath_prepend(str(tmp_path / "ward_families" / "src"))
    source = importlib.import_module("ward_families").SOURCE
    rows = mk.load(source, split="train", path=file)
    assert rows["family"][:] == [f"patient {n}"[:9] for n in range(30)]


@pytest.mark.slow
def test_the_tests_of_the_package_pass_and_see_a_change(tmp_path: Path, hub) -> None:
    package = mk.new_source(
        "ward_tests", written(tmp_path, "csv", EXAM), **SAID, folder=tmp_path / "made"
    )
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(package.folder)]
    done = subprocess.run(run, capture_output=True, text=True)
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    module = package.folder / "src" / "ward_tests" / "__init__.py"
    module.write_text(
        module.read_text("utf-8").replace("'question': 'stem'", "'question': 'a'"), "utf-8"
    )
    done = subprocess.run(run, capture_output=True, text=True)
    assert "1 failed, 1 passed" in done.stdout


def test_the_catalogue_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub) -> None:
    rows = [
        {"source_text": "열이 난다.", "label": "감기"},
        {"source_text": "기침을 한다.", "label": "천식"},
    ]
    package = mk.new_source(
        "ward_labels", written(tmp_path, "jsonl", rows), language="ko", schema="labeled",
        columns={"text": "source_text", "label": "label"}, license="CC-BY-4.0",
        repo="example-org/ward", revision="a" * 40, folder=tmp_path / "made",
    )  # fmt: skip
    source = loaded(package, "ward_labels", monkeypatch)
    assert source.terms.commercial == "yes"
    assert source.at == mk.catalog.Hub("example-org/ward", revision="a" * 40)
    monkeypatch.setattr(registry, "_REGISTERED", {})
    mk.register(source)
    assert mk.source("ward_labels").title == "Ward labels"
    sample = package.folder / "src" / "ward_labels" / "sample"
    assert mk.load("ward_labels", split="train", path=sample)["label"][:] == ["감기", "천식"]
    registry._complete.cache_clear()


@pytest.mark.parametrize(("changed", "message"), [
    ({"name": "kormedmcqa"}, "the catalogue has a source of this name"),
    ({"name": "json"}, "Python has a module of this name"),
    ({"name": "Ward Notes"}, "this cannot name a source"),
    ({"name": "class"}, "this cannot name a source"),
    ({"question": "stam"}, "did you mean 'stem'?"),
    ({"schema": "qs"}, "did you mean 'qa'?"),
    ({"base": "leter"}, "did you mean 'letter'?"),
    ({"base": 1}, "the right option|one of the row's options"),
    ({"revision": "a" * 40}, "a revision is one of a repository"),
    ({"rows": "absent.csv"}, "there is no such file"),
    ({"most": 0}, "takes a number"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_written(
    changed: dict[str, object], message: str, tmp_path: Path, hub
) -> None:
    told = {"name": "ward_wrong", "rows": written(tmp_path, "jsonl", EXAM), **SAID, **changed}
    with pytest.raises(mk.MedQAError, match=message):
        mk.new_source(folder=tmp_path / "made", **told)
    assert not (tmp_path / "made").exists()


def test_nothing_is_overwritten(tmp_path: Path, hub) -> None:
    (tmp_path / "made").mkdir()
    with pytest.raises(mk.errors.StorageError, match="the folder is there already"):
        mk.new_source(
            "ward_twice", written(tmp_path, "csv", EXAM), **SAID, folder=tmp_path / "made"
        )
    assert not list((tmp_path / "made").iterdir())


def test_the_command_takes_the_same_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, hub
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "tsv", EXAM)
    words = ["new-source", "ward_words", "--rows", "rows.tsv", "--language", "en", "--question", "stem",
             "--options", "a", "b", "c", "--answer", "right", "--base", "letter", "--key", "no"]  # fmt: skip
    assert main(words) == 0
    assert "pytest ward_words" in capsys.readouterr().out
    golden = json.loads((tmp_path / "ward_words" / "tests" / "golden.json").read_text("utf-8"))
    assert golden["train"][0]["options"] == ["retinol", "ascorbic acid", "thiamine 0"]
    assert main([*words, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "StorageError"


@pytest.mark.parametrize(("code", "changes"), [
    ("neighbours", "first"), ("unsteady", "counting"), ("unpicklable", "lambda"),
])  # fmt: skip
def test_the_contract_sees_what_breaks_it(code: str, changes: str, tmp_path: Path, hub) -> None:
    file = written(tmp_path, "parquet", EXAM[:5])
    source = mk.Source(
        name="ward_broken", title="x", about="x.", language=("en",),
        layout=mk.catalog.Layout(
            at=mk.catalog.LocalFiles(str(file)), files="rows.parquet", schema=mk.schemas.QA,
            raw=pa.schema({name: pa.string() for name in EXAM[0]}), normalize=BROKEN[changes],
        ),
        parts=(mk.catalog.Part(None, "train", 5),), license=(mk.catalog.Claim("MIT", "card"),), citation="@misc{x}",
    )  # fmt: skip
    codes = mk.check_source(source, path=file).by("code")
    assert code in codes
    assert "evidence" in codes


def _rows(raw: pa.Table, **columns: object) -> pa.Table:
    return pa.table({"id": raw["no"], "question": raw["stem"], "answer": raw["b"]} | columns)


def first(raw: pa.Table) -> pa.Table:
    return _rows(
        raw,
        answer=pa.array([raw["no"][0].as_py()] * raw.num_rows if raw.num_rows else [], pa.string()),
    )


SEEN: list[int] = []


def counting(raw: pa.Table) -> pa.Table:
    SEEN.append(raw.num_rows)
    return _rows(raw, question=pa.array([f"{len(SEEN)}" for _ in range(raw.num_rows)], pa.string()))


BROKEN = {"first": first, "counting": counting, "lambda": lambda raw: _rows(raw)}


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_rows_in_another_encoding_are_told_with_their_file(tmp_path: Path, name: str) -> None:
    text = '{"q": "가", "a": "나"}\n' if name.endswith("jsonl") else "q,a\n가,나\n"
    (tmp_path / name).write_text(text, "cp949")
    with pytest.raises(mk.errors.EncodingError) as error:
        mk.new_source("ward_notes", tmp_path / name, language="ko", question="q", answer="a", folder=tmp_path / "made")  # fmt: skip
    assert error.value.file == str(tmp_path / name)
    assert "UTF-8" in str(error.value.hint)
    assert not (tmp_path / "made").exists()
