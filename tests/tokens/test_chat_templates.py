"""Renderings equal the golden file, made with the original templates, byte for byte."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from medqa_kit.errors import ArgumentError, FormattingError, MissingExtraError
from medqa_kit.tokens import chat_templates
from medqa_kit.tokens.chat_templates import ChatTemplate, render
from medqa_kit.tokens.template_engine import compiled

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "chat_template_golden.json").read_text("utf-8")
)
OURS = {"gemma1-2": "gemma2"}  # the golden file names the family, we name the release
ASKED = [{"role": "user", "content": "Q"}]


@pytest.mark.parametrize("case", GOLDEN, ids=[case["id"] for case in GOLDEN])
def test_golden(case: dict[str, Any]) -> None:
    name = OURS.get(case["template"], case["template"])

    def rendered() -> str:
        return render(
            case["messages"],
            template=name,
            generation_prompt=case["add_generation_prompt"],
            variables=case["template_kwargs"],
        )

    if "expected" in case:
        assert rendered() == case["expected"]
        return
    with pytest.raises(FormattingError) as caught:
        rendered()
    cause = caught.value.__cause__
    assert type(cause).__name__ == case["error"]["type"]
    assert str(cause) == case["error"]["message"]


def test_the_golden_file_covers_every_built_in_template() -> None:
    covered = {OURS.get(case["template"], case["template"]) for case in GOLDEN}
    assert covered | {"medgemma"} == {template.name for template in chat_templates.chat_templates()}
    assert len(GOLDEN) == 144


def test_medgemma_is_gemma3() -> None:
    assert render(ASKED, template="medgemma") == render(ASKED, template="gemma3")


@pytest.mark.parametrize("name", chat_templates.chat_templates())
def test_the_prompt_is_a_prefix_of_prompt_and_reply(name: str) -> None:
    turns = [*ASKED, {"role": "assistant", "content": "A"}]
    dated = {"date_string": "01 Jan 2030"}
    prompt = render(ASKED, template=name, generation_prompt=True, variables=dated)
    assert render(turns, template=name, variables=dated).startswith(prompt)


def test_llama32_wants_its_date_and_llama31_has_one() -> None:
    assert "Today Date: 26 Jul 2024\n" in render(ASKED, template="llama3.1")
    with pytest.raises(ArgumentError, match="needs the variable 'date_string'"):
        render(ASKED, template="llama3.2")


def test_thinking_can_be_switched_off_for_qwen3() -> None:
    text = render(
        ASKED, template="qwen3", generation_prompt=True, variables={"enable_thinking": False}
    )
    assert text.endswith("<|im_start|>assistant\n<think>\n\n</think>\n\n")


REPLIED = [*ASKED, {"role": "assistant", "content": "A"}]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}"
         "{{ 'x' }}{% endgeneration %}{% else %}{{ m.content }}\n{% endif %}{% endfor %}", "Q\nAx"),
        ("{{ messages[0] | tojson(separators=(',', ':'), sort_keys=true) }}",
         '{"content":"Q","role":"user"}'),
        ("{{ ['가'] | tojson(ensure_ascii=true) }}", '["\\uac00"]'),
        ("{{ tools is none and documents is none }}", "True"),
    ],
)  # fmt: skip
def test_templates_of_models_have_what_transformers_gives_them(source: str, text: str) -> None:
    assert render(REPLIED, template=ChatTemplate("mine", source)) == text


@pytest.mark.parametrize("name", ["reasoning_content", "thinking", "reasoning"])
def test_reasoning_may_have_any_of_its_names(name: str) -> None:
    told = [*ASKED, {"role": "assistant", "content": "A", name: "because"}]
    assert "<think>\nbecause\n</think>\n\nA" in render(told, template="qwen3")
    plain = ChatTemplate("mine", "{{ messages[1].thinking }}/{{ messages[1].reasoning_content }}")
    assert render(told, template=plain) == "because/because"


def test_templates_that_ask_the_clock_are_told_the_date() -> None:
    dated = ChatTemplate("mine", "{{ date_string or strftime_now('%d %b %Y') }}")
    with pytest.raises(ArgumentError, match="asks for today's date") as caught:
        render(ASKED, template=dated)
    assert "date_string" in str(caught.value)
    assert render(ASKED, template=dated, variables={"date_string": "01 Feb 2031"}) == "01 Feb 2031"
    told = {"strftime_now": lambda form: "02 Feb 2031"}
    assert render(ASKED, template=dated, variables=told) == "02 Feb 2031"


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(ArgumentError, match=r"did you mean 'qwen2\.5'"):
        render(ASKED, template="qwen25")


def test_the_sandbox_holds() -> None:
    escape = ChatTemplate("mine", "{{ messages.__class__.__mro__ }}{{ messages.append(1) }}")
    with pytest.raises(FormattingError, match="SecurityError"):
        render(ASKED, template=escape)


def test_broken_templates_and_empty_conversations_are_clear_errors() -> None:
    with pytest.raises(FormattingError, match="not valid Jinja"):
        render(ASKED, template=ChatTemplate("mine", "{% for %}"))
    with pytest.raises(ArgumentError, match="no messages"):
        render([], template="gemma3")


@pytest.mark.parametrize("name", ["qwen3", "gemma3", "llama3.1"])
def test_what_a_built_in_template_leaves_out_is_refused(name: str) -> None:
    plain = render(ASKED, template=name)
    assert render([*ASKED[:-1], ASKED[-1] | {"tool_calls": []}], template=name) == plain
    assert render(ASKED, template=name, variables={"tools": []}) == plain
    with pytest.raises(FormattingError, match="tools or calls"):
        render([*ASKED[:-1], ASKED[-1] | {"tool_calls": [{"id": "1"}]}], template=name)
    with pytest.raises(FormattingError, match="tools or calls"):
        render(ASKED, template=name, variables={"tools": [{"type": "function"}]})
    with pytest.raises(FormattingError, match=r"no role[\s\S]*message 0: from, value"):
        render([{"from": "human", "value": "Q"}], template=name)


@pytest.mark.parametrize("name", ["messages", "add_generation_prompt"])
def test_variables_that_render_gives_itself_are_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=r"from elsewhere[\s\S]*pass it as"):
        render(ASKED, template="qwen3", variables={name: True})


def test_without_jinja2_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"medqa_kit\[chat\]"):
        render(ASKED, template="gemma3")


class Spoken:
    """A tokenizer, as far as rendering is concerned."""

    chat_template: str | None = "its own"

    def apply_chat_template(
        self,
        conversation: Sequence[Mapping[str, Any]],
        *,
        tokenize: bool,
        add_generation_prompt: bool,
        **variables: Any,
    ) -> str:
        assert not tokenize
        return f"{conversation}{add_generation_prompt}{variables}"


def test_a_tokenizer_renders_with_its_own_template() -> None:
    said = render(
        [ASKED[0] | {"name": None}], template=Spoken(), generation_prompt=True, variables={"a": 1}
    )
    assert said == "[{'role': 'user', 'content': 'Q'}]True{'a': 1}"
    mute = Spoken()
    mute.chat_template = None
    with pytest.raises(ArgumentError, match="has no chat template"):
        render(ASKED, template=mute)


def test_what_is_no_message_or_template_is_refused() -> None:
    for wrong in ("Q", ["Q"], 3):
        with pytest.raises(ArgumentError, match="messages= takes"):
            render(wrong, template="gemma3")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="has no chat template"):
        render(ASKED, template=3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="source= takes text"):
        ChatTemplate("mine", "")
