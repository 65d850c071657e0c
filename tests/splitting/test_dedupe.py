"""Dedupe: one of each stays, every dropped row is a copy of the one that stays."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from exam_text import LANGUAGES, Language, Writer, items
from gauntlet import EDITED, FAITHFUL, held_table, planted
from medqa_kit.errors import ArgumentError
from medqa_kit.matching.components import components
from medqa_kit.matching.letters import letters
from medqa_kit.matching.minhash import jaccard, promising, shingle_sets, sketches
from medqa_kit.schemas import TEXT
from medqa_kit.splitting.deduplication import dedupe
from row_kinds import KINDS, rows_in

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.FamilyWarning")


def texts(*rows: tuple[str, str]) -> pa.Table:
    """Give text rows from (source, text)."""
    return pa.Table.from_pylist([{"id": f"t/{i}", "source": source, "split": "train", "text": text}
                                 for i, (source, text) in enumerate(rows)], TEXT)  # fmt: skip


def edited(language: Language, count: int) -> pa.Table:
    """Give cases, and after them their copies with fewer words."""
    exam = [item for item in items(language, 4 * count, seed=8) if len(item.stem) > 60][:count]
    copies, _ = planted(exam, EDITED["one option less"], seed=2)
    return pa.concat_tables([held_table(exam), copies])


@pytest.mark.parametrize("language", LANGUAGES)
def test_edited_copies_are_found(language: Language) -> None:
    table = edited(language, 100)
    _, report = dedupe(table, near=0.7)
    found = dict(
        zip(report.findings["row"].to_pylist(), report.findings["kept_id"].to_pylist(), strict=True)
    )
    right = sum(found.get(100 + i) == table["id"][i].as_py() for i in range(100))
    assert right >= 93
    assert len(found) <= right + 2
    assert report.by("code").get("near", 0) == len(found)
    assert min(report.findings["similarity"].to_pylist()) >= 0.7


def test_disguises_are_exact_copies() -> None:
    exam = items("en", 30, seed=8)
    tables = [held_table(exam)]
    for kind in ("full-width", "zero-width characters", "upper case", "HTML tags"):
        table, _ = planted(exam, FAITHFUL[kind], seed=2)
        ids = pa.array([f"{kind}/{i}" for i in range(30)])
        tables.append(table.set_column(0, table.schema.field(0), ids))
    clean, report = dedupe(pa.concat_tables(tables), near=None, on="item")
    assert clean["id"].to_pylist() == [item.id for item in exam]
    assert (report.rows, report.kept, report.by("code")) == (150, 30, {"exact": 120})


def test_similarity_is_the_jaccard_of_shingles() -> None:
    writer = Writer("ko", 1)
    column = pa.array([writer.prose(3) for _ in range(20)] + ["", "가"])
    found = letters(column)
    sets = shingle_sets(found)
    of = [
        set(sets.hashes[a:b].tolist()) for a, b in zip(sets.offsets, sets.offsets[1:], strict=False)
    ]
    one, other = np.divmod(np.arange(22 * 22), 22)
    expected = [
        len(of[a] & of[b]) / max(len(of[a] | of[b]), 1) for a, b in zip(one, other, strict=True)
    ]
    assert jaccard(sets, one, other).tolist() == expected


def test_a_glance_at_sketches_misses_next_to_nothing() -> None:
    """Of pairs just alike enough none of a thousand is missed; of strangers nearly all are."""
    words = [f"{word:06x}" for word in np.random.default_rng(5).integers(0, 2**24, 60_000).tolist()]
    texts = [
        " ".join([*words[40 * i : 40 * (i + 1)], *words[40_000 + 10 * i + 5 * side :][:5]])
        for i in range(1000) for side in (0, 1)
    ]  # fmt: skip
    found = letters(pa.array(texts))
    values, one = sketches(found).values, np.arange(0, 2000, 2)
    alike = jaccard(shingle_sets(found), one, one + 1)
    assert 0.7 < alike.min() < alike.max() < 0.9
    assert promising(values, one, one + 1, float(alike.min())).all()
    assert not promising(values, one, (one + 2) % 2000, 0.8).any()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["x", "X", "y", "", "z z"])), max_size=12),
       st.sampled_from(["all", "within", "across"]))  # fmt: skip
def test_what_stays_has_no_copies(rows: list[tuple[str, str]], scope: str) -> None:
    table = texts(*rows)
    clean, report = dedupe(table, scope=scope)  # type: ignore[arg-type]
    again, second = dedupe(clean, scope=scope)  # type: ignore[arg-type]
    assert again.equals(clean)
    assert second.dropped == 0
    kept = list(zip(clean["source"].to_pylist(), (t.upper().replace(" ", "") for t in clean["text"].to_pylist()), strict=True))  # fmt: skip
    full = [(s, t) for s, t in kept if t]
    if scope == "all":
        assert len({t for _, t in full}) == len(full)
    elif scope == "within":
        assert len(set(full)) == len(full)
    else:
        assert all(t == "" or {s for s, u in kept if u == t} == {s} for s, t in kept)
    assert report.kept == len(clean)


def test_which_copy_stays() -> None:
    text = Writer("en", 5).prose(3)
    table = texts(("b", text), ("a", text.upper()), ("c", f"{text}\n\nThe end."))

    def stays(**how: object) -> list[str]:
        return dedupe(table, **how)[0]["id"].to_pylist()  # type: ignore[arg-type]

    assert stays(near=None) == ["t/0", "t/2"]
    assert stays(near=None, prefer=["a", "b"]) == ["t/1", "t/2"]
    assert stays() == ["t/0"]
    assert stays(prefer="longest") == ["t/2"]
    assert stays(prefer=["c"]) == ["t/2"]


def test_the_better_licence_stays() -> None:
    table = texts(("kormedmcqa", "One text."), ("nobody_knows", "One text."), ("kbmc", "One text."))
    clean, report = dedupe(table, prefer="license")
    assert clean["source"].to_pylist() == ["kbmc"]
    assert {(row["source"], row["kept_source"]) for row in report.findings.to_pylist()} == {
        ("kormedmcqa", "kbmc"),
        ("nobody_knows", "kbmc"),
    }


def test_a_long_chain_of_overlapping_pieces_goes_piece_by_piece() -> None:
    """Each is a copy of its neighbours only; comparing all with all would take minutes."""
    words = [f"{n:05x}" for n in np.random.default_rng(3).integers(0, 16**5, 6100).tolist()]
    pieces = [" ".join(words[3 * i : 3 * i + 60]) for i in range(2000)]
    table = pa.table({"id": [str(i) for i in range(2000)], "text": pieces})
    clean, report = dedupe(table, near=0.8)
    kept = [int(i) for i in clean["id"].to_pylist()]
    assert 2 <= min(np.diff(kept)) <= max(np.diff(kept)) <= 4
    for row in report.findings.to_pylist():
        assert abs(int(row["id"]) - int(row["kept_id"])) <= 3
        assert row["similarity"] >= 0.8
        assert int(row["kept_id"]) in kept


def test_copies_of_copies_are_not_dropped_for_a_stranger() -> None:
    words = [f"word{i:03d}" for i in range(100)]
    chain = [" ".join(words[i : i + 60]) for i in (0, 8, 16)]  # neighbours alike, ends less so
    sets = shingle_sets(letters(pa.array(chain)))
    near, far = jaccard(sets, np.array([0, 0]), np.array([1, 2])).tolist()
    between = (near + far) / 2
    clean, report = dedupe(texts(*[("a", text) for text in chain]), near=between)
    assert clean["id"].to_pylist() == ["t/0", "t/2"]
    assert report.findings["kept_id"].to_pylist() == ["t/0"]


def test_reports_list_everything(tmp_path: Path) -> None:
    clean, report = dedupe(texts(("a", "One text."), ("b", "One text."), ("b", "Another.")))
    assert str(report).startswith("dedupe: 3 rows, 2 kept, 1 dropped\n  exact")
    assert json.loads(report.to_json())["findings"][0]["id"] == "t/1"
    report.save(tmp_path / "dropped.csv")
    assert len((tmp_path / "dropped.csv").read_text().splitlines()) == 2
    assert len(clean) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_rows_is_deduplicated_alike(kind: str) -> None:
    table = edited("en", 30)
    wanted, report = dedupe(table, near=0.7)
    data = KINDS[kind](table)
    clean, found = dedupe(data, near=0.7)
    assert type(clean) is type(data)
    assert [row["id"] for row in rows_in(clean)] == wanted["id"].to_pylist()
    assert found.findings.equals(report.findings)


def test_bad_input() -> None:
    with pytest.raises(ArgumentError, match="at most 1"):
        dedupe(texts(("a", "x")), near=1.5)
    with pytest.raises(ArgumentError, match="at least 1"):
        dedupe(texts(("a", "x")), threads=0)
    # A word that is none of those would otherwise be taken for another: "licence" for a list of
    # sources "l", "i", "c", …, any scope for "across", anything but "row" for "item".
    for name, word in (("prefer", "licence"), ("scope", "inside"), ("on", "rows")):
        with pytest.raises(ArgumentError, match=rf"{name}= takes one of(.|\n)*{word!r}"):
            dedupe(texts(("a", "x")), **{name: word})  # type: ignore[arg-type]
    clean, report = dedupe(texts())
    assert len(clean) == report.rows == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_components_are_those_of_a_graph(pairs: list[tuple[int, int]]) -> None:
    label = list(range(20))
    for _ in range(20):
        for a, b in pairs:
            label[a] = label[b] = min(label[a], label[b])
    one, other = (np.array([p[i] for p in pairs], np.int64) for i in (0, 1))
    assert components(20, one, other).tolist() == label


def test_the_copies_across_the_compilations_sources_go(hub) -> None:
    # Its card claims this was done; upstream only ever compared rows within one source.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mk.errors.MedQAWarning)
        data = mk.load("medical_training_dataset", split="train", origin="sample")
    clean, report = mk.dedupe(data, on="item", near=None)
    tags = dict(zip(data["id"], data["tags"], strict=True))
    pairs = {(tags[one["id"]][0], tags[one["kept_id"]][0]) for one in report.findings.to_pylist()}
    assert ("source:medical_o1_verifiable_problem", "source:medical_o1_reasoning_sft") in pairs
    assert clean.num_rows + report.dropped == data.num_rows
