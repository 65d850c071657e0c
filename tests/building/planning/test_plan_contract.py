"""What a plan says of rows that are here is what the build then does, whatever the recipe asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

import medqa_kit as mk
from many_rows import many_rows
from plan_differences import plan_differences

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of one's own in several schemas and languages, and a tokenizer."""
    place = tmp_path_factory.mktemp("contract")
    many_rows(place / "exam.jsonl", 400, copies=20)
    korean = [{"id": f"ko/{n}", "question": f"{n}번 문항의 답은 무엇인가? {'가나다 ' * (n % 30)}", "answer": f"답 {n}",
               "language": "ko", "year": 2015 + n % 8} for n in range(150)]  # fmt: skip
    reasoned = [{"id": f"why/{n}", "question": f"Why is lamp {n} lit?", "rationale": f"It is night {n}. " * (n % 40 + 1),
                 "answer": None if n % 11 == 0 else "Someone came home.", "language": "en"} for n in range(200)]  # fmt: skip
    talks = [{"id": f"talk/{n}", "language": "en", "messages": [
        {"role": "user", "content": f"Is bus {n} late?"},
        {"role": "assistant", "content": "<|im_end|>" if n % 10 == 0 else f"Yes, by {n} minutes."}]} for n in range(90)]  # fmt: skip
    pairs = [{"id": f"pair/{n}", "prompt": f"Name tree {n}.", "chosen": "An oak.",
              "rejected": "An oak." if n % 9 == 0 else "A stone.", "language": "en"} for n in range(80)]  # fmt: skip
    for name, rows in {"ko": korean, "why": reasoned, "talk": talks, "pair": pairs}.items():
        (place / f"{name}.jsonl").write_text(
            "".join(json.dumps(row) + "\n" for row in rows), "utf-8"
        )
    words = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.save(str(place / "tokenizer.json"))
    return place


def own(name: str, schema: str = "qa", **more: Any) -> dict[str, Any]:
    return {"as": name, "read": f"{more.pop('file', name)}.jsonl", "schema": schema, "license": "CC0-1.0", **more}  # fmt: skip


CHAT, TEXT = {"record": "trl/messages"}, {"record": "text"}
TOKENS = {"by": "tokens", "tokenizer": "tokenizer.json"}
RECIPES: Mapping[str, dict[str, Any]] = {
    "floors": {"source": [own("exam", weight=3, language="en"), own("ko", weight=1, language="ko")],
               "mix": {"by": "chars", "floor": {"language": {"ko": 0.4}}, "infeasible": "scale"}},
    "caps": {"source": [own("exam", max_share=0.5), own("ko", max_share=0.3), own("why")], "mix": {"by": "rows", "size": 120}},
    "caps_that_scale": {"source": [own("exam", weight=9, max_repeat=1.5), own("ko", weight=1)],
                        "mix": {"size": 5000, "infeasible": "scale"}},
    "temperature": {"source": [own("exam"), own("ko"), own("talk", "dialogue")], "mix": {"by": "chars", "temperature": 3.0}},
    "repeats": {"source": [own("exam", repeat=0.3), own("ko", repeat=2.5), own("why")], "mix": {"by": "rows"}},
    "repeats_by_tokens": {"source": [own("exam", repeat=0.3), own("ko", repeat=2.5)], "mix": TOKENS},
    "epochs": {"source": [own("exam", weight=1), own("why", weight=2)], "mix": {"by": "chars", "size": 4000, "epochs": 3}},
    "all_exhausted": {"source": [own("exam", max_repeat=9), own("ko", max_repeat=9)], "mix": {"stop": "all_exhausted", "temperature": 2.0}},
    "one_exhausted": {"source": [own("exam", weight=1), own("ko", weight=1, max_repeat=3)], "mix": {"stop": "exam"}},
    "budget_drop": {"source": [own("exam"), own("why")], "mix": {**TOKENS, "budget": {"max_tokens": 60}}},
    "budget_trim": {"source": [own("why"), own("exam")],
                    "mix": {**TOKENS, "budget": {"max_tokens": 60, "fit": "trim_reasoning"}}},
    "slices": {"source": [own("exam", slice=[0.0, 0.7]), own("rest", file="exam", slice=[0.7, 1.0], repeat=2.0)],
               "format": TEXT, "mix": {}},
    "several_kinds": {"source": [own("exam", view="preference"), own("pair", "preference", where={"chosen_differs": True})],
                      "format": {"record": "trl/preference"}, "mix": {"by": "chars"}, "on_bad": "drop"},
    "no_records": {"source": [own("talk", "dialogue"), own("ko")], "format": {"record": "llama-factory/sharegpt"}},
    "no_records_mixed": {"source": [own("talk", "dialogue", repeat=2.0), own("ko")], "mix": {"by": "rows"},
                         "format": [CHAT | {"as": "a"}, {"as": "b", "record": "axolotl/segments", "settings": {"eos": "</s>"}}]},
    "examples": {"source": [own("ko", few_shot={"k": 2, "mode": "per-row"}, max_rows=90), own("exam")],
                 "mix": {**TOKENS, "size": 3000}},
    "years_and_gates": {"source": [own("ko", years={"from": 2018}), own("why", where={"has": ["rationale"]})],
                        "gate": {"dropped": 0.9, "copies": 0.5}, "mix": {"by": "rows", "size": 100}},
    "one_label_twice": {"source": [{"name": "kormedmcqa", "subset": "doctor"}, {"name": "kormedmcqa", "subset": "nurse"}]},
}  # fmt: skip


@pytest.mark.parametrize("name", RECIPES)
def test_a_build_does_what_its_plan_said(folder: Path, tmp_path: Path, name: str) -> None:
    data = {"format": CHAT, "dedupe": {}, "split": {"validation": 0.1}, **RECIPES[name]}
    recipe = _recipe(folder, name, data)
    outlook = mk.plan(recipe, origin="sample", cache_dir=folder / "cache")
    result = mk.build(recipe, out=tmp_path / "out", origin="sample", cache_dir=folder / "cache")
    assert plan_differences(outlook, result.manifest) == []
    assert not mk.verify(result.path).findings.num_rows


def _recipe(folder: Path, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recipe whose files are those of the folder."""
    sources = [
        {**source, "read": str(folder / source["read"])} if "read" in source else source
        for source in said["source"]
    ]
    mix = said.get("mix")
    if mix is not None and "tokenizer" in mix:
        mix = {**mix, "tokenizer": str(folder / mix["tokenizer"])}
    return {"name": name, **said, "source": sources, **({} if mix is None else {"mix": mix})}


def test_a_source_of_a_dozen_parts_is_written_and_read_again(folder: Path, tmp_path: Path) -> None:
    sources = [
        own(f"own{n}", file="talk", schema="dialogue", slice=[n / 12, (n + 1) / 12])
        for n in range(12)
    ]
    recipe = _recipe(
        folder, "dozen", {"source": sources, "format": CHAT, "split": {"validation": 0}}
    )
    result = mk.build(recipe, out=tmp_path / "out", origin="sample", cache_dir=folder / "cache")
    assert len([source for source in result.manifest["sources"] if source["train"]]) > 10
