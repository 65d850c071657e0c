"""A rank file of our own: all bytes, and the merges of a few invented sentences."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from itertools import pairwise
from pathlib import Path

from medqa_kit.tokens.rank_files import RankFile

_SENTENCES = (
    "발열과 기침이 있는 환자에게 먼저 할 검사는 무엇인가?",
    "អ្នកជំងឺមានគ្រុន និងក្អក តើត្រូវធ្វើអ្វីមុន?",
    "Which test comes first in a patient with fever and cough?",
)


def ranks(*, merges: int = 300) -> dict[bytes, int]:
    """Train byte pairs by counting, as in the first paper: small, slow and enough."""
    tokens = {bytes([byte]): byte for byte in range(256)}
    words = [[bytes([b]) for b in word.encode()] for s in _SENTENCES for word in s.split(" ")]
    while len(tokens) < 256 + merges:
        pairs = Counter(pair for word in words for pair in pairwise(word))
        if not pairs:
            break
        first, second = max(pairs, key=lambda pair: (pairs[pair], pair))
        tokens[first + second] = len(tokens)
        words = [_merged(word, first, second) for word in words]
    return tokens


def _merged(word: list[bytes], first: bytes, second: bytes) -> list[bytes]:
    out: list[bytes] = []
    for piece in word:
        if out and out[-1] == first and piece == second:
            out[-1] = first + second
        else:
            out.append(piece)
    return out


def write(folder: Path, *, pattern: str = "cl100k_base") -> RankFile:
    """Write the rank file and give it with its hash."""
    lines = [base64.b64encode(token) + b" " + str(rank).encode() for token, rank in ranks().items()]
    content = b"\n".join(lines) + b"\n"
    path = folder / "tiny.tiktoken"
    path.write_bytes(content)
    return RankFile(str(path), sha256=hashlib.sha256(content).hexdigest(), pattern=pattern)
