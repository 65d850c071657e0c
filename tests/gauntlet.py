"""The gauntlet: every way we know in which an exam item gets into training data, and what only looks so.

A disguise turns an invented item into a row of one of the seven schemas. Rows are grouped by
schema, so that each group is one table. See ``test_splitting_gauntlet.py`` for what must hold.
"""

from __future__ import annotations

import html
import json
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa

from exam_text import Item, Language, Writer
from medqa_kit.schemas import DIALOGUE, PREFERENCE, QA, TEXT, conform

Row = dict[str, Any]
Disguise = Callable[[Item, Writer, random.Random], tuple[str, Row]]

_SCHEMAS = {"qa": QA, "preference": PREFERENCE, "dialogue": DIALOGUE, "text": TEXT}
_ASKING = {
    "ko": "다음 문제를 읽고 알맞은 답을 하나 고르시오. 풀이도 함께 쓰시오.\n\n문제: ",
    "km": "សូមអានសំណួរខាងក្រោម ហើយជ្រើសរើសចម្លើយមួយ។\n\nសំណួរ: ",
    "en": "Read the question below and choose one answer. Explain your choice.\n\nQuestion: ",
}


def question(stem: str, options: tuple[str, ...] | None, **more: Any) -> tuple[str, Row]:
    return "qa", {"question": stem, "options": None if options is None else list(options), **more}


def listed(item: Item, labels: str, between: str) -> str:
    return between.join(f"{label} {text}" for label, text in zip(labels.split(), item.options, strict=True))  # fmt: skip


def both(change: Callable[[str], str]) -> Disguise:
    """Make a disguise that changes the stem and every option in the same way."""
    return lambda item, _w, _r: question(change(item.stem), tuple(map(change, item.options)))


def edited(change: Callable[[str, Language, random.Random], str]) -> Disguise:
    """Make a disguise that edits stem and options at random."""

    def apply(item: Item, _writer: Writer, draw: random.Random) -> tuple[str, Row]:
        return question(change(item.stem, item.language, draw),
                        tuple(change(text, item.language, draw) for text in item.options))  # fmt: skip

    return apply


def within(change: Callable[[str, Language, random.Random], str], wrap: Disguise) -> Disguise:
    """Make a disguise that edits stem and options at random and puts them into other text."""

    def apply(item: Item, writer: Writer, draw: random.Random) -> tuple[str, Row]:
        words = [change(text, item.language, draw) for text in (item.stem, *item.options)]
        return wrap(replace(item, stem=words[0], options=tuple(words[1:])), writer, draw)

    return apply


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def zero_width(text: str) -> str:
    return "\u200b".join(text[i : i + 3] for i in range(0, len(text), 3))


def entities(text: str) -> str:
    plain = html.escape(text).replace(" ", "&nbsp;")
    return "".join(
        f"&#{ord(c)};" if i % 4 == 0 and ord(c) > 127 else c for i, c in enumerate(plain)
    )


def tags(text: str) -> str:
    words = text.split(" ")
    return (
        "<p>"
        + " ".join(f"<b>{w}</b>" if i % 3 == 0 else w for i, w in enumerate(words))
        + "<br/></p>"
    )


def broken(text: str) -> str:
    return "\n".join(text[i : i + 7] for i in range(0, len(text), 7))


def punctuation(text: str) -> str:
    return re.sub(r"[?.,]", " …", text).replace(" ", "  ") + " !"


_PARTICLES: dict[str, list[tuple[str, str]]] = {
    "ko": [("에서", "에"), ("으로", "을 통해"), ("은 ", "이 "), ("는 ", "가 "), ("이 ", "은 "), ("가 ", "는 "), ("을 ", "도 "),
           ("를 ", "만 "), ("의 ", " "), ("과 ", ", "), ("것은", "것을 고르시오"), ("때문에", "으로 인해"), ("한다", "하여야 한다"), ("이다", "임")],
    "km": [("តើ", ""), ("ដែល", ""), ("នៃ", "របស់"), ("ដោយសារ", "ព្រោះ"), ("និង", "ព្រមទាំង"), ("មាន", "ឃើញមាន"), ("ឱ្យ", "អោយ"), ("គួរ", "ត្រូវ"), ("ក៏", "")],
    "en": [("Which of the following is", "Choose"), (" the ", " "), (" a ", " one "), (" is ", " was "), (" for ", " in "), ("because of", "due to"),
           (" has ", " had "), (" with ", " having "), (" of ", " from "), ("There is", "There was"), (" and ", " as well as ")],
}  # fmt: skip


def particles(text: str, language: Language, _draw: random.Random) -> str:
    for old, new in _PARTICLES[language]:
        text = text.replace(old, "\x00".join([new[:1], new[1:]]) if new else "")  # not edited twice
    return text.replace("\x00", "")


_LETTERS = {"ko": "가나다라마바사아자차카타파하고노도로", "km": "កខគងចញដតនបមយរលវសហអ", "en": "abcdefghijklmnopqrstuvwxyz"}  # fmt: skip


def typos(text: str, language: Language, draw: random.Random) -> str:
    """One letter in ten is another letter, missing, or doubled.

    Not a digit: another number makes another item.
    """
    out = list(text)
    for i in range(0, len(out) - 4, 10):
        at = min(i + draw.randrange(10), len(out) - 1)
        if out[at].isdigit():
            continue
        out[at] = draw.choice([draw.choice(_LETTERS[language]), "", out[at] * 2])
    return "".join(out)


def _words(text: str, language: Language) -> list[str]:
    if language != "km":
        return text.split(" ")
    # Khmer writes no spaces between words: eight letters are about one, signs counted.
    return [part for chunk in text.split(" ") for part in (*re.findall(".{1,8}", chunk), " ")]


def _unwords(words: list[str], language: Language) -> str:
    return ("" if language == "km" else " ").join(words)


def replaced(text: str, language: Language, draw: random.Random) -> str:
    """15 % of the words are other words."""
    words = _words(text, language)
    other = _words(Writer(language, draw.randrange(10**9)).prose(2), language)
    for at in draw.sample(range(len(words)), round(0.15 * len(words))):
        words[at] = draw.choice(other)
    return _unwords(words, language)


def dropped(text: str, language: Language, draw: random.Random) -> str:
    """12 % of the words are missing."""
    words = _words(text, language)
    gone = set(draw.sample(range(len(words)), round(0.12 * len(words))))
    return _unwords([word for i, word in enumerate(words) if i not in gone], language)


def shuffled(item: Item, _writer: Writer, draw: random.Random) -> tuple[str, Row]:
    return question(item.stem, tuple(draw.sample(item.options, len(item.options))))


def labelled(item: Item, _writer: Writer, draw: random.Random) -> tuple[str, Row]:
    options = draw.sample(item.options, len(item.options))
    return question(item.stem, tuple(f"{'ABCDE'[i]}) {text}" for i, text in enumerate(options)))


def circled(item: Item, _writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    return question(f"{item.stem}\n{listed(item, '① ② ③ ④ ⑤', ' ')}", None, answer=item.answer)


def embedded(item: Item, _writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    return question(f"{item.stem}\n{listed(item, '(A) (B) (C) (D) (E)', ', ')}", None)


def instructed(item: Item, writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    return "preference", {
        "prompt": f"{_ASKING[item.language]}{item.stem}\n{listed(item, 'A. B. C. D. E.', chr(10))}",
        "chosen": item.answer, "rejected": writer.prose(1),
    }  # fmt: skip


def spoken(item: Item, writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    turns = [
        writer.prose(1),
        writer.prose(2),
        f"{item.stem} {listed(item, '1) 2) 3) 4) 5)', ' ')}",
        item.answer,
    ]
    return "dialogue", {"messages": [{"role": ("user", "assistant")[i % 2], "content": text}
                                     for i, text in enumerate(turns)]}  # fmt: skip


def reasoned(item: Item, writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    choices = listed(item, "1. 2. 3. 4. 5.", "\n")
    rationale = f"{writer.prose(3)}\n{item.stem}\n{choices}\n{writer.prose(4)}"
    return question(writer.prose(1, medical=0), None, answer=writer.prose(1), rationale=rationale)


def in_a_note(item: Item, writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    choices = listed(item, "a. b. c. d. e.", "\n")
    return "text", {"title": None, "text": f"{writer.prose(40)}\n{item.stem}\n{choices}\n{writer.prose(40)}"}  # fmt: skip


def one_option_less(item: Item, _writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    return question(item.stem, item.options[:4])


def answered(item: Item, _writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    return question(item.stem, None, answer=item.answer)


def escaped(item: Item, _writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    row = {"question": item.stem, "options": list(item.options), "answer": 0}
    return "text", {"title": None, "text": json.dumps(row)}


def escaped_twice(item: Item, writer: Writer, draw: random.Random) -> tuple[str, Row]:
    row = {"payload": escaped(item, writer, draw)[1]["text"]}
    return "text", {"title": None, "text": json.dumps(row)}


_LABELS = {
    "ko": ("សំណួរ", "ក ខ គ ឃ ង", "ចម្លើយ"),
    "km": ("문제", "가 나 다 라 마", "정답"),
    "en": ("문제", "ㄱ ㄴ ㄷ ㄹ ㅁ", "정답"),
}


def relabelled(item: Item, _writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    """Every label in another language."""
    asked, labels, answer = _LABELS[item.language]
    listing = "\n".join(
        f"{label}) {text}" for label, text in zip(labels.split(), item.options, strict=True)
    )
    return "text", {
        "title": None,
        "text": f"{asked}: {item.stem}\n{listing}\n{answer}: {labels[0]}) {item.answer}",
    }


def explained(item: Item, writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    """Inside the explanation of another item."""
    other = writer.item("x")
    rationale = (
        f"{writer.prose(2)} {item.stem} {listed(item, '1) 2) 3) 4) 5)', ' ')} {writer.prose(2)}"
    )
    return question(
        other.stem, other.options, answer=other.answer, answer_index=0, rationale=rationale
    )


FORMS = {"ko": "문제: {}\n답: {}", "km": "សំណួរ: {}\nចម្លើយ: {}", "en": "Question: {}\nAnswer: {}"}


def with_gold(item: Item, _writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    return "text", {"title": None, "text": FORMS[item.language].format(item.stem, item.answer)}


def reworded(item: Item, writer: Writer, draw: random.Random) -> tuple[str, Row]:
    """Reused by another year: other words in the stem, two other options, the same right one."""
    stem = particles(replaced(item.stem, item.language, draw), item.language, draw)
    fresh = writer.options(item.kind, without=_bare(item, writer))
    options = [*draw.sample(item.options[1:], 2), item.answer, *fresh[:2]]
    draw.shuffle(options)
    return question(
        stem, tuple(options), answer=item.answer, answer_index=options.index(item.answer)
    )


def twin(item: Item, writer: Writer, draw: random.Random) -> tuple[str, Row]:
    """Another case of the template; three options are the item's, and another one is right."""
    fresh: list[str] = []
    while len(fresh) < 2:  # the same case again, or doses of a small base
        kind, row = same_template(item, writer, draw)
        if row["question"] != item.stem or item.stem in writer.words.shorts[item.kind]:
            fresh = [text for text in row["options"] if text not in item.options]
    options = [fresh[0], *item.options[:3], fresh[1]]
    return kind, {**row, "options": options, "answer": fresh[0], "answer_index": 0}


FAITHFUL: dict[str, Disguise] = {
    "exact": both(lambda text: text),
    "decomposed (NFD)": both(lambda text: unicodedata.normalize("NFD", text)),
    "full-width": both(full_width),
    "circled digits": circled,
    "other option markers": labelled,
    "options shuffled": shuffled,
    "zero-width characters": both(zero_width),
    "selectors of variants": both("\ufe0f".join),
    "letters struck out": both(lambda text: "".join(f"{c}\u0336" for c in text)),
    "fillers for blanks": both(lambda text: text.replace(" ", "\u3164")),
    "upper case": both(str.upper),
    "other punctuation": both(punctuation),
    "HTML entities": both(entities),
    "HTML tags": both(tags),
    "line breaks inside words": both(broken),
    "options in the question": embedded,
    "in an instruction": instructed,
    "in a dialogue turn": spoken,
    "in a rationale": reasoned,
    "in a long note": in_a_note,
    "escaped JSON": escaped,
    "escaped JSON, twice": escaped_twice,
    "labels of another language": relabelled,
    "in another item's explanation": explained,
}
"""Copies that keep every word: all of them have to be found."""

EDITED: dict[str, Disguise] = {
    "particles edited": edited(particles),
    "one typo in ten letters": edited(typos),
    "15 % of words replaced": edited(replaced),
    "12 % of words dropped": edited(dropped),
    "one option less": one_option_less,
}
"""Copies with some words changed."""

EDITED_WITHIN: dict[str, Disguise] = {
    "particles edited, in an instruction": within(particles, instructed),
    "typos, in a dialogue turn": within(typos, spoken),
    "words replaced, in a rationale": within(replaced, reasoned),
    "words dropped, in a long note": within(dropped, in_a_note),
}
"""The same, somewhere in other text: no list of options tells what is what."""

LONG_ONLY: dict[str, Disguise] = {
    "stem and answer only": answered,
    "the same, particles edited": within(particles, answered),
    "the same, typos": within(typos, answered),
    "the same, words replaced": within(replaced, answered),
    "the same, words dropped": within(dropped, answered),
}
"""Copies that can be told apart only where the stem is long."""


ANSWERED: dict[str, Disguise] = {
    "question and gold": with_gold,
    "question and gold, particles edited": within(particles, with_gold),
    "question and gold, typos": within(typos, with_gold),
    "question and gold, words replaced": within(replaced, with_gold),
    "question and gold, words dropped": within(dropped, with_gold),
}
"""The stem with its right option and none of the others; for stems that say something."""


def same_template(item: Item, writer: Writer, draw: random.Random) -> tuple[str, Row]:
    """Another item from the same templates, of the same kind, with other options."""
    words = writer.words
    if item.kind in words.asks and len(item.stem) > 60:
        stem = f"{writer.vignette()} {draw.choice(words.asks[item.kind])}"
    else:
        stem = writer.fill(draw.choice(words.shorts[item.kind]))
    return question(stem, writer.options(item.kind, without=_bare(item, writer)))


def same_answer(item: Item, writer: Writer, draw: random.Random) -> tuple[str, Row]:
    """Another question from the same template, without options, with the item's answer."""
    _, row = same_template(item, writer, draw)
    text = FORMS[item.language].format(row["question"], item.answer)
    return "text", {"title": None, "text": text}


def same_options(item: Item, writer: Writer, draw: random.Random) -> tuple[str, Row]:
    """The item's options under another case, or another short question."""
    other = writer.long_item("x") if draw.random() < 0.5 else writer.item("x")
    while other.stem == item.stem:
        other = writer.item("x")
    return question(other.stem, tuple(draw.sample(item.options, 5)))


def same_stem(item: Item, writer: Writer, _draw: random.Random) -> tuple[str, Row]:
    """The item's short stem with five other options."""
    return question(item.stem, writer.options(item.kind, without=_bare(item, writer)))


def other_year(item: Item, writer: Writer, draw: random.Random) -> tuple[str, Row]:
    """Another question of the same kind, with one option of the item among its own."""
    fresh = writer.options(item.kind, without=_bare(item, writer))
    kind, row = same_template(item, writer, draw)
    return kind, {**row, "options": [item.options[0], *fresh[1:]]}


def chapter(item: Item, writer: Writer, draw: random.Random) -> tuple[str, Row]:
    """Prose that names all of the item's options."""
    sentences = [writer.prose(1) for _ in range(8)]
    for option in item.options:
        sentences.insert(draw.randrange(len(sentences)), f"{option}: {writer.prose(1, medical=1)}")
    return "text", {"title": None, "text": " ".join(sentences)}


def _bare(item: Item, writer: Writer) -> tuple[str, ...]:
    pool = getattr(writer.words, item.kind, []) if item.kind not in ("facts", "numbers") else []
    return tuple(word for word in pool if any(word in option for option in item.options))


LOOKALIKES: dict[str, Disguise] = {
    "same template, other item": same_template,
    "same options, other stem": same_options,
    "same short stem, other options": same_stem,
    "another year's question": other_year,
    "same template and answer, other item": same_answer,
    "a chapter with all options": chapter,
}
"""Rows that are not the item."""


def planted(items: list[Item], disguise: Disguise, *, seed: int) -> tuple[pa.Table, list[str]]:
    """Turn each item into a row; give the table and the item of each row."""
    draw = random.Random(seed)
    rows, kind = [], ""
    for i, item in enumerate(items):
        kind, row = disguise(item, Writer(item.language, seed * 1_000_003 + i), draw)
        rows.append(row | {"id": f"row/{i}", "source": "demo", "split": "train", "subset": None,
                           "language": item.language, "family": None})  # fmt: skip
    names = sorted({name for row in rows for name in row})
    schema = _SCHEMAS[kind]
    table = pa.Table.from_pylist(rows, pa.schema([schema.field(name) for name in names]))
    return conform(table, schema), [item.id for item in items]


def held_table(items: list[Item]) -> pa.Table:
    """Give items as rows of :data:`medqa_kit.schemas.QA`."""
    rows = [{"id": item.id, "source": "demo_exam", "split": "test", "language": item.language,
             "question": item.stem, "options": list(item.options), "answer_index": 0,
             "answer": item.answer, "year": 2022 + i % 3} for i, item in enumerate(items)]  # fmt: skip
    return conform(pa.Table.from_pylist(rows), QA)
