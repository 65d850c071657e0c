"""What stands around the object of a reply, and what a model says of its task within the texts."""

from __future__ import annotations

import re

from medqa_kit.core.json_text import json_value
from medqa_kit.errors import FileError

_THOUGHTS = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_BLOCK = re.compile(r"(```|~~~)[ \t]*(?:json[cl5]?\b)?(.*?)\1", re.DOTALL | re.IGNORECASE)

_MADE = r"(?:translat|paraphras|rephras|reword|rewritten|summar|explanation|json|version)"
_OPENING = re.compile(
    # Sure! Here is the Korean translation:
    rf"(?i)^\W*(?:(?:sure|certainly|of course|absolutely|okay|ok)\b[^\n:]{{0,40}})?"
    rf"(?:here(?:['’]s| is| are)|below is|the following is|this is)\b[^\n:]{{0,60}}\b{_MADE}[^\n:]{{0,60}}[:\n]"
    # 다음은 번역입니다.
    r"|^\W*(?:다음은|아래는|여기)[^\n:：.]{0,40}(?:번역|바꿔|바꾼|의역|요약|설명)[^\n:：.]{0,20}[:：.\n]"
    r"|^\W*(?:នេះ|ខាងក្រោម)[^\n:៖។]{0,40}បកប្រែ[^\n:៖។]{0,40}[:៖។\n]"
)
_LABEL = re.compile(
    r"(?i)^\W*(?:(?:korean |khmer |english )?translation|translated(?: text)?|paraphrased?(?: question)?"
    r"|rephrased(?: question)?|reworded(?: question)?|(?:한국어 |질문 )?번역(?:문|본| 결과)?|의역"
    r"|(?:ការ|សេចក្តី)?បកប្រែ[\u1780-\u17D2]{0,20})\s*[:：៖]"
)
_ANY_LABEL = re.compile(r"^\W*[^\s:：៖]{1,30}(?: [^\s:：៖]{1,30})?\s*[:：៖]")
_TAG = re.compile(r"</?(?:think|thinking|thought|reasoning)>", re.IGNORECASE)


def reply_object(reply: str) -> str:
    r"""Return the JSON object of a reply, without thoughts, a fence or words around it.

    Where no single object stands out, the reply itself is returned, for the reader to tell what is wrong.

    Example:
        >>> reply_object('<think>Well.</think>Here it is:\n```json\n{"question": "Why?"}\n```\nGood luck!')
        '{"question": "Why?"}'
        >>> reply_object("I cannot do that.")
        'I cannot do that.'
    """
    whole = reply.strip()
    said = _THOUGHTS.split(whole)[-1].strip()
    blocks = [block[2].strip() for block in _BLOCK.finditer(said)]
    begin, end = said.find("{"), said.rfind("}") + 1
    candidates = [
        whole,
        said,
        *(blocks if len(blocks) == 1 else []),
        said[begin:end] if begin >= 0 else "",
    ]
    return next(filter(is_object, candidates), whole)


def is_object(text: str) -> bool:
    """Check whether a text is a JSON object.

    Example:
        >>> is_object('{"a": 1}'), is_object("{name}")
        (True, False)
    """
    if not text.startswith(("{", "\ufeff{")):
        return False
    try:
        return isinstance(json_value(text), dict)
    except FileError:
        return False


def speaks_of_task(text: str, before: str | None) -> bool:
    """Check whether a model announces what it was asked for, or thinks aloud.

    Args:
        text: What it wrote.
        before: What that was made of; a label may be of the text itself, where that has one as well.

    Example:
        >>> speaks_of_task("번역: 열이 있다.", "He has a fever."), speaks_of_task("열이 있다.", "He has a fever.")
        (True, False)
    """
    if _TAG.search(text):
        return not (before and _TAG.search(before))
    if _OPENING.match(text):
        return True
    return bool(_LABEL.match(text)) and not (before and _ANY_LABEL.match(before))
