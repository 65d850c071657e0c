"""Suggestions where a person would agree, and none where letters are shared by chance."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files

import pytest

import medqa_kit as mk
from medqa_kit.core.arguments import did_you_mean

_FILE = files("medqa_kit.building.recipes") / "recipe.schema.json"
_TABLES = json.loads(_FILE.read_text("utf-8"))["properties"]


def keys(*path: str) -> list[str]:
    """The keys of a table of recipes."""
    at = _TABLES[path[0]]
    for name in path[1:]:
        at = at.get("items", at)["properties"][name]
    return list(at.get("items", at)["properties"])


KNOWN: dict[str, Sequence[str]] = {
    "recipe": list(_TABLES),
    "source": keys("source"),
    "where": keys("source", "where"),
    "mix": keys("mix"),
    "dedupe": keys("dedupe"),
    "gate": keys("gate"),
    "kind": [kind.name for kind in mk.record_kinds()],
    "check": [check.name for check in mk.checks()],
    "name": [source.name for source in mk.sources()],
    "holdout": [holdout.name for holdout in mk.holdouts()],
    "language": ["en", "es", "km", "ko", "mul", "zh"],
}

MEANT = {
    "recipe": "sources=source nmae=name abot=about extend=extends holdouts=holdout dedup=dedupe deduplicate=dedupe "
              "formats=format gates=gate default=defaults onbad=on_bad accepts=accept sed=seed lockfile=lock referense=reference",
    "source": "spilt=split subsets=subset year=years max-rows=max_rows maxrows=max_rows rows=max_rows wieght=weight repeats=repeat "
              "lang=language lisence=license licence=license fewshot=few_shot views=view column=columns anwser=answer fixes=fix "
              "choice=choices keys=key alias=as filter=where split_ratio=split",
    "where": "scripts=script languages=language token=tokens tag=tags char=chars",
    "mix": "siez=size tokeniser=tokenizer temprature=temperature temp=temperature epoch=epochs infeasable=infeasible",
    "dedupe": "nears=near prefered=prefer protected=protect",
    "gate": "drop=dropped finding=findings personal=personal_data heldout=held_out copy=copies",
    "kind": "messages=trl/messages trl_messages=trl/messages share_gpt=sharegpt alpacca=alpaca prompt-completion=trl/prompt-completion "
            "llamafactory/sharegpt=llama-factory/sharegpt",
    "check": "mojibak=mojibake repetitions=repetition wrong_scripts=wrong_script truncate=truncated answer_outside=answer_outside_options",
    "name": "kormedmcq=kormedmcqa medqa=medqa_usmle pubmed=pubmedqa med_mcqa=medmcqa usmle=medqa_usmle usmle_medqa=medqa_usmle "
            "mmlu=mmlu_medical kmmlu=kmmlu_medical oscar=oscar_ko wikipedia=korean_wikipedia ultrafeedback=ko_ultrafeedback",
    "holdout": "kormedmcqa-test=kormedmcqa-official-test kormedmcqa-oficial=kormedmcqa-official-test pubmedqa-test=pubmedqa-official-test",
    "language": "kr=ko kh=km korean=ko Khmer=km",
}  # fmt: skip

UNRELATED = {
    "recipe": "banana model epochs learning_rate output weights batch_size path tags url dataset optimizer recipe filters_of",
    "source": "banana optimizer model url tokens seed batch shuffle limit n_samples data filename type format cache train text dropout",
    "where": "banana source difficulty length answer split",
    "mix": "banana train seed shuffle proportion strategy",
    "dedupe": "exact minhash threshold",
    "gate": "rows speed",
    "kind": "banana parquet csv xml trl/sft trl/dpo openai/message",
    "check": "spelling grammar toxicity language",
    "name": "squad imagenet mimic webtext hellaswag",
    "language": "xx de",
}


@pytest.mark.parametrize(
    ("table", "pair"), [(table, pair) for table, pairs in MEANT.items() for pair in pairs.split()]
)
def test_a_slip_leads_to_the_word_that_was_meant(table: str, pair: str) -> None:
    word, _, meant = pair.partition("=")
    assert did_you_mean(word, KNOWN[table]) == f"did you mean {meant!r}?"


@pytest.mark.parametrize(
    ("table", "word"), [(table, word) for table, words in UNRELATED.items() for word in words.split()]
)  # fmt: skip
def test_a_word_that_has_nothing_to_do_with_the_known_ones_leads_nowhere(
    table: str, word: str
) -> None:
    assert did_you_mean(word, KNOWN[table]) == ""


def test_several_are_named_the_nearest_first_and_long_words_do_no_harm() -> None:
    words = ["demo-train", "demo-test", "other"]
    assert did_you_mean("demo-tset", words, most=3) == "did you mean 'demo-test'?"
    assert did_you_mean("demo", words, most=3) == "did you mean 'demo-test' or 'demo-train'?"
    for odd in ("", " ", "--", "x" * 100_000, "\ud800", "각" * 300):
        assert did_you_mean(odd, words) == ""
