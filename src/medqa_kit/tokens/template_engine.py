"""Chat templates compiled with what ``transformers`` gives them: its tags, filters and functions."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from medqa_kit.errors import ArgumentError, FormattingError, MissingExtraError

if TYPE_CHECKING:
    from jinja2 import Template


@lru_cache(maxsize=32)
def compiled(source: str) -> Template:
    """Compile a template with the settings ``transformers`` uses.

    Raises:
        FormattingError: The source is no valid Jinja.
        MissingExtraError: ``jinja2`` is not installed.
    """
    try:
        from jinja2 import TemplateSyntaxError, nodes
        from jinja2.ext import Extension, loopcontrols
        from jinja2.parser import Parser
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError as error:
        raise MissingExtraError("jinja2", "chat", need="rendering chat templates") from error

    class Generation(Extension):
        """``{% generation %}``, which marks what the assistant says: it prints what it holds."""

        tags = {"generation"}  # noqa: RUF012 - Jinja's own declaration

        def parse(self, parser: Parser) -> nodes.Node:
            line = next(parser.stream).lineno
            body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            call = self.call_method("_written")
            return nodes.CallBlock(call, [], [], body).set_lineno(line)

        def _written(self, caller: Any) -> str:
            return str(caller())

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = _no_clock
    try:
        return environment.from_string(source)
    except TemplateSyntaxError as error:
        raise FormattingError(
            "the chat template is not valid Jinja", found=f"line {error.lineno}: {error.message}"
        ) from error


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
                      sort_keys=sort_keys)  # fmt: skip


def _refuse(message: str) -> NoReturn:
    from jinja2.exceptions import TemplateError

    raise TemplateError(message)


def _no_clock(form: str) -> NoReturn:
    raise ArgumentError(
        "the template asks for today's date",
        argument="variables",
        expected="the date to print: no two days render alike",
        found=f"strftime_now({form!r})",
        hint='variables={"date_string": "26 Jul 2024"} where the template knows it, else '
        '{"strftime_now": a function that returns the date}',
    )
