"""Templates and prompts: what goes in comes out, in three languages and every schema."""

from __future__ import annotations

import dataclasses
import json
import pickle
import re
from collections.abc import Iterator
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medqa_kit as mk
from laws import examples
from medqa_kit.core.arrow.slices import by_slices, fail
from medqa_kit.errors import (
    AlignmentError,
    AnswerError,
    ArgumentError,
    FormattingError,
    NoDataError,
    NullValueError,
    RowError,
)
from medqa_kit.evaluation.formats import FORMATS, harness
from medqa_kit.prompting.languages import ENGLISH, KHMER, KOREAN, LANGUAGES
from medqa_kit.prompting.options import MARKERS, Markers
from medqa_kit.prompting.prompts import prompt
from medqa_kit.prompting.template import Template
from medqa_kit.prompting.wording import Wording
from medqa_kit.schemas import DIALOGUE, LABELED, PARALLEL, QA, TOKENS, conform, fitted

ODD = ["{{ x }}", "{question}", "{0} %s ${y}", "{% if a %}{# c #}", "\u200f\u202eabc\u202c", "a\x00b",
       " \u3000x\n\n", "តើ\u200bអ្វី", "각막", "①：Ａ", "\r\n", ""]  # fmt: skip


def qa(**columns: Any) -> pa.Table:
    count = len(next(iter(columns.values())))
    base = {"id": [f"r/{i}" for i in range(count)], "source": ["demo"] * count,
            "split": ["train"] * count, "question": ["질문?"] * count}  # fmt: skip
    return fitted(pa.table(base | columns), QA)


# -- templates -------------------------------------------------------------------------------------


def test_a_template_fills_its_gaps_in_order() -> None:
    table = pa.table({"a": ["1", "2"], "b b": ["x", "y"], "n": [7, 8]})
    filled = Template("{b b}-{a}-{{{n}}}-{a}").fill(table)
    assert filled.to_pylist() == ["x-1-{7}-1", "y-2-{8}-2"]


def test_a_template_without_gaps_repeats() -> None:
    assert Template("정답: {{}}").fill(pa.table({"a": [1, 2]})).to_pylist() == ["정답: {}"] * 2


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}",
        "{a",
        "{}",
        "{0}",
        "{a.b}",
        "{a[0]}",
        "{a!r}",
        "{n:04d}",
        "{a:b|c|d}",
        "{a:{b}|}",
        "\ud800",
    ],
)
def test_what_is_no_template_says_why(text: str) -> None:
    with pytest.raises(ArgumentError, match="Hint: "):
        Template(text)


def test_an_unknown_column_is_named_with_the_nearest() -> None:
    with pytest.raises(FormattingError) as caught:
        Template("{qestion}").fill(pa.table({"question": ["q"], "id": ["1"]}))
    assert str(caught.value) == (
        "column 'qestion': the template names an unknown column.\n"
        "  expected: one of question, id\n"
        "  found:    {qestion}\n"
        "Hint: did you mean '{question}'?"
    )


def test_a_null_raises_unless_its_gap_is_optional() -> None:
    table = pa.table({"id": ["a", "b"], "c": ["x", None]})
    with pytest.raises(NullValueError) as caught:
        Template("{c}").fill(table)
    assert caught.value.rows == [1]
    assert Template("{c:(|) }z").fill(table).to_pylist() == ["(x) z", "z"]


def test_a_list_is_no_text() -> None:
    with pytest.raises(FormattingError, match="cannot be written into a text"):
        Template("{c}").fill(pa.table({"c": [["x"]]}))


@settings(max_examples=examples(80), deadline=None)
@given(values=st.lists(st.text(max_size=20) | st.sampled_from(ODD), max_size=6))
@pytest.mark.slow
def test_data_is_never_read_as_a_template(values: list[str]) -> None:
    table = pa.table({"x": pa.array(values, pa.string())})
    assert Template("{x}|{x}").fill(table).to_pylist() == [f"{v}|{v}" for v in values]
    large = table.cast(pa.schema({"x": pa.large_string()}))
    assert Template("{x}|{x}").fill(large).to_pylist() == [f"{v}|{v}" for v in values]


# -- questions -------------------------------------------------------------------------------------

SCURVY = qa(question=["괴혈병을 예방하는 비타민은?"], options=[["A", "B1", "C", "D"]], answer_index=[2],
            answer=["C"], rationale=["괴혈병은 비타민 C 결핍증이다."])  # fmt: skip


def only_prompt(table: pa.Table, **how: Any) -> dict[str, Any]:
    rows: list[dict[str, Any]] = prompt(**how)(table).to_pylist()
    return rows[0]


def test_korean() -> None:
    row = only_prompt(SCURVY, language="ko", identity=False)
    assert row == {
        "prompt": "질문: 괴혈병을 예방하는 비타민은?\n선택지:\nA. A\nB. B1\nC. C\nD. D\n정답:",
        "target": "C",
    }
    row = only_prompt(SCURVY, language="ko", style="choice-rationale")
    assert row["prompt"].endswith("D. D")
    assert row["target"] == "정답: C. C\n해설: 괴혈병은 비타민 C 결핍증이다."
    row = only_prompt(SCURVY, language="ko", style="choice-reasoning", markers="①")
    assert row["target"] == "해설: 괴혈병은 비타민 C 결핍증이다.\n정답: ③ C"


def test_khmer() -> None:
    table = qa(question=["តើវីតាមីនអ្វី?"], options=[["ក", "ខ"]], answer_index=[1], answer=["ខ"])
    assert only_prompt(table, language="km", identity=False) == {
        "prompt": "សំណួរ: តើវីតាមីនអ្វី?\nជម្រើស:\nក. ក\nខ. ខ\n\nចម្លើយ:",
        "target": "ខ",
    }
    row = only_prompt(table.set_column(QA.get_field_index("options"), QA.field("options"),
                               pa.nulls(1, QA.field("options").type)),
              language="km", style="open")  # fmt: skip
    assert row["prompt"] == "សំណួរ: តើវីតាមីនអ្វី?\n\nចម្លើយ:"
    assert row["target"] == "ខ"


def test_english_with_context_and_system_text() -> None:
    table = qa(question=["Which?"], context=["Some text."], answer=["This."])
    row = only_prompt(
        table, language="en", style="open", system=ENGLISH.system, keep=("source", "split")
    )
    assert row == {"id": "r/0", "source": "demo", "family": None, "language": None,
                   "system": ENGLISH.system, "split": "train",
                   "prompt": "Context: Some text.\nQuestion: Which?\nAnswer:",
                   "target": "This."}  # fmt: skip


def test_what_names_a_row_goes_along_unless_not_wanted() -> None:
    named = SCURVY.set_column(SCURVY.schema.get_field_index("family"), QA.field("family"),
                              pa.array(["f"]))  # fmt: skip
    kernel = prompt(language="ko", keep=("id", "year", "family"))
    assert kernel(named).column_names == [
        "id", "source", "family", "language", "prompt", "target", "year",
    ]  # fmt: skip
    assert kernel(named)["family"].to_pylist() == ["f"]
    few = named.select(["id", "question", "options", "answer_index", "context"])
    assert prompt(language="ko")(few).column_names == ["id", "prompt", "target"]
    without = prompt(language="ko", identity=False, keep=("family",))(named)
    assert without.column_names == ["prompt", "target", "family"]
    encoded = named.set_column(1, "source", named["source"].dictionary_encode())
    assert prompt(language="ko")(encoded).equals(prompt(language="ko")(named))


@pytest.mark.parametrize("name", sorted(MARKERS))
def test_markers(name: Any) -> None:
    labels = MARKERS[name].labels
    count = len(labels)
    table = qa(question=["q"], options=[[f"o{i}" for i in range(count)]], answer_index=[count - 1])
    row = only_prompt(table, language="en", markers=name, choices=True)
    lines = row["prompt"].split("\n")[2:-1]
    line = MARKERS[name].line
    assert lines == [line.format(marker=m, option=f"o{i}") for i, m in enumerate(labels)]
    assert row["target"] == labels[-1]
    assert row["choices"] == list(labels)
    too_many = qa(question=["q"], options=[["o"] * (count + 1)], answer_index=[0])
    with pytest.raises(RowError, match="more options than there are markers"):
        prompt(language="en", markers=name)(too_many)


def test_markers_of_your_own() -> None:
    own = Markers(("a", "b", "c", "d"), line="<{marker}>{option};")
    row = only_prompt(
        SCURVY, language="ko", markers=own, template="{options}", target="{answer_line}"
    )
    assert row["prompt"] == "<a>A;\n<b>B1;\n<c>C;\n<d>D;"
    assert row["target"] == "<c>C;"


@pytest.mark.parametrize("bad", [{"labels": ("a", "a")}, {"labels": (" ",)}, {"line": "{option}"},
                                 {"line": "{option}{marker}"}])  # fmt: skip
def test_markers_that_could_not_be_told_apart(bad: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        Markers(**({"labels": ("a", "b")} | bad))


@pytest.mark.parametrize("markers", ["1", Markers(tuple(map(str, range(1, 41))), line="<{marker}>{option};")], ids=["1", "own"])  # fmt: skip
def test_ragged_rows_are_written_like_even_ones(markers: Any) -> None:
    options = [["x"], ["a", "b", "c"], [""] * 40]
    table = qa(question=["q"] * 3, options=options, answer_index=[0, None, 39])
    kernel = prompt(language="ko", markers=markers, choices=True)
    together = kernel(table)
    apart = [kernel(table.slice(i, 1)) for i in range(3)]
    assert together.equals(pa.concat_tables(apart))
    assert together["target"].to_pylist() == ["1", None, "40"]


def test_a_template_of_your_own() -> None:
    row = only_prompt(
        SCURVY, language="ko", template="{question}\n{options}\n정답:", target=" {marker}"
    )
    assert row["prompt"] == "괴혈병을 예방하는 비타민은?\nA. A\nB. B1\nC. C\nD. D\n정답:"
    assert row["target"] == " C"
    with pytest.raises(FormattingError, match="unknown column"):
        prompt(language="ko", template="{quesion}")(SCURVY)


def test_a_language_pack_of_your_own() -> None:
    mine = KOREAN.reworded(
        "choice", Wording(prompt="문: {question}\n{options}\n답:", target="{marker}")
    )
    assert only_prompt(SCURVY, language=mine)["prompt"].startswith("문: 괴혈병")
    assert KOREAN.wording("choice").prompt.startswith("{context")
    french = dataclasses.replace(ENGLISH, code="fr", styles={})
    with pytest.raises(ArgumentError, match="has no such style"):
        prompt(language=french)


def test_instructions_vary_by_number_and_by_id() -> None:
    ways = KOREAN.wording("choice").instructions
    first = only_prompt(SCURVY, language="ko", variant=1)["prompt"]
    assert first.startswith(ways[1] + "\n\n질문:")
    many = qa(question=["q"] * 200, options=[["a", "b"]] * 200, answer_index=[0] * 200)
    prompts = prompt(language="ko", variant="by-id")(many)["prompt"].to_pylist()
    seen = {
        way: sum(p.startswith(f"{way}\n\n질문" if way else "질문") for p in prompts) for way in ways
    }
    assert sum(seen.values()) == 200
    assert min(seen.values()) > 20
    again = prompt(language="ko", variant="by-id")(many.slice(100))["prompt"].to_pylist()
    assert again == prompts[100:]
    with pytest.raises(ArgumentError, match="at most 3"):
        prompt(language="ko", variant=9)
    with pytest.raises(ArgumentError, match="did you mean 'by-id'"):
        prompt(language="ko", variant="by_id")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="at most 0"):  # a template says all itself
        prompt(language="ko", template="{question}", variant=1)
    own = prompt(language="ko", template="{question}", variant="by-id")(many)["prompt"]
    assert own.to_pylist() == ["q"] * 200


@pytest.mark.parametrize("wrong", [{"language": "fr"}, {"language": "ko", "style": "poem"},
                                   {"language": "ko", "markers": "x"}])  # fmt: skip
def test_closed_sets_say_what_there_is(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="expected: "):
        prompt(**wrong)


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ({"options": pa.array([None], pa.list_(pa.string()))}, NullValueError, "has no options"),
        ({"options": [[]]}, NullValueError, "has no options"),
        ({"options": [["a", None]]}, NullValueError, "an option is null"),
        ({"options": [["a"] * 27]}, RowError, "more options than there are markers"),
        ({"options": [["a"]], "answer_index": [1]}, AnswerError, "not one of the options"),
        ({"options": [["a"]], "question": pa.nulls(1, pa.string())}, NullValueError, "null cannot"),
    ],
)
def test_bad_rows(columns: Any, error: type[RowError], words: str) -> None:
    table = qa(**({"options": [["a"]], "answer_index": [0]} | columns))
    with pytest.raises(error, match=words) as caught:
        prompt(language="ko")(table)
    assert caught.value.rows == [0]
    assert pickle.loads(pickle.dumps(caught.value)).rows == [0]


def test_an_empty_option_stays_an_empty_option() -> None:
    table = qa(question=["q"], options=[["", "b", ""]], answer_index=[2])
    assert only_prompt(table, language="ko", template="{options}")["prompt"] == "A. \nB. b\nC. "


def test_a_rationale_that_is_not_there() -> None:
    table = qa(question=["q"], options=[["a"]], answer_index=[0], answer=["a"])
    with pytest.raises(NullValueError, match="the row has none"):
        prompt(language="ko", style="choice-rationale")(table)
    withheld = qa(question=["q"], options=[["a"]])
    assert only_prompt(withheld, language="ko", style="choice-rationale")["target"] is None


def test_a_withheld_answer_has_a_prompt_and_no_target() -> None:
    table = qa(question=["q"], options=[["a", "b"]])
    assert only_prompt(table, language="en")["target"] is None


def test_two_megabytes_and_a_nul_pass_through() -> None:
    big = "가\x00{" * 400_000
    table = qa(question=[big] * 3, options=[[big, "b"]] * 3, answer_index=[0] * 3)
    row = only_prompt(table, language="ko", template="{question}|{options}")
    assert row["prompt"] == f"{big}|A. {big}\nB. b"


def test_slices_too_large_for_one_array_are_halved() -> None:
    def render(batch: pa.RecordBatch) -> pa.RecordBatch:
        if batch.num_rows > 3:
            raise pa.ArrowCapacityError("array cannot contain more than 2147483646 bytes")
        bad = pc.equal(batch.column("n"), 9)
        fail(batch, bad, NullValueError, "nine")
        return batch

    table = pa.table({"n": range(9)})
    assert by_slices(table, render).combine_chunks().equals(table)
    with pytest.raises(NullValueError) as caught:
        by_slices(pa.table({"n": range(15)}), render)
    assert caught.value.rows == [9]


# -- other schemas ---------------------------------------------------------------------------------


def rows(schema: pa.Schema, *values: dict[str, Any]) -> pa.Table:
    base = {"source": "demo", "split": "train"}
    filled = [base | {"id": f"r/{i}"} | row for i, row in enumerate(values)]
    return conform(pa.Table.from_pylist(filled, schema=schema), schema)


TAGGED = rows(TOKENS,
    {"tokens": ["제2형", "당뇨병", "환자"], "tags": ["B-D", "I-D", "O"],
     "spans": [{"start": 0, "end": 2, "label": "D", "text": '제2형 "당뇨"\\\n병'}]},
    {"tokens": ["x"], "tags": None, "spans": None, "text": "given {text}"},
    {"tokens": ["y"], "tags": ["O"], "spans": []},
)  # fmt: skip


def test_entities_as_tags() -> None:
    prompts = prompt(language="ko", style="ner-tags", labels=["D"])(TAGGED).to_pylist()
    assert prompts[0]["prompt"].endswith("태그 종류: D.\n\n문장: 제2형 당뇨병 환자\n태그:")
    assert prompts[0]["target"] == "제2형\tB-D\n당뇨병\tI-D\n환자\tO"
    assert [row["target"] for row in prompts[1:]] == [None, "y\tO"]
    bad = rows(TOKENS, {"tokens": ["a"], "tags": ["O", "O"]})
    with pytest.raises(AlignmentError, match="differ in number"):
        prompt(language="ko", style="ner-tags")(bad)


def test_entities_as_json() -> None:
    prompts = prompt(language="ko", style="ner-spans")(TAGGED).to_pylist()
    assert prompts[0]["prompt"].startswith(
        "다음 문장의 개체명을 JSON 목록으로 쓰시오.\n\n문장: 제2형"
    )
    assert json.loads(prompts[0]["target"]) == [{"text": '제2형 "당뇨"\\\n병', "label": "D"}]
    assert prompts[0]["target"].startswith('[{"text": "제2형')
    assert [row["target"] for row in prompts[1:]] == [None, "[]"]
    assert "given {text}" in prompts[1]["prompt"]


def test_translation_both_ways() -> None:
    table = rows(PARALLEL, {"text": "fever", "text_language": "en", "translation": "គ្រុនក្តៅ",
                            "translation_language": "km"})  # fmt: skip
    there = only_prompt(table, language="km", style="translate")
    assert there["prompt"].endswith("ភាសាអង់គ្លេស: fever\n\nភាសាខ្មែរ:")
    assert there["target"] == "គ្រុនក្តៅ"
    back = only_prompt(table, language="en", style="translate-back")
    assert back["prompt"].endswith("Khmer: គ្រុនក្តៅ\nEnglish:")
    assert back["target"] == "fever"


def test_classification() -> None:
    table = rows(LABELED, {"text": "a", "text_pair": "b", "label": "same"}, {"text": "c"})
    prompts = prompt(language="en", style="classify", labels=["same", "other"])(table).to_pylist()
    assert prompts[0]["prompt"] == (
        "Classify the text. Classes: same, other.\n\nText: a\nSecond text: b\nClass:"
    )
    assert [row["target"] for row in prompts] == ["same", None]


def test_dialogue() -> None:
    turns = [("system", "s"), ("user", "머리가 {아파요}"), ("assistant", "언제부터?"), ("user", "어제"),
             ("assistant", "쉬세요")]  # fmt: skip
    messages = [{"role": r, "content": c} for r, c in turns]
    record = only_prompt(rows(DIALOGUE, {"messages": messages}), language="ko", style="dialogue")
    assert (
        record["prompt"]
        == "안내: s\n사용자: 머리가 {아파요}\n상담자: 언제부터?\n사용자: 어제\n상담자:"
    )
    assert record["target"] == "쉬세요"
    for bad, words in ((messages[:-1], "not the assistant's"), (messages[-1:], "needs a turn")):
        with pytest.raises(RowError, match=words):
            prompt(language="ko", style="dialogue")(rows(DIALOGUE, {"messages": bad}))


def test_a_style_for_another_schema_names_the_column() -> None:
    with pytest.raises(FormattingError, match="unknown column"):
        prompt(language="ko", style="dialogue")(SCURVY)


# -- laws ------------------------------------------------------------------------------------------

TEXT = st.text(max_size=10) | st.sampled_from(ODD)


@st.composite
def questions(draw: st.DrawFn) -> pa.Table:
    count = draw(st.integers(0, 5))
    options = [draw(st.lists(TEXT, min_size=1, max_size=5)) for _ in range(count)]
    return qa(
        question=pa.array([draw(TEXT) for _ in range(count)], pa.string()),
        context=pa.array([draw(st.none() | TEXT) for _ in range(count)], pa.string()),
        options=pa.array(options, pa.list_(pa.string())),
        answer_index=pa.array([draw(st.none() | st.integers(0, len(o) - 1)) for o in options],
                              pa.int32()),
    )  # fmt: skip


@settings(max_examples=examples(60), deadline=None)
@given(table=questions(), language=st.sampled_from(sorted(LANGUAGES)), cut=st.integers(0, 5),
       variant=st.sampled_from([0, "by-id"]))  # fmt: skip
def test_the_laws_of_a_kernel(table: pa.Table, language: Any, cut: int, variant: Any) -> None:
    before = table.to_pylist()
    kernel = pickle.loads(pickle.dumps(prompt(language=language, variant=variant, choices=True)))
    whole = kernel(table)
    assert pa.concat_tables([kernel(table.slice(0, cut)), kernel(table.slice(cut))]).equals(whole)
    assert kernel(pa.concat_tables([table.slice(0, cut), table.slice(cut)])).equals(whole)
    assert kernel(table.slice(0, 0)).schema == whole.schema
    assert table.to_pylist() == before


@settings(max_examples=examples(60), deadline=None)
@given(table=questions())
def test_no_text_of_the_data_is_changed(table: pa.Table) -> None:
    prompts = prompt(language="ko", template="{context:<|>}{question}\n{options}")(table)
    for row, text in zip(table.to_pylist(), prompts["prompt"].to_pylist(), strict=True):
        context = f"<{row['context']}>" if (row["context"] or "").strip() else ""
        lines = "\n".join(f"{'ABCDE'[i]}. {o}" for i, o in enumerate(row["options"]))
        assert text == f"{context}{row['question']}\n{lines}"


def test_it_runs_in_a_dataset_and_in_an_iterable_one() -> None:
    kernel = prompt(language="ko")
    expected = kernel(SCURVY).to_pylist()
    dataset = datasets.Dataset(SCURVY)
    mapped = dataset.with_format("arrow").map(
        kernel, batched=True, remove_columns=dataset.column_names
    )
    assert mapped.with_format(None).to_list() == expected
    assert mk.apply(dataset, kernel).to_list() == expected
    assert list(mk.apply(dataset.to_iterable_dataset(), kernel)) == expected


# -- language packs --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_every_pack_has_every_style_and_only_its_own_script(code: Any) -> None:
    pack = LANGUAGES[code]
    assert set(pack.styles) == set(KOREAN.styles)
    script = {"ko": "가-힣", "km": "\u1780-\u17ff", "en": "A-Za-z"}[code]
    for style, wording in pack.styles.items():
        assert wording.instructions
        assert not wording.prompt[-1].isspace()
        for text in (wording.prompt, wording.target, *wording.instructions):
            template = Template(text)
            words = re.sub(rf"[{script}\s.,:;?!()\[\]'’។៖\-]|JSON", "", template.fixed)
            words += re.sub(
                rf"[{script}\s.,:|។]", "", "".join(re.findall(r"\{\w+:([^}]*)\}", text))
            )
            assert not words, (style, words)


def test_the_khmer_pack_is_composed() -> None:
    import unicodedata

    every = repr(KHMER)
    assert unicodedata.normalize("NFC", every) == every


# -- every source ----------------------------------------------------------------------------------

FITS: dict[str, tuple[Any, ...]] = {
    "qa": ("choice", "choice-rationale", "choice-reasoning", "open", "open-rationale"),
    "tokens": ("ner-tags", "ner-spans"),
    "parallel": ("translate", "translate-back"),
    "labeled": ("classify",),
    "dialogue": ("dialogue",),
}


def _fitting(table: pa.Table, style: str) -> pa.Table:
    """The rows a style is for: with options, with a rationale, ending in a reply."""
    if style.startswith("choice"):
        lengths = pc.fill_null(pc.list_value_length(table["options"]), 0)
        table = table.filter(pc.greater(lengths, 0))
    if style.endswith(("rationale", "reasoning")):
        table = table.filter(pc.is_valid(table["rationale"]))
    if style == "dialogue":
        roles = [row["messages"][-1]["role"] for row in table.select(["messages"]).to_pylist()]
        table = table.filter(pa.array([role == "assistant" for role in roles], pa.bool_()))
    return table


def _samples(name: str) -> Iterator[pa.Table]:
    """The sample of a source, a table a subset; the bad rows samples hold on purpose set aside."""
    for subset in dict.fromkeys(part.subset for part in mk.source(name).parts):
        try:
            data = mk.load(name, subset=subset, origin="sample", split="all")
        except NoDataError as error:
            pytest.skip(error.what)
        yield data.with_format("arrow")[:]


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
@pytest.mark.parametrize("name", [source.name for source in mk.sources() if source.parts])
@pytest.mark.slow
def test_the_sample_of_every_source_fits_what_it_can_be_formatted_by(name: str) -> None:
    for data in _samples(name):
        schema = mk.schemas.schema_name(data.schema)
        for style in FITS.get(schema, ()):
            rows = _fitting(data, style)
            for language in LANGUAGES:
                prompts = prompt(language=language, style=style, markers="1")(rows)
                assert prompts["id"].to_pylist() == rows["id"].to_pylist()
                assert prompts["prompt"].null_count == 0
        if schema == "qa":
            _fits_harnesses(_fitting(data, "choice"))


def _fits_harnesses(rows: pa.Table) -> None:
    lengths = pc.list_value_length(rows["options"])
    for format_ in FORMATS.values():
        count = format_.options
        fits = rows if count is None else rows.filter(pc.equal(lengths, count))
        if not format_.words:
            assert harness(format_.name)(fits)["id"].to_pylist() == fits["id"].to_pylist()


def test_rows_and_shots_without_the_column_of_passages_have_none() -> None:
    rows = [
        {"id": "a", "question": "괴혈병은?", "options": ["비타민 C", "비타민 K"], "answer_index": 0}
    ]
    pool = [
        {"id": "b", "question": "구루병은?", "options": ["비타민 D", "비타민 K"], "answer_index": 0}
    ]
    (records,) = mk.apply(rows, mk.few_shot(pool, k=1), prompt(language="ko"))
    shot, own = records["prompt"].split("\n\n")
    assert shot.startswith("질문: 구루병은?")
    assert own.startswith("질문: 괴혈병은?")
    assert "지문" not in records["prompt"]


def test_spans_that_are_all_null_make_no_target() -> None:
    rows = [{"id": "a", "text": "열이 난다", "tokens": ["열이"], "tags": ["O"], "spans": None}]
    records = mk.apply(rows, mk.prompt(language="ko", style="ner-spans"))
    assert [row["target"] for row in records] == [None]


@pytest.mark.parametrize("nothing", ["", " \n", None])
def test_a_blank_context_is_none(nothing: str | None) -> None:
    row = {
        "id": "x",
        "source": "s",
        "split": "train",
        "language": "ko",
        "question": "질문",
        "answer": "답",
        "context": nothing,
    }
    table = pa.Table.from_pylist([row], schema=QA)
    prompts = prompt(language="ko", style="open")(table)["prompt"].to_pylist()
    assert prompts == ["질문: 질문\n답변:"]
    assert mk.record("alpaca")(table)["instruction"].to_pylist() == ["질문"]
