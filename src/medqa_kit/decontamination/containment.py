"""How much of an item a text holds: the share of its terms, by weight, that stand together.

A copy stands together, words of the same subject are strewn about. So the terms of a field are
looked for in one stretch of text not much longer than the field.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from medqa_kit.core.arrow.ragged import Ints
from medqa_kit.decontamination.index import FieldTerms
from medqa_kit.matching.kernels import kernels
from medqa_kit.matching.terms import TextTerms


def containment(
    texts: TextTerms, text: Ints, field: Ints, fields: FieldTerms
) -> npt.NDArray[np.float64]:
    """Return the share of each field's terms that stand together in a text.

    Args:
        texts: The terms of all texts.
        text: ``int64[n]``, in order: the text of each pair.
        field: ``int64[n]``: the field of each pair.
        fields: The terms of all fields.

    Returns:
        ``float64[n]``, 0 to 1; 0 for a field without terms.
    """
    weights = kernels().contained_weights(
        *texts, text, field, fields.starts, fields.hashes, fields.weights, fields.reach
    )
    shares: npt.NDArray[np.float64] = weights / np.maximum(fields.totals[field], 1)
    return shares
