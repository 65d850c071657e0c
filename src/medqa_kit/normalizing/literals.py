"""Lists and objects that are written as text, as files that went through CSV have them."""

from __future__ import annotations

import ast
import warnings
from typing import Any

from medqa_kit.core.json_text import json_value
from medqa_kit.errors import MedQAError
from medqa_kit.normalizing.option_literals import literal_options

_LONGEST = 1 << 20
_OPENINGS = ("[", "{", "(")


def literal_value(text: str) -> Any:
    """Return the list or object that a text writes as JSON, Python or NumPy does; the text itself where it writes none.

    Nothing but literals is read.

    Example:
        >>> literal_value('["a", null]'), literal_value("['a' 'b']"), literal_value("{'a': [1, None]}"), literal_value("a, b")
        (['a', None], ['a', 'b'], {'a': [1, None]}, 'a, b')
    """
    inner = text.strip()
    if len(inner) > _LONGEST or not inner.startswith(_OPENINGS):
        return text
    try:
        value = json_value(inner)
    except MedQAError:
        value = _python_value(inner)
    return list(value) if isinstance(value, tuple) else value


def _python_value(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of escapes that Python does not know
        of_texts = text.startswith("[") and not text[1:].lstrip().startswith(_OPENINGS)
        options = literal_options(text) if of_texts else None
        if options is not None and not any(name for name, _ in options):
            return [value for _, value in options]
        if "'\n" in text or '"\n' in text or "' '" in text or '" "' in text:
            return text  # Python reads two texts without a comma between them as one
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
