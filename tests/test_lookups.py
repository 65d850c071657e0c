"""Wherever a name is looked up, an error names the nearest one: sources, parts, columns, rules, records, recipes.

Arguments with a closed set of words are read from the signatures, in ``test_arguments.py``; the names here are
those of what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import medqa_kit as mk
from formatting_rows import CHOICE, qa

ROWS = qa(CHOICE | {"id": "a"}, CHOICE | {"id": "b", "question": "간의 위치는?"})
RECORDS = mk.record("trl/prompt-completion")(ROWS)
RECIPE: dict[str, Any] = {"name": "demo", "source": [{"name": "kormedmcqa"}]}


def built(folder: Path, changes: dict[str, Any], **settings: Any) -> Any:
    return mk.build(RECIPE | changes, out=folder / "out", origin="sample", **settings)


# what is looked up: the call, with a folder; the nearest name
LOOKUPS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "source": (lambda _: mk.source("kormedmqca"), "kormedmcqa"),
    "load": (lambda _: mk.load("KorMedMQCA"), "kormedmcqa"),
    "load-subset": (lambda _: mk.load("kormedmcqa", subset="docter", origin="sample"), "doctor"),
    "load-split": (lambda _: mk.load("kormedmcqa", split="tset", origin="sample"), "test"),
    "load-view": (lambda _: mk.load("kormedmcqa", split="test", view="rwa", origin="sample"), "raw"),
    "load-choice": (lambda _: mk.load("khmer_medical_qa", split="train", choices={"varaint": "x"}, origin="sample"), "variant"),
    "load-keep": (lambda _: mk.load("kormedmcqa", split="test", keep=["subjct"], origin="sample"), "subject"),
    "sources-language": (lambda _: mk.sources(language="kp"), "ko"),
    "holdout": (lambda _: mk.holdout("kormedmcqa-oficial-test"), "kormedmcqa-official-test"),
    "holdout-named": (lambda _: mk.Holdout.named("kormedmcqa-oficial-test"), "kormedmcqa-official-test"),
    "fetch": (lambda at: mk.fetch(["kormedmqca"], at / "x"), "kormedmcqa"),
    "lock": (lambda at: mk.lock(["kormedmqca"], at / "x"), "kormedmcqa"),
    "license": (lambda _: mk.license(["kormedmqca"]), "kormedmcqa"),
    "cite": (lambda _: mk.cite(["kormedmqca"]), "kormedmcqa"),
    "audit": (lambda _: mk.audit("kormedmqca"), "kormedmcqa"),
    "drift": (lambda _: mk.drift(names=["kormedmqca"]), "kormedmcqa"),
    "leak-map": (lambda _: mk.leak_map(["kormedmqca"]), "kormedmcqa"),
    "leak-map-holdout": (lambda _: mk.leak_map(["kbmc"], holdouts=["kormedmcqa-oficial-test"], origin="sample"), "kormedmcqa-official-test"),
    "trace": (lambda _: mk.trace("sample:kormedmqca/doctor/2022-1-7"), "kormedmcqa"),
    "task": (lambda at: mk.task("lm_eval", "kormedmqca", folder=at / "x"), "kormedmcqa"),
    "build": (lambda at: mk.build("korean_exam_stf", out=at / "x"), "korean_exam_sft"),
    "plan": (lambda _: mk.plan("korean_exam_stf"), "korean_exam_sft"),
    "lock-recipe": (lambda at: mk.lock_recipe("korean_exam_stf", at / "x"), "korean_exam_sft"),
    "copy-recipe": (lambda at: mk.copy_recipe("korean_exam_stf", at), "korean_exam_sft"),
    "recipe-key": (lambda at: built(at, {"sead": 1}), "seed"),
    "recipe-source": (lambda at: built(at, {"source": [{"name": "kormedmqca"}]}), "kormedmcqa"),
    "recipe-subset": (lambda at: built(at, {"source": [{"name": "kormedmcqa", "subset": "docter"}]}), "doctor"),
    "recipe-record": (lambda at: built(at, {"format": [{"record": "trl/mesages"}]}), "trl/messages"),
    "recipe-settings": (lambda at: built(at, {}, settings={"sead": 1}), "seed"),
    "record": (lambda _: mk.record("trl/mesages"), "trl/messages"),
    "record-schema": (lambda _: mk.record_schema("trl/mesages"), "trl/messages"),
    "record-keep": (lambda _: mk.record("trl/prompt-completion", keep=["yaer"])(ROWS), "year"),
    "check-records": (lambda _: mk.check_records([{}], record="trl/mesages"), "trl/messages"),
    "harness": (lambda _: mk.harness("lm_eval/kormedmcq"), "lm_eval/kormedmcqa@3.0"),
    "harness-keep": (lambda _: mk.harness("lm_eval/kormedmcqa@3.0", keep=["yaer"])(ROWS), "year"),
    "prompt-keep": (lambda _: mk.prompt(language="ko", keep=["yaer"])(ROWS), "year"),
    "chat-template": (lambda _: mk.chat_template("gema3"), "gemma3"),
    "render": (lambda _: mk.render([{"role": "user", "content": "x"}], template="qwen_3"), "qwen3"),
    "extract-rule": (lambda _: mk.extract("A", rule="robst"), "robust"),
    "extract-answers-rule": (lambda _: mk.extract_answers(rule="lm_eval/kormedmcqa"), "lm_eval/kormedmcqa@3.0"),
    "extract-answers-column": (lambda _: mk.extract_answers(column="compltion")(pa.table({"completion": ["A"]})), "completion"),
    "score-rule": (lambda _: mk.score(["A", "B"], ROWS, rule="robst"), "robust"),
    "score-by": (lambda _: mk.score(["A", "B"], ROWS, by=["subst"]), "subset"),
    "score-of": (lambda _: mk.score(["A", "B"], ROWS).of("robst"), "robust"),
    "score-compare": (lambda _: mk.score(["A", "B"], ROWS).compare("robust", "robst"), "robust"),
    "score-groups": (lambda _: mk.score(["A", "B"], ROWS, by=["subset"]).groups("subst"), "subset"),
    "validate-checks": (lambda _: mk.validate(ROWS, checks=["placehoder"]), "placeholder"),
    "validate-columns": (lambda _: mk.validate(ROWS, columns=["questn"]), "question"),
    "script-columns": (lambda _: mk.script_report(ROWS, columns=["questn"]), "question"),
    "in-script-columns": (lambda _: mk.InScript(columns=["questn"])(ROWS), "question"),
    "fix-columns": (lambda _: mk.FixText(columns=["questn"])(ROWS), "question"),
    "personal-data": (lambda _: mk.FindPersonalData(kinds=["phnoe"]), "phone"),
    "same-numbers": (lambda _: mk.SameNumbers(source="text", target="txet_b")(pa.table({"text": ["1"], "text_b": ["1"]})), "text_b"),
    "read-question": (lambda _: mk.read([{"question": "x", "answer": "y"}], question="questin"), "question"),
    "read-columns": (lambda _: mk.read([{"question": "x", "answer": "y"}], columns={"questin": "question"}), "question"),
    "split-stratify": (lambda _: mk.split(ROWS, {"a": 0.5, "b": 0.5}, seed=0, stratify=["subst"]), "subset"),
    "split-part": (lambda _: mk.split(ROWS, {"train": 0.5, "test": 0.5}, seed=0)["trian"], "train"),
    "mix-weights": (lambda _: mk.mix({"exam": ROWS, "b": ROWS}, weights={"exm": 1, "b": 1}, seed=0), "exam"),
    "feed-weights": (lambda _: mk.Feed({"exam": ROWS, "b": ROWS}, weights={"exm": 1, "b": 1}, seed=0), "exam"),
    "report-by": (lambda _: mk.validate(ROWS).by("cde"), "code"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::medqa_kit.errors.SplitWarning")
@pytest.mark.parametrize("lookup", LOOKUPS)
def test_the_nearest_name_is_named(lookup: str, tmp_path: Path, hub: Any) -> None:
    call, nearest = LOOKUPS[lookup]
    with pytest.raises((mk.MedQAError, KeyError)) as caught:
        call(tmp_path)
    assert f"did you mean {nearest!r}" in str(caught.value).replace("\\'", "'")
    assert not list(tmp_path.glob("out*"))
    assert not hub.requests
