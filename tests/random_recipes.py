"""Random recipes over small invented rows: sources of each schema, and whatever a recipe may say of them."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

import medqa_kit as mk

_WORDS = ("ward", "nurse", "fever", "cough", "dose", "pulse", "liver", "burn", "wound", "blood", "rest", "pain",
          "열", "기침", "환자", "혈압", "통증", "수술", "ឈាម", "ថ្នាំ", "បេះដូង")  # fmt: skip
_SCHEMAS = (
    "qa",
    "qa",
    "qa",
    "open",
    "text",
    "dialogue",
    "preference",
    "labeled",
    "parallel",
    "tokens",
)
"""What a source may hold; ``open`` are questions without options."""
_CHAT = ("qa", "open", "dialogue", "labeled", "parallel", "tokens")


def _said(random: Random, least: int, most: int) -> str:
    return " ".join(random.choices(_WORDS, k=random.randint(least, most)))


def _row(kind: str, random: Random, number: int) -> dict[str, Any]:
    about = {
        "year": random.choice([None, 2019, 2020, 2021]),
        "language": random.choice(["en", "ko"]),
    }
    if kind in ("qa", "open"):
        row = {
            "question": f"{_said(random, 2, 20)} {number}?",
            "rationale": random.choice([None, _said(random, 1, 30)]),
            **about,
        }
        if kind == "open":
            return row | {"answer": random.choice([None, _said(random, 1, 5), _said(random, 1, 5)])}
        options = [f"{_said(random, 1, 3)} {place}" for place in range(random.randint(2, 5))]
        right = random.choice([None, *range(len(options))])
        return row | {"options": options, "answer_index": right}
    about.pop("year")
    if kind == "text":
        return about | {"text": f"{_said(random, 3, 60)} {number}"}
    if kind == "dialogue":
        turns = [{"role": role, "content": f"{_said(random, 1, 12)} {number}"}
                 for _ in range(random.randint(1, 2)) for role in ("user", "assistant")]  # fmt: skip
        return about | {"messages": turns}
    if kind == "preference":
        return about | {
            "prompt": f"{_said(random, 2, 9)} {number}",
            "chosen": _said(random, 1, 9),
            "rejected": _said(random, 1, 9),
        }
    if kind == "parallel":
        return {"text": f"{_said(random, 2, 9)} {number}", "translation": _said(random, 2, 9),
                "text_language": "en", "translation_language": "ko", "language": "en"}  # fmt: skip
    if kind == "labeled":
        return about | {
            "text": f"{_said(random, 2, 9)} {number}",
            "label": random.choice(["a", "b"]),
        }
    words = [*random.choices(_WORDS, k=random.randint(1, 6)), str(number)]
    return about | {
        "text": " ".join(words),
        "tokens": words,
        "tags": ["O" if random.random() < 0.6 else "B-DRUG" for _ in words],
    }


def write_rows(folder: Path, name: str, kind: str, size: int, seed: int) -> Path:
    """Write rows of one's own, some of them copies of others, some of one family."""
    random, rows = Random(seed), list[dict[str, Any]]()
    for number in range(size):
        copied = rows and random.random() < 0.15
        row = dict(random.choice(rows)) if copied else _row(kind, random, number + seed * 1000)
        family = random.choice(
            [None, f"{name}-{random.randint(0, size)}", f"shared-{random.randint(0, 9)}"]
        )
        rows.append({**row, "id": f"{number}", "kin": family})
    file = folder / f"{name}-{kind}-{size}-{seed}.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return file


def _some(**kept: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Draw some of the keys."""
    return st.fixed_dictionaries({}, optional=kept)


_BOUNDS = st.sampled_from([{"min": 20}, {"max": 150}, {"min": 5, "max": 300}])
_WHERE = _some(chars=_BOUNDS, language=st.just(["en"]), script=st.just({"hangul": {"max": 0.7}}))
_WEIGHT = st.sampled_from([0, 0.5, 1, 2, 7])
_REPEAT = st.sampled_from([0, 0.3, 1, 1.5, 2, 3])


@st.composite
def recipes(draw: DrawFn, folder: Path, *, mixed: bool | None = None) -> dict[str, Any]:
    """Draw a recipe.

    Args:
        draw: Of Hypothesis.
        folder: Where the rows are to be.
        mixed: Whether it has a mix; absent, either.
    """
    record = draw(
        st.sampled_from(
            ["text", "trl/messages", "trl/prompt-completion", "trl/preference", "openai/chat"]
        )
    )
    fits = {"text": _SCHEMAS, "trl/preference": ("preference", "qa")}.get(record, _CHAT)
    has_mix = draw(st.booleans()) if mixed is None else mixed
    how = draw(st.sampled_from(["weight", "repeat", "size"])) if has_mix else "none"
    sources: list[dict[str, Any]] = []
    for place in range(draw(st.integers(1, 4))):
        sources += _entries(draw, folder, f"s{place}", draw(st.sampled_from(fits)), how, record)
    labels = [source["as"] for source in sources]
    recipe: dict[str, Any] = {
        "name": "random", "source": sources, "seed": draw(st.integers(0, 3)),
        "format": _formats(draw, record), "split": {"validation": _validation(draw, sources)},
    }  # fmt: skip
    if draw(st.booleans()):
        recipe["dedupe"] = draw(_some(
            near=st.sampled_from([0.7, 0.9]), on=st.sampled_from(["row", "item", "question"]),
            prefer=st.permutations(labels).map(lambda names: names[:2]),
        ))  # fmt: skip
    if has_mix:
        recipe["mix"] = _mix(draw, how, labels)
    if draw(st.booleans()):
        recipe["holdout"] = {
            "items": [f"file:{_holdout(folder, sources[0], draw(st.integers(1, 4)))}"]
        }
    return recipe


def _holdout(folder: Path, source: dict[str, Any], size: int) -> Path:
    """Save a holdout of the first rows of a source, which go with their families."""
    file = folder / f"{Path(source['read']).stem}-{size}.holdout"
    if not file.exists():
        rows = [
            json.loads(line) for line in Path(source["read"]).read_text("utf-8").splitlines()[:size]
        ]
        holdout = mk.Holdout.from_rows(rows, reason="a test", name=file.stem)
        holdout.save(file)
    return file


def _entries(
    draw: DrawFn, folder: Path, name: str, kind: str, how: str, record: str
) -> list[dict[str, Any]]:
    """Draw what a recipe says of a file of rows: one entry, or two that share it."""
    file = write_rows(
        folder, name, kind, draw(st.sampled_from([1, 2, 9, 30])), draw(st.integers(0, 5))
    )
    schema = "qa" if kind == "open" else kind
    source: dict[str, Any] = {
        "as": name,
        "read": str(file),
        "schema": schema,
        "license": "CC0-1.0",
        "key": "id",
    }
    if kind == "qa":
        source |= {"options": "options", "answer": "answer_index", "base": 0}
    if kind == "qa" and record == "trl/preference":
        source["view"] = "preference"
    if draw(st.booleans()):
        source["family"] = "kin"
    source |= draw(_some(where=_WHERE, max_rows=st.sampled_from([1, 5, 20])))
    if schema == "qa":
        source |= draw(_some(years=st.sampled_from([{"from": 2020}, [2019, 2021]])))
    if how in ("weight", "repeat"):
        source[how] = draw(_WEIGHT if how == "weight" else _REPEAT)
    if how not in ("none", "repeat"):  # repeats say themselves how often a row is seen
        source |= draw(
            _some(max_repeat=st.sampled_from([1, 1.5, 4]), max_share=st.sampled_from([0.4, 0.8]))
        )
    if not draw(st.booleans()):
        return [source]
    cut = draw(st.sampled_from([0.3, 0.5]))
    return [source | {"slice": [0.0, cut]}, source | {"as": f"{name}b", "slice": [cut, 1.0]}]


def _validation(draw: DrawFn, sources: list[dict[str, Any]]) -> Any:
    dated = [
        source["as"] for source in sources if source["schema"] == "qa" and "years" not in source
    ]
    kinds: list[Any] = [0, 0.1, 0.4, {"source": sources[0]["as"], "share": 0.5}]
    if dated:
        kinds.append({"source": dated[0], "years": [2020], "share": 0.6})
    return draw(st.sampled_from(kinds))


def _formats(draw: DrawFn, record: str) -> Any:
    single = {
        "record": record,
        "write": draw(st.sampled_from([["parquet"], ["parquet", "jsonl", "jsonl.zst"]])),
    }
    if record == "text" or not draw(st.booleans()):
        return single
    other = {"trl/preference": "trl/kto"}.get(record, "trl/messages")
    return [
        single | {"as": "one", "shard": "3KB"},
        {"record": other, "as": "two"},
    ]


def _mix(draw: DrawFn, how: str, labels: list[str]) -> dict[str, Any]:
    mix = draw(_some(
        by=st.sampled_from(["rows", "chars"]), epochs=st.just(2), infeasible=st.just("scale"),
        floor=st.sampled_from([{"language": {"ko": 0.3}}, {"source": {labels[0]: 0.2}}]),
    ))  # fmt: skip
    if how == "repeat":
        mix.pop("floor", None)
        return mix
    if how == "size":
        mix |= draw(
            _some(size=st.sampled_from([3, 20, 400]), temperature=st.sampled_from([0.5, 3.0]))
        )
    elif draw(st.booleans()):
        mix["stop"] = draw(st.sampled_from(["first_exhausted", "all_exhausted", labels[-1]]))
    return mix


@st.composite
def steady_recipes(draw: DrawFn, folder: Path) -> dict[str, Any]:
    """Draw a recipe in which no choice hangs on how many rows others have: no weights, shares or size, no near copies."""
    recipe = draw(recipes(folder))
    recipe.get("dedupe", {}).pop("near", None)
    repeats = draw(st.booleans())
    for source in recipe["source"]:
        for word in ("weight", "repeat", "max_repeat", "max_share"):
            source.pop(word, None)
        if repeats:
            source["repeat"] = draw(_REPEAT)
    recipe.pop("mix", None)
    return recipe | ({"mix": {"by": "rows"}} if repeats else {})
