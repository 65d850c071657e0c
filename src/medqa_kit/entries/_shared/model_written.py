"""The claim that text written by a company's model carries, in every source alike."""

from __future__ import annotations

from medqa_kit.catalog import Claim


def written_by_a_model(evidence: str, *, note: str = "") -> Claim:
    """Return the claim on text that a model wrote; see :mod:`medqa_kit.catalog.licenses`.

    Args:
        evidence: Where it is documented, and which model it was.
        note: What else to know.
    """
    return Claim("model-output-terms", evidence, note=note,
                 applies_to="building models that compete with its maker")  # fmt: skip
