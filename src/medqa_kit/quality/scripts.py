"""In which script a text is written: for machine translations that were left in English.

Asked for, like all of this room: loading keeps such rows, and says how many upstream counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

Script = Literal["khmer", "hangul"]

_CHARACTERS: dict[Script, str] = {
    "khmer": r"[\x{1780}-\x{17FF}]",
    "hangul": r"[\x{1100}-\x{11FF}\x{3130}-\x{318F}\x{AC00}-\x{D7A3}]",
}
_LATIN = r"\p{Latin}"


@dataclass(frozen=True)
class InScript:
    """Kernel that keeps the rows whose texts are written in a script rather than in Latin letters.

    Measured is the share of the script's characters among them and the Latin letters; what is
    neither does not count. A text without any of the two has a share of 0, and a null text is not
    looked at.

    Attributes:
        script: ``"khmer"`` (U+1780 to U+17FF) or ``"hangul"``.
        least: The share each text must have.
        columns: The text columns.
        others: Keep the other rows instead: the same kernel then shows what is left out.

    Example:
        >>> rows = pa.table({"question": ["តើអ្វីជា pH?", "pH?"], "answer": ["អាស៊ីត", "7"]})
        >>> InScript()(rows)["question"].to_pylist()
        ['តើអ្វីជា pH?']
        >>> InScript(others=True)(rows)["question"].to_pylist()
        ['pH?']
    """

    script: Script = "khmer"
    least: float = 0.5
    columns: tuple[str, ...] = ("question", "answer")
    others: bool = False

    def __call__(self, table: pa.Table) -> pa.Table:
        """Keep the rows of one batch that are in the script, or the others."""
        kept = pa.repeat(True, table.num_rows)
        for name in self.columns:
            enough = pc.greater_equal(script_share(table[name], self.script), self.least)
            kept = pc.and_(kept, pc.fill_null(enough, True))
        return table.filter(pc.invert(kept) if self.others else kept)


def script_share(
    texts: pa.Array | pa.ChunkedArray, script: Script = "khmer"
) -> pa.Array | pa.ChunkedArray:
    """Give the share of a script's characters among them and Latin letters.

    Args:
        texts: ``string[n]``.
        script: As in :class:`InScript`.

    Returns:
        ``double[n]``: 0 to 1, 0 where there is none of the two; null for null.

    Example:
        >>> script_share(pa.array(["ខ្មែរ", "ក ab", "12", None])).to_pylist()
        [1.0, 0.3333333333333333, 0.0, None]
    """
    own, latin = (
        pc.count_substring_regex(texts, one).cast(pa.float64())
        for one in (_CHARACTERS[script], _LATIN)
    )
    return pc.divide(own, pc.max_element_wise(pc.add(own, latin), 1.0, skip_nulls=False))
