"""A wrong word or number is an ``ArgumentError`` wherever the public interface takes one.

The arguments are read from the signatures, so a new one is covered when it is written. What does
not comply yet stands in lists that must shrink.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import medqa_kit as mk
import signatures
from formatting_rows import CHOICE, qa
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.errors import ArgumentError
from medqa_kit.loading.planner import SAMPLES
from medqa_kit.prompting.languages import KOREAN

CALLABLES = signatures.public_callables()
RESULTS = {"Extraction"}  # made by the library, a million at a time
CLOSED_SETS = [entry for entry in signatures.closed_sets() if entry[0] not in RESULTS]

SOURCE = mk.source("kormedmcqa")
ROWS = qa(
    CHOICE | {"year": 2020},
    CHOICE | {"question": "흉통의 첫 약은?", "year": 2021},
    CHOICE | {"question": "간의 위치는?", "year": 2022},
)
OTHERS = qa(
    CHOICE | {"question": "폐렴의 흔한 원인균은?", "options": ["폐렴구균", "대장균", "효모"]}
)
HOLDOUT = mk.Holdout.from_rows(OTHERS, reason="a test")
RECORDS = mk.record("trl/prompt-completion")(ROWS)
EXAMPLES = [
    SOURCE, SOURCE.layout, SOURCE.parts[0], SOURCE.layout.read, SOURCE.layout.at, KOREAN,
    mk.record("alpaca"), mk.harness("lm_eval/kormedmcqa@3.0"), mk.prompt(language="ko"),
    mk.few_shot(ROWS, k=1), mk.to_open(), mk.to_dialogue(), mk.to_preference(),
    mk.extract_answers(), mk.shuffle_options(), mk.source("who_bec_pdf").layout,
    mk.source("aihub_essential_medical").layout.at,
]  # fmt: skip

# callable: its required arguments
REQUIRED: dict[str, dict[str, Any]] = {
    "Cells": {"depth": 2, "key": "cell", "lists": {"a": "*.json"}},
    "Claim": {"license": "MIT", "evidence": "the card"},
    "Erratum": {"id": "demo/1", "kind": "wrong key", "evidence": "an issue upstream"},
    "Holdout.named": {"name": "kormedmcqa-official-test"},
    "Holdout.from_rows": {"rows": ROWS, "reason": "a test"},
    "FindPersonalData": {},
    "Feed": {"sets": {"a": ROWS}, "seed": 0},
    "FixText": {},
    "mix": {"sets": {"a": ROWS}, "seed": 0},
    "drift": {"names": ["who_bec_pdf"]},
    "leak_map": {"sources": ["kbmc"], "holdouts": ["kormedmcqa-official-test"]},
    "CardClaim": {"measure": "rows", "claimed": 3},
    "audit": {"data": "kormedmcqa"},
    "validate": {"rows": ROWS},
    "script_report": {"rows": ROWS},
    "term_report": {"rows": ROWS, "source": "text", "target": "text_b"},
    "license": {"sources": ["kormedmcqa"]},
    "OwnColumns": {},
    "new_source": {
        "name": "ward_notes",
        "rows": SAMPLES / "symptom_to_diagnosis" / "test.jsonl",
        "language": "en",
        "question": "input_text",
        "answer": "output_text",
    },
    "AddContext": {"passages": pa.table({"id": ["a"], "text": ["b"]})},
    "Generation": {"task": "paraphrase", "model": "m"},
    "InScript": {},
    "MaskPersonalData": {"key": "a key for the tests"},
    "LocalFiles": {"path": "."},
    "RankFile": {"path": "ranks", "sha256": "0" * 64},
    "Recipe": {"name": "demo", "sources": (Ingredient(name="kormedmcqa"),)},
    "SameNumbers": {"source": "text", "target": "text_b"},
    "StripNamuMarkup": {},
    "number_changes": {"source": "5 mg", "target": "5 mg"},
    "build": {"recipe": {"name": "demo", "source": [{"name": "kormedmcqa"}]}, "out": "demo"},
    "plan": {"recipe": {"name": "demo", "source": [{"name": "kormedmcqa"}]}},
    "check": {"rows": ROWS, "holdout": HOLDOUT},
    "dedupe": {"rows": ROWS},
    "extract": {"completion": "A"},
    "fetch": {"names": []},  # others want a hub
    "few_shot": {"pool": ROWS, "k": 1},
    "fit": {"rows": RECORDS, "max_tokens": 100, "counter": len},
    "harness": {"name": "lm_eval/kormedmcqa@3.0"},
    "kfold": {"rows": ROWS, "folds": 2, "seed": 0},
    "lint": {"rows": RECORDS},
    "load": {"name": "kormedmcqa", "subset": "doctor", "split": "test"},
    "lock": {"names": ["kormedmcqa"], "path": "lock.json"},
    "lock_recipe": {
        "recipe": {"name": "demo", "source": [{"name": "kormedmcqa"}]},
        "file": "demo.lock",
    },
    "overlap": {"rows": ROWS, "others": ROWS},
    "own_source": {
        "path": SAMPLES / "symptom_to_diagnosis" / "test.jsonl",
        "name": "ward_notes",
        "license": "CC0-1.0",
        "question": "input_text",
        "answer": "output_text",
    },
    "pack": {"lengths": pa.array([1, 2]), "max_tokens": 4},
    "prompt": {"language": "ko"},
    "record": {"name": "alpaca"},
    "read": {"rows": [{"question": "Why?", "answer": "So."}]},
    "split": {"rows": ROWS, "parts": {"train": 0.5, "test": 0.5}, "seed": 0},
    "task": {"harness": "lm_eval", "source": ROWS, "folder": "unwritten", "name": "demo"},
    "split_by_year": {"rows": ROWS, "parts": {"train": [2020, 2021], "test": [2022]}},
}
REQUIRED["exclude"] = REQUIRED["check"]
# what is passed beside them
ALWAYS: dict[str, dict[str, Any]] = {
    **{
        name: {"origin": "sample"}
        for name in (
            "Holdout.named",
            "audit",
            "build",
            "leak_map",
            "load",
            "lock",
            "lock_recipe",
            "plan",
        )
    },
    "Source": {"parts": SOURCE.parts},
}

# callable, argument, a value outside its range
OUT_OF_RANGE: list[tuple[str, str, Any]] = [
    ("catalog.Cells", "depth", 0),
    ("AddContext", "most", 0),
    ("Feed", "block", 0),
    ("Feed", "rank", 1),
    ("Feed", "ranks", 0),
    ("Feed", "seed", "7"),
    ("Feed", "spread", 0),
    ("Generation", "per_row", 0),
    ("InScript", "least", 94.6),
    ("InScript", "least", -0.1),
    ("catalog.Part", "rows", -1),
    ("catalog.Reading", "header_lines", -1),
    ("Recipe", "seed", "7"),
    ("Recipe", "validation", 1.5),
    ("Source", "version", 0),
    ("StripNamuMarkup", "depth", -1),
    ("build", "num_proc", 0),
    ("check", "threads", 0),
    ("dedupe", "near", 0),
    ("dedupe", "near", 1.5),
    ("dedupe", "near", True),
    ("dedupe", "threads", 0),
    ("exclude", "threads", 0),
    ("extract", "options", -1),
    ("extract_answers", "options", 0),
    ("few_shot", "k", -1),
    ("fit", "max_tokens", 0),
    ("kfold", "folds", 1),
    ("kfold", "near", 2),
    ("kfold", "seed", 0.5),
    ("kfold", "threads", 0),
    ("load", "num_proc", 0),
    ("overlap", "threads", 0),
    ("pack", "max_tokens", 0),
    ("prompt", "variant", -1),
    ("prompt", "variant", 1000),
    ("shuffle_options", "seed", "7"),
    ("split", "near", 0),
    ("split", "parts", {}),
    ("split", "parts", {"train": -0.5, "test": 1.5}),
    ("split", "seed", None),
    ("split", "stratify", "subset"),
    ("split", "threads", 0),
    ("split_by_year", "near", -1),
    ("split_by_year", "parts", {}),
    ("split_by_year", "stratify", "subset"),
    ("split_by_year", "threads", 0),
    ("audit", "claims", ["rows"]),
    ("CardClaim", "terms", 3),
    ("drift", "names", 3),
    ("extract", "options", ["x", 4]),
    ("Feed", "weights", 3),
    ("fit", "variables", ["x"]),
    ("Generation", "settings", ["seed"]),
    ("leak_map", "holdouts", 3),
    ("leak_map", "paths", ["x"]),
    ("leak_map", "sources", 3),
    ("load", "keep", ["url", 4]),
    ("mix", "weights", ["a"]),
    ("Source", "parts", ["x"]),
    ("split", "stratify", ["subset", 4]),
    ("split_by_year", "stratify", ["subset", 4]),
]

# callable.argument
WORDS_TO_COME: set[str] = set()
RANGES_TO_COME: set[str] = set()


def arguments(name: str) -> dict[str, Any]:
    """Valid values of the required arguments of a public callable."""
    value, plain = CALLABLES[name], signatures.plain(name)
    example = next((example for example in EXAMPLES if type(example) is value), None)
    needed = signatures.required(value)
    filled = {argument: getattr(example, argument) for argument in needed if example is not None}
    filled |= REQUIRED.get(plain, {})
    missing = needed - filled.keys()
    assert not missing, f"give valid values of {sorted(missing)} of {name} in REQUIRED or EXAMPLES"
    return filled | ALWAYS.get(plain, {})


def refused(name: str, argument: str, wrong: object) -> str | None:
    """The message, if a wrong value of an argument is refused as one."""
    call: Callable[..., Any] = CALLABLES[name]
    try:
        call(**arguments(name) | {argument: wrong})
    except ArgumentError as error:
        return str(error) if error.argument == argument else None
    except Exception:
        return None
    return None


@pytest.mark.slow
@pytest.mark.parametrize("name", dict.fromkeys(name for name, *_ in CLOSED_SETS + OUT_OF_RANGE))
def test_the_values_filled_in_are_valid(
    name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CALLABLES[name](**arguments(name))


@pytest.mark.parametrize(
    ("name", "argument", "words"),
    [pytest.param(*entry, id=f"{entry[0]}-{entry[1]}") for entry in CLOSED_SETS],
)
def test_a_word_outside_the_closed_set_is_refused(
    name: str, argument: str, words: tuple[Any, ...], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    long = [word for word in words if isinstance(word, str) and len(word) > 1]
    near = [refused(name, argument, f"{word}s") for word in long[:1]]
    messages = [refused(name, argument, wrong) for wrong in ("banana", 94.6)] + near
    complies = all(m is not None for m in messages) and all("did you mean" in str(m) for m in near)
    if f"{name}.{argument}" in WORDS_TO_COME:
        assert not complies, "take it off the list"
    else:
        assert complies, messages


@pytest.mark.parametrize(("name", "argument", "wrong"), OUT_OF_RANGE)
def test_a_value_outside_the_range_is_refused(
    name: str, argument: str, wrong: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    complies = refused(name, argument, wrong) is not None
    if f"{name}.{argument}={wrong!r}" in RANGES_TO_COME:
        assert not complies, "take it off the list"
    else:
        assert complies


def test_the_lists_name_arguments_that_exist() -> None:
    assert {f"{name}.{argument}" for name, argument, _ in CLOSED_SETS} >= WORDS_TO_COME
    assert {f"{n}.{a}={wrong!r}" for n, a, wrong in OUT_OF_RANGE} >= RANGES_TO_COME


@pytest.mark.parametrize("call", [
    lambda: mk.fetch(3.5),  # type: ignore[arg-type]
    lambda: mk.fetch("kbmc"),
    lambda: mk.read([CHOICE], columns=3.5),  # type: ignore[arg-type]
    lambda: mk.read([CHOICE], question=3.5),  # type: ignore[arg-type]
    lambda: mk.read([CHOICE], key=["id"]),  # type: ignore[arg-type]
    lambda: mk.read([CHOICE], split=""),
    lambda: mk.Holdout.named("kormedmcqa-official-test", paths=["x"]),  # type: ignore[arg-type]
    lambda: mk.validate(ROWS, columns=3.5),  # type: ignore[arg-type]
    lambda: mk.Recipe(name="x", sources=("kbmc",)),  # type: ignore[arg-type]
    lambda: mk.Recipe(name="x", sources=(None,)),  # type: ignore[arg-type]
    lambda: mk.Recipe(name="x", sources=(Ingredient(name="kbmc"),), holdouts=3.5),  # type: ignore[arg-type]
    lambda: mk.Recipe(name="x", sources=(Ingredient(name="kbmc"),), formats=("text",)),  # type: ignore[arg-type]
    lambda: mk.Recipe(name="x", sources=(Ingredient(name="kbmc"),), dedupe=0.8),  # type: ignore[arg-type]
    lambda: mk.Recipe(name="x", sources=(Ingredient(name="kbmc"),), mix={"by": "rows"}),  # type: ignore[arg-type]
    lambda: mk.Recipe(name="x", sources=(Ingredient(name="kbmc"),), generate=3.5),  # type: ignore[arg-type]
    lambda: mk.catalog.Claim(["MIT"], "the card"),  # type: ignore[arg-type]
    lambda: mk.catalog.Reading(quote=3.5),  # type: ignore[arg-type]
    lambda: mk.read([CHOICE], question="question", options=(1, 2), answer="answer"),  # type: ignore[arg-type]
    lambda: mk.number_changes("5 mg", 5),  # type: ignore[arg-type]
    lambda: mk.new_source(**REQUIRED["new_source"], columns=3.5),
    lambda: mk.new_source(**REQUIRED["new_source"], repo=3.5),
    lambda: mk.Recipe(name="x", sources=(Ingredient(name="kbmc"),), generate={"a": 3}),  # type: ignore[dict-item]
])  # fmt: skip
def test_a_value_of_another_type_is_refused_when_it_is_passed(call: Callable[[], Any]) -> None:
    with pytest.raises(ArgumentError):
        call()


class Word(StrEnum):
    TEST = "test"


@pytest.mark.parametrize("seed", [np.int64(7), np.uint8(7), np.array(7)])
def test_a_seed_of_numpy_is_the_seed_of_python(seed: Any) -> None:
    def parts(seed: int) -> list[Any]:
        mixed, _ = mk.mix({"a": ROWS, "b": OTHERS}, seed=seed)
        divided = mk.split(ROWS, {"train": 0.5, "test": 0.5}, seed=seed)
        shots = mk.apply(OTHERS, mk.few_shot(ROWS, k=1, seed=seed), mk.prompt(language="ko"))
        shuffled = mk.apply(ROWS, mk.shuffle_options(seed=seed))
        feed = mk.Feed({"a": ROWS}, seed=seed)
        return [mixed, divided["train"], shots, shuffled, list(feed), feed.state_dict()]

    assert parts(seed) == parts(7)
    assert type(mk.few_shot(ROWS, k=1, seed=seed).seed) is int


def test_a_number_of_numpy_is_read_as_that_of_python() -> None:
    kernel = mk.InScript(script="hangul", least=np.float32(0.5))
    assert (type(kernel.least), kernel.least) == (float, 0.5)
    weights = {"a": np.int64(3), "b": np.float32(1)}
    mixed, report = mk.mix({"a": ROWS, "b": OTHERS}, weights=weights, total=np.int64(2), seed=0)
    assert (mixed.num_rows, report.counts["a rows"]) == (2, 2)
    shares = {"train": np.float32(0.5), "test": np.float64(0.5)}
    assert mk.split(ROWS, shares, seed=0).wanted == {"train": 0.5, "test": 0.5}
    assert mk.extract("B", options=np.int64(4)).index == 1


@pytest.mark.parametrize("word", [np.str_("test"), Word.TEST])
def test_a_text_that_is_a_word_is_that_word(word: Any) -> None:
    exam = mk.load("kormedmcqa", subset="doctor", split=word, origin=np.str_("sample"))
    assert len(exam) == 3


@pytest.mark.parametrize("wrong", [np.bool_(True), 1, "True"])
def test_what_only_looks_like_a_value_is_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match=r"bool\(value\)") as refusal:
        mk.shuffle_options(all_permutations=wrong)
    assert refusal.value.argument == "all_permutations"


@pytest.mark.parametrize("seed", [np.float64(7), np.bool_(True), np.array([1, 2]), "7", None])
def test_what_is_no_whole_number_is_no_seed(seed: Any) -> None:
    with pytest.raises(ArgumentError) as refusal:
        mk.shuffle_options(seed=seed)
    assert refusal.value.argument == "seed"
