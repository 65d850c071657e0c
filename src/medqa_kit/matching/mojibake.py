"""Read text whose bytes were taken for another encoding's: UTF-8 or CP949 as Latin-1 or Windows-1252.

UTF-8 that was read as CP949 lost bytes on its way, and cannot be read.
"""

from __future__ import annotations

import re

_WINDOWS = {
    bytes([byte]).decode("cp1252"): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
"""Characters that Windows-1252 has for bytes which Latin-1 takes for controls."""
_LOST = "\ufffd"
_RUN = re.compile(rf"[\u0080-\u00ff{_LOST}{''.join(_WINDOWS)}]{{2,}}")
_BYTES = {ord(character): byte for character, byte in (_WINDOWS | {_LOST: 0xFF}).items()}
_LEAST = 0.6  # of the bytes make whole characters, where some were lost
_HANGUL = re.compile(r"[\uac00-\ud7a3\u3000-\u33ff\u00b7\u2018-\u201d]+")
_ROUNDS = 3  # a text can be misread more than once


def without_mojibake(text: str) -> str:
    """Return a text as it was before its bytes were misread, or the text itself.

    Example:
        >>> without_mojibake("한글".encode().decode("latin-1")), without_mojibake("ÇÑ±Û"), without_mojibake("Größe")
        ('한글', '한글', 'Größe')
    """
    for _ in range(_ROUNDS):
        if (plain := _from_utf8(text)) == text:
            break
        text = plain
    if any(_is_korean(run[0]) for run in _RUN.finditer(text)):
        text = _RUN.sub(_from_cp949, text)
    return text


def _data(run: str) -> bytes:
    return run.translate(_BYTES).encode("latin-1")


def _from_utf8(text: str) -> str:
    """Read runs as UTF-8, if most of their bytes make whole characters."""
    runs = [_data(run[0]) for run in _RUN.finditer(text)]
    plain = [run.decode(errors="ignore") for run in runs]
    if len("".join(plain).encode()) < _LEAST * sum(map(len, runs)):
        return text
    next_plain = iter(plain)
    return _RUN.sub(lambda _: next(next_plain), text)


def _is_korean(run: str) -> bool:
    """Check for two syllables at the least, and nothing else."""
    return len(run) >= 4 and bool(_HANGUL.fullmatch(_data(run).decode("cp949", "replace")))


def _from_cp949(run: re.Match[str]) -> str:
    plain = _data(run[0]).decode("cp949", "replace")
    return plain if _HANGUL.match(plain) else run[0]
