"""The catalogue: which sources there are, where they are, and what may be done with them.

Authors of sources find here all that a :class:`Source` is made of; the ready-made normalizer is
:class:`medqa_kit.normalizing.Columns`.
"""

from medqa_kit.catalog.errata import Erratum
from medqa_kit.catalog.layouts import Cells, Choice, Layout, Reading, RowCounts, View
from medqa_kit.catalog.licenses import LICENSES, Claim, Terms, Use
from medqa_kit.catalog.model import Source
from medqa_kit.catalog.parts import Parent, Part, PinnedFile
from medqa_kit.catalog.places import Access, Hub, LocalFiles, Manual, NoData, Place
from medqa_kit.catalog.protections import Protection
from medqa_kit.catalog.registry import holdout, holdouts, protecting, register, source, sources
from medqa_kit.core.kernel import Kernel

__all__ = [
    "LICENSES", "Access", "Cells", "Choice", "Claim", "Erratum", "Hub", "Kernel", "Layout", "LocalFiles",
    "Manual", "NoData", "Parent", "Part", "PinnedFile", "Place", "Protection", "Reading", "RowCounts",
    "Source", "Terms", "Use", "View", "holdout", "holdouts", "protecting", "register", "source", "sources",
]  # fmt: skip
