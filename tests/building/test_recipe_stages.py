"""What recipes do beyond loading: schemas that meet, conditions, copies, mixes, gates."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import groupby
from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

import medqa_kit as mk
from results import json_rows

pytestmark = pytest.mark.slow

EXAM, TAGS, TALK = {"name": "kormedmcqa"}, {"name": "kbmc"}, {"name": "ultrachat_200k"}


def built(tmp_path: Path, *sources: dict, record: str = "trl/messages", **more: object):
    recipe = {"name": "demo", "source": list(sources), "split": {"validation": 0},
              "format": {"record": record}, **more}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / f"out{len(list(tmp_path.iterdir()))}", origin="sample")
    report = mk.verify(result.path)
    assert set(report.by("code")) <= {"unchecked"}, report
    return result


def rows(result, split: str = "train") -> list[dict]:
    form = next(iter(result.manifest["formats"]))
    files = sorted((result.path / form / split).glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def dropped(result) -> list[dict]:
    files = sorted((result.path / "dropped").glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def refusal(tmp_path: Path, *sources: dict, **more: object) -> str:
    with pytest.raises(mk.errors.RecipeError) as caught:
        built(tmp_path, *sources, **more)
    return str(caught.value)


def test_five_schemas_become_messages(hub, tmp_path: Path) -> None:
    parallel = {"name": "aihub_ko_en_parallel"}
    result = built(tmp_path, EXAM, TAGS, TALK, {"name": "klue", "subset": "ynat"}, parallel,
                 accept=["aihub_ko_en_parallel"])  # fmt: skip
    by_source: dict[str, list[dict]] = {}
    for row in rows(result):
        by_source.setdefault(row["source"], []).append(row)
        assert row["messages"][-1]["role"] == "assistant"
        assert row["messages"][-1]["content"].strip()
    assert set(by_source) == {
        "kormedmcqa",
        "kbmc",
        "ultrachat_200k",
        "klue",
        "aihub_ko_en_parallel",
    }
    task = by_source["kbmc"][0]["messages"]
    assert task[0]["content"].startswith("다음 문장의 개체명을 JSON 목록으로 쓰시오. 개체 종류: ")
    assert "Disease" in task[0]["content"]
    labels = {row["messages"][-1]["content"] for row in by_source["klue"]}
    assert all(label in by_source["klue"][0]["messages"][0]["content"] for label in labels)


def test_five_schemas_become_text(hub, tmp_path: Path) -> None:
    result = built(tmp_path, EXAM, TAGS, TALK, {"name": "korean_wikipedia"}, {**TAGS, "as": "plain",
                 "view": "text", "slice": [0.5, 1.0]} | {"name": "klue", "subset": "ynat", "slice": [0, 1]},
                 record="text")  # fmt: skip
    texts = {row["id"]: row["text"] for row in rows(result)}
    wiki = mk.load("korean_wikipedia", origin="sample", split="train")
    assert texts[wiki[0]["id"]] == wiki[0]["text"]
    plain = mk.load("klue", subset="ynat", origin="sample", split="train")
    assert texts[plain[0]["id"]] == plain[0]["text"]
    assert {row["source"] for row in rows(result)} == {"kormedmcqa", "kbmc", "ultrachat_200k",
                                                     "korean_wikipedia", "klue"}  # fmt: skip


def test_questions_and_preferences_become_preferences(hub, tmp_path: Path) -> None:
    result = built(tmp_path, {**EXAM, "view": "preference"}, {"name": "ko_ultrafeedback"},
                 record="trl/preference", accept=["ko_ultrafeedback"])  # fmt: skip
    assert {row["source"] for row in rows(result)} == {"kormedmcqa", "ko_ultrafeedback"}
    assert all(row["chosen"] != row["rejected"] for row in rows(result))
    chosen = built(tmp_path, EXAM, {"name": "ko_ultrafeedback", "view": "chosen"},
                   accept=["ko_ultrafeedback"])  # fmt: skip
    wanted = mk.load("ko_ultrafeedback", origin="sample", split="train")["chosen"]
    replies = [row["messages"][-1]["content"] for row in rows(chosen)
               if row["source"] == "ko_ultrafeedback"]  # fmt: skip
    assert replies
    assert set(replies) <= set(wanted)


def test_what_cannot_meet_is_refused_before_anything_is_read(hub, tmp_path: Path) -> None:
    text = {"name": "korean_wikipedia"}
    with pytest.raises(mk.errors.RecipeError) as caught:
        mk.build({"name": "demo", "source": [EXAM, text], "format": {"record": "trl/messages"}},
                 out=tmp_path / "out")  # fmt: skip
    assert "source 'korean_wikipedia'" in str(caught.value)
    assert "rows of schema text cannot become trl/messages" in str(caught.value)
    assert not hub.requests
    both = refusal(tmp_path, text, {"name": "ko_ultrafeedback"}, accept=["ko_ultrafeedback"])
    assert "korean_wikipedia: rows of schema text" in both
    assert "ko_ultrafeedback: rows of schema preference" in both
    assert "no view 'chosen'" in refusal(tmp_path, {**EXAM, "view": "chosen"})


def test_a_condition_is_no_plain_yes(hub, tmp_path: Path) -> None:
    khmer = {"name": "khmer_medical_qa"}
    refused = refusal(tmp_path, khmer, use="commercial")
    assert "without conditions" in refused
    assert 'accept = { khmer_medical_qa = "model-output-terms" }' in refused
    accept = {"khmer_medical_qa": "model-output-terms"}
    result = built(tmp_path, khmer, use="commercial", accept=accept)
    (clause,) = result.manifest["sources"][0]["accepted"]
    assert (clause["license"], clause["answer"]) == ("model-output-terms", "conditional")
    assert clause["evidence"]
    assert any(clause["evidence"] in note for note in result.manifest["notes"])
    wrong = refusal(tmp_path, khmer, use="commercial", accept={"khmer_medical_qa": "model-output"})
    assert "did you mean 'model-output-terms'" in wrong


@pytest.mark.parametrize(("where", "holds"), [
    ({"year": [2020]}, lambda row: row["year"] == 2020),
    ({"year": {"from": 2020}}, lambda row: row["year"] >= 2020),
    ({"subset": "doctor"}, lambda row: row["subset"] == "doctor"),
    ({"language": "ko"}, lambda row: row["language"] == "ko"),
    ({"has": "answer_index"}, lambda row: row["answer_index"] is not None),
    ({"column_chars": {"question": {"max": 20}}}, lambda row: len(row["question"]) <= 20),
    ({"column_chars": {"question": {"min": 21}}, "subset": ["nurse", "doctor"]},
     lambda row: len(row["question"]) >= 21 and row["subset"] in ("nurse", "doctor")),
])  # fmt: skip
def test_rows_that_fail_a_condition_are_listed(hub, tmp_path: Path, where: dict, holds) -> None:
    plain = {"holdout": {"without": ["kormedmcqa-official-test"]}}
    result = built(tmp_path, {**EXAM, "where": where}, **plain)
    data = mk.load("kormedmcqa", split="train", origin="sample")
    wanted = {row["id"] for row in data if holds(row)}
    gone = {row["id"] for row in dropped(result) if row["reason"].startswith("where_")}
    assert gone == {row["id"] for row in data} - wanted
    assert {row["id"] for row in rows(result)} <= wanted


def test_script_and_length_conditions(hub, tmp_path: Path) -> None:
    where = {"script": {"hangul": {"min": 0.95}}, "chars": {"max": 60}}
    result = built(tmp_path, {**EXAM, "where": where})
    reasons = Counter(row["reason"] for row in dropped(result))
    assert reasons["where_chars"] > 0
    assert all(
        int(row["detail"].split()[0]) > 60
        for row in dropped(result)
        if row["reason"] == "where_chars"
    )


def test_preferences_are_chosen_by_margin(hub, tmp_path: Path) -> None:
    source = {"name": "ko_ultrafeedback", "where": {"chosen_differs": True}}
    more = {"record": "trl/preference", "accept": ["ko_ultrafeedback"]}
    result = built(tmp_path, source, **more)
    data = mk.load("ko_ultrafeedback", split="train", origin="sample")
    differing = {row["id"] for row in data if row["chosen"] != row["rejected"]}
    assert {row["id"] for row in rows(result)} <= differing
    source["where"]["margin"] = {"min": 1.0}  # the sample has no scores
    assert f"{len(data)} where_margin" in refusal(tmp_path, source, **more)


def test_a_condition_on_a_column_that_is_not_there_is_refused(hub, tmp_path: Path) -> None:
    assert "column 'rationale'" in refusal(tmp_path, {**TAGS, "where": {"has": "rationale"}})
    assert "needs a tokenizer" in refusal(tmp_path, {**TAGS, "where": {"tokens": {"max": 9}}})


def test_slices_of_one_source_do_not_overlap(hub, tmp_path: Path) -> None:
    early, late = ({**EXAM, "as": name, "slice": ends}
                   for name, ends in (("early", [0, 0.5]), ("late", [0.5, 1])))  # fmt: skip
    both = built(tmp_path, early, late)
    whole = built(tmp_path, EXAM)
    assert sorted(row["id"] for row in rows(both)) == sorted(row["id"] for row in rows(whole))
    first, second = both.manifest["sources"]
    assert first["as"] == "early"
    assert first["read"] + second["read"] == whole.manifest["sources"][0]["read"]
    assert first["read"] > 0 < second["read"]


def test_slices_of_one_file_are_its_rows_once(hub, tmp_path: Path) -> None:
    texts = [{"question": f"What is {n}?", "answer": f"It is {n}."} for n in range(60)]
    (file := tmp_path / "own.jsonl").write_text("\n".join(map(json.dumps, texts)), "utf-8")
    own = {"read": str(file), "schema": "qa", "license": "CC0-1.0"}
    both = built(
        tmp_path, {**own, "as": "some", "slice": [0, 0.3]}, {**own, "as": "rest", "slice": [0.3, 1]}
    )
    asked = [row["messages"][0]["content"] for row in rows(both)]
    assert sorted(asked) == sorted(row["question"] for row in texts)
    assert {row["source"] for row in rows(both)} == {"some", "rest"}


def test_a_recipe_says_which_columns_of_its_own_rows_are_what(hub, tmp_path: Path) -> None:
    lines = [
        "nr,stem,A,B,right,ward",
        *(f"{n},What is {n}?,a{n},b{n},{'AB'[n % 2]},w{n % 20}" for n in range(60)),
    ]
    (file := tmp_path / "wide.csv").write_text("\n".join(lines), "utf-8")
    own = {"as": "wide", "read": str(file), "schema": "qa", "license": "CC0-1.0", "columns": {"question": "stem"},
           "options": ["A", "B"], "answer": "right", "key": "nr", "family": "ward"}  # fmt: skip
    result = built(tmp_path, own, split={"validation": 0.3}, seed=1)
    train, validation = rows(result), rows(result, "validation")
    assert {row["id"] for row in train + validation} == {f"wide/{n}" for n in range(60)}
    families = [{row["family"] for row in part} for part in (train, validation)]
    assert families[0] | families[1] == {f"w{n}" for n in range(20)}
    assert not families[0] & families[1]
    assert all(families)
    assert all(row["messages"][-1]["content"].endswith(f"{'ab'[int(row['id'][5:]) % 2]}{row['id'][5:]}")
               for row in train)  # fmt: skip
    assert "key" in refusal(tmp_path, {**EXAM, "key": "id"})
    with pytest.raises(mk.errors.RecipeError, match="needs the sources again: read"):
        mk.remix(result.path, {"name": "demo", "source": [{**own, "key": "stem"}],
                             "format": {"record": "trl/messages"}}, to=tmp_path / "again")  # fmt: skip


def test_most_rows_are_a_stable_choice(hub, tmp_path: Path) -> None:
    five, six = (built(tmp_path, {**EXAM, "max_rows": n}) for n in (5, 6))
    fewer, more = ({row["id"] for row in rows(result)} for result in (five, six))
    assert (len(fewer), len(more)) == (5, 6)
    assert fewer < more
    beside = built(tmp_path, TAGS, {**EXAM, "max_rows": 5})
    assert fewer == {row["id"] for row in rows(beside) if row["source"] == "kormedmcqa"}


def test_texts_are_mended_where_asked_for(hub, tmp_path: Path) -> None:
    result = built(tmp_path, {**EXAM, "fix": ["whitespace"]})
    assert result.manifest["sources"][0]["fixed"]["whitespace"] > 0
    (first, *_) = result.manifest["sources"][0]["mended"]["whitespace"]
    assert first["before"] != first["after"]
    assert " ".join(first["before"].split()) == " ".join(first["after"].split())
    assert first["id"] in {row["id"] for row in rows(result)}
    assert first["after"] in (result.path / "report.html").read_text("utf-8")
    assert "but for how those of kormedmcqa are written" in (
        result.path / "ATTRIBUTION.md"
    ).read_text("utf-8")
    assert all(line == line.rstrip() for row in rows(result)
               for message in row["messages"] for line in message["content"].split("\n"))  # fmt: skip


def test_copies_go_and_say_whose(hub, tmp_path: Path) -> None:
    result = built(tmp_path, TAGS, dedupe={})
    (copy,) = [row for row in dropped(result) if row["reason"] == "copy_exact"]
    assert copy["match"] in {row["id"] for row in rows(result)}
    kept = built(tmp_path, TAGS, dedupe={"protect": ["kbmc"]})
    assert not dropped(kept)
    assert "dedupe.prefer: prefer= takes" in refusal(tmp_path, TAGS, dedupe={"prefer": ["klue"]})


def test_a_mix_holds_its_shares_and_repeats(hub, tmp_path: Path) -> None:
    result = built(
        tmp_path, {**EXAM, "weight": 3, "max_repeat": 4}, {**TAGS, "weight": 1}, mix={"size": 32}
    )
    ids = [row["id"] for row in rows(result)]
    sources = Counter(row["source"] for row in rows(result))
    assert sources == {"kormedmcqa": 24, "kbmc": 8}
    assert len(set(ids)) == len(ids), "further copies have ids of their own"
    exam = result.manifest["sources"][0]
    assert exam["repeated"] == 24 - 11
    assert result.manifest["mix"]["sources"]["kormedmcqa"]["seen_most"] == 3
    assert result.manifest["mix"]["sources"]["kbmc"]["taken_rows"] == 8
    twice = built(tmp_path, {**EXAM, "repeat": 2}, {**TAGS, "repeat": 0.5}, mix={})
    sources = Counter(row["source"] for row in rows(twice))
    assert sources == {"kormedmcqa": 22, "kbmc": 7}


def test_a_row_that_is_taken_out_takes_its_copies_along(hub, tmp_path: Path) -> None:
    result = built(tmp_path, {**TAGS, "repeat": 3}, mix={})
    first = rows(result)[0]["id"].partition("#")[0]
    mk.retract(result.path, items=[first])
    assert not [row for row in rows(result) if row["id"].startswith(first)]
    assert not mk.verify(result.path).findings.num_rows


def test_caps_and_floors_bind(hub, tmp_path: Path) -> None:
    capped = built(tmp_path, {**EXAM, "max_share": 0.25}, TAGS, mix={})
    entry = capped.manifest["mix"]["sources"]["kormedmcqa"]
    assert entry["bound_by"] == "max_share"
    assert entry["share"] == pytest.approx(0.25, abs=0.05)
    floor = {"language": {"ko": 0.8}}
    lifted = built(
        tmp_path, {**EXAM, "max_repeat": 3}, {**TALK, "max_repeat": 1}, mix={"floor": floor}
    )
    assert lifted.manifest["mix"]["sources"]["kormedmcqa"]["share"] >= 0.75


def test_rows_of_a_mix_stand_in_its_order_not_by_source(hub, tmp_path: Path) -> None:
    """Runs of one source are as long as chance makes them: a stream of the rows is a mix as well."""
    sources = [{**EXAM, "weight": 1, "max_repeat": 9}, {**TAGS, "weight": 1, "max_repeat": 9}]
    result = built(
        tmp_path,
        *sources,
        mix={"size": 60},
        format=[{"record": "trl/messages"}, {"record": "text"}],
    )
    for form in ("trl_messages", "text"):
        lines = json_rows(result.path, "train", form)
        names = [line["source"] for line in lines]
        assert Counter(names) == {"kormedmcqa": 30, "kbmc": 30}
        runs = [len(list(run)) for _, run in groupby(names)]
        assert max(runs) < 12
    assert [line["id"] for line in lines] == [row["id"] for row in rows(result)], "of each format"


def test_rows_of_a_mix_drawn_twice_say_of_which_pass_they_are(hub, tmp_path: Path) -> None:
    sources = [{**EXAM, "weight": 1}, {**TALK, "weight": 1, "max_repeat": 2}]
    formats = [{"record": "trl/messages"}, {"record": "openai/chat"}]
    result = built(tmp_path, *sources, mix={"epochs": 3}, format=formats, split={"validation": 0.3})
    written = rows(result)
    epochs = [row["epoch"] for row in written]
    assert epochs == sorted(epochs)
    assert list(Counter(epochs).values()) == result.manifest["mix"]["epochs"]
    for epoch in (1, 2, 3):
        ids = [row["id"].partition("#")[0] for row in written if row["epoch"] == epoch]
        assert len(set(ids)) == len(ids), "a row comes once a pass"
    assert {row["epoch"] for row in rows(result, "validation")} == {1}
    lines = [json_rows(result.path, "train", form) for form in ("trl_messages", "openai_chat")]
    assert [line["epoch"] for line in lines[0]] == epochs
    assert not any("epoch" in line for line in lines[1]), "its reader refuses other keys"
    data = datasets.load_dataset(str(result.path), cache_dir=str(tmp_path / "cache"))
    assert data["train"]["epoch"][:] == epochs
    once = built(tmp_path, *sources, mix={})
    assert not any("epoch" in row for row in rows(once))


def test_a_mix_that_cannot_be_met_names_the_nearest(hub, tmp_path: Path) -> None:
    sources = ({**EXAM, "weight": 3}, {**TAGS, "weight": 1})
    refused = refusal(tmp_path, *sources, mix={"size": 100})
    assert "at most 15 rows, which uses up kormedmcqa" in refused
    scaled = built(tmp_path, *sources, mix={"size": 100, "infeasible": "scale"})
    assert scaled.manifest["mix"]["sources"]["kormedmcqa"]["taken_rows"] == 11
    assert "adds up to 0.4" in refusal(
        tmp_path, {**EXAM, "max_share": 0.2}, {**TAGS, "max_share": 0.2}, mix={}
    )
    assert "no row is in km" in refusal(tmp_path, EXAM, mix={"floor": {"language": {"km": 0.1}}})


def test_a_row_less_or_a_source_more_changes_no_other_choice(hub, tmp_path: Path) -> None:
    def choice(*sources: dict, **more: object) -> list[str]:
        result = built(tmp_path, *sources, mix={}, **more)
        return [row["id"] for row in rows(result) if row["source"] == "kormedmcqa"]

    half = {**EXAM, "repeat": 0.5}
    alone = choice(half)
    assert alone == choice(half, {**TAGS, "repeat": 1})
    assert alone != choice(half, seed=1)
    without = choice({**half, "where": {"subset": ["dentist", "doctor"]}})
    rest = [row_id for row_id in alone if "/dentist/" in row_id or "/doctor/" in row_id]
    assert [row_id for row_id in without if row_id in rest] == [
        row_id for row_id in rest if row_id in without
    ]


def test_a_closed_gate_leaves_the_earlier_result(hub, tmp_path: Path) -> None:
    recipe = {"name": "demo", "source": [EXAM], "gate": {"held_out": 0.0}}
    with pytest.raises(mk.errors.GateError, match="held_out: 2 of 13 rows"):
        mk.build(recipe, out=tmp_path / "out", origin="sample")
    assert not (tmp_path / "out").exists()
    mk.build(
        {**recipe, "gate": {"held_out": 0.5, "dropped": 0.5}}, out=tmp_path / "out", origin="sample"
    )


def test_saved_holdouts_are_applied_and_reasons_stand_in_the_manifest(hub, tmp_path: Path) -> None:
    items = mk.load("kbmc", origin="sample", split="train").select(range(2))
    mk.Holdout.from_rows(items, name="ours", reason="we report it").save(tmp_path / "ours.holdout")
    holdout = {
        "items": [f"file:{tmp_path / 'ours.holdout'}"], "without": ["kormedmcqa-official-test"],
        "because": {"kormedmcqa-official-test": "the model is never evaluated"},
    }  # fmt: skip
    result = built(tmp_path, TAGS, EXAM, holdout=holdout)
    assert any(
        row["reason"].startswith("held_out") and row["source"] == "kbmc" for row in dropped(result)
    )
    listed = {holdout["name"]: holdout for holdout in result.manifest["holdouts"]}
    assert listed["ours"]["applied"]
    assert listed["kormedmcqa-official-test"]["reason"] == "the model is never evaluated"
    assert "gives reasons for what is not left out" in refusal(
        tmp_path, EXAM, holdout={"because": {"kormedmcqa-2024": "x"}}
    )


def test_rows_of_ones_own_go_the_same_way(hub, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    asked = [{"question": f"병동 질문 {n}번의 답은?", "answer": f"답 {n}"} for n in range(4)]
    (folder / "ward.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in asked), "utf-8")
    own = {"as": "ward", "read": str(folder / "ward.jsonl"), "schema": "qa", "language": "ko",
           "license": "LicenseRef-internal"}  # fmt: skip
    refused = refusal(tmp_path, own, TAGS)
    assert 'accept = { ward = "licenseref-internal" }' in refused
    result = built(tmp_path, own, TAGS, accept={"ward": "licenseref-internal"})
    mine = [row for row in rows(result) if row["source"] == "ward"]
    assert sorted(row["messages"][-1]["content"] for row in mine) == [f"답 {n}" for n in range(4)]
    assert result.manifest["sources"][0]["own"]
    assert "content" in result.manifest["sources"][0]["parts"]["train"]
    for wrong in ({"read": "x.jsonl"}, {"name": "kbmc", "license": "MIT"}, {**own, "name": "kbmc"}):
        refusal(tmp_path, wrong)


def test_a_tokenizer_that_is_not_at_hand_is_told_before_anything_is_read(
    hub, tmp_path: Path
) -> None:
    for name, error in (("none.json", "no such tokenizer"), ("o300k", "did you mean 'o200k_base'")):
        recipe = {"name": "demo", "source": [EXAM], "mix": {"by": "tokens", "tokenizer": name}}
        with pytest.raises(mk.MedQAError, match=error):
            mk.build(recipe, out=tmp_path / "out")
    assert not hub.requests


def words_file(folder: Path) -> Path:
    """Save a tokenizer that counts words."""
    words = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    file = folder / "tokenizer.json"
    words.save(str(file))
    return file


def test_a_budget_leaves_long_records_out(hub, tmp_path: Path) -> None:
    file = words_file(tmp_path)
    mix = {"by": "tokens", "tokenizer": str(file), "budget": {"max_tokens": 30}}
    result = built(tmp_path, EXAM, TAGS, mix=mix)
    long = [row for row in dropped(result) if row["reason"] == "over_length"]
    assert long
    assert all(int(row["detail"].split()[0]) > 30 for row in long)
    mix["budget"] = {"max_tokens": 30, "fit": "raise"}
    mix["budget"]["max_tokens"] = 1
    with pytest.raises(mk.errors.FormattingError, match="longer than the budget") as caught:
        built(tmp_path, EXAM, mix=mix)
    # Three of the rows are named, and the number before them is that of all.
    assert re.fullmatch(r"\d+ rows, such as '[^']+', '[^']+', '[^']+'", caught.value.found)


def test_tagged_tokens_are_as_long_as_their_text(tmp_path: Path) -> None:
    """The tokens are pieces of the text: they do not make it twice as long."""
    words = ["Give", "paracetamol", "now"]
    said = [
        {
            "id": f"t{n}",
            "text": " ".join(words * n),
            "tokens": words * n,
            "tags": ["O", "B-DRUG", "O"] * n,
        }
        for n in (1, 2)
    ]
    file = tmp_path / "tags.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in said), "utf-8")
    own = {"as": "own", "read": str(file), "schema": "tokens", "license": "CC0-1.0", "key": "id"}
    longest = len(said[0]["text"])
    for where in ({"chars": {"max": longest}}, {"tokens": {"max": 3}}):
        result = built(
            tmp_path, own | {"where": where}, mix={"tokenizer": str(words_file(tmp_path))}
        )
        assert {row["id"] for row in rows(result)} == {"own/t1"}


@pytest.mark.parametrize("order", [1, -1])
def test_validation_of_a_year_does_not_hang_on_the_order_of_sources(
    tmp_path: Path, order: int
) -> None:
    sources = [EXAM, TALK][::order]
    result = built(tmp_path, *sources, split={"validation": {"source": "kormedmcqa", "year": 2012}})
    assert {row["source"] for row in rows(result, "validation")} == {"kormedmcqa"}
