"""HELM (crfm-helm 0.5.16): its medical scenarios, byte for byte, and how it reads replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from medqa_kit.evaluation.formats.format import LETTERS, Assembly, HarnessFormat, RawRow, Verdict
from medqa_kit.prompting.template import Template

_HARNESS = "crfm-helm 0.5.16"
_ONE_TOKEN = "One token is generated, and no stop string is sent although the spec has one."
_BY_TEXT = (
    "The letter is mapped to its option's text and compared as text: with repeated options a "
    "wrong letter scores as right."
)
_SHOTS = (
    "Shots cycle through the gold texts, the most repeated first ('All of the above'). See "
    "medqa_kit.evaluation.shot_draws.shot_indices."
)
_FIT = "A prompt that is too long loses shots from the end, then text from the right."


def read_one_letter(completion: str, options: Sequence[str]) -> Verdict:
    """Read a reply that is one letter, blanks aside."""
    value = completion.strip()
    letters = LETTERS[: len(options)]
    if value not in letters:
        return Verdict(None, None)
    return Verdict(value, letters.index(value), 0, len(completion))


_MED_QA = HarnessFormat(
    name="helm/med_qa@0.5.16",
    harness=_HARNESS,
    task="med_qa",
    data="jind11/MedQA, US/4_options/phrases_no_exclude_*.jsonl",
    split="dev and test",
    row=RawRow(question="question", options="options", option_key="value",
               answer="answer_idx", base="letter"),
    options=4,
    option_steps=("rstrip_quotes",),
    query=Template("Question: {question}\n{options}\nAnswer:"),
    assembly=Assembly(
        head="The following are multiple choice questions (with answers) about medicine.\n\n"
    ),
    max_tokens=1,
    read=read_one_letter,
    quirks=("Options lose quotes and then blanks at their end.", _ONE_TOKEN, _BY_TEXT, _SHOTS,
            _FIT),
)  # fmt: skip

_MED_MCQA = HarnessFormat(
    name="helm/med_mcqa@0.5.16",
    harness=_HARNESS,
    task="med_mcqa",
    data="medmcqa, original JSONL",
    split="dev, called valid",
    row=RawRow(question="question", options=("opa", "opb", "opc", "opd"), answer="cop", base=1),
    options=4,
    query=Template("Question: {question}\n{options}\nAnswer:"),
    assembly=Assembly(head="Give a letter answer among A, B, C or D.\n\n"),
    max_tokens=1,
    read=read_one_letter,
    quirks=("`cop` counts from 1 in the original files.", _ONE_TOKEN, _BY_TEXT, _SHOTS, _FIT),
)

_MEDHELM = Template(
    "Question: {question}\n{options}\nRespond only with 'A', 'B', 'C' or 'D'. Do not add any "
    "other text, punctuation, or symbols.:"
)
_MEDHELM_ASSEMBLY = Assembly(
    head="Give a letter answer among A, B, C or D. Do not include any explanation or additional "
    "text.\n\n",
    takes_shots=False,
)
_ENDING = "The prompt ends in `.:`."

HELM = (
    _MED_QA,
    _MED_MCQA,
    replace(
        _MED_QA,
        name="helm/medhelm_med_qa@0.5.16",
        task="medhelm_med_qa",
        query=_MEDHELM,
        assembly=_MEDHELM_ASSEMBLY,
        quirks=(_ENDING, "Options lose quotes and then blanks at their end.", _ONE_TOKEN, _BY_TEXT),
    ),
    replace(
        _MED_MCQA,
        name="helm/medhelm_med_mcqa@0.5.16",
        task="medhelm_med_mcqa",
        query=_MEDHELM,
        assembly=_MEDHELM_ASSEMBLY,
        quirks=(_ENDING, "`cop` counts from 1 in the original files.", _ONE_TOKEN, _BY_TEXT),
    ),
    HarnessFormat(
        name="helm/pubmed_qa@0.5.16",
        harness=_HARNESS,
        task="pubmed_qa",
        data="pubmedqa/pubmedqa @1f00b98, ori_pqal.json",
        split="all 1,000 rows as test",
        row=RawRow(question="QUESTION", answer="final_decision", base="word",
                   contexts=("CONTEXTS",), labels=("LABELS",)),
        words=("yes", "no", "maybe"),
        context="labelled",
        query=Template(
            "Question: Context: {context}\n\nQuestion: {question}\n\nA. yes\nB. no\nC. maybe\nAnswer:"
        ),
        assembly=Assembly(
            head="Answer A for yes, B for no or C for maybe. Do not include any explanation or "
            "additional text. Output only the letter on a single line.\n\n",
            takes_shots=False,
        ),
        max_tokens=1,
        read=read_one_letter,
        quirks=(
            "`Question:` stands twice.",
            "Headings are written by str.title: 2ND becomes 2Nd.",
            "All 1,000 rows are scored, not the 500 official test items alone.",
            _ONE_TOKEN,
        ),
    ),
)  # fmt: skip
