r"""Chat templates of the model families we train, rendered as ``transformers`` renders them.

The templates in ``templates/`` are written anew; a golden file of 144 renderings holds them to the
bytes of the originals. They run in a sandbox, and text in the data is never read as Jinja.

Rendered text is for counting tokens and for looking at. Do not train on it: a template that
begins with BOS and a tokenizer that adds BOS give it twice. Records therefore keep messages.

What the families do with a message, so that nobody has to find out:

=============  ======  =================  =====================  =======================  ==========
template       BOS     without system     text of messages       ``reasoning_content``    other roles
=============  ======  =================  =====================  =======================  ==========
gemma3         yes     nothing            trimmed (not system)   **lost**                 error
gemma2         yes     nothing            trimmed                **lost**                 error
qwen2.5        no      default line       kept                   **lost**                 **vanish**
qwen3          no      nothing            kept                   kept in the last reply   **vanish**
llama3         yes     nothing            trimmed                **lost**                 printed
llama3.1, 3.2  yes     dates              trimmed                **lost**                 printed
smollm2        no      default line       kept                   **lost**                 printed
=============  ======  =================  =====================  =======================  ==========

No template escapes special-token text in content, which is why the linter refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Protocol

from medqa_kit.core.arguments import instance, nonempty_text, one_of, several
from medqa_kit.core.showing.shown import Block, PlainText, Shown
from medqa_kit.core.tables import Listing
from medqa_kit.errors import ArgumentError, FormattingError, shorten
from medqa_kit.tokens.template_engine import compiled


@dataclass(frozen=True, repr=False)
class ChatTemplate(Shown):
    """A chat template as data: built in by name, or your own Jinja.

    Args:
        name: What errors call it.
        source: The Jinja text.
        bos: What ``{{ bos_token }}`` prints.
        defaults: Variables the template gets unless :func:`render` is told others.
        needs: Variables without a default that must be given, since the original takes them
            from the clock.

    Example:
        >>> mine = ChatTemplate("mine", "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}")
        >>> render([{"role": "user", "content": "{{ 1 }}"}], template=mine)
        '[user] {{ 1 }}'
    """

    name: str
    source: str
    bos: str = ""
    defaults: tuple[tuple[str, str], ...] = ()
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        nonempty_text("name", self.name)
        nonempty_text(
            "source", self.source, hint="the Jinja text; mk.chat_template(name) gives one"
        )
        object.__setattr__(self, "needs", several("needs", self.needs))

    def _blocks(self) -> Iterator[Block]:
        yield f"chat template {self.name}, which begins with {self.bos or 'nothing of its own'}"
        yield [
            ("variable", "value"),
            *((name, "to be given") for name in self.needs),
            *self.defaults,
        ]
        yield PlainText(self.source)


class Tokenizer(Protocol):
    """What :func:`render` needs of a Hugging Face tokenizer."""

    def apply_chat_template(
        self,
        conversation: Sequence[Mapping[str, Any]],
        *,
        tokenize: bool,
        add_generation_prompt: bool,
        **template_variables: Any,
    ) -> Any:
        """Render messages with the tokenizer's own template."""


# What ``transformers`` passes where a conversation has neither.
_NOTHING: Mapping[str, Any] = {"tools": None, "documents": None}
_LLAMA_BOS = "<|begin_of_text|>"
# name: (file, bos, defaults, needs). Llama 3.2 prints today's date: no two days render alike.
_BUILT_IN: Mapping[str, tuple[str, str, tuple[tuple[str, str], ...], tuple[str, ...]]] = {
    "gemma2": ("gemma2", "<bos>", (), ()),
    "gemma3": ("gemma3", "<bos>", (), ()),
    "llama3": ("llama3", _LLAMA_BOS, (), ()),
    "llama3.1": ("llama3.1", _LLAMA_BOS, (("date_string", "26 Jul 2024"),), ()),
    "llama3.2": ("llama3.1", _LLAMA_BOS, (), ("date_string",)),
    "medgemma": ("gemma3", "<bos>", (), ()),
    "qwen2.5": ("qwen2.5", "", (), ()),
    "qwen3": ("qwen3", "", (), ()),
    "smollm2": ("smollm2", "", (), ()),
}


# What render() itself gives to a template.
_OURS = {"messages": "messages=", "add_generation_prompt": "generation_prompt="}


def chat_templates() -> Listing[ChatTemplate]:
    """Return the built-in chat templates, as a list that prints as a table.

    Example:
        >>> [template.name for template in chat_templates()][:3]
        ['gemma2', 'gemma3', 'llama3']
    """
    return Listing(
        [chat_template(name) for name in sorted(_BUILT_IN)],
        header=("name", "begins with", "variables"),
        cells=lambda template: (template.name, template.bos, ", ".join(
            [*template.needs, *(f"{name}={value}" for name, value in template.defaults)])),
        foot=lambda templates: f"{len(templates)} templates; mk.chat_template(name) gives one",
    )  # fmt: skip


def chat_template(name: str) -> ChatTemplate:
    """Return a built-in chat template by name.

    Args:
        name: As :func:`chat_templates` lists it.

    Returns:
        The template: its source, the text it begins with, and its variables.

    Raises:
        ArgumentError: No built-in template has this name.

    Example:
        >>> chat_template("medgemma").bos
        '<bos>'
    """
    one_of(
        "template", name, tuple(_BUILT_IN), hint="pass a ChatTemplate, or a tokenizer with its own"
    )
    file, bos, defaults, needs = _BUILT_IN[name]
    source = resources.files(__package__).joinpath("templates", f"{file}.jinja").read_text("utf-8")
    return ChatTemplate(name, source, bos, defaults, needs)


def render(
    messages: Sequence[Mapping[str, Any]],
    *,
    template: str | ChatTemplate | Tokenizer,
    generation_prompt: bool = False,
    variables: Mapping[str, Any] | None = None,
) -> str:
    r"""Render one conversation as the text a model sees.

    Args:
        messages: Messages with ``role`` and ``content``; keys that are ``None`` count as absent,
            and reasoning may be called ``thinking`` or ``reasoning``, as in ``transformers`` 5.
        template: Name of a built-in template (:func:`chat_templates`), a :class:`ChatTemplate`,
            or a tokenizer that has one.
        generation_prompt: End with the head of an assistant turn.
        variables: Further template variables, such as ``{"enable_thinking": False}``.

    Returns:
        The text, with the marks of turns and of the beginning, as the template writes them.

    Raises:
        ArgumentError: There are no messages, ``template`` is no template, or a variable that it needs is absent.
        FormattingError: The template refuses the messages.
        MissingExtraError: ``jinja2`` is not installed (built-in templates only).

    Example:
        >>> asked = [{"role": "user", "content": "열의 원인은?"}]
        >>> render(asked, template="medgemma", generation_prompt=True)
        '<bos><start_of_turn>user\n열의 원인은?<end_of_turn>\n<start_of_turn>model\n'
    """
    given = (
        {}
        if variables is None
        else dict(
            instance(
                "variables",
                variables,
                Mapping,
                expected="a dict",
                hint='variables={"date_string": "1 Jan 2030"}',
            )
        )
    )
    for name in sorted(given.keys() & _OURS.keys()):
        raise ArgumentError(
            f"variables= names {name!r}, which the template gets from elsewhere", argument="variables",
            expected="further variables", found=shorten([name]), hint=f"pass it as {_OURS[name]}",
        )  # fmt: skip
    for message in several("messages", messages):
        instance("messages", message, Mapping, expected="dicts with role and content",
                 hint='[{"role": "user", "content": "..."}]')  # fmt: skip
    present = [{k: v for k, v in message.items() if v is not None} for message in messages]
    if not isinstance(template, str | ChatTemplate):
        return _by_tokenizer(present, template, generation_prompt, given)
    chosen = chat_template(template) if isinstance(template, str) else template
    _refuse(chosen, present, given)
    values = {**_NOTHING, "bos_token": chosen.bos, **dict(chosen.defaults), **given}
    told = [_reasoning_named(message) for message in present]
    template_ = compiled(chosen.source)
    try:
        return template_.render(messages=told, add_generation_prompt=generation_prompt, **values)
    except ArgumentError:
        raise
    except Exception as error:  # templates raise whatever the data makes them raise
        raise _refused(chosen.name, error) from error


def _reasoning_named(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message whose reasoning has the names templates know, as ``transformers`` 5.23 does."""
    for name in ("reasoning_content", "thinking", "reasoning"):
        if name in message:
            reasoning = message[name]
            return {"thinking": reasoning, **message, "reasoning_content": reasoning}
    return message


def _refuse(template: ChatTemplate, messages: list[dict[str, Any]], given: dict[str, Any]) -> None:
    lacking = [name for name in template.needs if name not in given]
    if lacking:
        raise ArgumentError(
            f"template {template.name!r} needs the variable {lacking[0]!r}",
            argument="variables",
            expected="a value: the original template takes today's, and no two days render alike",
            hint=f"render(..., variables={{{lacking[0]!r}: '26 Jul 2024'}})",
        )
    if not messages:
        raise ArgumentError("there are no messages to render", argument="messages",
                            expected="at least one message", found="none",
                            hint='[{"role": "user", "content": "..."}]')  # fmt: skip
    if template.name in _BUILT_IN:
        _refuse_unread(template.name, messages, given)


def _refuse_unread(name: str, messages: list[dict[str, Any]], given: dict[str, Any]) -> None:
    """Refuse what a built-in template would leave out."""
    if given.get("tools") or any(message.get("tool_calls") for message in messages):
        raise FormattingError(
            f"the built-in template {name!r} does not render tools or calls of them",
            hint="pass the model's own tokenizer as template=",
        )
    for place, message in enumerate(messages):
        if not isinstance(
            message.get("role"), str
        ):  # some templates write nothing of such a message
            raise FormattingError(
                f"a message for the built-in template {name!r} has no role", expected="a role and a content",
                found=f"message {place}: {', '.join(message)}", hint="{'role': 'user', 'content': ...}",
            )  # fmt: skip


def _by_tokenizer(
    messages: list[dict[str, Any]],
    tokenizer: Tokenizer,
    generation_prompt: bool,
    given: dict[str, Any],
) -> str:
    name = type(tokenizer).__name__
    if not getattr(tokenizer, "chat_template", None):
        raise ArgumentError(
            f"{name} has no chat template",
            argument="template",
            expected="a tokenizer whose `chat_template` is set, or one of "
            + ", ".join(sorted(_BUILT_IN)),
            hint="base models often ship none: pass template='gemma3' or another name",
        )
    try:
        return str(
            tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=generation_prompt, **given
            )
        )
    except Exception as error:  # as above: the template is theirs, the data is ours
        raise _refused(name, error) from error


def _refused(name: str, error: Exception) -> FormattingError:
    return FormattingError(
        f"template {name!r} refuses the messages",
        found=f"{type(error).__name__}: {error}",
        hint="mk.lint(rows, on_bad='keep') names the rows and the reason",
    )
