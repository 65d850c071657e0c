"""Options that are written as text: a list, an object, or objects, as JSON, Python or NumPy writes them."""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

from medqa_kit.normalizing.option_records import option_fields

_LONGEST = 1 << 20
Options: TypeAlias = Sequence[tuple[str, str | None]]
"""The options of one row: the name of each, empty in a list, and its text."""


def literal_options(text: str) -> Options | None:
    """Return the options that a text writes as JSON or as Python does; ``None`` where it does not.

    Example:
        >>> literal_options("['x', 2]"), literal_options("[{'key': 'A', 'value': 'x'}]")
        ([('', 'x'), ('', '2')], [('A', 'x')])
    """
    if len(text) > _LONGEST:
        return None
    try:
        value = json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=_Pairs,
                           parse_constant=lambda _: None)  # fmt: skip
    except (ValueError, RecursionError):
        return _python_literal(text.strip())
    pairs = _records(value)
    if pairs is None and isinstance(value, list):
        pairs = value if isinstance(value, _Pairs) else _Pairs(("", item) for item in value)
    if pairs is None or not _are_options(pairs):
        return None
    return [(name, str(item) if isinstance(item, bool) else item) for name, item in pairs]


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, those that are there twice included."""


def _records(value: Any) -> _Pairs | None:
    """Return the options of a list of objects or an object of two lists, each under its marker; else ``None``."""
    if isinstance(value, _Pairs):
        lists = {name: item for name, item in value if type(item) is list}
        fields = option_fields(lists)
        texts = lists[fields.text] if fields else []
        names = lists[fields.name] if fields and fields.name else [""] * len(texts)
        same = bool(texts) and len(names) == len(texts)
        return _Pairs(zip(names, texts, strict=True)) if same and _are_texts(names) else None
    if not isinstance(value, list) or not value or not all(type(v) is _Pairs for v in value):
        return None
    objects = [dict(item) for item in value]
    fields = option_fields(name for name, item in objects[0].items() if type(item) is str)
    if fields is None or not all(fields.text in item for item in objects):
        return None
    names = [item.get(fields.name or "", "") for item in objects]
    texts = [item[fields.text] for item in objects]
    return _Pairs(zip(names, texts, strict=True)) if _are_texts(names) else None


def _are_texts(names: Sequence[Any]) -> bool:
    return all(type(name) is str for name in names)


def _are_options(pairs: Sequence[tuple[str, Any]]) -> bool:
    return all(item is None or isinstance(item, (str, bool)) for _, item in pairs)


def _python_literal(text: str) -> Options | None:
    try:
        tree = ast.parse(text, mode="eval").body
        if (records := _records(_objects(tree, text))) is not None:
            return records if _are_options(records) else None
        if isinstance(tree, ast.List | ast.Tuple):
            if (array := _array_literal(text)) is not None:
                return [("", item) for item in array]
            return [("", _value(item, text)) for item in tree.elts]
        if isinstance(tree, ast.Dict):
            names = [None if key is None else _value(key, text) for key in tree.keys]
            if None not in names:
                values = [_value(item, text) for item in tree.values]
                return [(name or "", value) for name, value in zip(names, values, strict=True)]
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        pass
    return None


def _objects(node: ast.expr, text: str) -> Any:
    """Return a list of dictionaries, or a dictionary of lists, as JSON would have them; else ``None``."""
    if isinstance(node, ast.Dict):
        if not all(
            isinstance(value, ast.List | ast.Call | ast.Constant | ast.Name)
            for value in node.values
        ):
            return None
        keys = [None if key is None else _value(key, text) for key in node.keys]
        return _Pairs(
            (key, _listed(value, text)) for key, value in zip(keys, node.values, strict=True) if key
        )
    if isinstance(node, ast.List) and all(isinstance(item, ast.Dict) for item in node.elts):
        return [_objects(item, text) for item in node.elts]
    return None


def _listed(node: ast.expr, text: str) -> Any:
    """Return a value, or those of a list or of an array as ``repr`` writes it: ``array([…], dtype=object)``."""
    if isinstance(node, ast.Call):
        is_array = isinstance(node.func, ast.Name) and node.func.id == "array" and node.args
        node = node.args[0] if is_array else node
    if isinstance(node, ast.List):
        return [_value(item, text) for item in node.elts]
    return _value(node, text)


def _value(node: ast.expr, text: str) -> str | None:
    """Return a literal as text, a number as it is written; ``None`` and ``nan`` are no text."""
    if isinstance(node, ast.Name) and node.id == "nan":
        return None
    value = ast.literal_eval(node)
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, (int, float)):
        raise ValueError("no text")
    return ast.get_source_segment(text, node)


def _array_literal(text: str) -> list[str] | None:
    """Return the texts of an array as NumPy prints it, without commas; ``None`` of other lists.

    Python reads two texts without a comma between them as one.

    Raises:
        ValueError: Commas are between some of the texts only.
    """
    tokens = [
        token
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type in (tokenize.STRING, tokenize.OP, tokenize.NAME, tokenize.NUMBER)
    ]
    texts = [token.string for token in tokens if token.type == tokenize.STRING]
    kinds = [token.type for token in tokens]
    if (tokenize.STRING, tokenize.STRING) not in pairwise(kinds):
        return None
    if len(texts) + 2 != len(tokens):  # more than the two brackets
        raise ValueError("two texts without a comma")
    return [ast.literal_eval(literal) for literal in texts]
