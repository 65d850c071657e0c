"""Which of a source's distributions some files are: the hub's copy, or the authors' own files."""

from __future__ import annotations

from medqa_kit.catalog.layouts import Layout
from medqa_kit.catalog.parts import Part
from medqa_kit.loading.distributions.first_rows import FileTerms, first_rows
from medqa_kit.loading.files.local_files import FileListing


def layout_of_files(
    layout: Layout, part: Part, listing: FileListing, *, terms: FileTerms | None = None
) -> Layout:
    """Return the layout that the files of a part have: the given one, or one of its ``also``.

    A layout fits when the path holds files of its names, when these can be read with its format
    and columns, and when its ``tells`` says so of their first rows. Among those that fit, one that
    tells comes first: its columns are not the only proof.

    Args:
        layout: The layout of the part in the catalogue.
        part: The part.
        listing: What lies at the path.
        terms: What a person says of their files.

    Returns:
        The first layout that fits; the given one where none does, so that reading says what is
        wrong with the files.
    """
    if not layout.also:
        return layout
    fitting = [each for each in (layout, *layout.also) if _fits(each, part, listing, terms)]
    telling = [each for each in fitting if each.tells is not None]
    return next(iter(telling or fitting), layout)


def _fits(layout: Layout, part: Part, listing: FileListing, terms: FileTerms | None) -> bool:
    files = listing.fitting(part.pattern(layout))
    return bool(files) and first_rows(layout, files, terms=terms) is not None
