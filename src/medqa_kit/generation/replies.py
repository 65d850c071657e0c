"""Replies read and judged: what is accepted, and why the rest is set aside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from medqa_kit.core.json_text import json_value
from medqa_kit.errors import FileError
from medqa_kit.generation.requests import Generation
from medqa_kit.quality.numbers.comparing import number_changes
from medqa_kit.quality.script_counts import Script
from medqa_kit.quality.scripts import script_share
from medqa_kit.validation.validating import validate

REPLY_CODES: Mapping[str, str] = {
    "not_json": "the reply is no JSON object",
    "fields": "a key of the reply is missing, of another type, or one that was not asked for",
    "empty": "a text of the reply is empty",
    "placeholder": "a text of the reply stands for one that is missing, such as N/A",
    "template_left": "a place of a template was not filled in",
    "refusal": "the model refuses, or speaks of itself",
    "mojibake": "a text of the reply was read in the wrong encoding",
    "repetition": "the reply says the same again and again",
    "bad_text": "the reply holds half of a surrogate pair, which cannot be stored",
    "numbers": "a number, dose or unit differs from that of the row",
    "script": "the reply is not in the script of its language",
    "unchanged": "the reply is what was sent",
    "longer": "a summary is no shorter than what it sums up",
}
"""Why a reply is set aside, by code; the codes of :func:`medqa_kit.parse_batch` come beside them."""

_FENCE = "```"
_CHECKS = ("text_blank", "placeholder", "template_left", "refusal", "mojibake", "repetition")
_SCRIPTS: Mapping[str, Script] = {"km": "khmer", "ko": "hangul"}
_LEAST_SHARE = 0.5  # of letters: names of drugs stay Latin in Korean and Khmer texts


class JudgedReply(NamedTuple):
    """What is said of a reply: the code is null where it is accepted."""

    code: str | None
    detail: str | None
    fields: Mapping[str, Any]


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
    texts, places = _texts(verdicts)
    faults = _text_faults(texts, places)
    return [
        verdict
        if verdict.code
        else _judged(verdict, faults.get(place), sent[place], languages[place], task)
        for place, verdict in enumerate(verdicts)
    ]


def _read(completion: str, sent: Mapping[str, Any], task: Generation) -> JudgedReply:
    text = _unfenced(completion.strip())
    try:
        values = json_value(text)
    except FileError as error:
        return JudgedReply("not_json", error.what, {})
    if not _is_storable(text, values):
        return JudgedReply("bad_text", None, {})
    if not isinstance(values, dict):
        return JudgedReply("not_json", f"it is a {type(values).__name__}", {})
    if task.rules.result == "pairs":
        return _pairs(values)
    wanted = [task.rules.result] if task.rules.result else task.asked(sent)
    for name in wanted:
        if not _alike(values.get(name), sent.get(name, "")):
            return JudgedReply("fields", name, {})
    if strange := sorted(set(values) - set(wanted) - set(sent)):
        return JudgedReply("fields", strange[0][:60], {})
    return JudgedReply(None, None, {name: values[name] for name in wanted})


def _unfenced(text: str) -> str:
    """Return what stands in a fenced block, where a reply is one."""
    if len(text) < 2 * len(_FENCE) or not (text.startswith(_FENCE) and text.endswith(_FENCE)):
        return text
    _, _, inner = text.removesuffix(_FENCE).partition("\n")
    return inner


def _is_storable(text: str, values: Any) -> bool:
    """Check whether no half of a surrogate pair is written out in a reply."""
    if "\\u" not in text:
        return True
    try:
        json.dumps(values, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


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
        if not isinstance(pair, dict) or set(pair) != {"question", "answer"} or not all(
            isinstance(text, str) for text in pair.values()
        ):  # fmt: skip
            return JudgedReply("fields", f"pairs/{place}", {})
    return JudgedReply(None, None, {"pairs": pairs})


def _strings(value: Any) -> list[str]:
    """Return all texts of a field of a reply."""
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value
    return [text for inner in values for text in _strings(inner)]


def _texts(verdicts: Sequence[JudgedReply]) -> tuple[list[str], list[int]]:
    texts: list[str] = []
    places: list[int] = []
    for place, verdict in enumerate(verdicts):
        own = _strings(verdict.fields) if verdict.code is None else []
        texts += own
        places += [place] * len(own)
    return texts, places


def _text_faults(texts: Sequence[str], places: Sequence[int]) -> dict[int, str]:
    """Return the first fault that the checks of texts find in each reply."""
    table = pa.table({"answer": pa.array(texts, pa.string())})
    findings = validate(table, checks=_CHECKS, columns=["answer"]).findings
    faults: dict[int, str] = {}
    for row, code in zip(findings["row"].to_pylist(), findings["code"].to_pylist(), strict=True):
        faults.setdefault(places[row], "empty" if code == "text_blank" else code)
    return faults


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
    whole = " ".join(after for _, _, after in pairs)
    known = [(before, after) for _, before, after in pairs if before is not None]
    if known and all(before.strip() == after.strip() for before, after in known):
        return JudgedReply("unchanged", None, {})
    for name, before, after in pairs:
        if task.rules.shorter and before is not None and len(after) >= len(before):
            return JudgedReply("longer", f"{len(before)} → {len(after)} characters", {})
        for change in number_changes(before or "", after):
            if change.code in task.rules.numbers:
                return JudgedReply("numbers", f"{name}: {change.detail}", {})
    if script := _SCRIPTS.get(language or ""):
        share = script_share(pa.array([whole], pa.large_string()), script)[0].as_py()
        if share < _LEAST_SHARE:
            return JudgedReply("script", f"{share:.0%} {script}", {})
    return verdict


def _after(value: Any) -> str:
    return "\n".join(_strings(value))


def _before(name: str, sent: Mapping[str, Any]) -> str | None:
    """Return what a field of the reply was made of; null where it is new."""
    value = sent.get("text") if name == "pairs" else sent.get(name)
    return None if value is None else _after(value)
