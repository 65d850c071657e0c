"""tiktoken encodings from files at hand: checked first, never fetched.

``tiktoken.get_encoding`` downloads what its cache lacks, and deletes a cached file whose hash is
wrong before it downloads it again. Here the file is looked at first; if it is absent or altered,
the error says which file belongs where, and nothing is touched.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from medqa_kit.core.arguments import (
    did_you_mean,
    file_path,
    instance,
    nonempty_text,
    several,
    whole_number,
)
from medqa_kit.errors import ArgumentError, FormattingError, shorten

_HOST = "https://openaipublic.blob.core.windows.net/"
_O200K = (
    "encodings/o200k_base.tiktoken",
    "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
)
_P50K = (
    "encodings/p50k_base.tiktoken",
    "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
)

# What tiktoken looks for: the file's name in its cache is the SHA-1 of the URL.
_FILES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "cl100k_base": (
        ("encodings/cl100k_base.tiktoken", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
    ),
    "gpt2": (
        ("gpt-2/encodings/main/vocab.bpe", "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"),
        ("gpt-2/encodings/main/encoder.json", "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783"),
    ),
    "o200k_base": (_O200K,),
    "o200k_harmony": (_O200K,),
    "p50k_base": (_P50K,),
    "p50k_edit": (_P50K,),
    "r50k_base": (
        ("encodings/r50k_base.tiktoken", "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"),
    ),
}  # fmt: skip

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_TAIL = r"\s+(?!\S)|\s+"
PATTERNS: Mapping[str, str] = {
    "cl100k_base": rf"{_SUFFIX}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|"
    rf" ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|{_TAIL}",
    "o200k_base": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    rf"{_SUFFIX}?|[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}]+"
    rf"[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}]*{_SUFFIX}?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|"
    rf"\s*[\r\n]+|{_TAIL}",
    "qwen": rf"{_SUFFIX}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}|"
    rf" ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|{_TAIL}",
    "r50k_base": rf"'(?:[sdmt]|ll|ve|re)| ?\p{{L}}+| ?\p{{N}}+| ?[^\s\p{{L}}\p{{N}}]+|{_TAIL}",
}
"""How text is cut before it is merged: by the name of the vocabulary that does so."""


@dataclass(frozen=True)
class RankFile:
    """A tiktoken rank file on disk: one line a token, its bytes in base64 and its rank.

    Args:
        path: Where it is.
        sha256: What its bytes must hash to. Required, so that counts mean the same everywhere.
        pattern: One of :data:`PATTERNS` by name, or a regular expression of your own.
        special: Texts that count as one token each, with their numbers. Only for encodings you
            read with tiktoken elsewhere; counting reads such text as plain text.
    """

    path: str
    sha256: str
    pattern: str = "o200k_base"
    special: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        file_path("path", self.path)
        nonempty_text("pattern", self.pattern)
        if not isinstance(self.sha256, str) or not _SHA256.fullmatch(self.sha256):
            raise ArgumentError(
                "sha256= is no SHA-256", argument="sha256", expected="64 hexadecimal digits",
                found=shorten([self.sha256]), hint="sha256sum FILE prints it",
            )  # fmt: skip
        special = tuple(map(_checked_token, several("special", self.special)))
        object.__setattr__(self, "special", special)  # frozen for all others


def _checked_token(entry: tuple[str, int]) -> tuple[str, int]:
    """Return a text and its number, each checked."""
    text, token = instance("special", entry, tuple, expected="pairs of a text and its number",
                           hint='special=(("<|endoftext|>", 0),)')  # fmt: skip
    return nonempty_text("special", text), whole_number("special", token, least=0)


@lru_cache(maxsize=8)
def encoding(wanted: str | RankFile) -> Any:
    """Return a ``tiktoken.Encoding`` by name or from a rank file; nothing is downloaded.

    Raises:
        ArgumentError: No such encoding.
        FormattingError: Its file is absent, altered or no rank file.
    """
    import tiktoken
    from tiktoken.registry import ENCODINGS

    if isinstance(wanted, RankFile):
        pattern = PATTERNS.get(wanted.pattern, wanted.pattern)
        return tiktoken.Encoding(
            Path(wanted.path).name, pat_str=pattern, mergeable_ranks=_ranks(wanted),
            special_tokens=dict(wanted.special),
        )  # fmt: skip
    if wanted not in ENCODINGS:
        _check_cache(wanted)
    return tiktoken.get_encoding(wanted)


def _check_cache(name: str) -> None:
    if name not in _FILES:
        raise ArgumentError(
            f"no tiktoken encoding is called {shorten([name])}", argument="counter", found=shorten([name]),
            expected=", ".join(_FILES) + "; a RankFile, a tokenizer, or a function from text to int",
            hint=f"tokenizers.Tokenizer.from_file({name!r}) is a counter" if name.endswith(".json")
            else did_you_mean(name, _FILES) or "pass the tokenizer itself, in a recipe the path of its tokenizer.json",
        )  # fmt: skip
    folder = _cache_folder()
    for path, sha256 in _FILES[name]:
        file = folder / hashlib.sha1(f"{_HOST}{path}".encode()).hexdigest()
        asked = f"{name!r} needs the file {path.rsplit('/', 1)[-1]!r}"
        hint = (
            f"put the file from {_HOST}{path} there under that name, set TIKTOKEN_CACHE_DIR to a "
            "folder that has it, or pass counter=RankFile(path, sha256=...), in a recipe the path of a tokenizer.json"
        )
        if not file.is_file():
            raise FormattingError(
                f"{asked}, which is not in tiktoken's cache; nothing is downloaded unasked",
                expected=str(file), found="no such file", hint=hint,
            )  # fmt: skip
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if digest != sha256:
            raise FormattingError(
                f"{asked}, but the cached one was altered",
                expected=f"sha256 {sha256}", found=f"{file}: {digest}", hint=hint,
            )  # fmt: skip


def _cache_folder() -> Path:
    """Find the folder tiktoken itself would look in."""
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if variable in os.environ:
            return Path(os.environ[variable] or os.devnull)  # "" switches its cache off
    return Path(tempfile.gettempdir()) / "data-gym-cache"


def _ranks(file: RankFile) -> dict[bytes, int]:
    try:
        content = Path(file.path).read_bytes()
    except OSError as error:
        raise FormattingError(
            "the rank file cannot be read", expected=file.path, found=str(error.strerror)
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != file.sha256.lower():
        raise FormattingError(
            f"the rank file {Path(file.path).name!r} is not the one asked for",
            expected=f"sha256 {file.sha256}", found=f"sha256 {digest}",
            hint="another file gives other counts; fetch the right one, or pass its own sha256",
        )  # fmt: skip
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(content.splitlines(), 1):
        if not line:
            continue
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token, validate=True)] = int(rank)
        except (ValueError, binascii.Error) as error:
            raise FormattingError(
                f"line {number} of {Path(file.path).name!r} is no rank",
                expected="base64 of the token, a blank, its rank",
            ) from error
    lacking = [byte for byte in range(256) if bytes([byte]) not in ranks]
    if lacking or len(set(ranks.values())) != len(ranks):
        raise FormattingError(
            f"{Path(file.path).name!r} is no complete vocabulary",
            expected="all 256 single bytes, each rank once",
            found=f"{len(lacking)} bytes missing, {len(ranks) - len(set(ranks.values()))} ranks twice",
        )
    return ranks
