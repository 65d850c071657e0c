"""One gate for arguments: a wrong one is an ``ArgumentError`` before anything is read.

Each function takes the name of an argument and its value, and returns the checked value. Use the value that
is returned: it is of a plain Python type. Functions whose names end in ``s`` check several values.
"""

from __future__ import annotations

import errno
import math
import os
import stat
from collections.abc import Collection, Iterable, Sequence
from numbers import Integral, Real
from operator import index
from pathlib import Path
from typing import Any, TypeVar, cast

from medqa_kit.core.text.near_words import near_words, suggestion
from medqa_kit.errors import ArgumentError, shorten

_T = TypeVar("_T")

_FEW = 12  # words that a message lists; of a longer list it shows the beginning


def did_you_mean(word: object, known: Iterable[str], *, most: int = 1) -> str:
    """Return a question that names the known words nearest to a wrong one.

    :func:`~medqa_kit.core.text.near_words.near_words` says which words are near.

    Args:
        word: What was asked for.
        known: The words there are.
        most: How many to name at the most.

    Returns:
        ``"did you mean 'x'?"``, or the empty string where nothing is near.

    Example:
        >>> did_you_mean("KorMedMCQA", ["kormedmcqa", "klue"])
        "did you mean 'kormedmcqa'?"
    """
    if not isinstance(word, str):
        return ""
    return suggestion(near_words(word, known, most=most))


def one_of(argument: str, value: _T, known: Collection[_T], *, hint: str = "") -> _T:
    """Return the word of a closed set that a value is.

    Args:
        argument: Name of the argument.
        value: What was passed. A string of NumPy or a member of a ``StrEnum`` counts as the word that it prints.
        known: All that may be passed.
        hint: What to do otherwise, where no known word is near.

    Raises:
        ArgumentError: The value is none of them.

    Example:
        >>> one_of("mode", "fixed", ("fixed", "nearest"))
        'fixed'
    """
    plain = str(value) if isinstance(value, str) else value  # of NumPy, or of a StrEnum
    chosen = [word for word in known if type(word) is type(plain) and word == plain]
    if not chosen:
        words = [word for word in known if isinstance(word, str)]
        raise ArgumentError(
            f"{argument}= takes one of {len(known)} values" if len(known) > 1
            else f"{argument}= takes one value",
            argument=argument, expected=word_list(known), found=shorten([value]),
            hint=did_you_mean(plain, words) or hint or "choose one of them",
        )  # fmt: skip
    return chosen[0]


def some_of(argument: str, values: Iterable[_T], known: Collection[_T]) -> tuple[_T, ...]:
    """Return several values if each is one of a closed set.

    Raises:
        ArgumentError: They are no collection, or one of them is unknown.

    Example:
        >>> some_of("columns", ["id"], ("id", "question"))
        ('id',)
    """
    listed = several(argument, values)
    for value in listed:
        one_of(argument, value, known)
    return listed


def several(argument: str, values: Iterable[_T]) -> tuple[_T, ...]:
    """Return a collection as a tuple; one string is no collection of strings.

    Raises:
        ArgumentError: It is a string, or not iterable.

    Example:
        >>> several("stratify", ["subset", "year"])
        ('subset', 'year')
    """
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise ArgumentError(
            f"{argument}= takes a list", argument=argument, expected="a list or a tuple",
            found=shorten([values]), hint=f"write {argument}=[{values!r:.60}]",
        )  # fmt: skip
    return tuple(values)


def number(
    argument: str,
    value: object,
    *,
    least: float = -math.inf,
    most: float = math.inf,
    above: float = -math.inf,
    below: float = math.inf,
    hint: str = "",
) -> float:
    """Return a number if it lies in a range, as an ``int`` or a ``float`` of Python.

    Callers use the number that is returned: a number of NumPy can overflow or lose digits, and cannot be
    written as JSON.

    Args:
        argument: Name of the argument.
        value: What was passed; ``True`` and NaN are no numbers here.
        least: The smallest that is allowed.
        most: The largest that is allowed.
        above: What it must be larger than.
        below: What it must be smaller than.
        hint: What to do otherwise.

    Raises:
        ArgumentError: It is no number, or outside the range.

    Example:
        >>> number("near", 0.8, above=0, most=1)
        0.8
    """
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("above", above), ("at least", least), ("below", below), ("at most", most))
        if math.isfinite(bound)
    ]  # fmt: skip
    plain: float = math.nan
    if not isinstance(value, bool) and isinstance(value, Real):
        plain = int(value) if isinstance(value, Integral) else float(value)
    if not (least <= plain <= most and above < plain < below):
        raise ArgumentError(
            f"{argument}= takes a number", argument=argument, found=shorten([value]),
            expected=", ".join(bounds) or "a number", hint=hint or "choose a number in that range",
        )  # fmt: skip
    return plain


def whole_number(
    argument: str,
    value: object,
    *,
    least: float = -math.inf,
    most: float = math.inf,
    hint: str = "",
) -> int:
    """Return a whole number as an ``int`` if it lies in a range; see :func:`number`.

    Raises:
        ArgumentError: It is no whole number, or outside the range.

    Example:
        >>> whole_number("seed", 7)
        7
    """
    try:
        whole = None if isinstance(value, bool) else index(cast(Any, value))
    except TypeError:
        whole = None
    if whole is None:
        raise ArgumentError(
            f"{argument}= takes a whole number", argument=argument, found=shorten([value]),
            expected=f"at least {least:g}" if math.isfinite(least) else "an int",
            hint=hint or "write it without a decimal point or quotes",
        )  # fmt: skip
    return int(number(argument, whole, least=least, most=most, hint=hint))


def nonempty_text(argument: str, value: str, *, hint: str = "") -> str:
    """Return a value if it is a string that is not empty, and that can be written; blanks may be a separator.

    Raises:
        ArgumentError: It is not, or holds half a surrogate pair.

    Example:
        >>> nonempty_text("name", "demo")
        'demo'
    """
    if not isinstance(value, str) or not value:
        raise ArgumentError(
            f"{argument}= takes text", argument=argument, expected="a string that is not empty",
            found=shorten([value]), hint=hint or "say it in quotes, with a letter at least",
        )  # fmt: skip
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ArgumentError(
            f"{argument}= cannot be written", argument=argument, expected="text without half a surrogate pair",
            found=shorten([value]), hint="write the whole character, or leave the half out",
        )  # fmt: skip
    return value


def several_texts(argument: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return several texts as a tuple, each as :func:`nonempty_text` takes it.

    Raises:
        ArgumentError: They are no collection, or one of them is no such text.

    Example:
        >>> several_texts("keep", ["year", "url"])
        ('year', 'url')
    """
    return tuple(nonempty_text(argument, value) for value in several(argument, values))


def boolean(argument: str, value: bool) -> bool:
    """Return a value if it is ``True`` or ``False``.

    Raises:
        ArgumentError: It is neither.

    Example:
        >>> boolean("streaming", True)
        True
    """
    return one_of(
        argument,
        value,
        (True, False),
        hint=f"write {argument}=True or {argument}=False; bool(value) converts a value of NumPy",
    )


def file_path(
    argument: str, value: str | os.PathLike[str], *, hint: str = "", written: bool = False
) -> Path:
    """Return a path, with ``~`` expanded.

    Args:
        argument: Name of the argument.
        value: Its value.
        hint: What to write instead.
        written: Whether the file is to be written. Its kind is not checked then: the function that writes it does that.

    Raises:
        ArgumentError: It is neither text nor a path, or no system accepts it as a path; or it is a pipe, a device or
            a socket, which could be read without end.

    Example:
        >>> file_path("out", "build").name
        'build'
    """
    text = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise ArgumentError(
            f"{argument}= takes a path", argument=argument, expected="text or a Path",
            found=shorten([value]), hint=hint or "name a file or a folder, in quotes",
        )  # fmt: skip
    path = home_path(argument, text)
    mode = _mode(argument, path)
    if not (written or mode is None or stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ArgumentError(f"{argument}= is no file", argument=argument, expected="a file or a folder",
                            found=f"a pipe, a device or a socket: {shorten([str(path)])}",
                            hint="write what it gives to a file, and name that")  # fmt: skip
    return path


def home_path(argument: str, text: str) -> Path:
    """Return a path, with ``~`` expanded, without a look at the disk.

    Raises:
        ArgumentError: It begins with the home of a user whom this machine does not know.

    Example:
        >>> home_path("path", "data/rows").parts
        ('data', 'rows')
    """
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ArgumentError(
            f"{argument}= names a home that is not there", argument=argument, found=shorten([text]),
            expected="~ or ~name of a user of this machine", hint="write the whole path",
        ) from error  # fmt: skip


def _mode(argument: str, path: Path) -> int | None:
    """Return the mode of the file or folder at a path; ``None`` where there is none, or it cannot be seen."""
    try:
        return path.stat().st_mode
    except UnicodeEncodeError as error:
        raise ArgumentError(f"{argument}= is no path", argument=argument, expected="text that names a file",
                            found=shorten([str(path)]), hint="leave out halves of surrogate pairs") from error  # fmt: skip
    except OSError as error:
        if (
            error.errno == errno.ENAMETOOLONG
        ):  # the function that reads or writes the file reports the others
            raise ArgumentError(f"{argument}= is too long for a path", argument=argument, expected="a name that the system takes",
                                found=f"{len(str(path)):,} characters", hint="take a shorter name") from error  # fmt: skip
        return None


def instance(
    argument: str, value: _T, kinds: type | tuple[type, ...], *, expected: str, hint: str
) -> _T:
    """Return a value if it is of one of the types an argument takes.

    Args:
        argument: Name of the argument.
        value: What was passed.
        kinds: The types.
        expected: What they are, in words.
        hint: How to make one of them.

    Raises:
        ArgumentError: It is of another type.

    Example:
        >>> instance("years", range(3), (range, tuple), expected="years", hint="write range(2012, 2022)")
        range(0, 3)
    """
    if not isinstance(value, kinds):
        raise ArgumentError(
            f"{argument}= takes {expected}", argument=argument, expected=expected,
            found=f"{type(value).__module__}.{type(value).__qualname__}", hint=hint,
        )  # fmt: skip
    return value


def word_list(known: Collection[object]) -> str:
    """Return words as one text; of more than twelve, the first twelve and how many there are.

    Example:
        >>> word_list(("fixed", 3))
        'fixed, 3'
    """
    words: Sequence[str] = [word if isinstance(word, str) else repr(word) for word in known]
    rest = f", … ({len(words)} in all)" if len(words) > _FEW else ""
    return ", ".join(words[:_FEW]) + rest
