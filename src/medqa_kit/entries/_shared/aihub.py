"""What all AI-Hub sets share: who may have them, on which terms, and how the files arrive."""

from __future__ import annotations

from medqa_kit.catalog import Claim, Manual

SECURE = (
    "this set is only released inside AI-Hub's secure area: apply for a place there and run the "
    "library where the files are; nothing leaves it without a check"
)


def by_hand(number: int, *, expect: str, secure: bool = False) -> Manual:
    """Return the steps to one AI-Hub set.

    Args:
        number: AI-Hub's number of the set.
        expect: What to pass as ``path=``.
        secure: Whether the set is only released inside the secure area.
    """
    return Manual(
        steps=(
            "Make an account at https://www.aihub.or.kr with the identity check it asks for; sets "
            "are given to Korean nationals only.",
            f"Ask for set {number} on its page, state what it is for, and wait for the approval.",
            SECURE[0].upper() + SECURE[1:] + "." if secure else
            "Download it with the AI-Hub shell or the browser; where a zip came in pieces (.part0, "
            ".part1, …) join them first: cat data.zip.part* > data.zip.",
            "Keep folders and names as delivered. Zips may stay packed: they are read where they "
            "are, names in CP949 too, and give the same rows as unpacked folders.",
        ),
        expect=expect,
        url=f"https://www.aihub.or.kr/aihubdata/data/view.do?dataSetSn={number}",
        terms="AI-Hub terms: an approved account and purpose, Korean nationals only, no "
        "redistribution, in changed form neither" + (f"; {SECURE}" if secure else ""),
    )  # fmt: skip


def terms_of(number: int) -> tuple[Claim, ...]:
    """Return the licence claims of one AI-Hub set."""
    return (
        Claim(
            "AI-Hub-terms",
            f"terms of use of AI-Hub and the page of set {number}",
            note="approval for a stated purpose, Korean nationals only",
        ),
    )


def cited(number: int, *, title: str) -> str:
    """Return BibTeX for one AI-Hub set."""
    return f"""@misc{{aihub{number},
  title        = {{{title}}},
  author       = {{{{AI-Hub, National Information Society Agency of Korea}}}},
  year         = {{2026}},
  howpublished = {{https://www.aihub.or.kr/aihubdata/data/view.do?dataSetSn={number}}},
  note         = {{set {number}; the year is that of the catalogue entry}}
}}"""
