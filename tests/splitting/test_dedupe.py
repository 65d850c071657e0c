"""Dedupe: one of each stays, every dropped row is a copy of the one that stays."""

from __future__ import annotations

import json
import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from datasets import Dataset, DatasetDict
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from exam_text import LANGUAGES, Language, Writer, items
from gauntlet import EDITED, FAITHFUL, held_table, planted
from laws import examples
from medqa_kit.core.arrow import row_arrays
from medqa_kit.errors import ArgumentError
from medqa_kit.matching.components import components
from medqa_kit.matching.letters import letters
from medqa_kit.matching.minhash import jaccard, promising, shingle_sets, sketches
from medqa_kit.schemas import TEXT
from medqa_kit.splitting.deduplication import dedupe
from medqa_kit.splitting.splits import split
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
    originals = dict(
        zip(report.findings["row"].to_pylist(), report.findings["kept_id"].to_pylist(), strict=True)
    )
    right = sum(originals.get(100 + i) == table["id"][i].as_py() for i in range(100))
    assert right >= 93
    assert len(originals) <= right + 2
    assert report.by("code").get("near", 0) == len(originals)
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
    spelled = letters(column)
    sets = shingle_sets(spelled)
    of = [
        set(sets.hashes[a:b].tolist()) for a, b in zip(sets.offsets, sets.offsets[1:], strict=False)
    ]
    first, other = np.divmod(np.arange(22 * 22), 22)
    expected = [
        len(of[a] & of[b]) / max(len(of[a] | of[b]), 1) for a, b in zip(first, other, strict=True)
    ]
    assert jaccard(sets, first, other).tolist() == expected


def test_a_glance_at_sketches_misses_next_to_nothing() -> None:
    """Of pairs just alike enough none of a thousand is missed; of strangers nearly all are."""
    words = [f"{word:06x}" for word in np.random.default_rng(5).integers(0, 2**24, 60_000).tolist()]
    texts = [
        " ".join([*words[40 * i : 40 * (i + 1)], *words[40_000 + 10 * i + 5 * side :][:5]])
        for i in range(1000) for side in (0, 1)
    ]  # fmt: skip
    spelled = letters(pa.array(texts))
    values, places = sketches(spelled, 0.8).values, np.arange(0, 2000, 2)
    alike = jaccard(shingle_sets(spelled), places, places + 1)
    assert 0.7 < alike.min() < alike.max() < 0.9
    assert promising(values, places, places + 1, float(alike.min())).all()
    assert not promising(values, places, (places + 2) % 2000, 0.8).any()


@settings(max_examples=examples(40), deadline=None)
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


@pytest.mark.slow
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


def dialogues(language: Language, count: int, *, role: str) -> pa.Table:
    """Return different dialogues that begin with one prompt of about 1,600 characters."""
    writer = Writer(language, 3)
    prompt = writer.prose(40, medical=0)[:1600]
    rows = []
    for i in range(count):
        question, reply = writer.prose(2, medical=1), writer.prose(3, medical=1)
        turns = [("user", question), ("assistant", reply)]
        turns = (
            [("system", prompt), *turns]
            if role == "system"
            else [("user", f"{prompt}\n\n{question}"), turns[1]]
        )
        rows.append({"id": f"d/{i}", "family": f"f{i}",
                     "messages": [{"role": who, "content": text} for who, text in turns]})  # fmt: skip
    return pa.Table.from_pylist(rows)


@pytest.mark.parametrize("role", ["system", "user"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_text_that_many_rows_share_makes_no_copies(language: Language, role: str) -> None:
    table = dialogues(language, 400, role=role)
    clean, _ = dedupe(table)
    assert clean.num_rows >= 399  # so few words are invented that two of 400 may say the same
    parts = split(table, {"train": 0.9, "test": 0.1}, seed=1)
    assert abs(parts.achieved["train"] - 0.9) < 0.05
    assert not parts.notes


@pytest.mark.parametrize("role", ["system", "user"])
def test_copies_under_a_shared_prompt_are_found(role: str) -> None:
    table = dialogues("ko", 100, role=role)
    rows = table.to_pylist()
    for row in rows[:20]:
        row["id"] += "/copy"
        row["messages"][-1]["content"] += " 끝."
    clean, report = dedupe(pa.concat_tables([table, pa.Table.from_pylist(rows[:20], table.schema)]))
    assert clean["id"].to_pylist() == table["id"].to_pylist()
    assert report.findings["kept_id"].to_pylist() == [f"d/{i}" for i in range(20)]


def test_many_near_copies_of_one_text_are_still_copies() -> None:
    words = [f"{word:06x}" for word in np.random.default_rng(5).integers(0, 2**24, 300).tolist()]
    rows = [("a", " ".join([*words[:i], "other", *words[i + 1 :]])) for i in range(0, 300, 15)]
    clean, report = dedupe(texts(*rows))
    assert (clean.num_rows, report.dropped) == (1, 19)


def test_questions_on_one_passage_are_no_copies() -> None:
    writer = Writer("en", 9)
    passage = writer.prose(20)
    rows = [
        CASE | {"id": f"q/{i}", "context": passage, "question": writer.prose(1)} for i in range(5)
    ]
    table = pa.Table.from_pylist([*rows, rows[0] | {"id": "copy", "context": f"{passage} So."}])
    clean, report = dedupe(table)
    assert clean["id"].to_pylist() == [f"q/{i}" for i in range(5)]
    assert report.findings["kept_id"].to_pylist() == ["q/0"]
    alone = split(table, {"a": 0.5, "b": 0.5}, seed=3)
    assert alone.groups == 5


OPTIONS = ["협심증", "폐렴", "담석증", "위염"]
CASE = {
    "family": None, "question": f"{Writer('ko', 6).prose(5)} 약 3 mg을 주었다. 옳은 것은?",
    "options": OPTIONS, "answer_index": 1, "answer": OPTIONS[1],
}  # fmt: skip


@pytest.mark.parametrize(("change", "what"), [
    ({"question": CASE["question"].replace("3 mg", "0.3 mg")}, "number"),
    ({"question": CASE["question"].replace("3 mg", "30 mg")}, "number"),
    ({"question": CASE["question"].replace("3 mg", "3 g")}, "number"),
    ({"question": CASE["question"].replace("3 mg", "3밀리리터")}, "number"),
    ({"question": CASE["question"].replace("옳은", "옳지 않은")}, "negation"),
    ({"question": CASE["question"].replace("옳은", "잘못된")}, "negation"),
    ({"answer_index": 2, "answer": OPTIONS[2]}, "gold answer"),
    ({"options": ["천식", "통풍", "담석증", "홍역"], "answer_index": None, "answer": None}, "options"),
    ({"options": None, "answer_index": None, "answer": "폐색전증"}, "gold answer"),
])  # fmt: skip
def test_rows_that_contradict_each_other_are_no_copies(change: dict[str, Any], what: str) -> None:
    table = pa.Table.from_pylist([CASE | {"id": "a"}, CASE | {"id": "b"} | change])
    clean, report = dedupe(table, near=0.7)
    assert clean.num_rows == 2
    (finding,) = report.findings.to_pylist()
    assert (finding["id"], finding["code"], finding["kept_id"]) == ("b", "contradicts", "a")
    assert finding["detail"] == f"other {what} than a"
    assert (report.kept, report.dropped) == (2, 0)


@pytest.mark.parametrize(("text", "other", "what"), [
    ("두 번 토했다", "세 번 토했다", "number"), ("Ⅲ기이다", "Ⅳ기이다", "number"), ("for two days", "for five days", "number"),
    ("twice a day", "thrice a day", "number"), ("3일 앓았다", "3주 앓았다", "number"), ("រយៈពេលពីរថ្ងៃ", "រយៈពេលបីថ្ងៃ", "number"),
    ("Which is true?", "Which is wrong?", "negation"), ("តើមួយណាត្រូវ?", "តើមួយណាខុស?", "negation"),
    ("HBsAg 양성이다", "HBsAg 음성이다", "direction"), ("혈압이 증가했다", "혈압이 감소했다", "direction"),
    ("왼쪽 팔", "오른쪽 팔", "direction"), ("고칼륨혈증이다", "저칼륨혈증이다", "direction"), ("급성 위염", "만성 위염", "direction"),
    ("the left arm", "the right arm", "direction"), ("is elevated", "is reduced", "direction"), ("a man of 40", "a woman of 40", "direction"),
    ("left arm, right leg", "right arm, left leg", "direction"), ("លទ្ធផលវិជ្ជមាន", "លទ្ធផលអវិជ្ជមាន", "direction"),
    ("ដៃឆ្វេង", "ដៃស្តាំ", "direction"), ("បង្កើនហានិភ័យ", "បន្ថយហានិភ័យ", "direction"),
    ("가장 먼저 할 일은?", "가장 마지막에 할 일은?", "direction"), ("What is done first?", "What is done last?", "number"), ("흔한 것은?", "드문 것은?", "direction"),
    ("물을 마시지 마시오", "물을 마시시오", "negation"), ("កុំផឹកទឹក", "ផឹកទឹក", "negation"), ("밥을 안 먹는다", "밥을 먹는다", "negation"),
    ("is appropriate", "is inappropriate", "negation"), ("불필요한 것은?", "필요한 것은?", "negation"), ("검사는 정상이다", "검사는 비정상이다", "direction"),
    ("A형 간염", "B형 간염", "number"), ("hepatitis B", "hepatitis C", "number"), ("ប្រភេទ B", "ប្រភេទ C", "number"), ("비타민 K", "비타민 D", "number"),
    ("Rh+ 혈액", "Rh- 혈액", "direction"), ("BP > 140", "BP < 140", "direction"), ("첫째 아이", "둘째 아이", "number"), ("the first visit", "the third visit", "number"),
    ("성인 환자", "소아 환자", "direction"), ("an adult", "a child", "direction"), ("មនុស្សពេញវ័យ", "កុមារ", "direction"), ("경구로 준다", "정맥으로 준다", "direction"),
    ("given intramuscularly", "given subcutaneously", "direction"), ("식전에 준다", "식후에 준다", "direction"), ("최대 용량", "최소 용량", "direction"),
    ("half a tablet", "one tablet", "number"), ("5 cm", "5 mm", "number"), ("5 U", "5 mg", "number"), ("5정", "5앰플", "number"), ("ម្តាយ", "ឪពុក", "direction"),
    ("왼쪽 팔", "양쪽 팔", "direction"), ("once a day", "once a week", "direction"), ("CT를 찍는다", "MRI를 찍는다", "direction"),
    ("1,000 mg", "1000 mg", None), ("0.5 mg", ".5 mg", None), ("twenty years", "20 years", None), ("스무 살", "20살", None), ("Type 1", "type I", None),
    ("38.5도", "38.5℃", None), ("환자는 걷는다", "환자가 걷는다", None), ("the ovary", "the ovaries", None),
    ("is elevated", "is raised", None), ("증가했다", "상승했다", None), ("좌측 팔", "왼쪽 팔", None), ("left arm", "left arm, right?", None),
    ("이틀에 2번", "이틀에 두 번", None), ("3 mg", "3밀리그램", None), ("stage III", "stage Ⅲ", None),
])  # fmt: skip
def test_numbers_units_wrong_ones_and_directions_are_told_apart(
    text: str, other: str, what: str | None
) -> None:
    told = CASE["question"]
    rows = [
        CASE | {"id": str(i), "question": f"{told} {end}"} for i, end in enumerate((text, other))
    ]
    clean, report = dedupe(pa.Table.from_pylist(rows), near=0.7)
    assert clean.num_rows == (1 if what is None else 2)
    assert report.findings["detail"].to_pylist() == [
        "copy of 0" if what is None else f"other {what} than 0"
    ]


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_rows_changes_no_verdict(seed: int) -> None:
    """Of three copies of each of many contradicting rows one stays, whatever comes first."""
    rows = [CASE | {"id": f"{k}{j}{copy}", "question": f"{'다음. ' * (copy == 2)}{Writer('ko', k).prose(5)} {end}{' ' * copy}"}
            for k in range(6) for j, end in enumerate(("3 mg. 옳은 것은?", "30 mg. 옳은 것은?", "3 mg. 틀린 것은?"))
            for copy in range(3)]  # fmt: skip
    random.Random(seed).shuffle(rows)
    clean, report = dedupe(pa.Table.from_pylist(rows), near=0.7)
    assert sorted(name[:-1] for name in clean["id"].to_pylist()) == [
        f"{k}{j}" for k in range(6) for j in range(3)
    ]
    for row in report.findings.to_pylist():
        assert (row["id"][:-1] == row["kept_id"][:-1]) == (row["code"] != "contradicts")


def test_copies_of_rows_that_contradict_each_other_are_found() -> None:
    """Of each dose and gold one stays, in whatever order they come and however they are copied."""
    doses = ["0.3 mg", "3 mg", "30 mg"]
    rows = []
    for turn in range(4):
        for dose in doses:
            asked = CASE["question"].replace("3 mg", dose) + " " * turn + "." * (turn > 1)
            asked = f"다음을 읽는다. {asked}" if turn % 2 else asked
            order = [0, 1, 2, 3] if turn < 2 else [3, 1, 0, 2]
            rows.append(CASE | {"id": f"{dose}/{turn}", "question": asked,
                                "options": [OPTIONS[i] for i in order]})  # fmt: skip
    for on in ("row", "item"):
        clean, report = dedupe(pa.Table.from_pylist(rows), near=0.7, on=on)  # type: ignore[arg-type]
        assert clean["id"].to_pylist() == [f"{dose}/0" for dose in doses]
        for row in report.findings.to_pylist():
            same = row["id"].split("/")[0] == row["kept_id"].split("/")[0]
            assert same == (row["code"] != "contradicts")


@pytest.mark.parametrize("again", [
    "12. {}", "Q3. {}", "문제 7) {}", "(4) {}",
    lambda stem: stem.translate(str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")),
])  # fmt: skip
def test_the_number_of_a_question_and_other_digits_are_no_contradiction(again: Any) -> None:
    stem = ("A patient of 48 years took an unknown drug from the cupboard of a neighbour some hours ago, and is drowsy "
            "now. The pupils are narrow, and the breath is shallow and slow. What comes first?")  # fmt: skip
    other = again.format(stem) if isinstance(again, str) else again(stem)
    rows = [{"id": "a", "question": stem}, {"id": "b", "question": other}]
    kept, report = dedupe(rows, near=0.5)
    assert [row["id"] for row in kept] == ["a"]
    assert report.findings["code"].to_pylist() == ["near" if isinstance(again, str) else "exact"]


def test_units_count_behind_khmer_digits_too() -> None:
    stem = "អ្នកជំងឺម្នាក់បានលេបថ្នាំ ៣ {} មុន ហើយឥឡូវងងុយគេងខ្លាំង។ តើគួរធ្វើអ្វីមុនគេ?"
    rows = [{"id": unit, "question": stem.format(unit)} for unit in ("ម៉ោង", "ថ្ងៃ")]
    kept, report = dedupe(rows, near=0.6)
    assert len(kept) == 2
    assert report.findings["code"].to_pylist() == ["contradicts"]


def test_an_option_less_or_other_marks_are_no_contradiction() -> None:
    marked = [f"({i}) {text}" for i, text in enumerate(OPTIONS, 1)]
    for change in ({"options": OPTIONS[:3]}, {"options": marked}, {"options": OPTIONS[::-1], "answer_index": 2},
                   {"question": CASE["question"].replace("3 mg", "３ ㎎")}):  # fmt: skip
        table = pa.Table.from_pylist([CASE | {"id": "a"}, CASE | {"id": "b"} | change])
        clean, report = dedupe(table, near=0.7)
        assert (clean.num_rows, report.ids()) == (1, ["b"]), change


def test_running_text_contradicts_nothing() -> None:
    text = Writer("ko", 4).prose(8)
    clean, _ = dedupe(texts(("a", f"{text} 조회 123"), ("a", f"{text} 조회 9")))
    assert clean.num_rows == 1


def test_reports_list_everything(tmp_path: Path) -> None:
    clean, report = dedupe(texts(("a", "One text."), ("b", "One text."), ("b", "Another.")))
    assert str(report).startswith("dedupe: 3 rows, 2 kept, 1 dropped\n  exact")
    assert json.loads(report.to_json())["findings"][0]["id"] == "t/1"
    report.save(tmp_path / "dropped.csv")
    assert len((tmp_path / "dropped.csv").read_text().splitlines()) == 2
    assert len(clean) == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_every_kind_of_rows_is_deduplicated_alike(kind: str) -> None:
    table = edited("en", 30)
    wanted, report = dedupe(table, near=0.7)
    data = KINDS[kind](table)
    clean, copies = dedupe(data, near=0.7)
    assert type(clean) is type(data)
    assert [row["id"] for row in rows_in(clean)] == wanted["id"].to_pylist()
    assert copies.findings.equals(report.findings)


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


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_components_are_those_of_a_graph(pairs: list[tuple[int, int]]) -> None:
    label = list(range(20))
    for _ in range(20):
        for a, b in pairs:
            label[a] = label[b] = min(label[a], label[b])
    first, other = (np.array([p[i] for p in pairs], np.int64) for i in (0, 1))
    assert components(20, first, other).tolist() == label


def test_the_copies_across_the_compilations_sources_go(hub) -> None:
    # Its card claims this was done; upstream only ever compared rows within one source.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mk.errors.MedQAWarning)
        data = mk.load("medical_training_dataset", split="train", origin="sample")
    clean, report = mk.dedupe(data, on="item", near=None)
    tags = dict(zip(data["id"], data["tags"], strict=True))
    pairs = {(tags[row["id"]][0], tags[row["kept_id"]][0]) for row in report.findings.to_pylist()}
    assert ("source:medical_o1_verifiable_problem", "source:medical_o1_reasoning_sft") in pairs
    assert clean.num_rows + report.dropped == data.num_rows


def test_protected_rows_never_lose() -> None:
    tables = {
        "train": texts(("a", "One text to learn from."), ("b", "Another one.")),
        "test": texts(("a", "one TEXT to learn from"), ("a", "One text to learn from!")),
    }
    rows = DatasetDict({name: Dataset(table) for name, table in tables.items()})
    clean, report = dedupe(rows, protect=["test"], near=None)
    assert [clean[name].num_rows for name in ("train", "test")] == [1, 2]
    assert report.by("code") == {"exact": 1, "protected": 1}
    dropped, told = report.findings.to_pylist()
    assert (dropped["row"], dropped["kept_id"]) == (0, "t/0")
    assert told["row"] == 3
    by_source, _ = dedupe(pa.concat_tables(tables.values()), protect=["b"], prefer=["a"])
    assert by_source.num_rows == 2
    with pytest.raises(ArgumentError, match="protect"):
        dedupe(rows, protect=["tset"])


@pytest.mark.parametrize("near", [None, 0.8])
@pytest.mark.parametrize("choice", [{"prefer": ["exam"]}, {"protect": ["exam"]}])
def test_copies_in_other_sources_go_though_the_first_of_them_is_of_one(
    near: float | None, choice: dict[str, Any]
) -> None:
    """Equal rows are paired with the first of them, which is itself a copy of a row of a third source, or goes."""
    texts = [CASE["question"], f"{CASE['question']} ", CASE["question"].upper(), CASE["question"]]
    sources = ["web", "web", "exam", "web"]
    rows = [{"id": str(i), "source": source, "question": text, "family": str(i)}
            for i, (source, text) in enumerate(zip(sources, texts, strict=True))]  # fmt: skip
    kept, report = dedupe(rows, near=near, scope="across", **choice)
    assert [row["id"] for row in kept] == ["2"]
    assert report.findings["kept_id"].to_pylist() == ["2"] * 3
    kept, _ = dedupe(rows, near=near, scope="across")
    assert [row["id"] for row in kept] == ["0", "1", "3"], "those of one source stay"


@pytest.mark.parametrize("near", [0.3, 0.5, 0.65])
def test_nearly_all_pairs_that_are_alike_enough_are_found_however_little_that_is(
    near: float,
) -> None:
    draw, rows = random.Random(4), []
    for pair in range(200):
        words = ["".join(draw.choices("abcdefghijklmnop", k=8)) for _ in range(60)]
        cut = round(60 * (1 - 2 * (near + 0.02) / (1 + near + 0.02)))
        other = [
            *words[cut:],
            *("".join(draw.choices("abcdefghijklmnop", k=8)) for _ in range(cut)),
        ]
        rows += [{"id": f"{pair}/{i}", "text": " ".join(text), "family": f"{pair}/{i}"}
                 for i, text in enumerate((words, other))]  # fmt: skip
    kept, report = dedupe(rows, near=near)
    assert report.findings["similarity"].to_numpy().min() >= near
    assert len(kept) <= 204


@pytest.mark.parametrize("prefer", [["exma"], ["exam", "wbe"], [None]])
def test_a_source_that_is_preferred_is_one_of_the_rows(prefer: list[Any]) -> None:
    rows = [
        {"id": source, "source": source, "text": "The same.", "family": source}
        for source in ("web", "exam")
    ]
    with pytest.raises(ArgumentError, match="prefer="):
        dedupe(rows, prefer=prefer)
    assert [row["id"] for row in dedupe(rows, prefer=["exam"])[0]] == ["exam"]


def test_many_protected_rows_each_take_their_copies() -> None:
    words = [f"{word:06x}" for word in np.random.default_rng(5).integers(0, 2**24, 300).tolist()]
    chain = [" ".join(words[i : i + 100]) for i in range(0, 200, 5)]
    rows = DatasetDict(
        test=Dataset(texts(*(("a", text) for text in chain[::2]))),
        train=Dataset(texts(*(("b", text) for text in chain[1::2]))),
    )
    clean, report = dedupe(rows, protect=["test"])
    assert (clean["test"].num_rows, clean["train"].num_rows) == (20, 0)
    assert report.by("code")["near"] == 20


def test_sketches_in_a_file_find_the_same_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [f"Which of these {i} findings speaks for disease {i // 2}?" for i in range(40)]
    texts = [*words, *(f"{text} Choose one." for text in words), *words[:5]]
    rows = pa.table(
        {"id": [str(i) for i in range(len(texts))], "family": [None] * len(texts), "text": texts}
    )
    kept, report = mk.dedupe(rows)
    monkeypatch.setattr(row_arrays, "_IN_MEMORY", 0)
    same, told = mk.dedupe(rows)
    assert report.dropped > 5
    assert same == kept
    assert told.findings == report.findings
    monkeypatch.setattr(row_arrays, "_has_room", lambda file, size: False)
    assert mk.dedupe(rows)[0] == kept


def test_on_questions_the_first_of_several_answers_stays_whatever_is_claimed() -> None:
    rows = [
        {"id": str(at), "question": question, "answer": answer, "options": options, "family": None}
        for at, (question, answer, options) in enumerate([
            ("Which oil is best?", "Olive", None), (" which OIL is best ", "Palm", None),
            ("Which oil is best?", "Olive", ["Olive", "Palm"]), ("Which fat is best?", "Olive", None), ("", "x", None), ("", "y", None),
        ])
    ]  # fmt: skip
    for on, kept in (("question", ["0", "3", "4", "5"]), ("item", ["0", "1", "2", "3", "4", "5"])):
        clean, report = dedupe(pa.Table.from_pylist(rows), near=None, on=on)
        assert clean["id"].to_pylist() == kept
        assert set(report.by("code")) == ({"exact"} if on == "question" else {"contradicts"})


def test_rows_with_lists_of_string_views_keep_their_type() -> None:
    tokens = pa.array([["a", "b"], ["c"], ["a", "b"]], pa.list_(pa.string_view()))
    rows = pa.table({"id": ["1", "2", "3"], "family": ["f", "g", "h"], "tokens": tokens})
    kept, _ = mk.dedupe(rows)
    assert kept.schema == rows.schema
    assert kept["id"].to_pylist() == ["1", "2"]


@pytest.mark.parametrize("seed", range(4))
def test_rows_that_an_instruction_makes_nearly_as_alike_as_copies_stay(seed: int) -> None:
    rng = random.Random(seed)
    words = [f"{a}{b}" for a in ("간", "위", "폐", "뼈", "눈", "귀") for b in ("염증", "출혈", "통증", "검사", "수술", "약물", "부종", "골절", "감염")]  # fmt: skip
    said = [" ".join(rng.choice(words) for _ in range(20)) for _ in range(600)]
    lead = " ".join(rng.choice(words) for _ in range(140))
    texts = [f"{lead}\n\n### Input:\n{said[i]}\n### Response:\n{said[i + 300]}" for i in range(300)]
    rows = [{"id": f"r{i}", "family": f"f{i}", "text": text} for i, text in enumerate(texts)]
    kept, report = mk.dedupe(rows)
    assert len(kept) == 300, report.by("code")
    kept, report = mk.dedupe([*rows, rows[7] | {"id": "copy", "family": "copy"}])
    assert len(kept) == 300
    assert report.ids("exact") == ["copy"]


FORMS = {
    "ko": ("심전도 판독 보고서. 리듬은 규칙적이고 축은 정상이며 급성 허혈의 증거는 보이지 않는다. 심박수 {}회. 이전 기록과 견주어 달라진 점이 없고 추적이 "
           "필요하면 담당 의사와 상의한다. 이 보고서는 정해진 양식에 따라 적는다."),
    "km": ("របាយការណ៍អេកូបេះដូង។ ចង្វាក់បេះដូងទៀងទាត់ ហើយមិនឃើញសញ្ញានៃការខ្វះឈាមទៅចិញ្ចឹមបេះដូងទេ។ ចង្វាក់ {} ដងក្នុងមួយនាទី។ គ្មានអ្វីផ្លាស់ប្តូរពីមុន "
           "ហើយសូមពិគ្រោះជាមួយគ្រូពេទ្យបើត្រូវតាមដាន។"),
    "en": ("Reading of the tracing. The rhythm is regular, the axis is normal, and nothing speaks for acute ischemia. Rate {} per "
           "minute. Nothing has changed since the last tracing; ask the doctor in charge whether another is needed."),
}  # fmt: skip


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_that_are_filled_in_are_no_copies(language: Language, asks: bool) -> None:
    """One value of a long form is another; each is a row, and none makes the others a group."""
    name, form = ("question" if asks else "text"), FORMS[language]
    rows = [{"id": f"r{i}", "family": f"f{i}", name: form.format(40 + i)} for i in range(60)]
    again = [row | {"id": f"{row['id']}/2", name: f"{row[name]} *"} for row in rows[:9]]
    kept, report = mk.dedupe([*rows, *again])
    assert [row["id"] for row in kept] == [row["id"] for row in rows]
    assert report.ids("exact") == [row["id"] for row in again]
    assert mk.split(rows, {"train": 0.8, "test": 0.2}, seed=1).groups == 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_eight_forms_are_told_from_eight_edited_copies(language: Language) -> None:
    """What fills in a form stands beside the whole of it; an edit takes the place of something."""
    names = Writer(language, 8).words.diseases[:8]
    forms = [{"id": f"r{i}", "family": f"f{i}", "text": FORMS[language].replace("{}", name)} for i, name in enumerate(names)]  # fmt: skip
    kept, _ = mk.dedupe(forms)
    assert kept == forms
    assert mk.split(forms, {"train": 0.5, "test": 0.5}, seed=1).groups == 8
    text = Writer(language, 9).prose(12)
    copies = [forms[0] | {"id": f"c{i}", "family": f"c{i}", "text": f"{text[:i]}X{text[i + 2 :]}"}
              for i in range(9, len(text) - 9, len(text) // 60)]  # fmt: skip
    assert len(copies) >= 20
    assert len(mk.dedupe(copies)[0]) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_questions_under_one_instruction_are_no_copies(language: Language) -> None:
    lead, rng = Writer(language, 4).prose(12), random.Random(2)
    letters = {
        "ko": "가나다라마바사아자차카타파하고노도로모보소오조호",
        "km": "កខគងចញដតនបមយរលវសហអ",
        "en": "abcdefghijklmnoprstuv",
    }[language]
    asked = ["".join(rng.choice(letters) for _ in range(9)) for _ in range(100)]
    rows = [{"id": f"r{i}", "family": f"f{i}", "question": f"{lead} [{text}]", "options": ["ㄱ", "ㄴ"],
             "answer_index": i % 2} for i, text in enumerate(asked)]  # fmt: skip
    kept, report = mk.dedupe(rows)
    assert len(kept) == 100, report.by("code")
    parts = mk.split(rows, {"train": 0.8, "test": 0.2}, seed=1)
    assert parts.groups == 100


def test_cases_that_are_asked_the_same_are_no_copies() -> None:
    rows = [{"id": f"r{i}", "family": f"f{i}", "context": Writer("ko", 50 + i).vignette(), "question": "가장 가능성이 높은 진단은?",
             "options": OPTIONS, "answer_index": 1} for i in range(6)]  # fmt: skip
    joined = [
        row
        | {
            "id": f"{row['id']}/2",
            "question": f"{row['context']} {row['question']}",
            "context": None,
        }
        for row in rows
    ]
    kept, report = mk.dedupe([*rows, *joined], on="item")
    assert [row["id"] for row in kept] == [row["id"] for row in rows]
    assert report.by("code") == {"exact": 6}
    assert len(mk.dedupe(rows, on="question")[0]) == 1, "the question alone, whatever its case"


def test_no_row_joins_all_that_fill_in_its_form() -> None:
    """Some numbers leave less of the form whole than others; a row of these is like any other."""
    rng = random.Random(5)
    letters = "가나다라마바사아자차카타파하고노도로모보소오조호구누두루무부"
    first, second = (
        " ".join("".join(rng.choice(letters) for _ in range(3)) for _ in range(240))
        for _ in range(2)
    )
    rows = [{"id": f"r{i}", "family": f"f{i}", "prompt": f"{first} {i}?", "chosen": f"{second} {i + 2}", "rejected": second}
            for i in range(200)]  # fmt: skip
    assert mk.split(rows, {"train": 0.5, "test": 0.5}, seed=3).groups >= 190
    assert len(mk.dedupe(rows)[0]) == 200
