"""Prompts exactly as evaluation harnesses send them, by name and version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pyarrow as pa

from medqa_kit.core.arguments import one_of, several_texts
from medqa_kit.core.holders import Rows, batches
from medqa_kit.core.tables import Listing, counted
from medqa_kit.evaluation.formats.format import ChatMode, HarnessFormat, Verdict
from medqa_kit.evaluation.formats.helm import HELM
from medqa_kit.evaluation.formats.hret import HRET
from medqa_kit.evaluation.formats.inspect_evals import INSPECT_EVALS
from medqa_kit.evaluation.formats.kernel import Harness
from medqa_kit.evaluation.formats.lighteval import LIGHTEVAL
from medqa_kit.evaluation.formats.lm_eval import LM_EVAL
from medqa_kit.evaluation.formats.nemo_skills import NEMO_SKILLS

__all__ = ["FORMATS", "ChatMode", "Harness", "HarnessFormat", "Verdict", "find_format", "harness",
           "harnesses"]  # fmt: skip

FORMATS: Mapping[str, HarnessFormat] = {
    format_.name: format_
    for format_ in (*LM_EVAL, *LIGHTEVAL, *INSPECT_EVALS, *HELM, *HRET, *NEMO_SKILLS)
}


def harnesses() -> Listing[HarnessFormat]:
    """Return the harness formats, as a list that prints as a table.

    Each has the facts of one task of one harness: ``name``, ``harness``, ``task``, ``data``, ``split``, ``options``,
    ``stop``, ``quirks`` (behaviour that may surprise) and more.

    Example:
        >>> print(harnesses()[:1])
        name                    data                 options  shots  chat                         scored by
        ──────────────────────  ───────────────────  ───────  ─────  ───────────────────────────  ─────────
        lm_eval/kormedmcqa@3.0  sean0042/KorMedMCQA  5        yes    multiturn, single_user_turn  reply
        1 format
    """
    return Listing(
        FORMATS.values(),
        header=("name", "data", "options", "shots", "chat", "scored by"),
        cells=_cells,
        foot=lambda formats: counted(len(formats), "format"),
    )


def _cells(format_: HarnessFormat) -> tuple[str, ...]:
    return (
        format_.name,
        re.split(r" @|, ", format_.data)[0],
        "/".join(format_.words) or str(format_.options or "any"),
        "yes" if format_.assembly.takes_shots else "no",
        ", ".join(mode for mode in format_.assembly.modes if mode) or "no",
        "likelihood" if format_.scored == "choices" else "reply",
    )


def find_format(name: str, *, argument: str = "name", also: tuple[str, ...] = ()) -> HarnessFormat:
    """Return a format by its name.

    Args:
        name: The name.
        argument: Name of the argument, for errors.
        also: Names that the argument takes beside those of formats, for errors as well.

    Raises:
        ArgumentError: There is none of that name; the nearest is named.

    Example:
        >>> find_format("hret/kmmlu@cbc399b").stop
        ()
    """
    return FORMATS[
        one_of(argument, name, (*also, *FORMATS),
               hint="mk.harnesses() lists them; the version is part of the name")
    ]  # fmt: skip


def harness(
    name: str,
    *,
    shots: Rows | Any | None = None,
    chat: ChatMode | None = None,
    target: Literal["scored", "trained"] = "scored",
    keep: Sequence[str] = (),
    identity: bool = True,
) -> Harness:
    r"""Return the kernel that writes prompts exactly as an evaluation harness does.

    Only what the harness strips is stripped; nothing else of the data changes. Where upstream
    scores a bad row without a word (a label of 0, a null option), this raises.

    Args:
        name: ``harness/task@version``, one of :func:`harnesses`. The version is part of the
            name: quote it with every score.
        shots: Examples for all rows, in any container of rows, normalised, in the order they
            appear. Without it, a column
            ``shots`` (see :func:`~medqa_kit.prompting.fewshot.few_shot`) gives each row its own.
        chat: ``None`` for plain text; ``"multiturn"`` for one message a turn, or
            ``"single_user_turn"`` for everything in one message: ``prompt`` then holds a list of
            ``role`` and ``content``, before any chat template.
        target: ``"scored"``: what the harness compares with. ``"trained"``: the completion its
            reader reads, to train on.
        keep: Further columns to carry along.
        identity: Carry ``id``, ``source``, ``family`` and ``language`` along, as far as the rows
            have them.

    Returns:
        A kernel from normalised questions to these columns, ``prompt``, ``target``, and ``choices``
        where likelihoods are compared. It also has ``render_raw`` for rows in upstream's own columns,
        and ``stop``, ``label_base``, ``quirks``, ``version`` and ``joint``.

    Raises:
        ArgumentError: No such format, chat mode, or no shots in this harness.
        FormattingError: When called: a column is missing.
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
    examples = None if shots is None else _table(list(batches(shots)))
    return Harness(find_format(name), examples, chat, target, several_texts("keep", keep), identity)


def _table(listed: Sequence[pa.RecordBatch]) -> pa.Table | None:
    return pa.Table.from_batches(listed) if listed else None
