"""The span of personal data in a text."""

from __future__ import annotations

from typing import Literal, NamedTuple

Certainty = Literal["sure", "likely", "possible"]


class PersonalSpan(NamedTuple):
    """Where personal data stands in a text.

    Attributes:
        start: Position of its first character.
        end: Position behind its last.
        kind: See :data:`PersonalKind`; a recogniser of one's own may bring others.
        certainty: ``sure`` where a check digit or a label says so, ``likely`` by its form,
            ``possible`` where other text may look the same.
    """

    start: int
    end: int
    kind: str
    certainty: Certainty
