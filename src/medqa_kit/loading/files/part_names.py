"""Find the part of a source that the name of a file tells."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path, PurePosixPath

from medqa_kit.loading.files.name_patterns import matches, readable, unpacked

_SPLITS = {
    "train": "train", "training": "train", "test": "test", "testing": "test", "dev": "validation",
    "val": "validation", "valid": "validation", "validation": "validation",
}  # fmt: skip
_COPIED = "copy|kopie|kopia|copie|copia|cópia|копия|복사본|사본|コピー|副本|ចម្លង"
_NUMBER = r" ?\(\d+\)"
_COPY = re.compile(
    rf"(?:{_NUMBER}| - (?:{_COPIED})(?:{_NUMBER})?| (?:{_COPIED})(?: \d+)?"
    rf"| \((?:another |\d+(?:st|nd|rd|th) )?(?:{_COPIED})(?: \d+)?\)|의 사본|のコピー|的副本)$",
    re.IGNORECASE,
)
"""What Windows, macOS, Linux and a browser write behind the name of a copy, in the languages they speak."""
_COPY_OF = re.compile(
    r"^(?:copy of |kopie von |copie de |copia de |사본 - |복사본 - )", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")

WITH_FOLDERS, BY_NAME, BY_STEM = 3, 2, 1


def fit_of_name(path: Path, pattern: str) -> int:
    """Say how well a file on disk fits the pattern of a part.

    Args:
        path: The file.
        pattern: See :func:`matches`.

    Returns:
        ``WITH_FOLDERS`` where its name fits a pattern that has folders, with as many of its own;
        ``BY_NAME`` where the name fits the last step of the pattern, in any case of letters;
        ``BY_STEM`` where it does with another ending, as a copy in another format has, or without the number
        of a shard; else 0.

    Example:
        >>> fit_of_name(Path("/data/doctor/test-0.parquet"), "doctor/test-*.parquet")
        3
        >>> fit_of_name(Path("/data/test-0 (1).parquet"), "doctor/test-*.parquet")
        2
        >>> fit_of_name(Path("/data/test.csv"), "test.jsonl"), fit_of_name(Path("test.csv"), "data/test-*.parquet")
        (1, 1)
    """
    name, last = original_name(path.name), pattern.rpartition("/")[2]
    if "**" in last or matches(name, last):  # else no folders help
        steps = [*path.absolute().parent.parts[1:], name]
        tails = ("/".join(steps[-count:]) for count in range(1, len(steps) + 1))
        if any(matches(tail, pattern) for tail in tails):
            return WITH_FOLDERS if "/" in pattern else BY_NAME
    if matches(name.lower(), last.lower()):
        return BY_NAME
    stem, last_stem = _stem(name).lower(), _stem(last).lower()
    unsharded = last_stem.removesuffix("-*")  # one file, where upstream has shards
    fits = matches(stem, last_stem) or matches(stem, unsharded)
    return BY_STEM if readable(last) and fits else 0


def last_name(name: str, *, stem: bool) -> str:
    """Return the name of a file without its folders, and without its endings where that is asked.

    Example:
        >>> last_name("data/train.csv.gz", stem=False), last_name("data/train.csv.gz", stem=True)
        ('train.csv.gz', 'train')
    """
    last = PurePosixPath(name).name
    return _stem(last) if stem else last


@lru_cache(maxsize=1024)
def _stem(name: str) -> str:
    return PurePosixPath(unpacked(name)).stem


def words_fitted(pattern: str, fit: int) -> int:
    """Count the letters and digits that a pattern says of a name that fits it: more of them say more.

    Args:
        pattern: See :func:`matches`.
        fit: How well the name fits, as :func:`fit_of_name` says.

    Example:
        >>> words_fitted("data/Health-test.csv", BY_STEM), words_fitted("**test*", BY_NAME)
        (10, 4)
    """
    last = pattern if fit == WITH_FOLDERS else pattern.rpartition("/")[2]
    plain = re.sub(r"\[[^\]]*\]", "", unpacked(last))
    ending = PurePosixPath(plain).suffix if readable(plain) else ""
    return sum(map(str.isalnum, plain.removesuffix(ending)))


def original_name(name: str) -> str:
    """Return a file's name without what a browser or a file manager adds to that of a copy.

    Example:
        >>> original_name("train (1).jsonl"), original_name("train - 복사본.jsonl"), original_name("a.csv")
        ('train.jsonl', 'train.jsonl', 'a.csv')
        >>> original_name("Copy of train.jsonl")
        'train.jsonl'
    """
    name = _COPY_OF.sub("", unicodedata.normalize("NFC", name))
    plain = unpacked(name)
    stem, dot, ending = plain.rpartition(".")
    bare = _COPY.sub("", stem) if dot else _COPY.sub("", plain)
    return f"{bare}{dot}{ending}{name[len(plain) :]}" if dot else f"{bare}{name[len(plain) :]}"


def original_folder(name: str) -> str:
    """Return the name of a folder, or of an archive without its ending, without what marks a copy.

    Example:
        >>> original_folder("TL_내과 (1)"), original_folder("1.데이터 - 복사본"), original_folder("1.데이터")
        ('TL_내과', '1.데이터', '1.데이터')
    """
    return _COPY.sub("", _COPY_OF.sub("", unicodedata.normalize("NFC", name)))


def split_word(name: str) -> str | None:
    """Return which split a name speaks of; ``None`` where it speaks of none, or of several.

    Example:
        >>> split_word("my_dev_set"), split_word("train_test"), split_word("latest")
        ('validation', None, None)
    """
    words = {_SPLITS[word] for word in _WORD.findall(name.lower()) if word in _SPLITS}
    return words.pop() if len(words) == 1 else None


def words_of_part(path: Path, subset: str | None, split: str) -> int:
    """Say how much the name of a file, with that of its folder, speaks of a part.

    Args:
        path: The file.
        subset: Of the part.
        split: Of the part.

    Returns:
        2 where it holds the words of the subset, and 1 more where it speaks of the split.

    Example:
        >>> words_of_part(Path("klue-re-v1.1_dev.json"), "re", "validation")
        3
        >>> words_of_part(Path("re.json"), "re", "train"), words_of_part(Path("ynat-dev.json"), "re", "train")
        (2, 0)
    """
    words = {*_WORD.findall(f"{path.parent.name} {path.stem}".lower())}
    own = {*_WORD.findall((subset or "").lower())}
    word = split_word(path.stem)
    return 2 * bool(own and own <= words) + (word is not None and word == split_word(split))


def telling(pattern: str) -> bool:
    """Check whether the last step of a pattern says more than a format.

    Example:
        >>> telling("data/train-*.parquet"), telling("**/*.json")
        (True, False)
    """
    return _WORD.search(PurePosixPath(unpacked(pattern.rpartition("/")[2])).stem) is not None
