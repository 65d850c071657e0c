"""The catalogue: which sources there are, where they are, and what may be done with them."""

from medqa_kit.catalog.licenses import LICENSES, Claim, Terms, Use
from medqa_kit.catalog.model import (
    Cells,
    Choice,
    Layout,
    Parent,
    Part,
    Reading,
    Source,
    View,
)
from medqa_kit.catalog.places import Access, Hub, LocalFiles, Manual, NoData, Place
from medqa_kit.catalog.registry import Sources, source, sources
from medqa_kit.core.kernel import Kernel

__all__ = [
    "LICENSES", "Access", "Cells", "Choice", "Claim", "Hub", "Kernel", "Layout", "LocalFiles", "Manual",
    "NoData", "Parent", "Part", "Place", "Reading", "Source", "Sources", "Terms", "Use", "View",
    "source", "sources",
]  # fmt: skip
