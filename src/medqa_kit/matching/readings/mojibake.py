"""Read text whose bytes were taken for another encoding's: UTF-8 or CP949 as Latin-1 or Windows-1252.

Further UTF-8 as the encodings of Macintosh and DOS, as Windows-1251, and as the letters that byte-level
tokenizers show for bytes.
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
_KOREAN = re.compile(r"[\x00-\x7f\u00a0-\u00ff\u2000-\u33ff\uac00-\ud7a3\uff00-\uffef]+")
_LETTERED = {
    name: {bytes([byte]).decode(name, "ignore"): byte for byte in range(0x80, 0x100)}
    for name in ("mac_roman", "cp437", "cp850", "cp1251")
}
_SHOWN = [
    *range(0x21, 0x7F),
    *range(0xA1, 0xAD),
    *range(0xAE, 0x100),
]  # bytes GPT-2 shows as they are
_HIDDEN = [byte for byte in range(0x100) if byte not in _SHOWN]
_LETTERED["gpt2"] = {chr(byte): byte for byte in _SHOWN} | {
    chr(0x100 + place): byte for place, byte in enumerate(_HIDDEN)
}
"""Characters that other encodings, and byte-level tokenizers, have for bytes."""
_SIGNS = {
    name: re.compile(
        f"[{''.join(re.escape(c) for c, byte in table.items() if byte >= 0x80)}]{{2,}}"
    )
    for name, table in _LETTERED.items()
}
_SIGNS["gpt2"] = re.compile("[\u0100-\u0143\u00a1-\u00ac\u00ae-\u00ff]{2,}")
_FAR = re.compile(r"[\u1780-\u17ff\u3131-\u318e\uac00-\ud7a3]")
_TOKEN_BLANKS = str.maketrans("ĠĊĉ", " \n\t")
_ENOUGH = 6  # letters of Hangul or Khmer that come of it
_ROUNDS = 3  # a text can be misread more than once


def without_mojibake(text: str) -> str:
    """Return a text as it was before its bytes were misread, or the text itself.

    Example:
        >>> without_mojibake("한글을 읽는다".encode().decode("mac_roman"))
        '한글을 읽는다'
        >>> without_mojibake("한글".encode().decode("latin-1")), without_mojibake("ÇÑ±Û"), without_mojibake("Größe")
        ('한글', '한글', 'Größe')
    """
    for _ in range(_ROUNDS):
        if (plain := _from_utf8(text)) == text:
            break
        text = plain
    if text.isascii() or len(_FAR.findall(text)) >= _ENOUGH:
        return text
    plain = _from_letters(text)
    if plain == text and any(_is_korean(run[0]) for run in _RUN.finditer(text)):
        return _RUN.sub(_from_cp949, text)
    return plain


def _from_letters(text: str) -> str:
    """Read runs of letters that some encoding has for the bytes of Korean or Khmer."""
    most, best = _ENOUGH - 1, text
    for name, table in _LETTERED.items():  # some share letters: the one that reads most is right

        def plain(run: re.Match[str], table: dict[str, int] = table) -> str:
            try:
                return bytes(table[character] for character in run[0]).decode()
            except (KeyError, UnicodeDecodeError):
                return run[0]

        spaced = text.translate(_TOKEN_BLANKS) if name == "gpt2" else text
        read = _SIGNS[name].sub(plain, spaced)
        if (letters := len(_FAR.findall(read))) > most:
            most, best = letters, read
    if most >= _ENOUGH:
        return best
    return text.translate(_TOKEN_BLANKS) if text.count("Ġ") >= _ENOUGH else text


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


def decoded(data: bytes, otherwise: str) -> str:
    """Return the text of bytes: of UTF-8, or of CP949 where that makes Korean of all that is past ASCII.

    Args:
        data: Bytes.
        otherwise: What to return for others.

    Example:
        >>> decoded("한글".encode("cp949"), "?"), decoded("é".encode("latin-1"), "?")
        ('한글', '?')
    """
    for encoding in ("utf-8", "cp949"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or (_FAR.search(text) and _KOREAN.fullmatch(text)):
            return text
    return otherwise


def _is_korean(run: str) -> bool:
    """Check for two syllables at the least, and nothing else."""
    return len(run) >= 4 and bool(_HANGUL.fullmatch(_data(run).decode("cp949", "replace")))


def _from_cp949(run: re.Match[str]) -> str:
    plain = _data(run[0]).decode("cp949", "replace")
    return plain if _HANGUL.match(plain) else run[0]
