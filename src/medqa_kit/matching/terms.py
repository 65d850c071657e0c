"""Terms: the smallest pieces by which a text is compared with an item that something led to.

A term is a number (a run of digits, its first six), or two letters that begin with a syllable or
an ideograph, or three others; a run of letters that is shorter is one term. Terms are too common
to find an item by, and fine enough that a typo or another particle costs few of them. Numbers are
whole, so that "72 kg" and "27 kg" have none in common.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.matching.kernels import kernels
from medqa_kit.matching.kernels.arrays import Codes, Hashes

TERMS = "terms-1"
"""Name of this definition, part of every file of fingerprints."""


class TextTerms(NamedTuple):
    """Stretches of letters cut into terms.

    Attributes:
        hashes: ``uint32``: the terms of all stretches in order, repeats included.
        places: ``int64``: where in its stretch each begins.
        starts: ``int64[n + 1]``: where the terms of each stretch begin.
    """

    hashes: Hashes
    places: Ints
    starts: Ints

    @property
    def owner(self) -> Ints:
        """The stretch of each term."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


def terms(codes: Codes, begins: Ints, ends: Ints) -> TextTerms:
    """Cut the stretches ``codes[begins[i]:ends[i]]``, which may overlap, into terms.

    Example:
        >>> from medqa_kit.matching.letters import letters
        >>> import pyarrow as pa
        >>> codes, offsets = letters(pa.array(["72 kg", "kg", "협심증"]))
        >>> cut = terms(codes, offsets[:-1], offsets[1:])
        >>> cut.owner.tolist(), bool(cut.hashes[1] == cut.hashes[2])
        ([0, 0, 1, 2, 2], True)
    """
    return TextTerms(*kernels().cut_terms(codes, *map(np.ascontiguousarray, (begins, ends))))
