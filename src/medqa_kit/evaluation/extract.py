"""Reading the answer out of a model's reply: by a harness's own rule, or by ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from medqa_kit.core.columns import whole
from medqa_kit.core.slices import by_tables, need
from medqa_kit.errors import FormattingError
from medqa_kit.evaluation.formats import get_format
from medqa_kit.evaluation.robust import Extraction, Reason, Robust
from medqa_kit.prompting.options import MarkerName, Markers, get_markers

__all__ = ["Extraction", "Reason", "extract", "extract_answers"]

_MOST = 26
_LATIN = ("A", "1", "①", "ក")  # read whatever the prompt's markers are


def extract(
    completion: str,
    *,
    options: Sequence[str] | int | None = None,
    rule: str = "robust",
    markers: MarkerName | Markers | None = None,
) -> Extraction:
    r"""Read the answer out of a reply.

    Args:
        completion: What the model said.
        options: The texts of the options, or how many there are. With the texts, a reply that
            gives them instead of a marker is read too, and a marker that disagrees with the text
            beside it is not.
        rule: ``"robust"``, our own; or the name of a harness format
            (:func:`~medqa_kit.evaluation.formats.harness_names`): that harness's own rule, after
            its stop strings have cut the reply.
        markers: The markers of the prompt, for the robust rule: it reads A, 1, ① and ក by
            itself; ㄱ, and markers of your own, only when named here.

    Returns:
        The option from 0, or null, with the reason and the place.

    Raises:
        FormattingError: No such rule; or the options are needed and not given.

    Example:
        >>> extract("정답은 ②번입니다.").index
        1
        >>> extract("The answer is (C).").index
        2
        >>> extract("정답: A 또는 B")
        Extraction(index=None, reason='several', span=(4, 5), value='A')
        >>> extract("B번입니다", rule="lm_eval/kormedmcqa@3.0")
        Extraction(index=None, reason='unread', span=None, value='')
    """
    if rule != "robust":
        return _by_harness(completion, options, rule)
    texts = () if options is None or isinstance(options, int) else tuple(options)
    count = options if isinstance(options, int) else len(texts) or 5
    if not 1 <= count <= 99:
        raise FormattingError("a question has 1 to 99 options", found=str(count), expected="1 to 99",
                              hint="pass the texts, or their number")  # fmt: skip
    labels: tuple[str, ...] = ()
    if markers is not None and markers not in _LATIN:
        labels = get_markers(markers).labels[:count]
    return _robust(count, texts, labels).read(completion)


@lru_cache(maxsize=256)
def _robust(count: int, texts: tuple[str, ...], labels: tuple[str, ...]) -> Robust:
    return Robust(count, texts, labels)


def _by_harness(completion: str, options: Sequence[str] | int | None, rule: str) -> Extraction:
    format_ = get_format(rule)
    if options is None or isinstance(options, int):
        count = options or format_.options or len(format_.words) or 5
        if format_.gold == "option":
            raise FormattingError(f"{rule} scores the options' texts", expected="options=[...]",
                                  found="none", hint="pass the texts of the options")  # fmt: skip
        options = [""] * min(count, _MOST)
    found = format_.read(format_.cut(completion), options)
    index = found.index if found.index is None or found.index < len(options) else None
    span = None if found.start < 0 else (found.start, found.end)
    return Extraction(index, "unread" if index is None else "harness", span, found.value)


@dataclass(frozen=True)
class ExtractAnswers:
    """The kernel :func:`extract_answers` makes."""

    rule: str
    column: str
    options: int | None
    markers: MarkerName | Markers | None
    keep: tuple[str, ...]

    def __call__(self, table: pa.Table) -> pa.Table:
        """Read a table of replies; see :func:`extract_answers`."""
        need(table, ("id", self.column, *self.keep), purpose="reading answers",
             hint="column= names the replies")  # fmt: skip
        named = dict.fromkeys(("id", self.column, "options", *self.keep))
        return by_tables(table.select([n for n in named if n in table.column_names]), self._piece)

    def _piece(self, table: pa.Table) -> pa.Table:
        replies = table[self.column].to_pylist()
        options: list[Sequence[str] | int | None] = [self.options] * len(replies)
        if self.options is None and "options" in table.column_names:
            options = table["options"].to_pylist()
        # Reading free text is a matter of regular expressions, one reply at a time.
        read = [
            None if reply is None
            else extract(reply, options=given or None, rule=self.rule, markers=self.markers)
            for reply, given in zip(replies, options, strict=True)
        ]  # fmt: skip
        return pa.table({
            "id": whole(table["id"]).cast(pa.string()),
            "index": pa.array([one and one.index for one in read], pa.int32()),
            "reason": pa.array([one and one.reason for one in read], pa.string()),
            **{name: table[name] for name in self.keep},
        })  # fmt: skip


def extract_answers(
    *,
    rule: str = "robust",
    column: str = "completion",
    options: int | None = None,
    markers: MarkerName | Markers | None = None,
    keep: Sequence[str] = (),
) -> ExtractAnswers:
    """Make the kernel that reads the answer out of every reply of a table.

    Args:
        rule: See :func:`extract`.
        column: The replies; a null reply gives a null index and a null reason.
        options: How many options there are; left out, the texts in a column ``options`` where
            the table has one.
        markers: See :func:`extract`.
        keep: Columns to carry along, such as ``("answer_index",)``.

    Returns:
        A kernel. It gives ``id``, ``index`` (from 0; null where none was read), ``reason`` and
        the columns of ``keep``.

    Raises:
        FormattingError: When called: a column is missing; see also :func:`extract`.

    Example:
        >>> replies = pa.table({"id": ["d/1", "d/2"], "completion": ["정답은 ②번입니다.", "모르겠습니다"]})
        >>> extract_answers()(replies).to_pylist()[0]
        {'id': 'd/1', 'index': 1, 'reason': 'statement'}
    """
    if rule != "robust":
        get_format(rule)
    return ExtractAnswers(rule, column, options, markers, tuple(keep))
