"""Views of rows of the seven schemas, so that all of them become one kind of record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.building.output.formats import SHOTS, Format
from medqa_kit.building.recipes.ingredient import Ingredient, ViewName
from medqa_kit.building.recipes.recipe import Recipe
from medqa_kit.catalog import Source
from medqa_kit.core.arrow.columns import list_lengths, whole
from medqa_kit.core.arrow.messages import text
from medqa_kit.core.arrow.ragged import Mask, nested
from medqa_kit.core.report import no_findings
from medqa_kit.core.selection import choose
from medqa_kit.errors import RecipeError
from medqa_kit.prompting.fewshot import FewShot
from medqa_kit.prompting.languages import LANGUAGES, LanguageCode
from medqa_kit.prompting.prompts import prompt
from medqa_kit.prompting.wording import PromptStyle
from medqa_kit.schemas import SchemaName, schema_name
from medqa_kit.training.conversations import Kind
from medqa_kit.training.kinds.model import ACCEPTS
from medqa_kit.training.preferences import to_preference
from medqa_kit.training.question_rules import question_problems, with_options
from medqa_kit.training.violations import broken, violation_findings

_KINDS: Mapping[SchemaName, Mapping[ViewName, Kind]] = {
    "qa": {"rows": "qa", "preference": "preference", "instruction": "target"},
    "dialogue": {"rows": "messages"},
    "preference": {"rows": "preference", "chosen": "target"},
    "text": {"rows": "text"},
    "tokens": {"instruction": "target", "text": "text"},
    "labeled": {"instruction": "target", "text": "text"},
    "parallel": {"instruction": "target", "text": "text"},
}
"""Which views the rows of a schema have, and the kind of table each gives; the first is the usual one."""

_IDENTITY = ("id", "source", "family", "language")
_FALLBACK: LanguageCode = "en"
MOST_LABELS = 40
"""Of more classes none is named in an instruction."""


@dataclass(frozen=True)
class RowView:
    """Makes of rows of one schema what records are made of.

    Attributes:
        schema: Whose rows they are.
        view: What they become.
        language: Of the words of an instruction; ``"row"`` goes by the row's language.
        labels: Classes or kinds of entities to name in it.
        shots: By style of asking, what shows examples before each row.
        shortened: Shortens some rows before anything is made of them, and leaves none out.
    """

    schema: SchemaName
    view: ViewName
    language: str = "row"
    labels: tuple[str, ...] = ()
    shots: tuple[tuple[str, FewShot], ...] = ()
    shortened: Callable[[pa.Table], pa.Table] | None = None

    def __call__(self, table: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Return what the rows become, and findings about those of which nothing can be made.

        Rows stand in order: with the rows of the findings taken out, one for one.
        """
        if self.shortened is not None:
            table = self.shortened(table)
        if self.view == "preference":
            preferences, report = to_preference(on_bad="drop").run(table)
            return _with_ids_of_rows(preferences), report.findings
        if self.view == "instruction" and self.schema == "qa":
            problems = list(question_problems(table))
            good = choose(table, ~broken(problems, table.num_rows))
            return self._instructions(good), violation_findings(table, problems)
        return self._one_for_one(table), no_findings()

    def _one_for_one(self, table: pa.Table) -> pa.Table:
        if self.view == "rows":
            return table
        identity = {name: whole(table[name]) for name in _IDENTITY if name in table.column_names}
        if self.view == "chosen":
            return pa.table(
                {**identity, "prompt": whole(table["prompt"]), "target": whole(table["chosen"])}
            )
        if self.view == "text":
            return pa.table({**identity, "text": _plain_text(table, self.schema)})
        return self._instructions(table)

    def _instructions(self, table: pa.Table) -> pa.Table:
        """Put the task of each row in the words of its language and style."""
        codes = self._codes(table)
        styles = question_styles(table, self.schema)
        keys = np.char.add(np.char.add(codes, "\t"), styles)
        instructions, places = [], []
        for key in np.unique(keys).tolist():  # languages by styles: few
            code, style = key.split("\t")
            rows = np.flatnonzero(keys == key)
            instructions.append(self._asked(table.take(pa.array(rows)), code, style))
            places.append(rows)
        if not instructions:
            return self._asked(table, _FALLBACK, _STYLES[self.schema][0])
        order = np.argsort(np.concatenate(places))
        return pa.concat_tables(instructions).take(pa.array(order))

    def _asked(self, table: pa.Table, code: str, style: str) -> pa.Table:
        """Put the task of rows of one language and style in words, after the examples they are shown."""
        kernel = prompt(language=cast(Any, code), style=cast(Any, style), labels=self.labels)
        if not self.shots:
            return kernel(table)
        shown = table.append_column(SHOTS, pa.nulls(table.num_rows, pa.list_(pa.string())))
        if table.num_rows:
            shown = dict(self.shots)[style](table)
        lists = whole(shown[SHOTS])
        instructions = kernel(shown if table.num_rows else table)
        return instructions.append_column(SHOTS, _ids_of(lists))

    def _codes(self, table: pa.Table) -> np.ndarray:
        if self.language != "row":
            return np.full(table.num_rows, self.language)
        primary = pc.replace_substring_regex(text(table, "language"), "-.*", "")
        known = pc.is_in(primary, value_set=pa.array(list(LANGUAGES)))
        chosen = pc.fill_null(pc.if_else(known, primary, _FALLBACK), _FALLBACK)
        codes = whole(chosen).dictionary_encode()
        words = np.array([*codes.dictionary.to_pylist(), _FALLBACK], str)
        return words.take(np.asarray(codes.indices))


def _with_ids_of_rows(preferences: pa.Table) -> pa.Table:
    """Name preferences as the rows they were made of: there is one of each, and rows are known by their ids."""
    at = preferences.column_names.index("id")
    names = pc.replace_substring_regex(preferences["id"], r"#[a-z]$", "")
    return preferences.set_column(at, preferences.schema.field(at), names)


_STYLES: Mapping[SchemaName, tuple[PromptStyle, ...]] = {
    "qa": ("choice", "open"), "tokens": ("ner-spans", "ner-tags"), "labeled": ("classify",), "parallel": ("translate",),
}  # fmt: skip


def question_styles(table: pa.Table, schema: SchemaName) -> np.ndarray:
    """Return how each row is asked.

    Entities are asked for as a list where a row has them, as tags otherwise; the answer to a question by
    its marker where it has options.
    """
    first, *rest = _STYLES[schema]
    if not rest:
        return np.full(table.num_rows, first)
    if schema == "qa":
        return np.where(with_options(table), first, rest[0])
    spans = np.asarray(whole(table["spans"]).is_valid())
    return np.where(spans, first, rest[0])


def unaskable(table: pa.Table, schema: SchemaName) -> Mask:
    """Mark the rows that cannot be shown as examples: those without an answer, or with a bad one."""
    lacking = ~has_answer(table, schema)
    return lacking | broken(question_problems(table), table.num_rows) if schema == "qa" else lacking


def _ids_of(shots: pa.ListArray) -> pa.ListArray:
    """Return the ids of the examples of each row."""
    if not pa.types.is_struct(shots.type.value_type):
        return shots
    ids = pc.struct_field(shots.flatten(), "id").cast(pa.string())
    return nested(ids, list_lengths(shots))


def _plain_text(table: pa.Table, schema: SchemaName) -> pa.Array:
    if schema == "parallel":
        return pc.binary_join_element_wise(text(table, "text"), text(table, "translation"), "\n")
    if schema == "tokens":
        joined = pc.binary_join(whole(table["tokens"]), " ")
        return pc.coalesce(text(table, "text"), joined)
    pair = pc.binary_join_element_wise(text(table, "text"), text(table, "text_pair"), "\n")
    return pc.coalesce(pair, text(table, "text"))


def schemas_of(ingredient: Ingredient, source: Source) -> tuple[SchemaName, ...]:
    """Return the schemas of the parts that an ingredient takes, from the catalogue alone.

    A source without parts has none: loading says why.
    """
    if not source.parts:
        return ()
    parts = [part for split in ingredient.split for part in source.select(ingredient.subset, split)]
    return tuple(dict.fromkeys(schema_name(source.layout_of(part).schema) for part in parts))


def view_of_rows(
    ingredient: Ingredient, schema: SchemaName, formats: Iterable[Format], *, recipe: str
) -> RowView:
    """Find the view by which rows of a schema become the records of all formats.

    Raises:
        RecipeError: There is none, or the one that is asked for is of other rows.

    Example:
        >>> ingredient = Ingredient(name="kbmc")
        >>> view_of_rows(ingredient, "tokens", [Format(record="trl/messages")], recipe="demo").view
        'instruction'
    """
    views, forms = _KINDS[schema], tuple(formats)
    if ingredient.view is not None and ingredient.view not in views:
        raise RecipeError(
            f"rows of schema {schema} have no view {ingredient.view!r}", file=recipe, source=ingredient.label,
            expected=" or ".join(views), found=ingredient.view, hint="leave view out for the usual one",
        )  # fmt: skip
    wanted: list[ViewName] = [ingredient.view] if ingredient.view is not None else [_usual(views)]
    if ingredient.few_shot is not None:
        _refuse_examples(ingredient, schema, views, recipe)
        wanted = ["instruction"]
    elif ingredient.view is None and _usual(views) == "instruction":
        wanted = list(views)  # a task or plain text, whichever the records take
    for view in wanted:
        misfits = [form for form in forms if views[view] not in ACCEPTS[form.kind.needs]]
        if not misfits:
            return RowView(schema, view, language=forms[0].language)
    possible = [view for view, kind in views.items()
                if all(kind in ACCEPTS[form.kind.needs] for form in forms)]  # fmt: skip
    raise RecipeError(
        f"rows of schema {schema} cannot become {misfits[0].record}", file=recipe, source=ingredient.label,
        expected=f"rows that become {misfits[0].record}, in all formats",
        found=f"schema {schema}",
        hint=f"view = {possible[0]!r}" if possible else _advice(schema, ingredient),
    )  # fmt: skip


def _refuse_examples(
    ingredient: Ingredient, schema: SchemaName, views: Mapping[ViewName, Kind], recipe: str
) -> None:
    if "instruction" not in views or ingredient.view not in (None, "instruction"):
        raise RecipeError(
            "examples stand before instructions alone", file=recipe, source=ingredient.label,
            expected="questions, tokens, labels or translations, and no other view",
            found=f"schema {schema}, view {ingredient.view or _usual(views)}", hint="leave few_shot out",
        )  # fmt: skip


def refuse_strangers(recipe: Recipe, sources: Sequence[Source]) -> None:
    """Refuse sources that cannot become the records of a recipe, all together, before anything is read.

    Raises:
        RecipeError: Some cannot.
    """
    errors = []
    for ingredient, source in zip(recipe.sources, sources, strict=True):
        for schema in schemas_of(ingredient, source):
            try:
                view_of_rows(ingredient, schema, recipe.formats, recipe=recipe.name)
            except RecipeError as error:
                errors.append(error)
    if len(errors) > 1:
        raise RecipeError(
            "sources of the recipe cannot become its records", file=recipe.name,
            expected=errors[0].expected,
            found="; ".join(f"{error.source}: {error.what}" for error in errors), hint=errors[0].hint,
        )  # fmt: skip
    if errors:
        raise errors[0]


def unused_system(recipe: Recipe, sources: Sequence[Source]) -> list[str]:
    """Say which sources become text without a prompt, so that ``system`` of the formats stands in none of their rows.

    Raises:
        RecipeError: All do.
    """
    forms = [form.name for form in recipe.formats if form.system is not None]
    views = [(ingredient.label, view_of_rows(ingredient, schema, recipe.formats, recipe=recipe.name))
             for ingredient, source in zip(recipe.sources, sources, strict=True) if forms
             for schema in schemas_of(ingredient, source)]  # fmt: skip
    plain = [label for label, view in views if _KINDS[view.schema][view.view] == "text"]
    if plain and len(plain) == len(views):
        raise RecipeError(
            "system= stands before a prompt, and no row has one", file=recipe.name, expected="questions, dialogues or instructions",
            found=f"plain text of {', '.join(plain)}", hint=f"leave system out of {', '.join(forms)}",
        )  # fmt: skip
    return [f"{label}: system= stands in no row, for they are text without a prompt" for label in dict.fromkeys(plain)]  # fmt: skip


def _usual(views: Mapping[ViewName, Kind]) -> ViewName:
    return next(iter(views))


def _advice(schema: SchemaName, ingredient: Ingredient) -> str:
    if schema == "text":
        return f'leave {ingredient.label} out, or write plain text: record = "text"'
    return f"leave {ingredient.label} out, or make a recipe of its own for it"


def named_labels(rows: Any, schema: SchemaName) -> tuple[str, ...]:
    """Return the classes, or the kinds of entities, that stand in the rows of a part, sorted.

    Args:
        rows: ``Dataset`` of the part.
        schema: Whose rows they are.

    Returns:
        None where they are too many to be named.
    """
    if schema == "labeled":
        values = rows.data.column("label")
    elif schema == "tokens":
        spans = rows.data.column("spans")
        values = pa.chunked_array([pc.struct_field(pc.list_flatten(chunk), "label")
                                   for chunk in spans.chunks], pa.string())  # fmt: skip
    else:
        return ()
    labels = sorted(pc.unique(values).drop_null().to_pylist())  # distinct values: few
    return tuple(labels) if len(labels) <= MOST_LABELS else ()


def answer_columns(schema: SchemaName) -> tuple[str, ...]:
    """Return the columns that :func:`has_answer` looks at; none where all rows have one."""
    return ("messages",) if schema == "dialogue" else _SAID.get(schema, ())


def has_answer(table: pa.Table, schema: SchemaName) -> Mask:
    """Mark the rows of which upstream says what is right: all that ask nothing are."""
    if schema in _SAID:
        valid = [np.asarray(whole(table[name]).is_valid()) for name in _SAID[schema]]
        said: Mask = np.logical_or.reduce(valid)
        return said
    if schema == "dialogue":
        return np.asarray(list_lengths(whole(table["messages"])) > 0)
    return np.ones(table.num_rows, bool)


_SAID: Mapping[SchemaName, tuple[str, ...]] = {
    "qa": ("answer",), "labeled": ("label",), "tokens": ("tags", "spans"),
}  # fmt: skip
"""Where the rows of a schema say what is right."""
