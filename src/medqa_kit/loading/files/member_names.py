"""Names of an archive's members as their author saw them."""

from __future__ import annotations

import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress

_UTF8_NAME = 0x800
_UNICODE_PATH = 0x7075  # a field that 7-Zip and Info-ZIP write beside names in another encoding
_HANZI = (("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"), ("\uf900", "\ufaff"))
_COMMON = frozenset(
    "이다가는의에을를한하고지로서도은사기리인어대자시나스과정수아그라해보일들만전장제부으상구원조주면있것여비용"
    "공성세화치안동경연국유소개무산트요년오때미게신중생계발내물실학우마선간입강방말모문약통분질병환단외당체회료"
    "데결검식품관진행술위심답변청명험증후감염응급처법령의료건강과학교육영한데터셋라벨링원천데검훈련평가별표준"
    "피안이비인후구강산부소아정형신경호흡순환혈액내분비종양"
)
"""Syllables that Korean names of files are made of; what is Chinese, read as Korean, has other ones."""
_FEW = 0.3  # of the syllables; by chance a tenth are common


def member_names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Return the members' names as their author saw them.

    A Unicode path field counts first, then the mark that says UTF-8. Other names are read as UTF-8
    where all of an archive's are, else as what Korean or Chinese Windows writes.
    """
    raw = [_bytes(info) for info in infos]
    decoded = [name.decode("utf-8", "surrogateescape") if info.flag_bits & _UTF8_NAME
            else _unicode_path(info, name) for info, name in zip(infos, raw, strict=True)]  # fmt: skip
    undecoded = [name for name, own in zip(raw, decoded, strict=True) if own is None]
    encoding = _encoding(b"/".join(undecoded))
    names = [own if own is not None else name.decode(encoding)
             for name, own in zip(raw, decoded, strict=True)]  # fmt: skip
    return [unicodedata.normalize("NFC", name) for name in names]


def with_slashes(names: Sequence[str]) -> list[str]:
    r"""Return names with ``/`` between folders: a backslash parts them where no name has a slash.

    Steps to the same folder (``./``) are left out.

    Example:
        >>> with_slashes([r"a\b.json"]), with_slashes([r"a\b.json", "./c/./d.json"])
        (['a/b.json'], ['a\\b.json', 'c/d.json'])
    """
    slashed = any("/" in name for name in names)
    parted = names if slashed else [name.replace("\\", "/") for name in names]
    return ["/".join(step for step in name.split("/") if step != ".") for name in parted]


def is_garbled(name: str) -> bool:
    """Check whether a name is one of Korean Windows that was unpacked as if it were of another system.

    Example:
        >>> is_garbled("가나".encode("cp949").decode("cp437")), is_garbled("가나"), is_garbled("café")
        (True, False, False)
    """
    if name.isascii():
        return False
    for other in ("cp437", "latin-1"):
        with suppress(UnicodeError):
            if any("가" <= letter <= "힣" for letter in name.encode(other).decode("cp949")):
                return True
    return False


def _bytes(info: zipfile.ZipInfo) -> bytes:
    """Return a name as the archive has it; from Python 3.13 on, `filename` is what a Unicode path field says."""
    utf8 = info.flag_bits & _UTF8_NAME
    name = info.orig_filename.partition("\0")[0]
    return name.encode("utf-8" if utf8 else "cp437", "surrogateescape")


def _unicode_path(info: zipfile.ZipInfo, name: bytes) -> str | None:
    """Return the name of the Unicode path field, if there is one and it is about this name."""
    rest = info.extra
    while len(rest) >= 4:
        kind, size = struct.unpack("<HH", rest[:4])
        field, rest = rest[4 : 4 + size], rest[4 + size :]
        if kind == _UNICODE_PATH and len(field) > 5 and field[0] == 1:
            if struct.unpack("<L", field[1:5])[0] != zlib.crc32(name):
                return None
            try:
                return field[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None


def _encoding(names: bytes) -> str:
    """Tell the encoding of names that do not say theirs."""
    texts = {}
    for encoding in ("utf-8", "cp949", "gb18030"):
        try:
            texts[encoding] = names.decode(encoding)
        except UnicodeDecodeError:
            continue
    if "utf-8" in texts or not texts:
        return "utf-8" if texts else "cp437"
    if "cp949" in texts and ("gb18030" not in texts or _is_korean(texts["cp949"])):
        return "cp949"
    return "gb18030"


def _is_korean(text: str) -> bool:
    """Check whether names read as Korean are Korean, and not Chinese ones read wrongly."""
    syllables = [letter for letter in text if "가" <= letter <= "힣"]
    hanzi = sum(any(first <= letter <= last for first, last in _HANZI) for letter in text)
    common = sum(syllable in _COMMON for syllable in syllables)
    return hanzi <= len(syllables) and common >= _FEW * len(syllables)
