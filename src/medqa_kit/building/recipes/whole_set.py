"""The tables of a recipe about all rows together: copies, the mix, gates, and tasks for a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from medqa_kit.building.recipes.conditions import SCRIPT_BOUNDS, Bounds
from medqa_kit.building.recipes.declared_tables import (
    MOST_ROWS,
    SHARE,
    Key,
    check_numbers,
    named_values,
)
from medqa_kit.core.arguments import (
    home_path,
    nonempty_text,
    number,
    one_of,
    several,
    some_of,
    whole_number,
)
from medqa_kit.errors import ArgumentError, shorten
from medqa_kit.generation.requests import Generation
from medqa_kit.generation.tasks import REPLY_LANGUAGES, TaskName
from medqa_kit.quality.personal.kinds import PERSONAL_KINDS
from medqa_kit.quality.script_counts import SCRIPTS
from medqa_kit.splitting.census import On
from medqa_kit.tokens.budget import Policy
from medqa_kit.validation.text_checks import Severity
from medqa_kit.validation.validating import CHECKS

MixUnit: TypeAlias = Literal["rows", "chars", "tokens"]
STOPS = ("first_exhausted", "all_exhausted")
"""Where a mix without a size ends, beside the name of a source."""
Infeasible: TypeAlias = Literal["error", "scale"]
FINDING_SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Words for all checks of a severity, in a gate."""
ANY_KIND = "any"
"""All kinds of personal data, in a gate."""

Gated: TypeAlias = Literal["dropped", "held_out", "copies", "no_answer", "known_error"]

_FINDINGS = (*FINDING_SEVERITIES, *CHECKS)
_PERSONAL = (ANY_KIND, *PERSONAL_KINDS)
_LIMIT = Key(least=0, most=1, hint="0.01 is one row in a hundred")
_SHARES = {"type": "object", "additionalProperties": SHARE}
_FLOOR = named_values({"language": _SHARES, "source": _SHARES})


def _limits(known: Sequence[str]) -> Key:
    return Key(schema=named_values(dict.fromkeys(known, SHARE)))


@dataclass(frozen=True, kw_only=True)
class Dedupe:
    """How copies are left out; exact ones always are.

    Attributes:
        near: Least similarity of near copies, as in :func:`medqa_kit.dedupe`; absent, exact copies go.
        prefer: Sources, the best first: whose copy stays. Each is what the recipe calls it, or its name, which
            stands for those of its entries that are not named themselves.
        protect: Likewise, sources no row of which goes.
        on: What is compared: all text of a row; question and options alone, so that two explanations of one
            answer are copies; or the question alone, whatever is answered.

    Raises:
        ArgumentError: The similarity is not above 0 and at most 1.
    """

    near: float | None = field(default=None, metadata=Key(
        above=0, most=1, hint="0.8 finds copies with a word changed").metadata)  # fmt: skip
    prefer: tuple[str, ...] = ()
    protect: tuple[str, ...] = ()
    on: On = "row"

    def __post_init__(self) -> None:
        one_of("on", self.on, get_args(On))
        check_numbers(self)
        for name in ("prefer", "protect"):
            object.__setattr__(self, name, several(name, getattr(self, name)))


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long a record may be.

    Attributes:
        max_tokens: The most tokens of prompt and reply together.
        fit: What becomes of longer ones, as in :func:`medqa_kit.fit`: they are left out, or raise; or
            questions are shortened at the end of their context or rationale, dialogues by whole exchanges and
            texts at their end (``trim_context``), and left out where that is not enough, as all others are.
            What is counted are the records of the first format.

    Raises:
        ArgumentError: A value is none of these.
    """

    max_tokens: int = field(metadata=Key(least=1, most=MOST_ROWS).metadata)
    fit: Policy = "drop"

    def __post_init__(self) -> None:
        check_numbers(self)
        one_of("fit", self.fit, get_args(Policy))


@dataclass(frozen=True, kw_only=True)
class Mix:
    """In which shares the sources stand in ``train``; validation keeps its rows.

    Attributes:
        by: What shares and size are of.
        tokenizer: An encoding, such as ``"o200k_base"``, or a file ``tokenizer.json``; for tokens.
        size: How much the mix holds, in the unit of ``by``; absent, as much as there is.
        temperature: Above 1, small sources get more, where none has a weight: shares are as the sizes to
            the power of 1 / temperature.
        floor: The least share of languages, by tag, and of sources, by what the recipe calls them:
            ``{"language": {"ko": 0.8}, "source": {"kormedmcqa": 0.3}}``.
        stop: Where a mix without a size ends: when the first source is used up, when all are, or when the
            source is that it names; the others are then repeated as often as ``max_repeat`` lets them.
        epochs: How many times the mix is drawn, each time anew; ``train`` holds one after the other.
        infeasible: Whether a size that cannot be met is an error, or the nearest one is taken.
        budget: How long a record may be.

    Raises:
        ArgumentError: A value is none of these, or tokens have no tokenizer.
    """

    by: MixUnit = "rows"
    tokenizer: str | None = None
    size: int | None = field(default=None, metadata=Key(least=1, most=MOST_ROWS).metadata)
    temperature: float = field(default=1.0, metadata=Key(least=0.01, most=1e6).metadata)
    floor: Mapping[str, Mapping[str, float]] = field(
        default_factory=dict, metadata=Key(schema=_FLOOR).metadata
    )
    stop: str = "first_exhausted"
    epochs: int = field(default=1, metadata=Key(least=1, most=1000).metadata)
    infeasible: Infeasible = "error"
    budget: Budget | None = None

    def __post_init__(self) -> None:
        one_of("by", self.by, get_args(MixUnit))
        nonempty_text("stop", self.stop)
        one_of("infeasible", self.infeasible, get_args(Infeasible))
        check_numbers(self)
        if self.tokenizer is not None:
            home_path("tokenizer", nonempty_text("tokenizer", self.tokenizer))
        elif self.by == "tokens" or self.budget is not None:
            raise ArgumentError("tokens are counted by a tokenizer", argument="tokenizer",
                                expected="the one you train", found="none",
                                hint='tokenizer = "o200k_base", or the path of a tokenizer.json')  # fmt: skip
        for of, least in self.floor.items():
            one_of("floor", of, ("language", "source"))
            if any(number("floor", share, least=0, most=1) for share in least.values()) and (
                sum(least.values()) > 1
            ):
                raise ArgumentError("the floors add up to more than the whole", argument="floor",
                                    expected="at most 1 together", found=shorten([least]),
                                    hint="{ language = { ko = 0.8 } }")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What the result must be like. Where it is not, nothing is exchanged.

    The first five are the most rows that may be left out for a reason, as shares of those read; the others
    are of the rows that are kept.

    Attributes:
        dropped: For any reason.
        held_out: Since they hold an item of a holdout.
        copies: As copies.
        no_answer: Since upstream gives no answer.
        known_error: Since they are known to be bad.
        findings: The most rows that fail a check of :func:`medqa_kit.validate`, by its code, as shares of
            those it could look at; ``error``, ``warning`` and ``note`` are all checks of that severity.
        personal_data: The most rows that hold personal data, by kind, as shares; ``any`` is all kinds.
        script: Bounds of the mean share of a script in a row, as in ``where``, by the script's name.

    Raises:
        ArgumentError: A limit is no share, or there is no such check, kind or script.
    """

    dropped: float | None = field(default=None, metadata=_LIMIT.metadata)
    held_out: float | None = field(default=None, metadata=_LIMIT.metadata)
    copies: float | None = field(default=None, metadata=_LIMIT.metadata)
    no_answer: float | None = field(default=None, metadata=_LIMIT.metadata)
    known_error: float | None = field(default=None, metadata=_LIMIT.metadata)
    findings: Mapping[str, float] = field(
        default_factory=dict, metadata=_limits(_FINDINGS).metadata
    )
    personal_data: Mapping[str, float] = field(
        default_factory=dict, metadata=_limits(_PERSONAL).metadata
    )
    script: Mapping[str, Bounds] = field(
        default_factory=dict, metadata=Key(schema=SCRIPT_BOUNDS).metadata
    )

    def __post_init__(self) -> None:
        check_numbers(self)
        for name, known in (("findings", _FINDINGS), ("personal_data", _PERSONAL)):
            limits = {
                one_of(name, word, known): number(
                    f"{name}.{word}", most, least=0, most=1, hint=_LIMIT.hint
                )
                for word, most in getattr(self, name).items()
            }
            object.__setattr__(self, name, limits)
        for script, share in self.script.items():
            one_of("script", script, SCRIPTS)
            share.refuse_no_share("script")


_COUNTS = {"type": "object",
           "additionalProperties": {"type": "integer", "minimum": 0, "maximum": MOST_ROWS}}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Numbers that the result is compared with, such as those of a card; the manifest explains differences.

    Attributes:
        rows: Rows in all.
        sources: Rows by what the recipe calls the sources.
        notes: What is otherwise than there and no number shows, in sentences for the manifest.

    Raises:
        ArgumentError: The sources add up to more than all.
    """

    rows: int = field(metadata=Key(least=0, most=MOST_ROWS).metadata)
    sources: Mapping[str, int] = field(default_factory=dict, metadata=Key(schema=_COUNTS).metadata)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_numbers(self)
        object.__setattr__(self, "notes", several("notes", self.notes))
        rows_of = {
            name: whole_number("sources", rows, least=0) for name, rows in self.sources.items()
        }
        object.__setattr__(self, "sources", rows_of)
        if sum(self.sources.values()) > self.rows:
            raise ArgumentError("the sources have more rows than there are", argument="sources",
                                expected=f"at most {self.rows:,}", found=f"{sum(self.sources.values()):,}",
                                hint="look at the card again")  # fmt: skip


Asked: TypeAlias = Literal["train", "validation"]
_REPLY_LANGUAGE = Key(schema={"enum": list(REPLY_LANGUAGES)})
_REQUEST_FIELDS = Key(
    schema={"type": "object", "additionalProperties": {"type": ["string", "number"]}}
)


@dataclass(frozen=True, kw_only=True)
class ModelTask:
    """What a model is asked to make of the rows of a result: ``[generate.NAME]``. The library asks no model itself.

    Attributes:
        task: As in :class:`medqa_kit.Generation`, like the fields up to ``settings``.
        model: See ``task``.
        out: The folder of the ledger, relative to the recipe and outside the result: a build begins it, or goes on
            with it, and writes the files of the requests that have no accepted reply.
        language: See ``task``.
        per_row: See ``task``.
        columns: See ``task``.
        instructions: See ``task``.
        settings: See ``task``.
        source: The sources whose rows are asked about, as in ``prefer``; absent, all whose rows the task fits, but for
            rows that a ledger made.
        split: Which rows of the result they are.
        max_rows: The most rows to ask about, always the same ones.

    Raises:
        ArgumentError: A value is none of these.
    """

    task: TaskName
    model: str
    out: str
    language: str | None = field(default=None, metadata=_REPLY_LANGUAGE.metadata)
    per_row: int = field(default=1, metadata=Key(least=1, most=1000).metadata)
    columns: tuple[str, ...] = ()
    instructions: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict, metadata=_REQUEST_FIELDS.metadata)
    source: tuple[str, ...] = ()
    split: tuple[Asked, ...] = ("train",)
    max_rows: int | None = field(default=None, metadata=Key(least=1, most=MOST_ROWS).metadata)

    def __post_init__(self) -> None:
        check_numbers(self)
        home_path("out", nonempty_text("out", self.out))
        for name in ("columns", "source"):
            object.__setattr__(self, name, several(name, getattr(self, name)))
        object.__setattr__(self, "split", some_of("split", self.split, get_args(Asked)))
        if not self.split:
            raise ArgumentError("split= names no rows to ask about", argument="split", expected="train, validation, or both",
                                found="an empty list", hint="leave it out to ask about train")  # fmt: skip
        self.generation  # noqa: B018 - refuses what cannot be asked for

    @property
    def generation(self) -> Generation:
        """What is asked for."""
        return Generation(task=self.task, model=self.model, language=self.language, per_row=self.per_row,
                          columns=self.columns or None, instructions=self.instructions, settings=self.settings)  # fmt: skip
