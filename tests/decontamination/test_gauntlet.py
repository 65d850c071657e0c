"""The gauntlet: copies in every disguise are found, rows that only look alike are not.

Run with ``-s`` to see the table. Recall is the share of disguised rows matched to their own item;
"other" the share matched only to another one. Thresholds were fitted with other seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import gauntlet
from exam_text import LANGUAGES, Item, Language, Writer, items
from gauntlet import (
    ANSWERED,
    EDITED,
    EDITED_WITHIN,
    FAITHFUL,
    LONG_ONLY,
    LOOKALIKES,
    held_table,
    planted,
    reworded,
    twin,
)
from medqa_kit.core.report import Report
from medqa_kit.decontamination.exclusion import overlap, search
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.decontamination.scores import THRESHOLDS
from medqa_kit.schemas import TEXT, conform

pytestmark = pytest.mark.slow

HELD, PLANTED, CLEAN = 1500, 300, 30_000
SAME_GOLD = THRESHOLDS.same_gold


@dataclass(frozen=True)
class Exam:
    """An exam of one language, held out."""

    items: list[Item]
    holdout: Holdout

    def choose(self, kind: str) -> list[Item]:
        """Take the items a kind of disguise is about."""
        index = self.holdout.index.evidence
        chosen = self.items[:PLANTED]
        if kind in LONG_ONLY:
            return [item for i, item in enumerate(chosen) if index.long[i]]
        if kind in ANSWERED or kind == "same template and answer, other item":
            return [item for i, item in enumerate(chosen) if index.telling[i, 0]]
        if kind == "same short stem, other options":
            return [item for i, item in enumerate(chosen) if not index.long[i]]
        if kind == "a chapter with all options":  # five whole sentences in a row are the item
            return [item for item in chosen if item.kind != "facts"]
        return chosen


@pytest.fixture(scope="module", params=LANGUAGES)
def exam(request: pytest.FixtureRequest) -> Exam:
    written = items(request.param, HELD, seed=11)
    return Exam(written, Holdout.from_rows(held_table(written), reason="the gauntlet"))


def shares(report: Report, own: list[str]) -> tuple[float, float]:
    """Give the share of rows matched to their own item, and to another one only."""
    return shares_of(report.findings, own)


def shares_of(findings: pa.Table, own: list[str]) -> tuple[float, float]:
    """Give the same of some findings."""
    matches = findings.filter(pc.field("code") != "review")
    pairs = zip(matches["row"].to_pylist(), matches["held_id"].to_pylist(), strict=True)
    matched: dict[int, set[str]] = {}
    for row, items_of_row in pairs:
        matched.setdefault(row, set()).add(items_of_row)
    right = sum(own[row] in items_of_row for row, items_of_row in matched.items())
    return right / len(own), (len(matched) - right) / len(own)


def run(exam: Exam, kind: str, disguise: gauntlet.Disguise) -> tuple[float, float]:
    chosen = exam.choose(kind)
    table, own = planted(chosen, disguise, seed=17)
    recall, other = shares(search(table, exam.holdout), own)
    print(  # noqa: T201 - the table of the gauntlet
        f"{exam.items[0].language}  {kind:32} {len(chosen):4} rows  {recall:6.3f}  other {other:.3f}"
    )
    return recall, other


@pytest.mark.parametrize("kind", FAITHFUL)
def test_copies_that_keep_every_word_are_all_found(exam: Exam, kind: str) -> None:
    assert run(exam, kind, FAITHFUL[kind])[0] == 1.0


@pytest.mark.parametrize("kind", EDITED)
def test_lightly_edited_copies_are_found(exam: Exam, kind: str) -> None:
    """What is lost are single lines in which the edit hits the one word that tells them apart."""
    recall, other = run(exam, kind, EDITED[kind])
    assert recall >= 0.97
    assert other <= 0.01


@pytest.mark.parametrize("kind", EDITED_WITHIN)
def test_edited_copies_are_found_within_other_text(exam: Exam, kind: str) -> None:
    recall, other = run(exam, kind, EDITED_WITHIN[kind])
    assert recall >= 0.93
    assert other <= 0.01


@pytest.mark.parametrize("kind", EDITED)
def test_edited_copies_of_cases_are_found(exam: Exam, kind: str) -> None:
    long = [item for i, item in enumerate(exam.items) if exam.holdout.index.evidence.long[i]]
    table, own = planted([i for i in long if i.kind != "numbers"][:PLANTED], EDITED[kind], seed=18)
    assert shares(search(table, exam.holdout), own)[0] >= 0.97


@pytest.mark.parametrize("kind", LONG_ONLY)
def test_a_long_stem_is_enough(exam: Exam, kind: str) -> None:
    assert run(exam, kind, LONG_ONLY[kind])[0] >= (0.95 if "same" in kind else 1.0)


@pytest.mark.parametrize("kind", ANSWERED)
def test_a_question_with_its_right_answer_is_found(exam: Exam, kind: str) -> None:
    recall, other = run(exam, kind, ANSWERED[kind])
    assert recall >= (1.0 if kind == "question and gold" else 0.90)
    assert other <= 0.01


def test_a_short_stem_that_says_nothing_is_not_dropped_for_its_answer(exam: Exam) -> None:
    mute = [item for item, tells in zip(exam.items, exam.holdout.index.evidence.telling[:, 0], strict=True)
            if not tells]  # fmt: skip
    if mute:
        table, own = planted(mute, ANSWERED["question and gold"], seed=17)
        assert shares(search(table, exam.holdout), own)[0] <= 0.1


def test_reworded_reuses_that_keep_the_answer_are_found(exam: Exam) -> None:
    recall, other = run(exam, "reworded, same answer", reworded)
    assert recall >= 0.90
    assert other <= 0.01


def test_twins_of_a_template_with_another_answer_are_let_through(exam: Exam) -> None:
    """Some twins answer as another item of the template does: in so small a vocabulary, right ones."""
    recall, other = run(exam, "template twin, other answer", twin)
    table, own = planted(exam.items[:PLANTED], twin, seed=17)
    report = search(table, exam.holdout)
    gold = pc.fill_null(report.findings["answer_score"], 0.0)
    others = report.findings.filter(pc.less(gold, SAME_GOLD))
    assert sum(shares_of(others, own)) <= 0.05
    assert recall + other <= 0.07


@pytest.mark.parametrize("kind", LOOKALIKES)
def test_lookalikes_are_let_through(exam: Exam, kind: str) -> None:
    recall, other = run(exam, kind, LOOKALIKES[kind])
    assert recall + other <= MOST_FLAGGED[kind]


MOST_FLAGGED = {
    "same template, other item": 0.04,
    "same options, other stem": 0.08,
    "same short stem, other options": 0.06,
    "another year's question": 0.04,
    "same template and answer, other item": 0.10,
    "a chapter with all options": 0.04,
}
"""What we accept. These rows share whole sentences with an item, and the vocabulary is small."""


def clean_rows(language: Language) -> pa.Table:
    """Prose of the field and of the town, in the words of the exam but without its items."""
    writer = Writer(language, 199)
    texts = [writer.prose(5, medical=(i % 2) * 0.7) for i in range(CLEAN)]
    return conform(pa.table({"id": [f"clean/{i}" for i in range(CLEAN)], "source": ["town"] * CLEAN,
                             "split": ["train"] * CLEAN, "text": texts}), TEXT)  # fmt: skip


def test_clean_rows_pass(exam: Exam) -> None:
    language = exam.items[0].language
    report = search(clean_rows(language), exam.holdout)
    print(f"{language}  clean rows: {dict(report.counts)}")  # noqa: T201 - part of the table
    assert report.dropped / CLEAN < 1 / 10_000


def test_another_exam_in_the_same_words_hardly_overlaps(exam: Exam) -> None:
    """Items of other years: the same templates and words; a few are nearly reused, and listed."""
    language = exam.items[0].language
    others = items(language, 2000, seed=12, prefix="other")
    report = overlap(held_table(others), held_table(exam.items))
    print(f"{language}  other years: {dict(report.counts)}")  # noqa: T201 - part of the table
    assert report.dropped <= 0.05 * 2000
    scores = report.findings.filter(pc.field("code") == "near")
    assert scores["stem_score"].null_count == scores["options_score"].null_count == 0


SHORT = [
    ("비타민 C 결핍증은?", "괴혈병 각기병 구루병 펠라그라 야맹증"),
    ("비타민 A 결핍증은?", "야맹증 각기병 구루병 괴혈병 빈혈"),
    ("홍역의 합병증은?", "폐렴 통풍 백내장 탈모 골절"),
    ("인슐린 분비 장기는?", "이자 간 콩팥 비장 위"),
    ("철 결핍 빈혈의 치료는?", "황산철 엽산 아연 칼륨 요오드"),
    ("간염 매개 동물은?", "모기 진드기 벼룩 파리 쥐"),
    ("혈압 단위는?", "밀리미터수은주 줄 와트 뉴턴 볼트"),
    ("Enzyme of saliva?", "amylase lipase pepsin trypsin lactase"),
    ("Vector of dengue?", "Aedes Anopheles Culex Ixodes Pulex"),
    ("ជំងឺខ្វះវីតាមីន C?", "ឡាក់ពិដ បេរីបេរី រីគេត ប៉េឡាក្រា ងងឹតភ្នែក"),
]


def test_items_of_a_few_words_are_found_within_other_text() -> None:
    """Neither field says enough by itself, both together do."""
    short = [Item(f"short/{i}", "ko", stem, tuple(options.split()), "short")
             for i, (stem, options) in enumerate(SHORT)]  # fmt: skip
    exam = [*short, *(item for language in LANGUAGES for item in items(language, 300, seed=21))]
    holdout = Holdout.from_rows(held_table(exam), reason="the gauntlet")
    assert holdout.index.evidence.small[: len(short)].sum() > len(short) / 2
    assert not holdout.only_exact
    for kind in ("in an instruction", "in a dialogue turn", "in a long note", "options shuffled"):
        recall, _ = shares(search(*[planted(short, FAITHFUL[kind], seed=3)[0], holdout]),
                           [item.id for item in short])  # fmt: skip
        assert recall >= 0.9, kind  # options of one syllable run together with their labels
    mentions = [
        f"{options} 가운데 하나인 {options.split()[0]}에 대한 글이다." for _, options in SHORT
    ]
    stems = [f"{stem} 라는 물음은 흔하다." for stem, _ in SHORT]
    writer = Writer("ko", 5)
    texts = [f"{writer.prose(3)} {text} {writer.prose(3)}" for text in (*mentions, *stems)]
    ids = [f"clean/{i}" for i in range(len(texts))]
    clean = conform(pa.table({"id": ids, "source": ["t"] * len(ids), "split": ["train"] * len(ids),
                              "text": texts}), TEXT)  # fmt: skip
    assert search(clean, holdout).dropped == 0
