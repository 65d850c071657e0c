"""The compilation: what each origin's rows hold, families, licences, missing answers."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import medqa_kit as mk
from medqa_kit.catalog.licenses import strictest
from medqa_kit.core.arrow.hashing import family_key
from medqa_kit.entries._shared.compilation import SPACES, normalize, verbatim
from medqa_kit.loading.planner import SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")
NAME = "medical_training_dataset"
REPO = "ericrisco/medical-training-dataset"
FILE = "medical_training_dataset.json"


def raw(source: str | None, output: str | None = "x", *, context: str = "", ask: str = "q") -> Any:
    return {"input": ask, "context": context, "output": output, "source": source}


def normalized(*rows: Any, kernel: Any = normalize) -> list[Any]:
    schema = pa.schema(dict.fromkeys(("input", "context", "output", "source"), pa.string()))
    return kernel(pa.Table.from_pylist(list(rows), schema=schema)).to_pylist()


def from_rows(folder: Path, rows: list[Any], **options: Any) -> Any:
    (folder / FILE).write_text(json.dumps(rows, indent=2), encoding="utf-8")
    return mk.load(NAME, split="train", path=folder, **options)


def sample(**options: Any) -> Any:
    return mk.load(NAME, split="train", origin="sample", **options)


# -- reasoning


TEXT = st.text(st.characters(codec="utf-8"), max_size=20).filter(lambda t: "</reasoning>" not in t)


@given(TEXT, TEXT)
@example("First.\n\nThen <b>.", "One line.\nAnother.")
def test_reasoning_and_reply_come_apart_as_they_were_put_together(thought: str, reply: str) -> None:
    output = f"<reasoning>\n{thought}\n</reasoning>\n{reply}"
    (row,) = normalized(raw("medical_o1_reasoning_sft", output))
    assert (row["rationale"] or "").strip() == thought.strip()
    assert row["rationale"] in (thought, None)
    assert row["answer"] in (reply, None)
    assert (row["answer"] is None) == (not reply.strip())


def test_reasoning_of_another_form_is_an_error_and_verbatim_takes_it(hub, tmp_path: Path) -> None:
    rows = [raw("medicationqa"), raw("medical_o1_reasoning_sft", "<think>t</think> reply")]
    with pytest.raises(mk.errors.RowError, match="</reasoning>") as error:
        from_rows(tmp_path, rows)
    assert (error.value.row, error.value.column) == (1, "output")
    data = from_rows(tmp_path, rows, view="verbatim")
    assert data["answer"][:] == ["x", "<think>t</think> reply"]


def test_only_reasoning_rows_are_taken_apart() -> None:
    text = "<reasoning>\na\n</reasoning>\nb"
    (row,) = normalized(raw("some_new_source", text))
    assert (row["answer"], row["rationale"]) == (text, None)


# -- options


OPTIONS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=12),
    min_size=2, max_size=5,
)  # fmt: skip


@given(OPTIONS)
def test_options_come_back_from_the_lines_of_the_context(options: list[str]) -> None:
    lines = [f"{letter}) {text}" for letter, text in zip("ABCDE", options, strict=False)]
    (row,) = normalized(raw("medqa", "because", context="\n".join(lines)))
    assert row["options"] == options
    assert row["context"] is None
    assert row["answer"] is None, "the right option is not in the file"
    assert row["rationale"] == "because"


@pytest.mark.parametrize(
    "context",
    ["", "a text", "A) one", "A) one\nC) three", "B) two\nC) three", "see:\nA) one\nB) two",
     "A) one\nB) two\n\nA) three"],
)  # fmt: skip
def test_contexts_that_do_not_list_options_are_an_error(context: str) -> None:
    with pytest.raises(mk.errors.RowError) as error:
        normalized(raw("medicationqa"), raw("medqa", context=context))
    assert (error.value.rows, error.value.column) == ([1], "context")
    (row,) = normalized(raw("medqa", context=context), kernel=verbatim)
    assert row["context"] == (context or None)


def test_lists_in_other_contexts_stay_there() -> None:
    (row,) = normalized(raw("wiki_medical_terms", context="A) one\nB) two"))
    assert (row["context"], row["options"]) == ("A) one\nB) two", None)


def test_the_sample_exam_row(hub) -> None:
    row = next(row for row in sample() if row["tags"] == ["source:medqa"])
    assert row["options"][2] == "B) is wrong, so do nothing", "letters inside an option stay"
    assert len(row["options"]) == 5
    assert (row["answer_index"], row["answer"], row["context"]) == (None, None, None)
    assert row["rationale"].endswith("out.\n"), "upstream did not strip it, nor do we"


# -- answers


@pytest.mark.parametrize("output", [None, "n/a", "", " ", " n/a "])
@pytest.mark.parametrize("source", ["medicationqa", "medical_o1_reasoning_sft", "new"])
def test_missing_outputs_are_null_answers(output: str | None, source: str) -> None:
    for kernel in (normalize, verbatim):
        (row,) = normalized(raw(source, output), kernel=kernel)
        assert row["answer"] is None


def test_the_verbatim_view_pairs_input_and_output(hub) -> None:
    given_rows = json.loads((SAMPLES / NAME / FILE).read_text("utf-8"))
    for row, theirs in zip(sample(view="verbatim"), given_rows, strict=True):
        assert row["question"] == theirs["input"]
        assert (row["context"] or "") == theirs["context"]
        assert row["answer"] in (theirs["output"], None)
        assert row["rationale"] is None
        assert row["options"] is None
    assert sample(view="verbatim")["id"][:] == sample()["id"][:]


@pytest.mark.parametrize("source", ["medicationqa", "wiki_medical_terms", "new"])
def test_an_empty_context_is_none(source: str) -> None:
    for kernel in (normalize, verbatim):
        (row,) = normalized(raw(source), kernel=kernel)
        assert row["context"] is None


def test_questions_keep_their_blanks_whatever_upstream_stripped() -> None:
    (row,) = normalized(raw("medicationqa", " 5 mg\n", ask=" how much  \n"))
    assert (row["question"], row["answer"]) == (" how much  \n", " 5 mg\n")


# -- ids, tags, families


def test_ids_are_of_the_content_and_copies_are_told_apart(hub) -> None:
    ids = sample()["id"][:]
    assert ids[14] == f"{ids[7]}~2"
    assert Counter(i.partition("~")[0] for i in ids).most_common(1)[0][1] == 2
    (first,), (other,) = (
        normalized(raw("medqa", context="A) a\nB) b")),
        normalized(raw("new", context="A) a\nB) b")),
    )
    assert first["id"] != other["id"], "the origin is part of the content"


def test_order_does_not_matter_for_ids(hub, tmp_path: Path) -> None:
    rows = json.loads((SAMPLES / NAME / FILE).read_text("utf-8"))

    def said(data: Any) -> dict[str, Any]:
        return {row["id"]: (row["question"], row["answer"], row["tags"]) for row in data}

    there, back = said(from_rows(tmp_path, rows)), said(from_rows(tmp_path, rows[::-1]))
    assert there == back
    assert len(there) == len(rows)


def test_unknown_origins_are_accepted_and_have_no_family() -> None:
    new, none = normalized(raw("some_new_source"), raw(None))
    assert (new["tags"], new["family"]) == (["source:some_new_source"], None)
    assert (none["tags"], none["family"]) == (None, None)


PARENTS = {
    "medical_o1_verifiable_problem": "medical_o1_verifiable",
    "medqa": "medqa_usmle",
    "first_aid_dataset": "first_aid",
    "synthetic_disaster_reports": "disaster_reports",
    "extreme_firstaid_qa_dataset": "extreme_firstaid",
}


@pytest.mark.parametrize("source", SPACES)
def test_families_are_those_of_the_parents_rows(hub, source: str) -> None:
    ours = {row["family"] for row in sample() if row["tags"] == [f"source:{source}"]}
    theirs = mk.load(PARENTS.get(source, source), origin="sample")["train"]
    assert ours & set(theirs["family"])


def test_families_by_the_text_all_copies_share() -> None:
    for source, space in SPACES.items():
        page = "A page.\n" if source == "wiki_medical_terms" else ""
        context = "A) a\nB) b" if source == "medqa" else page
        output = "<reasoning>\na\n</reasoning>\nb" if "reasoning" in source else "b"
        (row,) = normalized(raw(source, output, context=context, ask=" Why?"))
        shared = "A page." if page else "Why?"
        assert row["family"] == family_key(space, pa.array([shared])).to_pylist()[0]


def test_both_o1_files_share_a_family(hub) -> None:
    o1 = [row for row in sample() if row["tags"][0].startswith("source:medical_o1")]
    assert o1[0]["question"] == o1[1]["question"]
    assert o1[0]["family"] == o1[1]["family"]


def test_reasoning_rows_put_first_stay_and_find_their_short_truth(hub) -> None:
    rows = sorted(sample(), key=lambda row: row["tags"] != ["source:medical_o1_reasoning_sft"])
    clean, report = mk.dedupe(pa.Table.from_pylist(rows, mk.schemas.QA), on="item", near=None)
    by_id = {row["id"]: row for row in rows}
    gone = [(by_id[row["id"]], by_id[row["kept_id"]]) for row in report.findings.to_pylist()]
    truth = {kept["id"]: lost["answer"] for lost, kept in gone if kept["rationale"]}
    (kept,) = truth
    assert by_id[kept]["tags"] == ["source:medical_o1_reasoning_sft"]
    assert truth[kept] == "Rest"
    assert all(lost["family"] == kept["family"] for lost, kept in gone)
    assert kept in clean["id"].to_pylist()


# -- the file


def test_an_unknown_column_is_refused_and_named(hub, tmp_path: Path) -> None:
    with pytest.raises(mk.errors.SchemaMovedError, match="difficulty"):
        from_rows(tmp_path, [raw("medqa") | {"difficulty": "hard"}])


def test_a_copy_in_json_lines_is_read_too(hub, tmp_path: Path) -> None:
    lines = "".join(json.dumps(raw("medicationqa", str(n))) + "\n" for n in range(2))
    (tmp_path / FILE).write_text(lines, encoding="utf-8")
    assert mk.load(NAME, split="train", path=tmp_path).num_rows == 2


def test_no_length_is_too_long_or_too_short(hub, tmp_path: Path) -> None:
    answers = ["no", "x" * 5360]  # the card speaks of 10 to 1,500 characters
    data = from_rows(tmp_path, [raw("medicationqa", text) for text in answers])
    assert data["answer"][:] == answers


def test_the_counts_by_origin_add_up() -> None:
    source = mk.source(NAME)
    said = next(quirk for quirk in source.quirks if quirk.startswith("Rows by source"))
    counts = dict(re.findall(r"(\w+) ([\d,]+)[,.]", said))
    assert set(counts) == set(SPACES)
    assert sum(int(count.replace(",", "")) for count in counts.values()) == source.rows == 84_325


def test_the_sample_is_one_pretty_printed_array() -> None:
    text = (SAMPLES / NAME / FILE).read_text("utf-8")
    assert text.startswith('[\n  {\n    "input": ')
    assert "–" in text, "characters are not escaped"
    assert {row["source"] for row in json.loads(text)} >= set(SPACES)


def test_it_floats_and_says_so(hub) -> None:
    hub.repo(REPO).commit("c" * 40, SAMPLES / NAME)
    with pytest.warns(mk.errors.FloatingRevisionWarning, match="c" * 40):
        data = mk.load(NAME, split="train")
    assert data.num_rows == 19


def test_each_origin_has_a_licence_claim(hub) -> None:
    source = mk.source(NAME)
    spoken = {claim.applies_to for claim in source.license if claim.applies_to}
    assert spoken == {f"source:{name}" for name in SPACES}
    assert source.terms.commercial == "no"
    assert source.terms.share_alike
    label = next(claim for claim in source.license if claim.license == "CC-BY-4.0")
    assert not label.credible, "the compiler cannot grant what the origins did not"
    assert not source.terms.allows("redistribute"), "four origins grant nothing"


GRANTS = {  # commercial, share-alike: upstream's label says CC-BY-4.0 for all of them
    "medical_o1_reasoning_sft": ("conditional", False),
    "medical_o1_verifiable_problem": ("conditional", False),
    "medqa": ("unknown", False),
    "wiki_medical_terms": ("conditional", True),
    "symptom_to_diagnosis": ("conditional", False),
    "medicationqa": ("unknown", False),
    "diseases_symptoms": ("unknown", False),
    "first_aid_dataset": ("unknown", False),
    "synthetic_disaster_reports": ("unknown", False),
    "extreme_firstaid_qa_dataset": ("no", True),
}


@pytest.mark.parametrize("name", [NAME, "medrescue"])
@pytest.mark.parametrize("origin", SPACES)
def test_a_row_has_the_licence_of_its_origin(origin: str, name: str) -> None:
    claims = tuple(c for c in mk.source(name).license if c.applies_to == f"source:{origin}")
    terms = strictest(claims)
    assert (terms.commercial, terms.share_alike) == GRANTS[origin]


def test_every_load_warns_of_the_mixture(hub) -> None:
    with pytest.warns(mk.errors.SafetyWarning, match="unsafe advice"):
        sample()
    with pytest.warns(mk.errors.LicenseWarning, match="commercial use: no"):
        sample()


def test_the_tag_over_the_pages_is_shown_and_does_not_count() -> None:
    (tag,) = [claim for claim in mk.source(NAME).license if claim.license == "GPL-3.0"]
    assert not tag.credible
    assert tag.applies_to == "source:wiki_medical_terms"


def test_recipes_hold_the_exams_out() -> None:
    holdouts = {"medqa-usmle-test", "medmcqa-validation"}
    assert holdouts <= set(mk.source(NAME).protected_by)
    assert "medqa_usmle" in {parent.name for parent in mk.source(NAME).derived_from}
