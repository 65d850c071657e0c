"""What a build writes passes the check, for rows of every schema and every record kind they can become, with examples too."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from exam_text import Item, Writer, items
from gauntlet import EDITED, planted, same_options, same_stem, same_template
from medqa_kit.building.output.formats import Format
from medqa_kit.building.recipes.ingredient import Ingredient
from medqa_kit.building.stages.views import view_of_rows
from medqa_kit.errors import RecipeError
from results import json_rows, parquet_rows

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::medqa_kit.errors.MedQAWarning")]
VIEWS = [("qa", "rows"), ("qa", "preference"), ("qa", "instruction"), ("dialogue", "rows"), ("tokens", "instruction"), ("tokens", "text"),
         ("labeled", "instruction"), ("labeled", "text"), ("parallel", "instruction"), ("parallel", "text"),
         ("text", "rows"), ("preference", "rows"), ("preference", "chosen")]  # fmt: skip
TRIED = [
    (*view, language)
    for number, view in enumerate(VIEWS)
    for place, language in enumerate(("ko", "km", "en"))
    if number % 3 == place
]
SETTINGS = {"openai/batch": {"model": "none"}, "axolotl/segments": {"eos": "</s>"}}
"""What kinds want that have no usual value."""
SYSTEMS = {
    "ko": "의학 시험 문제를 푸는 도우미이다.",
    "km": "អ្នកជាជំនួយការផ្នែកវេជ្ជសាស្ត្រ។",
    "en": "You answer medical exam questions.",
}


def form_of(kind: str) -> Format:
    return Format(record=kind, settings=SETTINGS.get(kind, {}))


def kinds_of(schema: str, view: str) -> list[str]:
    """The record kinds that rows of a schema become by a view."""
    kinds = []
    for kind in mk.record_kinds():
        try:
            view_of_rows(Ingredient(name="x", view=view), schema, [form_of(kind.name)], recipe="x")
        except RecipeError:
            continue
        kinds.append(kind.name)
    return kinds


def row_of(schema: str, number: int, item: Item, prose: str, draw: random.Random) -> dict[str, Any]:
    """A row that says what an item says, in the columns of a schema."""
    options = draw.sample(item.options, len(item.options))
    listed = "\n".join(f"{letter}. {text}" for letter, text in zip("ABCDE", options, strict=True))
    asked = f"{item.stem}\n{listed}"
    row: dict[str, Any] = {"id": f"r{number}", "language": item.language}
    match schema:
        case "qa":
            rationale = prose if number % 2 else None
            return row | {"question": item.stem, "options": options, "answer_index": options.index(item.answer),
                          "answer": item.answer, "rationale": rationale}  # fmt: skip
        case "dialogue":
            turns = [
                ("user", prose),
                ("assistant", "?"),
                ("user", asked),
                ("assistant", item.answer),
            ][2 * (number % 2) :]  # half of them for kinds that take one exchange
            return row | {"messages": [{"role": role, "content": text} for role, text in turns]}
        case "preference":
            return row | {
                "prompt": asked,
                "chosen": item.answer,
                "rejected": options[0] if options[0] != item.answer else options[1],
            }
        case "tokens":
            words = asked.split()
            return row | {
                "text": asked,
                "tokens": words,
                "tags": ["B-Disease", *["O"] * (len(words) - 1)],
            }
        case "labeled":
            return row | {"text": asked, "label": ("a", "b")[number % 2]}
        case "parallel":
            return row | {
                "text": asked,
                "text_language": item.language,
                "translation": prose,
                "translation_language": "en",
            }
    return row | {"text": f"{prose}\n{asked}\n{item.answer}"}


def written_rows(folder: Path, schema: str, language: Any) -> tuple[Path, mk.Holdout, int]:
    """Rows of a schema in a file: clean ones, lookalikes, edited copies, and items as they are."""
    draw, writer = random.Random(3), Writer(language, 6)
    exam = items(language, 120, seed=41)
    alike = [
        make(item, writer, draw)[1]
        for make in (same_stem, same_template, same_options)
        for item in exam[:30]
    ]
    for name in ("particles edited", "15 % of words replaced"):
        alike += planted(exam[30:50], EDITED[name], seed=7)[0].to_pylist()
    twins = [
        Item(f"t/{n}", language, row["question"], tuple(row["options"]), "x")
        for n, row in enumerate(alike)
    ]
    listed = [*items(language, 60, seed=42), *twins, *exam[50:80]]
    rows = [row_of(schema, n, item, writer.prose(2), draw) for n, item in enumerate(listed)]
    file = folder / "own.parquet"
    pq.write_table(pa.Table.from_pylist(rows), file)
    table = [
        {
            "id": i.id,
            "question": i.stem,
            "options": [*i.options],
            "answer": i.answer,
            "answer_index": 0,
        }
        for i in exam
    ]
    return file, mk.Holdout.from_rows(table, reason="a test", name="exam"), len(rows)


@pytest.mark.parametrize(("schema", "view", "language"), TRIED)
def test_what_a_build_wrote_is_clean_and_items_are_gone(
    tmp_path: Path, schema: str, view: str, language: str
) -> None:
    """Of the 39 pairs of a view and a language 13: each view in one language by turns, qa in all three."""
    file, holdout, size = written_rows(tmp_path, schema, language)
    holdout.save(tmp_path / "exam.holdout")
    kinds = kinds_of(schema, view)
    assert kinds
    system = SYSTEMS[language] if language != "km" and (schema, view) != ("text", "rows") else None
    formats = [{"as": f"f{n}", "record": kind, "write": ["parquet", "jsonl"], "settings": SETTINGS.get(kind, {})} | ({"system": system} if system and kind not in ("text", "trl/language-modeling") else {})
               for n, kind in enumerate(kinds)]  # fmt: skip
    # Those of one language are shown none, so that both are tried.
    examples = {"few_shot": {"k": 2, "mode": "per-row"}} if view == "instruction" and language != "en" else {}  # fmt: skip
    recipe = {"name": "every", "source": [{"as": "own", "read": str(file), "schema": schema, "license": "CC0-1.0", "view": view, **examples}],
              **({"split": {"validation": 0.1}} if examples else {}), "holdout": {"items": [f"file:{tmp_path / 'exam.holdout'}"]}, "format": formats}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made")
    gone = sum(
        n for why, n in result.manifest["totals"]["dropped"].items() if why.startswith("held_out")
    )
    assert 30 <= gone < size - 50
    assert result.manifest["totals"]["train"] > 20
    for number in range(len(kinds)):
        for split in ("train", "validation"):
            rows = parquet_rows(result.path, split, f"f{number}")
            assert mk.check(rows, holdout).dropped == 0, kinds[number]
            if rows.num_rows and number % 5 == 0:  # the same rows as JSON Lines
                assert (
                    mk.check(json_rows(result.path, split, f"f{number}"), holdout).dropped == 0
                ), kinds[number]
    assert not len(mk.verify(result.path, holdouts=[holdout]).findings)


def test_dialogues_of_several_exchanges_are_kept_where_every_kind_takes_them(
    tmp_path: Path,
) -> None:
    file, holdout, _ = written_rows(tmp_path, "dialogue", "ko")
    holdout.save(tmp_path / "exam.holdout")
    formats = [{"as": f"f{n}", "record": kind} for n, kind in enumerate(("trl/messages", "sharegpt"))]  # fmt: skip
    recipe = {"name": "several", "source": [{"as": "own", "read": str(file), "schema": "dialogue", "license": "CC0-1.0"}],
              "holdout": {"items": [f"file:{tmp_path / 'exam.holdout'}"]}, "format": formats}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "made")
    assert not any(why.startswith("record") for why in result.manifest["totals"]["dropped"])
    rows = parquet_rows(result.path, "train", "f0")
    assert sum(len(talk) > 2 for talk in rows["messages"].to_pylist()) > 20
    for form in ("f0", "f1"):
        assert mk.check(parquet_rows(result.path, "train", form), holdout).dropped == 0


def test_every_kind_is_tried() -> None:
    tried = {kind for schema, view in VIEWS for kind in kinds_of(schema, view)}
    assert {kind.name for kind in mk.record_kinds()} == tried
