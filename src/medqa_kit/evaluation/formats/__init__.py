"""Prompts exactly as evaluation harnesses send them, by name and version."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa

from medqa_kit.errors import FormattingError
from medqa_kit.evaluation.formats import helm, hret, inspect_evals, lighteval, lm_eval, nemo_skills
from medqa_kit.evaluation.formats.format import ChatMode, Format, Verdict
from medqa_kit.evaluation.formats.kernel import Harness

__all__ = ["FORMATS", "ChatMode", "Format", "Harness", "Verdict", "get_format", "harness",
           "harness_names"]  # fmt: skip

_FAMILIES = (lm_eval, lighteval, inspect_evals, helm, hret, nemo_skills)

FORMATS: Mapping[str, Format] = {f.name: f for family in _FAMILIES for f in family.FORMATS}


def harness_names() -> tuple[str, ...]:
    """List the harness formats.

    Example:
        >>> "lm_eval/kormedmcqa@3.0" in harness_names()
        True
    """
    return tuple(FORMATS)


def get_format(name: str) -> Format:
    """Give a format by its name.

    Raises:
        FormattingError: There is none of that name; the nearest is named.
    """
    if name in FORMATS:
        return FORMATS[name]
    near = difflib.get_close_matches(name, FORMATS, n=3, cutoff=0.4)
    raise FormattingError(f"there is no harness format {name!r}", found=name,
                          expected="one of mk.harness_names()",
                          hint="did you mean " + " or ".join(near) if near
                          else "the version is part of the name")  # fmt: skip


def harness(
    name: str,
    *,
    shots: pa.Table | Sequence[Mapping[str, Any]] | None = None,
    chat: ChatMode | None = None,
    target: Literal["scored", "trained"] = "scored",
    keep: Sequence[str] = (),
) -> Harness:
    r"""Make the kernel that writes prompts exactly as an evaluation harness does.

    Only what the harness strips is stripped; nothing else of the data changes. Where upstream
    scores a bad row without a word (a label of 0, a null option), this raises.

    Args:
        name: ``harness/task@version``, one of :func:`harness_names`. The version is part of the
            name: quote it with every score.
        shots: Examples for all rows, normalised, in the order they appear. Without it, a column
            ``shots`` (see :func:`~medqa_kit.prompting.fewshot.few_shot`) gives each row its own.
        chat: ``None`` for plain text; ``"multiturn"`` for one message a turn, or
            ``"single_user_turn"`` for everything in one message: ``prompt`` then holds a list of
            ``role`` and ``content``, before any chat template.
        target: ``"scored"``: what the harness compares with. ``"trained"``: the completion its
            reader reads, to train on.
        keep: Further columns to carry along.

    Returns:
        A kernel from normalised questions to ``id``, ``prompt``, ``target``, and ``choices`` where
        likelihoods are compared. It also has ``render_raw`` for rows in upstream's own columns,
        and ``stop``, ``label_base``, ``quirks``, ``version`` and ``joint``.

    Raises:
        FormattingError: No such format, chat mode, or no shots in this harness; when called: a
            column is missing.
        RowError: When called: a null, another number of options, an answer outside them, or a row
            among its own shots.

    Example:
        >>> rows = pa.table({"id": ["demo/1"], "question": [" 괴혈병을 예방하는 비타민은? "],
        ...                  "options": [["A", "B1", "C", "D", "K"]], "answer_index": [2]})
        >>> row = harness("lm_eval/kormedmcqa@3.0")(rows).to_pylist()[0]
        >>> row["prompt"], row["target"]
        ('괴혈병을 예방하는 비타민은?\nA. A\nB. B1\nC. C\nD. D\nE. K\n정답：', 'C')
        >>> harness("lm_eval/kormedmcqa@3.0").stop
        ('Q:', '</s>', '<|im_end|>', '.', '\n\n')
    """
    given = shots if shots is None or isinstance(shots, pa.Table) else _table(shots)
    return Harness(get_format(name), given, chat, target, tuple(keep))


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table | None:
    return pa.Table.from_pylist([dict(row) for row in rows]) if rows else None
