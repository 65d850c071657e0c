"""What the seed cards claim is held against invented data that is laid out as they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from medqa_kit.auditing.audit import Audit
from medqa_kit.auditing.card_reading import card_claims
from medqa_kit.auditing.card_sentences import sentence_claims
from medqa_kit.auditing.claims import CardClaim, read_claims, shipped_claims
from medqa_kit.cli import main
from medqa_kit.errors import ArgumentError, FormatError, WrongFilesError

pytestmark = [
    pytest.mark.filterwarnings("ignore::medqa_kit.errors.SafetyWarning"),
]


def verdicts(audit: Audit, name: str) -> list[tuple]:
    return [
        (c.claim.claimed, c.measured, c.verdict)
        for c in audit.checks
        if c.claim.name == name and c.claim.by != "catalogue"
    ]


@pytest.fixture(scope="module")
def khmer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """18,756 invented rows in the layout of the Khmer card: 3 without a summary, 69 questions in English."""
    folder = tmp_path_factory.mktemp("khmer") / "data"
    folder.mkdir()
    rows = range(18_756)
    relaxed = 18_756 * 946 // 1000
    columns = {
        "index": pa.array(rows, pa.int64()),
        "question_en": [f"Question {n}?" for n in rows],
        "response_en": [f"Answer {n}." for n in rows],
        "question_km": [f"Question {n}?" if n < 69 else f"តើ {n} ជាអ្វី?" for n in rows],
        "response_km": [
            "the patient is well, thank you ខ" if n >= relaxed else f"ចម្លើយ the {n} គឺល្អណាស់"
            for n in rows
        ],
        "question_km_para": [f"អ្វីជា {n}?" if n < 9314 else None for n in rows],
        "response_km_para": [f"គឺ {n}" if n < 9314 else None for n in rows],
        "reasoning_summary_km": [None if n in (5, 6, 7) else f"សង្ខេប {n}" for n in rows],
        "tags": pa.array([["evidence:none"]] * len(rows), pa.list_(pa.string())),
    }
    columns["response_km"] = [
        text if n >= 69 else "ល្អ" for n, text in enumerate(columns["response_km"])
    ]
    pq.write_table(pa.table(columns), folder / "train-00000-of-00001.parquet")
    return folder.parent


def test_the_khmer_card_is_right_about_rows_and_wrong_about_its_hundred_per_cent(
    hub, khmer: Path
) -> None:
    audit = mk.audit("khmer_medical_qa", path=khmer)
    assert verdicts(audit, "rows") == [(18756, 18756, "holds"), (19704, 18756, "differs")]
    assert verdicts(audit, "filled of reasoning_summary_km") == [(18753, 18753, "holds")]
    assert verdicts(audit, "filled_share of reasoning_summary_km") == [
        (1.0, 18753 / 18756, "differs")
    ]
    summary = next(
        c for c in audit.checks if c.claim.name == "filled_share of reasoning_summary_km"
    )
    assert summary.note == "3 of 18,756 rows lack it"
    assert verdicts(audit, "filled of question_km_para") == [(9314, 9314, "holds")]
    assert verdicts(audit, "without_script of question_km") == [(0, 69, "differs")]
    assert verdicts(audit, "duplicates of index") == [(0, 0, "holds")]
    assert [c for *_, c in verdicts(audit, "citation")] == ["differs", "differs"]
    assert verdicts(audit, "license")[0][2] == "unclear"  # texts of a model, under its terms


def test_one_figure_for_two_metrics_is_reproduced_by_one_and_disputed_by_the_other(
    hub, khmer: Path
) -> None:
    audit = mk.audit("khmer_medical_qa", path=khmer)
    ((claimed, relaxed, _),) = verdicts(
        audit, "in_script (khmer, relaxed) of question_km, response_km"
    )
    assert abs(relaxed - claimed) < 0.005
    ((_, pure, verdict),) = verdicts(audit, "in_script (khmer, pure) of question_km, response_km")
    assert (pure, verdict) == (0.0, "differs")


COUNTS = {
    "medical_o1_verifiable_problem": 40316, "medical_o1_reasoning_sft": 19704, "medqa": 10177, "wiki_medical_terms": 9528,
    "extreme_firstaid_qa_dataset": 1641, "synthetic_disaster_reports": 1000, "symptom_to_diagnosis": 849,
    "medicationqa": 690, "diseases_symptoms": 394, "first_aid_dataset": 26,
}  # fmt: skip


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """84,325 invented rows with the card's counts by source, half of the questions there twice."""
    folder = tmp_path_factory.mktemp("compiled")
    rows, number = [], 0
    for source, count in COUNTS.items():
        for place in range(count):
            shared = (
                source in ("medical_o1_verifiable_problem", "medical_o1_reasoning_sft")
                and place < 19000
            )
            rows.append({"input": f"Question {place if shared else f'{source} {place}'}?", "context": "",
                         "output": "n/a" if number == 84_000 else "x" * (1600 if place % 100 == 0 else 40), "source": source})  # fmt: skip
            number += 1
    (folder / "medical_training_dataset.json").write_text(json.dumps(rows, indent=2), "utf-8")
    return folder


@pytest.mark.slow
def test_the_sum_of_the_compilation_adds_up_and_its_other_claims_do_not(
    hub, compiled: Path
) -> None:
    audit = mk.audit("medical_training_dataset", path=compiled)
    assert verdicts(audit, "rows") == [(84325, 84325, "holds")]
    assert verdicts(audit, "sum") == [(84325, 84325, "holds")]
    for source, count in COUNTS.items():
        assert verdicts(audit, f"rows [source={source}]") == [(count, count, "holds")]
    assert verdicts(audit, "duplicates of input") == [(0, 19000, "differs")]
    ((_, lengths, verdict),) = verdicts(audit, "length of input, output")
    assert (lengths, verdict) == ((3, 1600), "differs")
    ((_, measured, verdict),) = verdicts(audit, "license")
    assert verdict == "differs"
    assert "commercial: no" in measured
    assert "share-alike" in measured
    note = next(c.note for c in audit.checks if c.claim.measure == "license")
    assert "CC-BY-NC-SA-3.0-IGO" in note


@pytest.fixture(scope="module")
def exams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """7,469 invented items and 20 few-shot copies in the layout of KorMedMCQA."""
    folder = tmp_path_factory.mktemp("exams")
    rows = {
        "dentist": (297, 304, 811),
        "doctor": (1890, 164, 435),
        "nurse": (582, 291, 878),
        "pharm": (632, 300, 885),
    }
    first = {"dentist": 2020, "doctor": 2012, "nurse": 2019, "pharm": 2019}
    for subset, counts in rows.items():
        (folder / subset).mkdir()
        latest = {"dentist": 200, "doctor": 150, "nurse": 300, "pharm": 314}[
            subset
        ]  # of the tests: 964 items of 2024
        years = {"train": [2020 if n else first[subset] for n in range(counts[0])], "dev": [2021] * counts[1],
                 "test": [2024 if n < latest else 2022 for n in range(counts[2])]}  # fmt: skip
        for split, given in years.items():
            _exam(folder, subset, split, given)
        _exam(folder, subset, "fewshot", years["dev"][:5], of="dev")
    return folder


def _exam(folder: Path, subset: str, split: str, years: list[int], of: str = "") -> None:
    count, name = len(years), of or split
    texts = {letter: [f"{letter} {n} {name}" for n in range(count)] for letter in "ABCDE"}
    table = pa.table({
        "subject": [subset] * count, "year": pa.array(years, pa.int64()), "period": pa.array([1] * count, pa.int64()),
        "q_number": pa.array(range(count), pa.int64()), "question": [f"{subset} {name} 문항 {n}?" for n in range(count)],
        **texts, "answer": pa.array([n % 5 + 1 for n in range(count)], pa.int64()), "cot": [""] * count,
    })  # fmt: skip
    pq.write_table(table, folder / subset / f"{split}-00000-of-00001-0123456789abcdef.parquet")


@pytest.mark.slow
def test_the_two_counts_of_the_guide_differ_by_the_few_shot_copies(hub, exams: Path) -> None:
    audit = mk.audit("kormedmcqa", path=exams)
    assert verdicts(audit, "rows") == [(7469, 7469, "holds"), (7489, 7469, "differs")]
    notes = [c.note for c in audit.checks if c.claim.claimed == 7489]
    assert notes == ["the claim counts 20 rows that are copies of others"]
    assert verdicts(audit, "rows [year=2012…2023]") == [(6525, 6505, "differs")]
    assert verdicts(audit, "rows [year=2024…2024]") == [(964, 964, "holds")]
    assert [verdicts(audit, f"range of year [subset={name}]")[0][2] for name in ("doctor", "nurse", "pharm", "dentist")] == [
        "holds", "differs", "differs", "differs",
    ]  # fmt: skip
    ((_, measured, verdict),) = verdicts(audit, "license")
    assert verdict == "differs"
    assert measured.startswith("commercial: no")
    catalogue = [c for c in audit.checks if c.claim.by == "catalogue"]
    assert len(catalogue) == 16
    assert {c.verdict for c in catalogue} == {"holds"}


def test_every_shipped_claim_is_about_columns_that_the_source_has(hub) -> None:
    for source in mk.sources():
        names = {name for part in source.parts for name in source.layout_of(part).raw.names}
        for claim in shipped_claims(source.name):
            assert {*claim.columns, *claim.where} - {"subset", "split"} <= names, claim
            if "subset" in claim.where:
                assert claim.where["subset"] in source.subsets


CARD = """---
license: cc-by-4.0
language: [ko]
size_categories: [n<1K]
dataset_info:
  splits:
  - {name: train, num_examples: 4}
  - {name: test, num_examples: 2}
---
# Invented set

Deduplicated questions of 5-100 characters.

| column | rows | filled |
|---|---|---|
| `question` | 6 | 100% |
| answer | 6 | 100% |

| source | rows |
|---|---:|
| kormedmcqa | 3 |
| klue | 2 |
| **Total** | 6 |

@misc{x, author = {Your Name}, url = {https://example.com}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "invented"
    (home / "data").mkdir(parents=True)
    (home / "README.md").write_text(CARD, "utf-8")
    rows = [{"question": f"두통은 왜 {n} 생기나?", "answer": None if n == 1 else "잠이 부족해서", "source": "kormedmcqa" if n < 3 else "klue"}
            for n in range(4)]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), home / "data" / "train-00000-of-00001.parquet")
    pq.write_table(
        pa.Table.from_pylist([rows[0], rows[3]]), home / "data" / "test-00000-of-00001.parquet"
    )
    return home


def test_the_card_of_a_folder_is_read_and_held_against_its_files(folder: Path) -> None:
    audit = mk.audit(folder)
    expected = {
        "rows [split=train]": "holds", "rows [split=test]": "holds", "rows_between": "holds",
        "language of question, answer": "holds", "filled of question": "holds", "filled_share of question": "holds",
        "filled of answer": "differs", "filled_share of answer": "differs", "rows [source=kormedmcqa]": "differs",
        "rows [source=klue]": "holds", "rows": "holds", "sum": "differs", "duplicates": "differs",
        "length of question, answer": "holds", "license": "differs",
    }  # fmt: skip
    told = {c.claim.name: c.verdict for c in audit.checks if c.claim.measure != "citation"}
    assert told == expected
    assert [c.claim.claimed for c in audit.checks if c.claim.measure == "citation"] == [
        "Your Name",
        "example.com",
    ]
    assert next(c for c in audit.checks if c.claim.measure == "sum").difference == -1
    assert "kormedmcqa" in next(c.note for c in audit.checks if c.claim.measure == "license")


def test_ids_are_no_text_and_hide_no_copies(folder: Path) -> None:
    for file in (folder / "data").iterdir():
        table = pq.read_table(file)
        named = pa.array([f"{file.stem}/{n}" for n in range(len(table))])
        pq.write_table(table.append_column("id", named), file)
    told = {check.claim.name: check.verdict for check in mk.audit(folder).checks}
    assert told["length of question, answer"] == "holds"
    assert told["language of question, answer"] == "holds"
    assert told["duplicates"] == "differs"


@pytest.mark.parametrize("wrap", [
    lambda t: t, datasets.Dataset, lambda t: datasets.Dataset(t).to_iterable_dataset(), lambda t: t.to_pandas(), lambda t: t.to_pylist(),
])  # fmt: skip
def test_rows_in_any_container_are_audited(wrap) -> None:
    rows = pa.table({"text": ["ก", "ข", "ก"], "n": [1, 2, 1]})
    claims = [CardClaim(measure="duplicates", claimed=0), CardClaim(measure="language", claimed="th", columns=("text",)),
              CardClaim(measure="rows", claimed=2, where={"n": 1}), CardClaim(measure="filled", claimed=3, columns=("absent",))]  # fmt: skip
    audit = mk.audit(wrap(rows), claims=claims)
    assert [(c.measured, c.verdict) for c in audit.checks] == [
        (1, "differs"),
        ("th", "holds"),
        (2, "holds"),
        (None, "unclear"),
    ]
    assert audit.checks[-1].note == "no such column"


def test_text_json_and_html_say_the_same(folder: Path) -> None:
    audit = mk.audit(folder)
    read = json.loads(audit.to_json())
    assert read["verdicts"] == audit.by_verdict() == {"holds": 9, "differs": 8}
    page, text = audit.to_html(), str(audit)
    for check in read["checks"]:
        assert check["claim"].split(" [")[0] in page
        assert check["claim"].split(" [")[0] in text
    assert "http" not in page.replace("https://example.com", "")


def test_the_command_exits_by_verdict(folder: Path, tmp_path: Path, capsys) -> None:
    assert main(["audit", str(folder), "--json", "--html", str(tmp_path / "audit.html")]) == 1
    assert json.loads(capsys.readouterr().out)["about"] == "invented"
    assert "<table>" in (tmp_path / "audit.html").read_text("utf-8")
    claims = tmp_path / "claims.toml"
    claims.write_text('[[claim]]\nmeasure = "rows"\nclaimed = 6\n', "utf-8")
    (folder / "README.md").unlink()
    assert main(["audit", str(folder), "--claims", str(claims)]) == 0
    claims.write_text('[[claim]]\nmeasure = "filled"\nclaimed = 6\ncolumns = ["absent"]\n', "utf-8")
    assert main(["audit", str(folder), "--claims", str(claims)]) == 2


def test_what_is_no_claim_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="nothing to hold"):
        mk.audit([{"a": 1}])
    with pytest.raises(ArgumentError, match="length"):
        CardClaim(measure="length", claimed=3, columns=("a",))
    with pytest.raises(ArgumentError, match="filled"):
        CardClaim(measure="filled", claimed=3)
    with pytest.raises(WrongFilesError):
        mk.audit(tmp_path / "nothing")
    with pytest.raises(WrongFilesError, match="card"):
        mk.audit(folder, card=tmp_path / "absent.md")
    file = tmp_path / "claims.toml"
    file.write_text("[[claim]\n", "utf-8")
    with pytest.raises(FormatError):
        read_claims(file)
    file.write_text('[[claim]]\nmeasure = "rows"\nclaims = 3\n', "utf-8")
    with pytest.raises(ArgumentError, match="claim 1"):
        read_claims(file)
    (folder / "README.md").write_text("---\n: [\n---\n", "utf-8")
    with pytest.raises(FormatError, match="card"):
        mk.audit(folder)


_KHMER_COLUMNS = ["question_km", "answer_km", "reasoning_summary_km", "question_en"]


@pytest.mark.parametrize(("sentence", "claims"), [
    ("The dataset is 100% complete.", [("filled_share", 1.0, tuple(_KHMER_COLUMNS))]),
    ("Every row has a `answer_km`.", [("filled_share", 1.0, ("answer_km",))]),
    ("Reasoning summaries? The reasoning summary is 100 % filled.", [("filled_share", 1.0, ("reasoning_summary_km",))]),
    ("| **Completeness** | 99.9 % |", [("filled_share", 0.999, tuple(_KHMER_COLUMNS))]),
    ("There are no missing values.", [("filled_share", 1.0, tuple(_KHMER_COLUMNS))]),
    ("결측치가 없습니다.", [("filled_share", 1.0, tuple(_KHMER_COLUMNS))]), ("완전성: 100%", [("filled_share", 1.0, tuple(_KHMER_COLUMNS))]),
    ("모든 행에 answer_km이 있다.", [("filled_share", 1.0, ("answer_km",))]),
    ("ភាពពេញលេញ ១០០%", [("filled_share", 1.0, tuple(_KHMER_COLUMNS))]), ("គ្មានតម្លៃទទេ", [("filled_share", 1.0, tuple(_KHMER_COLUMNS))]),
    ("94.6% pure Khmer", [("in_script", 0.946, tuple(_KHMER_COLUMNS[:3]))]),
    ("ខ្មែរ ៩៤.៦%", [("in_script", 0.946, tuple(_KHMER_COLUMNS[:3]))]),
    ("The dataset contains 18,756 rows.", [("rows", 18_756, ())]), ("총 7,489개의 문항", [("rows", 7_489, ())]), ("សរុប ១៨៧៥៦ សំណួរ", [("rows", 18_756, ())]),
    ("Texts have 10 to 1,500 characters.", [("length", (10, 1500), tuple(_KHMER_COLUMNS))]), ("10~1,500자", [("length", (10, 1500), tuple(_KHMER_COLUMNS))]),
    ("중복된 문항을 제거하였다.", [("duplicates", 0, ())]), ("Duplicates were removed.", [("duplicates", 0, ())]),
    ("It is not 100% complete.", []), ("We aim for 100% completeness.", []), ("Not deduplicated.", []), ("Accuracy is 94.6% on test.", []),
    ("It has about 10,000 questions.", []), ("```\n100% complete\n```", []), ("2,000 of 3,000 rows changed.", []),
    ("The train and test sets contain 1,890 and 435 questions.", []), ("Human agreement is 100%.", []),
])  # fmt: skip
def test_sentences_of_a_card_are_read(sentence: str, claims: list[Any]) -> None:
    card_claims = sentence_claims(sentence, _KHMER_COLUMNS)
    assert [(claim.measure, claim.claimed, claim.columns) for claim in card_claims] == claims


def test_a_card_that_calls_nulls_whole_is_told_in_any_language(tmp_path: Path) -> None:
    for number, said in enumerate(
        ("All 3 fields are 100 % complete.", "완전성 100%", "ភាពពេញលេញ ១០០%")
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        rows = [{"summary": "Short."}, {"summary": None}]
        (folder / "train.jsonl").write_text(
            "".join(json.dumps(row) + "\n" for row in rows), "utf-8"
        )
        (folder / "README.md").write_text(f"# Set\n\n{said}\n", "utf-8")
        (check,) = mk.audit(folder).checks
        assert (check.claim.claimed, check.measured, check.verdict) == (1.0, 0.5, "differs")


@pytest.mark.parametrize(
    ("table", "claimed"),
    [
        ("| column | missing |\n|---|---|\n| answer | 1 |", []),
        ("| 열 | 결측치 | 결측률 |\n|---|---|---|\n| answer | 1 | 10% |", []),
        ("| column | type | description |\n|---|---|---|\n| answer | string | one of 5 options |", []),
        ("| field | max length | rows |\n|:--|--:|--:|\n| answer | 5 | 9 |", [("filled", 9)]),
        ("| column | filled |\n|---|---|\n| **answer** | 9 / 10 (90 %) |", [("filled", 9), ("filled_share", 0.9)]),
        ("| 열 | 개수 |\n|---|---|\n| answer | 1,200개 |", [("filled", 1200)]),
        ("| a | missing |\n|---|---|\n| answer | 1 |\n\n| a | rows |\n|---|---|\n| answer | 9 |", [("filled", 9)]),
        ("| answer | 9 |", [("filled", 9)]),
    ],
)  # fmt: skip
def test_cells_of_tables_say_what_their_head_says(
    tmp_path: Path, table: str, claimed: list[tuple[str, float]]
) -> None:
    (tmp_path / "README.md").write_text(f"# Set\n\n{table}\n", "utf-8")
    claims = card_claims(tmp_path / "README.md", columns=["answer"], values={})
    assert [(claim.measure, claim.claimed) for claim in claims] == claimed


@pytest.mark.parametrize(("rows", "copies"), [
    ([{"id": name, "messages": [{"role": "user", "content": "왜?"}]} for name in "ab"], 1),
    ([{"id": name, "messages": [{"role": "user", "content": name}]} for name in "ab"], 0),
    ([{"id": name, "question": "왜?", "options": ["1", name]} for name in "ab"], 0),
    ([{"id": name, "question": "왜?", "options": ["a", "b"]} for name in "ab"], 1),
    ([{"id": "a", "options": ["a, b"]}, {"id": "b", "options": ["a", "b"]}, {"id": "c", "options": None}], 0),
])  # fmt: skip
def test_lists_and_messages_tell_copies(rows: list[dict[str, object]], copies: int) -> None:
    [check] = mk.audit(rows, claims=[CardClaim(measure="duplicates", claimed=0)]).checks
    assert (check.measured, check.verdict) == (copies, "differs" if copies else "holds")


@pytest.mark.parametrize("claim", [
    {"measure": "rows", "claimed": 1, "where": {"n": "many"}}, {"measure": "rows", "claimed": 1, "where": {"tags": "a"}},
    {"measure": "rows", "claimed": 1, "where": {"text": ["a", 1]}}, {"measure": "range", "claimed": (1, 2), "columns": ("text",)},
])  # fmt: skip
def test_a_claim_about_values_of_another_kind_is_unclear(claim: dict[str, object]) -> None:
    rows = [{"n": 1, "text": "a", "tags": ["a"]}]
    [check] = mk.audit(rows, claims=[CardClaim(**claim)]).checks  # type: ignore[arg-type]
    assert check.verdict == "unclear"
    assert "values" in check.note


@pytest.mark.parametrize("wrong", [
    {"claimed": float("nan")}, {"columns": (1,)}, {"columns": ("",)}, {"where": {"n": None}}, {"where": {"n": 1.5}},
    {"within": -1}, {"measure": "length", "claimed": (3, 1), "columns": ("text",)},
    {"measure": "length", "claimed": ("a", "b"), "columns": ("text",)}, {"measure": "sum", "terms": ("a",)},
])  # fmt: skip
def test_a_claim_that_nothing_can_fulfil_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ArgumentError, match="Hint"):
        CardClaim(**{"measure": "rows", "claimed": 1, **wrong})  # type: ignore[arg-type]
