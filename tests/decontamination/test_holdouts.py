"""Holdouts and the verbs on them: what they are, what they find, what they refuse."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from exam_text import LANGUAGES, Item, items
from gauntlet import EDITED, FAITHFUL, LOOKALIKES, held_table, planted
from laws import examples
from medqa_kit.core.holders import batches
from medqa_kit.core.report import Report
from medqa_kit.decontamination.comparison import compare_holdouts
from medqa_kit.decontamination.exclusion import Excluding, check, exclude, overlap, search
from medqa_kit.decontamination.findings import dropped_rows
from medqa_kit.decontamination.fingerprint_files import write_fingerprints
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.decontamination.rules import RULES
from medqa_kit.errors import (
    ArgumentError,
    EmptyDataError,
    FormatError,
    LeakError,
    LockError,
    SchemaError,
    StorageError,
    WrongFilesError,
)
from medqa_kit.matching.letter_table import letter_table
from medqa_kit.schemas import PARALLEL, QA, TOKENS, conform
from no_numba import without_numba

ITEMS = [item for language in LANGUAGES for item in items(language, 30, seed=5)]


def rows(*columns: dict[str, object]) -> pa.Table:
    """Give question rows; what is not named is null."""
    filled = [
        {"id": f"row/{i}", "source": "demo", "split": "train"} | c for i, c in enumerate(columns)
    ]
    return pa.Table.from_pylist(filled, QA)


def holdout_of(chosen: list[Item], name: str = "exam") -> Holdout:
    return Holdout.from_rows(
        held_table(chosen), reason="the test", protects=["demo/exam"], name=name
    )


@pytest.fixture(scope="module")
def holdout() -> Holdout:
    return holdout_of(ITEMS)


@pytest.fixture(scope="module")
def training() -> pa.Table:
    """Rows of all kinds: copies, edited copies, lookalikes."""
    parts = []
    for number, disguise in enumerate([FAITHFUL["exact"], FAITHFUL["other option markers"],
                                       EDITED["one typo in ten letters"], EDITED["one option less"],
                                       *LOOKALIKES.values()]):  # fmt: skip
        if number == 8:  # a chapter is text, not a question
            break
        table, _ = planted(ITEMS, disguise, seed=number)
        ids = pa.array([f"{number}/{i}" for i in range(len(table))])
        parts.append(table.set_column(0, table.schema.field(0), ids))
    return pa.concat_tables(parts)


def sure(report: Report) -> pa.Table:
    """Return the findings for which rows are dropped."""
    return report.findings.filter(pc.field("code") != "review")


def pairs(report: Report) -> list[tuple[str, str, str]]:
    return list(zip(*(sure(report)[c].to_pylist() for c in ("id", "held_id", "code")), strict=True))


def test_numba_and_numpy_agree(holdout: Holdout, training: pa.Table) -> None:
    _, report = exclude(training, holdout)
    with without_numba():
        other = holdout_of(ITEMS)
        _, two = exclude(training, other)
    assert holdout.items.equals(other.items)
    assert report.findings.equals(two.findings)
    assert len(sure(report)) > 4 * len(ITEMS) * 0.9


def test_an_exam_of_which_only_right_answers_are_written() -> None:
    exam = rows(
        {"question": "", "options": [""], "answer": "협심증", "context": None, "rationale": None}
    )
    holdout = Holdout.from_rows(exam, reason="x")
    assert exclude(rows({"question": "협심증의 증상은?", "options": None, "answer": "흉통", "context": None,
                         "rationale": None}), holdout)[1].kept == 1  # fmt: skip


WORDS = [
    "협심증",
    "환자",
    "ជំងឺ",
    "angina",
    "pain",
    "5",
    "72",
    "1.5",
    "①",
    "mg",
    "의",
    "?",
    "\u200b",
    "&lt;b&gt;",
    "[b]angina[/b]",
    "<c>pain</c>",
    "<![CDATA[mg]]>",
    "<p>",
    "{\\bf pain}",
    "\\ud611",
    "%ED%98%91",
    "=EC=8B=AC",
    "<0xEC><0x8B><0xAC>",
    "&#237;&#152;&#145;",
    "ㅎㅕㅂㅅㅣㅁ",
    "аngіnа",
    "a\u0336n\u0336g\u0336i\u0336n\u0336a\u0336",
]
texts = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
long_texts = st.tuples(texts, st.integers(1, 200)).map(lambda t: " ".join([t[0]] * t[1]))
questions = st.fixed_dictionaries({
    "question": texts, "options": st.none() | st.lists(texts, max_size=5), "answer": st.none() | texts,
    "context": st.none() | long_texts, "rationale": st.none() | long_texts,
})  # fmt: skip


@settings(max_examples=examples(60), deadline=None)
@given(exam=st.lists(questions, min_size=1, max_size=8), data=st.lists(questions, max_size=8))
@pytest.mark.slow
def test_numba_and_numpy_agree_on_odd_rows(
    exam: list[dict[str, object]], data: list[dict[str, object]]
) -> None:
    """Repeats, texts longer than a window, empty fields, numbers side by side."""
    numba, searched = Holdout.from_rows(rows(*exam), reason="x"), rows(*exam, *data)
    report = exclude(searched, numba)[1]
    with without_numba():
        numpy = Holdout.from_rows(rows(*exam), reason="x")
        two = exclude(searched, numpy)[1]
    assert numba.items.equals(numpy.items)
    assert report.findings.equals(two.findings)


def test_counts_add_up(holdout: Holdout, training: pa.Table) -> None:
    clean, report = exclude(training, holdout)
    assert report.rows == len(training) == report.kept + report.dropped
    assert len(clean) == report.kept
    assert {name.removeprefix("rows_") for name in report.counts} <= {*RULES}
    assert sum(report.counts.values()) - report.counts["rows_review"] == report.dropped
    first = dropped_rows(report)
    assert len(first) == report.dropped
    assert {*first["id"].to_pylist()} == {*training["id"].to_pylist()} - {*clean["id"].to_pylist()}
    only_review = {*report.ids("review")} - {*first["id"].to_pylist()}
    assert len(only_review) == report.counts["rows_review"] > 0


def test_the_strongest_rule_of_a_row_comes_first(holdout: Holdout, training: pa.Table) -> None:
    _, report = exclude(training, holdout)
    order = [(row, RULES.index(code)) for row, code in zip(
        report.findings["row"].to_pylist(), report.findings["code"].to_pylist(), strict=True)]  # fmt: skip
    assert order == sorted(order)
    assert len({row for row, _ in order}) < len(order)


def test_searching_reports_what_excluding_drops(holdout: Holdout, training: pa.Table) -> None:
    _, excluded = exclude(training, holdout)
    searched = search(training, holdout)
    assert searched.findings.equals(excluded.findings)
    assert (searched.rows, searched.kept) == (excluded.rows, excluded.kept)
    assert "nothing was dropped" in str(searched)
    assert "nothing was dropped" not in str(excluded)


def test_excluding_twice_is_excluding_once(holdout: Holdout, training: pa.Table) -> None:
    clean, _ = exclude(training, holdout)
    again, report = exclude(clean, holdout)
    assert again.equals(clean)
    assert report.dropped == 0


@pytest.mark.slow
@settings(max_examples=examples(6), deadline=None)
@given(seed=st.integers(0, 10**6), chunk=st.integers(1, 200))
def test_neither_order_nor_batches_matter(
    holdout: Holdout, training: pa.Table, seed: int, chunk: int
) -> None:
    _, plain = exclude(training, holdout)
    order = np.random.default_rng(seed).permutation(len(training))
    mixed = training.take(pa.array(order))
    chunked = pa.Table.from_batches(mixed.to_batches(max_chunksize=chunk))
    _, report = exclude(chunked, holdout, threads=1 + seed % 3)
    assert sorted(pairs(report)) == sorted(pairs(plain))
    assert report.by("code") == plain.by("code")


@pytest.mark.slow
@settings(max_examples=examples(5), deadline=None)
@given(cut=st.integers(1, len(ITEMS) - 1), shared=st.integers(0, 10))
def test_a_union_excludes_what_both_exclude_in_turn(
    training: pa.Table, cut: int, shared: int
) -> None:
    left, two = holdout_of(ITEMS[:cut], "one"), holdout_of(ITEMS[max(cut - shared, 0) :], "two")
    together, _ = exclude(training, left | two)
    first, _ = exclude(training, left)
    in_turn, _ = exclude(first, two)
    assert together.equals(in_turn)
    assert len(left | two) == len(ITEMS)


@pytest.mark.slow
@settings(max_examples=examples(5), deadline=None)
@given(gone=st.integers(0, len(ITEMS) - 1))
def test_removing_an_item_frees_exactly_its_rows(
    holdout: Holdout, training: pa.Table, gone: int
) -> None:
    name = ITEMS[gone].id
    _, before = exclude(training, holdout)
    _, after = exclude(training, holdout.without([name]))
    assert pairs(after) == [pair for pair in pairs(before) if pair[1] != name]
    assert len(holdout.without([name])) == len(holdout) - 1


def test_saved_fingerprints_find_the_same(
    holdout: Holdout, training: pa.Table, tmp_path: Path
) -> None:
    holdout.save(tmp_path / "exam.parquet")
    loaded = Holdout.load(tmp_path / "exam.parquet")
    assert loaded.purposes == holdout.purposes
    assert exclude(training, loaded)[1].findings.equals(exclude(training, holdout)[1].findings)
    assert [p.name for p in tmp_path.iterdir()] == ["exam.parquet"]


def test_saved_fingerprints_hold_no_text(holdout: Holdout, tmp_path: Path) -> None:
    holdout.save(tmp_path / "exam.parquet")
    table = pq.read_table(tmp_path / "exam.parquet")
    texts = " ".join(str(v) for f in table.schema if pa.types.is_string(f.type)
                     for v in table[f.name].to_pylist())  # fmt: skip
    for item in ITEMS:
        assert item.stem not in texts
        assert all(len(option) < 4 or option not in texts for option in item.options)


def test_fingerprints_of_another_normaliser_are_refused(holdout: Holdout, tmp_path: Path) -> None:
    holdout.save(tmp_path / "old.parquet")
    table = pq.read_table(tmp_path / "old.parquet")
    about = json.loads(table.schema.metadata[b"medqa_kit.holdout"])
    assert about["made_by"].endswith(letter_table().version)
    about["made_by"] = about["made_by"].rsplit("-", 1)[0] + "-9.0.0"
    pq.write_table(table.replace_schema_metadata({b"medqa_kit.holdout": json.dumps(about)}),
                   tmp_path / "old.parquet")  # fmt: skip
    with pytest.raises(LockError, match=r"unicode-9\.0\.0(.|\n)*Hint: take them again"):
        Holdout.load(tmp_path / "old.parquet")


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "table.parquet")
    for name in ("text.parquet", "table.parquet"):
        with pytest.raises(FormatError, match=r"mk\.Holdout\.from_rows\(.*\)\.save\(path\)"):
            Holdout.load(tmp_path / name)


@pytest.mark.parametrize("rows", [0, 1, len(ITEMS) - 1])
def test_a_saved_holdout_that_lost_items_is_refused(
    holdout: Holdout, tmp_path: Path, rows: int
) -> None:
    file = tmp_path / "exam.parquet"
    holdout.save(file)
    pq.write_table(pq.read_table(file).slice(0, rows), file)
    with pytest.raises(FormatError) as caught:
        Holdout.load(file)
    assert f"{len(ITEMS)} items" in caught.value.expected
    assert f"{rows} items" in caught.value.found
    assert "'exam.parquet'" in str(caught.value)
    assert "Hint: copy the file again" in str(caught.value)


@pytest.mark.slow
def test_a_saved_holdout_bent_in_any_byte_is_refused(tmp_path: Path) -> None:
    exam = pa.table({"id": ["e/1"], "question": ["Which vitamin prevents scurvy?"]})
    file = tmp_path / "exam.parquet"
    Holdout.from_rows(exam, reason="we report it").save(file)
    data = file.read_bytes()
    # Every byte of the footer's end, where the digest stands, and every seventh elsewhere.
    for at in [*range(0, len(data), 7), *range(len(data) - 400, len(data))]:
        file.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
        with pytest.raises((FormatError, LockError), match="Hint"):
            Holdout.load(file)
    for length in range(0, len(data), 97):
        file.write_bytes(data[:length])
        with pytest.raises(FormatError, match="Hint"):
            Holdout.load(file)
    file.write_bytes(data)
    assert len(Holdout.load(file)) == 1


def forged(table: pa.Table, about: dict[str, Any], file: Path) -> None:
    """Write a file of fingerprints as another program may: its digest is right."""
    mark, none = b'"digest": "sha256:', b"0" * 64
    buffer = pa.BufferOutputStream()
    with pq.ParquetWriter(buffer, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata(
            {b"medqa_kit.holdout": json.dumps(about | {"digest": f"sha256:{none.decode()}"})}
        )
    data = buffer.getvalue().to_pybytes()
    at = data.rfind(mark) + len(mark)
    digest = hashlib.sha256(data[:at] + none + data[at + 64 :]).hexdigest().encode()
    file.write_bytes(data[:at] + digest + data[at + 64 :])


def _short(table: pa.Table) -> pa.Table:
    lists = [values[:1] for values in table["stem_term_weights"].to_pylist()]
    place = table.column_names.index("stem_term_weights")
    return table.set_column(
        place, table.schema.field(place), pa.array(lists, table.schema.field(place).type)
    )


@pytest.mark.parametrize(("bend", "about"), [
    (lambda table: table, {"items": 2}), (lambda table: table.slice(1), {}), (lambda table: table.drop_columns(["key"]), {}),
    (lambda table: table.append_column("more", pa.nulls(len(table))), {}), (_short, {}),
    (lambda table: table.select(table.column_names[::-1]), {}), (lambda table: table, {"protections": []}),
    (lambda table: table, {"protections": [1]}), (lambda table: table, {"protections": [{"name": "a"}]}),
    (lambda table: table, {"protections": [{"name": "a", "reason": "", "protects": []}]}), (lambda table: table, {"protections": None}),
])  # fmt: skip
def test_a_file_that_another_program_wrote_is_checked(
    holdout: Holdout, tmp_path: Path, bend: Callable[[pa.Table], pa.Table], about: dict[str, Any]
) -> None:
    file = tmp_path / "exam.parquet"
    holdout.save(file)
    table = pq.read_table(file)
    known = json.loads(table.schema.metadata[b"medqa_kit.holdout"])
    table = table.replace_schema_metadata(None)
    forged(table, known, file)
    assert Holdout.load(file).ids == holdout.ids
    forged(bend(table), known | about, file)
    with pytest.raises(FormatError, match="Hint: copy the file again"):
        Holdout.load(file)


def test_a_reason_that_looks_like_the_digest_does_no_harm(tmp_path: Path) -> None:
    exam = pa.table({"id": ['"digest": "sha256:'], "question": ["Which vitamin prevents scurvy?"]})
    for reason in ('"digest": "sha256:', '\\"digest\\": \\"sha256:' + "0" * 64):
        holdout = Holdout.from_rows(exam, reason=reason, name=reason)
        holdout.save(tmp_path / "exam.parquet")
        loaded = Holdout.load(tmp_path / "exam.parquet")
        assert (loaded.items.equals(holdout.items), loaded.reason) == (True, reason)


@pytest.mark.parametrize("wrong", [
    {"reason": None}, {"reason": ""}, {"reason": 5}, {"name": None}, {"name": ""}, {"protects": "lm_eval/kormedmcqa"},
    {"protects": [1]}, {"protects": None},
])  # fmt: skip
def test_what_a_holdout_says_of_itself_is_text(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"{next(iter(wrong))}="):
        Holdout.from_rows(held_table(ITEMS[:2]), **({"reason": "the test"} | wrong))


@pytest.mark.parametrize("ids", ["ko/1", None, [1], [None], 7])
def test_ids_to_take_out_are_a_list_of_texts(holdout: Holdout, ids: Any) -> None:
    with pytest.raises(ArgumentError, match="ids="):
        holdout.without(ids)


def test_there_is_no_holdout_without_items(holdout: Holdout, tmp_path: Path) -> None:
    with pytest.raises(EmptyDataError, match="protects nothing"):
        holdout.without(holdout.ids)
    with pytest.raises(EmptyDataError, match="protects nothing"):
        Holdout(holdout.items.slice(0, 0), holdout.purposes)
    write_fingerprints(tmp_path / "none.parquet", holdout.items.slice(0, 0), holdout.purposes)
    with pytest.raises(EmptyDataError, match=r"none\.parquet(.|\n)*Hint: copy the file again"):
        Holdout.load(tmp_path / "none.parquet")


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(WrongFilesError, match="no such file"):
        Holdout.load(tmp_path / "none.parquet")
    with pytest.raises(StorageError):
        Holdout.load(tmp_path)


@pytest.mark.parametrize(("mask", "rights"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_saved_files_follow_the_umask(
    holdout: Holdout, tmp_path: Path, mask: int, rights: int
) -> None:
    before = os.umask(mask)
    try:
        holdout.save(tmp_path / "exam.parquet")
    finally:
        os.umask(before)
    assert (tmp_path / "exam.parquet").stat().st_mode & 0o777 == rights


def test_holdouts_and_kernels_pickle(holdout: Holdout, training: pa.Table) -> None:
    kernel = pickle.loads(pickle.dumps(Excluding(holdout)))
    clean, _ = exclude(training, holdout)
    assert kernel(training).equals(clean)
    assert kernel(training.slice(0, 0)).schema == training.schema


def test_check_names_the_first_leaks(holdout: Holdout, training: pa.Table) -> None:
    with pytest.raises(
        LeakError, match=r"(?s)of \d+ rows hold items of exam.*exact \d+.*'0/0'"
    ) as error:
        check(training, holdout)
    assert error.value.report.dropped > 0
    assert "mk.exclude" in str(pickle.loads(pickle.dumps(error.value)))
    assert check(exclude(training, holdout)[0], holdout).dropped == 0


def test_a_translation_is_held_out_through_its_family() -> None:
    english, khmer = ITEMS[-1], next(item for item in ITEMS if item.language == "km")
    exam = held_table([english]).set_column(5, QA.field("family"), pa.array(["o1/7"]))
    data = rows(
        {"question": khmer.stem, "family": "o1/7"}, {"question": khmer.stem, "family": "o1/8"}
    )
    clean, report = exclude(data, Holdout.from_rows(exam, reason="x"))
    assert clean["id"].to_pylist() == ["row/1"]
    assert report.counts["rows_family"] == 1
    assert sure(report)["stem_score"].to_pylist() == [None]


def test_the_khmer_rows_of_a_held_out_english_question_go(hub) -> None:
    """With the families that the sources give: nothing is set by hand."""
    english = mk.load("medical_o1_reasoning_sft", subset="en", split="train", origin="sample")
    khmer = mk.load("khmer_medical_qa", split="train", origin="sample")
    theirs = set(english["family"]) & set(khmer["family"])
    held_out = english.filter(lambda row: row["family"] in theirs)
    clean, report = exclude(khmer, Holdout.from_rows(held_out, reason="we report it"))
    assert theirs
    assert report.by("code")["family"] == sum(name in theirs for name in khmer["family"])
    assert not set(clean["family"]) & theirs


def test_a_copy_takes_its_family_along() -> None:
    """The holdout knows no families: the English copy is matched, its translation follows."""
    english, khmer = ITEMS[-1], next(item for item in ITEMS if item.language == "km")
    data = rows({"question": khmer.stem, "family": "f"},
                {"question": english.stem, "options": list(english.options), "family": "f"},
                {"question": khmer.stem, "family": "g"})  # fmt: skip
    _, report = exclude(data, holdout_of([english]))
    assert [(r, rule) for r, _, rule in pairs(report)] == [
        ("row/0", "family"),
        ("row/1", "exact"),
    ]


def test_other_schemas_are_searched(holdout: Holdout) -> None:
    item = ITEMS[0]
    text = " ".join([item.stem, *item.options])
    same = {"id": "x", "source": "demo", "split": "train"}
    parallel = {
        "text": "…",
        "text_language": "en",
        "translation": text,
        "translation_language": "ko",
    }
    tokens = {"text": None, "tokens": text.split(" ")}
    for schema, row in ((PARALLEL, parallel), (TOKENS, tokens)):
        table = conform(pa.Table.from_pylist([same | row], pa.schema(
            [schema.field(name) for name in (same | row)])), schema)  # fmt: skip
        assert exclude(table, holdout)[1].findings["held_id"].to_pylist() == [item.id]


def test_datasets_go_in_and_come_out(holdout: Holdout, training: pa.Table) -> None:
    wanted, report = exclude(training, holdout)
    data = datasets.Dataset(training.replace_schema_metadata(None))
    clean, matches = exclude(data, holdout)
    assert isinstance(clean, datasets.Dataset)
    assert clean["id"] == wanted["id"].to_pylist()
    assert matches.findings.equals(report.findings)
    both = datasets.DatasetDict(
        train=data.select(range(100)), test=data.select(range(100, len(data)))
    )
    split, matches = exclude(both, holdout)
    assert [*split["train"]["id"], *split["test"]["id"]] == wanted["id"].to_pylist()
    assert matches.counts == report.counts


def test_a_mapped_selection_is_read_as_selected(holdout: Holdout, training: pa.Table) -> None:
    data = datasets.Dataset(training.replace_schema_metadata(None)).select([3, 1])
    assert exclude(data, holdout)[1].findings["id"].to_pylist() == ["0/3", "0/1"]


def test_streams_and_strangers_are_refused(holdout: Holdout) -> None:
    stream = datasets.Dataset.from_dict({"id": ["a"], "text": ["b"]}).to_iterable_dataset()
    assert list(exclude(stream, holdout)[0]) == [{"id": "a", "text": "b"}]
    with pytest.raises(SchemaError, match="holds text"):
        exclude(pa.table({"id": ["a"], "n": [1]}), holdout)
    with pytest.raises(EmptyDataError):
        Holdout.from_rows(rows(), reason="x")
    with pytest.raises(SchemaError, match="need an id"):
        Holdout.from_rows(pa.table({"question": ["Why?"]}), reason="x")
    with pytest.raises(SchemaError, match=r"need an id(.|\n)*1 rows without one among 2"):
        Holdout.from_rows(pa.table({"id": ["a", None], "question": ["Why?", "How?"]}), reason="x")
    with pytest.raises(SchemaError, match="not held out"):
        holdout.without(["nobody"])


@pytest.fixture(params=["numba", "numpy"])
def kernel(request: pytest.FixtureRequest) -> Iterator[None]:
    with without_numba() if request.param == "numpy" else nullcontext():
        yield


@pytest.mark.usefixtures("kernel")
def test_degenerate_items_and_rows() -> None:
    """Empty fields, one-letter options, stems that say nothing, a holdout larger than the data."""
    exam = rows(
        {"question": "", "options": None},
        {"question": "?", "options": ["1", "2", "3"]},
        {"question": "Which is correct?", "options": ["a", "b", "c"]},
        {"question": "Which is correct?", "options": ["d", "e", "f"]},
        {"question": "Which is correct?", "options": None, "answer": None},
    )
    holdout = Holdout.from_rows(exam, reason="x")
    data = rows(
        {"question": " ", "options": []},
        {"question": "Which is correct?", "options": ["c", "a", "b"]},
        {"question": "Which is correct?", "options": ["g", "h", "i"]},
        {"question": "!", "options": ["3", "2", "1"]},
    )
    _, report = exclude(data, holdout)
    matches = {(row, held_id) for row, held_id, rule in pairs(report) if rule == "exact"}
    assert ("row/1", "row/2") in matches
    assert ("row/3", "row/1") in matches
    assert not any(row == "row/2" for row, _, rule in pairs(report) if rule == "exact")
    assert not any(row == "row/0" for row, _, _ in pairs(report)), "nothing equals nothing"


def test_more_items_than_an_index_holds_are_refused(
    holdout: Holdout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medqa_kit.decontamination.index.MOST_ITEMS", len(ITEMS) - 1)
    with pytest.raises(SchemaError, match="at most 89"):
        exclude(rows({"question": "Why?"}), holdout.without([]))


def test_items_too_short_to_be_found_within_text_are_listed(holdout: Holdout) -> None:
    short = {"question": "The pH?", "options": ["7.4", "7.0", "6.8", "7.8"]}
    long = {"question": ITEMS[-1].stem, "options": list(ITEMS[-1].options)}
    small = Holdout.from_rows(rows(short, long), reason="x")
    assert small.only_exact == ["row/0"]
    within = rows({"question": "Answer: The pH? 7.4 7.0 6.8 7.8"}, short)
    assert pairs(exclude(within, small)[1]) == [("row/1", "row/0", "exact")]
    assert holdout.only_exact == []


@pytest.mark.usefixtures("kernel")
def test_a_short_open_question_is_the_same_with_the_same_answer_only() -> None:
    question = {"question": "What is the best next step?", "answer": "Give aspirin."}
    holdout = Holdout.from_rows(rows(question), reason="x")
    data = rows(
        {**question, "question": "WHAT is the best next step"},
        {**question, "answer": "Deliver the baby."},
        {**question, "options": ["Give aspirin", "Wait"]},
        {**question, "answer": None},
    )
    matches = pairs(exclude(data, holdout)[1])
    assert [row for row, _, rule in matches if rule == "exact"] == ["row/0", "row/2"]
    assert "row/1" not in [row for row, _, _ in matches]


def test_an_item_a_thousand_times_over(holdout: Holdout) -> None:
    item = ITEMS[1]
    thousand = rows(*[{"question": item.stem, "options": list(item.options)}] * 1000)
    _, report = exclude(thousand, holdout)
    assert report.counts["rows_exact"] == 1000
    many = Holdout.from_rows(thousand, reason="x")
    edited, _ = planted([item], EDITED["one option less"], seed=1)
    assert exclude(edited, many)[1].dropped == 1


def test_two_megabytes_in_one_row(holdout: Holdout) -> None:
    item = next(i for i in ITEMS if i.language == "en" and len(i.stem) > 100)
    noise = "The town hall opens at nine. " * 70_000
    options = " ".join(item.options)
    data = rows({"question": noise + item.stem + " " + options + noise}, {"question": noise})
    _, report = exclude(data, holdout)
    assert [row for row, held_id, _ in pairs(report) if held_id == item.id] == ["row/0"]
    assert report.dropped == 1


def test_reports_print_and_travel(holdout: Holdout, training: pa.Table, tmp_path: Path) -> None:
    _, report = exclude(training, holdout)
    assert "held out: exam: the test; protects demo/exam" in str(report)
    shown = report._repr_html_()
    assert f"{report.dropped:,} dropped" in shown
    first = report.findings.slice(0, 1).to_pylist()[0]
    assert f">{first['id']}<" in shown
    assert first["detail"].startswith(f"exam: {first['held_id']}; stem ")
    read = json.loads(report.to_json())
    assert read["counts"] == report.counts
    assert len(read["findings"]) == len(report.findings)
    report.save(tmp_path / "dropped.parquet")
    assert pq.read_table(tmp_path / "dropped.parquet").equals(report.findings)
    with pytest.raises(TypeError, match="no truth value"):
        bool(report)


KINDS: dict[str, Callable[[pa.Table], Any]] = {
    "table": lambda table: table,
    "batch": lambda table: table.combine_chunks().to_batches()[0],
    "reader": lambda table: table.to_reader(),
    "dicts": lambda table: table.to_pylist(),
    "pandas": lambda table: table.to_pandas(),
    "polars": polars.from_arrow,
    "dataset": datasets.Dataset,
    "selected": lambda table: datasets.Dataset(table.take(list(range(len(table)))[::-1])).select(
        range(len(table))[::-1]
    ),
    "stream": lambda table: datasets.Dataset(table).to_iterable_dataset(),
    "dict of streams": lambda table: datasets.IterableDatasetDict(
        a=datasets.Dataset(table.slice(0, 3)).to_iterable_dataset(),
        b=datasets.Dataset(table.slice(3)).to_iterable_dataset(),
    ),
}


def ids_in(rows: Any) -> list[str]:
    return [name for batch in batches(rows) for name in batch["id"].to_pylist()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_whatever_holds_rows_goes_in_and_comes_out(
    holdout: Holdout, training: pa.Table, kind: str
) -> None:
    columns = ["id", "question", "options", "family"]
    chosen = [*range(20), *range(len(training) - 20, len(training))]
    table = training.select(columns).take(chosen).replace_schema_metadata(None)
    wanted, expected = exclude(table, holdout)
    assert 0 < len(wanted) < len(table)
    rows = KINDS[kind](table)
    clean, report = exclude(rows, holdout)
    assert type(clean) is type(rows)
    assert ids_in(clean) == wanted["id"].to_pylist()
    assert report.findings.equals(expected.findings)
    assert search(KINDS[kind](table), holdout).findings.equals(expected.findings)
    assert Holdout.from_rows(KINDS[kind](table), reason="x").ids == table["id"].to_pylist()


def test_overlap_lists_repeats_of_an_exam_in_earlier_years() -> None:
    earlier, _ = planted(ITEMS[:30], EDITED["12 % of words dropped"], seed=3)
    report = overlap(earlier, held_table(ITEMS))
    assert report.dropped >= 24
    assert sure(report)["stem_score"].null_count == 0
    assert set(report.by("held_year")) == {"2022", "2023", "2024"}


def test_only_holdouts_are_compared() -> None:
    exam = holdout_of(ITEMS[:2])
    with pytest.raises(
        mk.errors.ArgumentError, match=r"first.* takes a Holdout(?s:.*)named\('exam'\)"
    ):
        compare_holdouts("exam", exam)
    with pytest.raises(mk.errors.ArgumentError, match="second= takes a Holdout"):
        compare_holdouts(exam, ["exam"])


def test_comparing_holdouts_tells_what_each_leaves_in() -> None:
    table = held_table(ITEMS)
    whole = Holdout.from_rows(table, reason="x", name="official")
    late = Holdout.from_rows(
        table.filter(pa.compute.field("year") == 2024), reason="x", name="2024"
    )
    comparison = compare_holdouts(late, whole)
    assert comparison.both == len(late)
    assert len(comparison.left_by_first) == len(ITEMS) - len(late)
    assert len(comparison.left_by_second) == 0
    text, page = str(comparison), comparison._repr_html_()
    assert "2024 leaves in 60 items of official\n" in text
    lines = [line.split() for line in text.splitlines()]
    assert ["demo_exam", "test", "2022", "30"] in lines
    assert ["demo_exam", "test", "2023", "30"] in lines
    assert "<p>2024 leaves in 60 items of official</p><div" in page


CASES = {
    "ko": ("{}세 남자가 {}일 전부터 시작된 명치통증 때문에 응급실에 왔다. 혈압 {}/{} mmHg, 맥박 {}회/분이었다. 가장 먼저 할 검사는?",
           ["심전도", "위내시경", "복부 초음파", "흉부 컴퓨터단층촬영", "간기능 검사"]),
    "km": ("បុរសអាយុ {} ឆ្នាំមកដោយឈឺចុងដង្ហើមតាំងពី {} ថ្ងៃមុន។ សម្ពាធឈាម {}/{} mmHg ជីពចរ {}។ តើត្រូវធ្វើតេស្តអ្វីមុនគេ?",
           ["ចង្វាក់បេះដូង", "ឆ្លុះក្រពះ", "អេកូពោះ", "ស្កេនទ្រូង", "តេស្តថ្លើម"]),
    "en": ("A {}-year-old man comes with epigastric pain for {} days. Blood pressure is {}/{} mm Hg and pulse {}/min. Which test is done first?",
           ["electrocardiography", "gastroscopy", "abdominal ultrasound", "computed tomography of the chest", "liver panel"]),
}  # fmt: skip


@pytest.mark.parametrize("language", CASES)
def test_other_numbers_ask_for_more_than_the_same(language: str) -> None:
    """The same words about another patient are for a person to look at; with most numbers kept they go."""
    case, options = CASES[language]
    exam = {"id": "e/1", "question": case.format(57, 3, 150, 90, 88), "options": options,
            "answer": options[0], "answer_index": 0}  # fmt: skip
    holdout = Holdout.from_rows([exam, *held_table(ITEMS).to_pylist()], reason="the test")
    rows = [
        {"id": "kept", "question": case.format(57, 3, 150, 90, 72), "options": options[:3], "answer": options[0]},
        {"id": "other", "question": case.format(34, 8, 110, 65, 124), "options": [*options[1:3], "x-ray", "CK", "CRP"], "answer": options[1]},
    ]  # fmt: skip
    report = search(rows, holdout)
    assert report.ids("near") == ["kept"]
    assert report.ids("review") == ["other"]
    told = {row["id"]: row["answer_score"] for row in report.findings.to_pylist()}
    assert told["kept"] == 1.0
    assert told["other"] < 0.5


@pytest.mark.parametrize("language", CASES)
def test_a_case_alone_is_no_copy_where_its_numbers_are_others(language: str) -> None:
    case, options = CASES[language]
    exam = {"id": "e/1", "question": case.format(57, 3, 150, 90, 88), "options": options}
    holdout = Holdout.from_rows([exam, *held_table(ITEMS).to_pylist()], reason="the test")
    texts = [{"text": case.format(57, 3, 150, 90, 88)}, {"text": case.format(34, 8, 110, 65, 124)}]
    report = search(texts, holdout)
    assert [(row["row"], row["code"]) for row in report.findings.to_pylist()] == [(0, "stem"), (1, "review")]  # fmt: skip


@pytest.mark.parametrize("digits", ["០១២៣៤៥៦៧៨៩", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９"])
def test_a_number_is_the_same_in_the_digits_of_any_script(digits: str) -> None:
    case, options = CASES["km"]
    asked = case.format(57, 3, 150, 90, 88)
    exam = {"id": "e/1", "question": asked, "options": options, "answer": options[0]}
    holdout = Holdout.from_rows([exam, *held_table(ITEMS).to_pylist()], reason="the test")
    others = str.maketrans("0123456789", digits)
    texts = [{"text": asked.translate(others)},
             {"text": case.format(34, 8, 110, 65, 124).translate(others)}]  # fmt: skip
    report = search(texts, holdout)
    assert [(row["row"], row["code"]) for row in report.findings.to_pylist()] == [(0, "stem"), (1, "review")]  # fmt: skip


@pytest.mark.parametrize(
    "listed", [pa.list_(pa.string()), pa.large_list(pa.string()), pa.list_view(pa.string())]
)
@pytest.mark.parametrize(
    "more", [{}, {"answer_index": [0, 1, None]}, {"text": ["x", "위염의 증상은?", ""]}]
)
def test_rows_with_options_that_ask_nothing_are_searched(
    listed: pa.DataType, more: dict[str, Any]
) -> None:
    exam = mk.Holdout.from_rows([{"id": "e/1", "question": "위염의 증상은?"}], reason="a test")
    options = pa.array([["a", "b"], None, ["c"]], listed)
    for rows in (
        pa.table({"options": options, **more}),
        pa.table({"options": options, **more}).slice(1),
    ):
        kept, report = mk.exclude(rows, exam)
        assert report.rows == rows.num_rows
        assert kept.num_rows == rows.num_rows - ("text" in more)
