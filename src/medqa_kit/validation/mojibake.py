"""Find text that was read in another encoding than it was written in.

UTF-8 of Hangul has three bytes a syllable, the first of them EA to ED, and UTF-8 of Khmer begins with E1 9E or
E1 9F: whatever reads the bytes, letters of few kinds come again and again. Hangul of EUC-KR begins with B0 to
C8; its particles, which every sentence has, turn into Han signs that are rare near each other.
"""

from __future__ import annotations

from collections.abc import Iterable

_HIGH, _HAN = r"[^\x00-\x{7F}]", r"[\x{4E00}-\x{9FFF}]"
_LEADS, _TRAILS = range(0xEA, 0xEE), range(0x80, 0xC0)
_PARTICLES = "는의를을은이하고가한다에로있"
_OF_EYELIDS = "睑眦眸"  # which Chinese texts of medicine have


def _letters(codec: str, firsts: Iterable[int], seconds: Iterable[int], *, spared: str = "") -> str:
    """Return what a codec makes of two bytes; letters that the codec ``spared`` has stay out."""
    read = {
        bytes([first, second]).decode(codec, "ignore") for first in firsts for second in seconds
    }
    kept = (text for text in read if len(text) == 1 and not text.isascii())
    return "".join(sorted(text for text in kept if not (spared and text.encode(spared, "ignore"))))


def _begins_hangul(codec: str) -> str:
    """Find the signs of two syllables: the first two bytes of one, then its last and the first of the next."""
    first = _letters(codec, _LEADS, _TRAILS, spared="cp949").translate(
        dict.fromkeys(map(ord, _OF_EYELIDS))
    )
    return rf"[{first}][{_letters(codec, _TRAILS, _LEADS)}]"


def _particles(codec: str) -> str:
    """Find three particles near each other, written in EUC-KR."""
    read = "".join(
        dict.fromkeys(letter.encode("cp949").decode(codec, "ignore") for letter in _PARTICLES)
    )
    return rf"(?:[{read}][^{read}]{{0,10}}){{3}}"


# Hangul that stands for signs behind Latin letters and figures, and such as no Korean word has.
_OF_LATIN = r"[A-Za-z]{3}[챔챕챗챘챠챤챰철쨈뭩뭪뭨밼셲셳][a-z .,)-]|\b[Nn]a챦ve\b|[A-Za-z]\?[셲셳]|[0-9] ?(?:째[CF]|쨉g)\b"
_OF_KHMER = rf"[{_letters('cp949', (0x9E, 0x9F), _TRAILS)}]{{4}}"

PLAIN_MOJIBAKE = rf"\(cid:|占쏙|鈥|{_HAN}{{2}}|[A-Za-z0-9] ?{_HAN}|{_OF_LATIN}|{_OF_KHMER}"
"""Finds the texts that may be among them although they have only letters of Hangul, Han and ASCII."""

MOJIBAKE = "|".join([
    r"\x{FFFD}|[\x{80}-\x{84}\x{86}-\x{9F}\x{F8F0}-\x{F8F3}]",
    # fonts of PDFs without a table of their letters
    r"\(cid:\d+\)|[\pL][\x{E000}-\x{F8FF}]|[\x{E000}-\x{F8FF}][a-z가-힣]|[a-z]\x{25A0}[a-z]",
    "锟斤|占쏙옙|ｿｽ",  # what U+FFFD turns into by itself
    # UTF-8 as Latin-1 and Windows-1252, Latin signs and marks first
    r"[ÃÂÎÏ][\x{80}-\x{BF}]|Ã(?:[\x{152}\x{153}\x{160}\x{161}\x{178}\x{17D}\x{17E}\x{192}]|[–‰][a-z])|(?:[ÐÑ][\x{80}-\x{BF}\x{152}-\x{2122}]){2}|[âãï][\x{80}-\x{BF}\x{152}-\x{2122}]{2}|[A-Za-z]\?[셲셳]|â€[\x{80}-\x{BF}™œ\x{9D}¦“”˜]",
    r"[ìíëê][\x{80}-\x{BF}\x{152}-\x{2122}]{2}|á[žŸ\x{9E}\x{9F}][\x{80}-\x{BF}\x{152}-\x{2122}]",
    # as GBK, Big5, CP949, Shift-JIS
    _begins_hangul("gbk"), _begins_hangul("big5hkscs"), rf"(?:[釣釤]{_HIGH}{{2}}){{2}}|鈥",
    rf"(?:[{_letters('cp949', _LEADS, range(0xA1, 0xFF))}][가-힣]{{1,3}}){{2}}",
    rf"[\x{{FF61}}-\x{{FF9F}}]{_HAN}|{_HAN}[\x{{FF61}}-\x{{FF9F}}]|窶{_HAN}|(?:瘋|瘡|瞋|痰)[\x{{FF61}}-\x{{FF9F}}]",
    # as Mac Roman, CP437, CP850, Windows-1251, KOI8-R, Thai
    rf"(?:[ÍÎÏÌ]{_HIGH}{{2}}){{2}}|(?:·[ûü]{_HIGH}){{2}}|‚Ä[ôúùìî¶ò¢]|√[©®†°ß±≥Ø]|¬[∞µ±]|‚â[•§]",
    rf"(?:[Ωδ∞φ]{_HIGH}{{2}}){{2}}|(?:ß[₧ƒ]{_HIGH}){{2}}|ΓÇ[Öÿ£¥ôö]|├[⌐»®¡]|┬[░╡▒Á]|[ΓÔ]ë|(?:[ÛÙýÝ]{_HIGH}{{2}}){{2}}|ÔÇ[ÖÿØ£ôöª]",
    r"(?:[клмн][\x{402}-\x{40F}\x{452}-\x{490}\x{A0}-\x{BB}\x{2013}-\x{2122}]{2}){2}|вЂ[™њќ“”¦]|Г[©ЇЎ]|В[°µ±]|в‰|Б─|[ÂÃĂ]¯|â‰|(?:б[ћџ][^\x00-\x{7F}]){2}",
    r"(?:^|\s)[๊๋์ํ]|แ{3}|โ€|[A-Za-z]ร[ฉฏ]|[0-9] ?ย[ฐต]",
    r"[À-ɏα-ωЀ-ӿ][\x{2550}-\x{259F}]|[\x{2500}-\x{259F}][À-ɏα-ωЀ-ӿ]",
    # EUC-KR, GBK and Shift-JIS as Latin-1; Windows-1252 and Latin-1 as what has two bytes a sign
    r"(?:[\x{B0}-\x{C8}][\x{A1}-\x{FE}]){2}|(?:[\x{B0}-\x{F7}][\x{A1}-\x{FE}]){3}|(?:[‚ƒ][^\s]){3}",
    rf"[A-Za-z]{{3}}{_HAN}(?:[a-z]| )|[a-z]{{3}}{_HAN}-[a-z]|[0-9] ?{_HAN}[CFg]\b|\b[Nn]a{_HAN}ve\b",
    r"[A-Za-z]{3}[챕챔챗챘챠챤챰철쨈뭩뭪뭨밼][a-z .,)-]|\b[Nn]a챦ve\b|[0-9] ?(?:째[CF]|쨉g)\b|[\x{FF66}-\x{FF9F}]{2}[^\x{FF61}-\x{FF9F}\s][\x{FF66}-\x{FF9F}]|[A-Za-z0-9] ?[\x{FF66}-\x{FF9F}]{1,2}[A-Za-z ]",
    # EUC-KR as GBK, Big5, EUC-JP, Shift-JIS
    *map(_particles, ("gbk", "big5", "euc_jp")), r"(?:[\x{FF61}-\x{FF9F}]{2,6}[\s.,?!]+){2}|[\x{FF61}-\x{FF9F}]{7}",
])  # fmt: skip
"""Finds what wrong readings leave."""
