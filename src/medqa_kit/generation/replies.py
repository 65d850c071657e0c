"""Read and judge replies: accept them, or set them aside with a reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import pyarrow as pa

from medqa_kit.core.json_text import RepeatedKeys, json_value
from medqa_kit.errors import FileError
from medqa_kit.generation.reply_forms import is_object, lost_place, reply_object, speaks_of_task
from medqa_kit.generation.reply_scripts import has_words, is_sentence, script_fault
from medqa_kit.generation.requests import Generation
from medqa_kit.matching.letters import letters_of
from medqa_kit.quality.numbers.comparing import (
    NumberChange,
    NumberCode,
    number_changes,
    strange_figures,
)
from medqa_kit.quality.numbers.swapped import swapped_figures
from medqa_kit.quality.numbers.word_amounts import changed_words
from medqa_kit.validation.text_checks import says_nothing
from medqa_kit.validation.validating import validate

REPLY_CODES: Mapping[str, str] = {
    "not_json": "the reply is no JSON object",
    "fields": "a key of the reply is missing, of another type, or one that was not asked for",
    "merged": "options that differ became equal",
    "empty": "a text of the reply is empty",
    "talk": "the reply speaks of the task or thinks aloud, such as 'Here is the translation:'",
    "placeholder": "a text of the reply stands for one that is missing, such as N/A",
    "template_left": "a place of a template was not filled in",
    "place_lost": "a place to fill in, such as {drug}, is gone or has another name",
    "turn_left": "the reply goes on with another turn",
    "markup_left": "the reply has tags, entities or escapes that were not sent",
    "refusal": "the model refuses, or speaks of itself",
    "mojibake": "a text of the reply was read in the wrong encoding",
    "repetition": "the reply says the same again and again",
    "bad_text": "the reply holds half of a surrogate pair, or a control character",
    "numbers": "a number, dose or unit differs from that of the row",
    "moved": "the answer of the reply is another one of its options than the right one was of those sent",
    "script": "the reply, or a part of it, is not in the script of its language",
    "unchanged": "the reply is what was sent",
    "longer": "a summary is no shorter than what it sums up",
}
"""Why a reply is set aside, by code; the codes of :func:`medqa_kit.parse_batch` come beside them."""

_CONTROL = re.compile(
    r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F\u202A-\u202E\u2066-\u2069]"
    r"|(?<![\U0001F3F4\U000E0020-\U000E007F])[\U000E0001\U000E0020-\U000E007F]"
)  # of "\frac" with one backslash, too; tags belong to flags alone
_OF_WORDS: tuple[NumberCode, ...] = ("negation_lost", "bound_flipped", "per_changed")
_WORDS_OF_TEXT = 4  # fewer are a word, or an option of one
_CHECKS = (
    "text_blank",
    "placeholder",
    "template_left",
    "refusal",
    "mojibake",
    "repetition",
    "turn_left",
    "markup_left",
)


class JudgedReply(NamedTuple):
    """What is said of a reply: the code is null where it is accepted."""

    code: str | None
    detail: str | None
    fields: Mapping[str, Any]


class _Text(NamedTuple):
    """A text of a reply, and what it was made of; empty where it is new."""

    reply: int
    text: str
    before: str


def judged_replies(
    completions: Sequence[str],
    prompts: Sequence[str],
    languages: Sequence[str | None],
    task: Generation,
) -> list[JudgedReply]:
    """Judge replies, each by what was sent.

    Loops over replies, since each is a JSON text of its own.

    Args:
        completions: What the model said.
        prompts: The JSON objects that were sent.
        languages: The languages the replies are to have.
        task: What was asked for.

    Returns:
        One verdict for each reply, the first fault of :data:`REPLY_CODES` in it.
    """
    sent = [json.loads(prompt) for prompt in prompts]
    verdicts = [_read(text, values, task) for text, values in zip(completions, sent, strict=True)]
    faults = _text_faults(list(_texts(verdicts, sent)))
    return [
        verdict
        if verdict.code
        else _judged(verdict, faults.get(place), sent[place], languages[place], task)
        for place, verdict in enumerate(verdicts)
    ]


def _read(completion: str, sent: Mapping[str, Any], task: Generation) -> JudgedReply:
    text = reply_object(completion)
    try:
        values = json_value(text)
    except FileError as error:
        return JudgedReply("not_json", error.what, {})
    if not _is_storable(text, values):
        return JudgedReply("bad_text", None, {})
    if not isinstance(values, dict):
        return JudgedReply("not_json", f"it is a {type(values).__name__}", {})
    if isinstance(values, RepeatedKeys):
        return JudgedReply("fields", f"{min(values.repeated)[:60]} twice", {})
    read = _pairs(values) if task.rules.result == "pairs" else _columns(values, sent, task)
    texts = _strings(read.fields)
    if any(map(is_object, texts)):
        return JudgedReply("fields", "an object within a text", {})
    if any(map(_CONTROL.search, texts)):
        return JudgedReply("bad_text", None, {})
    return read


def _columns(values: Mapping[str, Any], sent: Mapping[str, Any], task: Generation) -> JudgedReply:
    wanted = [task.rules.result] if task.rules.result else task.asked(sent)
    for name in wanted:
        if not _alike(values.get(name), sent.get(name, "")):
            return JudgedReply("fields", name, {})
        if _merged(values[name], sent.get(name)):
            return JudgedReply("merged", name, {})
    if strange := sorted(set(values) - set(wanted) - set(sent)):
        return JudgedReply("fields", strange[0][:60], {})
    return JudgedReply(None, None, {name: values[name] for name in wanted})


def _is_storable(text: str, values: Any) -> bool:
    """Check whether no half of a surrogate pair is written out in a reply."""
    if "\\u" not in text:
        return True
    try:
        json.dumps(values, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _merged(value: Any, sent: Any) -> bool:
    """Check whether options that differ became equal."""
    return isinstance(sent, list) and len(set(value)) < len(set(sent))


def _moved(values: Mapping[str, Any], sent: Mapping[str, Any]) -> str | None:
    """Say to which place the right option went; null where it stayed, or the answer is none of the options."""
    before, after = (_places_of_answer(fields) for fields in (sent, values))
    if not before or not after or before & after:
        return None
    return f"option {min(before) + 1} → option {min(after) + 1}"


def _places_of_answer(fields: Mapping[str, Any]) -> set[int]:
    """Return the places of the options that are the answer."""
    options, answer = fields.get("options"), fields.get("answer")
    if not isinstance(options, list) or not isinstance(answer, str):
        return set()
    return {place for place, text in enumerate(options) if _letters(text) == _letters(answer)}


def _alike(value: Any, sent: Any) -> bool:
    if isinstance(sent, list):
        return (
            isinstance(value, list) and len(value) == len(sent)
            and all(isinstance(text, str) for text in value)
        )  # fmt: skip
    return isinstance(value, str)


def _pairs(values: Mapping[str, Any]) -> JudgedReply:
    pairs = values.get("pairs")
    if not isinstance(pairs, list) or not pairs:
        return JudgedReply("fields", "pairs", {})
    for place, pair in enumerate(pairs):
        if (
            not isinstance(pair, dict) or isinstance(pair, RepeatedKeys)
            or set(pair) != {"question", "answer"} or not all(isinstance(text, str) for text in pair.values())
        ):  # fmt: skip
            return JudgedReply("fields", f"pairs/{place}", {})
    return JudgedReply(None, None, {"pairs": pairs})


def _strings(value: Any) -> list[str]:
    """Return all texts of a field of a reply."""
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value
    return [text for inner in values for text in _strings(inner)]


def _texts(verdicts: Sequence[JudgedReply], sent: Sequence[Mapping[str, Any]]) -> Iterator[_Text]:
    for place, verdict in enumerate(verdicts):
        if verdict.code is None:
            for name, value in verdict.fields.items():
                own, before = _strings(value), _strings(sent[place].get(name, []))
                known = before if len(before) == len(own) else [""] * len(own)
                yield from map(_Text, repeat(place), own, known)


def _text_faults(texts: Sequence[_Text]) -> dict[int, str]:
    """Return the first fault of each reply that checks find in a text, and not in what it was made of."""
    before = set(_faults([text.before for text in texts]))
    nothing = says_nothing(pa.array([text.text for text in texts], pa.string()))
    faults: dict[int, str] = {}
    for at, code in _faults([text.text for text in texts]):
        # An option such as "None" is an answer in each language.
        is_answer = (
            code == "placeholder"
            and nothing[at]
            and 0 < len(texts[at].before.split()) < _WORDS_OF_TEXT
        )
        if (at, code) not in before and not is_answer:
            faults.setdefault(texts[at].reply, "empty" if code == "text_blank" else code)
    return faults


def _faults(texts: Sequence[str]) -> list[tuple[int, str]]:
    table = pa.table({"answer": pa.array(texts, pa.string())})
    findings = validate(table, checks=_CHECKS, columns=["answer"]).findings
    return list(zip(findings["row"].to_pylist(), findings["code"].to_pylist(), strict=True))


def _judged(
    verdict: JudgedReply,
    fault: str | None,
    sent: Mapping[str, Any],
    language: str | None,
    task: Generation,
) -> JudgedReply:
    """Judge a reply whose texts are sound by what it was made of."""
    if fault:
        return JudgedReply(fault, None, {})
    pairs = [(name, _before(name, sent), _after(value)) for name, value in verdict.fields.items()]
    for name, before, _ in pairs:
        if any(speaks_of_task(text, before) for text in _strings(verdict.fields[name])):
            return JudgedReply("talk", name, {})
    if unchanged := _unchanged(verdict.fields, sent, task):
        return unchanged
    for name, before, after in pairs:
        if task.rules.shorter and before is not None and len(after) >= len(before):
            return JudgedReply("longer", f"{len(before)} → {len(after)} characters", {})
        for own, other in _side_by_side(before, after, sent.get(name), verdict.fields[name]):
            if not task.rules.sums_up and (lost := lost_place(own, other)):
                return JudgedReply("place_lost", f"{name}: {lost}", {})
            for change in _figure_changes(own, other, sent, task):
                if change.code in task.rules.numbers:
                    return JudgedReply("numbers", f"{name}: {change.detail}", {})
    if moved := _moved(verdict.fields, sent):
        return JudgedReply("moved", moved, {})
    texts = [text for value in verdict.fields.values() for text in _strings(value)]
    if said := script_fault(texts, _strings(sent), language):
        return JudgedReply("script", said, {})
    return verdict


def _side_by_side(
    before: str | None, after: str, sent: Any, value: Any
) -> Iterator[tuple[str, str]]:
    """Return what is compared of a field: options one by one, since the right one is known by its place."""
    if isinstance(sent, list) and isinstance(value, list) and len(sent) == len(value):
        yield from zip(sent, value, strict=True)
    else:
        yield before or "", after


def _unchanged(
    fields: Mapping[str, Any], sent: Mapping[str, Any], task: Generation
) -> JudgedReply | None:
    """Tell a reply that is what was sent, but for blanks and marks.

    Figures and abbreviations are the same in each language.
    """
    known = {name: value for name, value in fields.items() if _before(name, sent) is not None}
    texts = [(name, text) for name, value in known.items() for text in _strings(value)]
    same = [_letters(text) for _, text in texts]
    before = [_letters(text) for name in known for text in _strings(sent.get(name, []))]
    if task.task == "translation":
        for (name, text), letters in zip(texts, same, strict=True):
            if letters in before and is_sentence(text):
                return JudgedReply("unchanged", name, {})
        if not any(has_words(text) for _, text in texts):
            return None
    return JudgedReply("unchanged", None, {}) if texts and same == before else None


def _letters(text: str) -> str:
    return letters_of(text) or text.strip()


def _figure_changes(
    before: str, after: str, sent: Mapping[str, Any], task: Generation
) -> list[NumberChange]:
    """Tell what became of figures; what sums up may say those of all that was sent, as often as it likes."""
    changes = number_changes(before, after)
    if not task.rules.sums_up:
        swapped = [NumberChange("number_changed", said) for said in swapped_figures(before, after)]
        return changes or changed_words(before, after) or swapped
    said = [change for change in changes if change.code in _OF_WORDS]
    return [*said, *strange_figures(_after(sent), after)]


def _after(value: Any) -> str:
    return "\n".join(_strings(value))


def _before(name: str, sent: Mapping[str, Any]) -> str | None:
    """Return what a field of the reply was made of; null where it is new."""
    value = sent.get("text") if name == "pairs" else sent.get(name)
    return None if value is None else _after(value)
