"""Escaped text: an item gets the same finding in plain text and in each encoding of it."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
import quopri
import re
from collections.abc import Callable
from email.header import Header
from urllib.parse import quote, quote_plus

import pytest

from exam_text import LANGUAGES, Item, items
from gauntlet import held_table
from medqa_kit.cli import main
from medqa_kit.decontamination.exclusion import check, exclude, overlap, search
from medqa_kit.decontamination.findings import dropped_rows
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.errors import LeakError

EXAM = [item for language in LANGUAGES for item in items(language, 100, seed=31)]


def cell(text: str) -> str:
    """Write JSON of a text as one cell of a CSV file: its quotes are doubled."""
    line = io.StringIO()
    csv.writer(line).writerow([json.dumps({"text": text}), "1"])
    return line.getvalue()


def mail_word(word: str) -> str:
    """Write a word as one of a mail's head."""
    quoted = quopri.encodestring(word.encode(), header=True).decode().replace("=\n", "")
    return f"=?UTF-8?Q?{quoted}?="


SHOWN = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
HIDDEN = [byte for byte in range(0x100) if byte not in SHOWN]
BYTE_LETTERS = {byte: chr(byte) for byte in SHOWN} | {
    byte: chr(0x100 + place) for place, byte in enumerate(HIDDEN)
}


ENCODINGS: dict[str, Callable[[str], str]] = {
    "JSON": json.dumps,
    "JSON, twice": lambda text: json.dumps(json.dumps(text)),
    "JSON of a row": lambda text: json.dumps({"text": text}),
    "JSON of a row, twice": lambda text: json.dumps({"row": json.dumps({"text": text})}),
    "JSON, letters as they are": lambda text: json.dumps(text, ensure_ascii=False),
    "percents": quote,
    "percents, twice": lambda text: quote(quote(text)),
    "percents of a form": quote_plus,
    "a CSV cell": cell,
    "percents of JSON": lambda text: quote(json.dumps(text)),
    "code units of a script": lambda text: past_ascii(text, lambda c: f"%u{ord(c):04X}"),
    "code points in braces": lambda text: past_ascii(text, lambda c: f"\\u{{{ord(c):x}}}"),
    "long code points": lambda text: past_ascii(text, lambda c: f"\\U{ord(c):08x}"),
    "bytes as Python shows them": lambda text: repr(text.encode()),
    "octal bytes": lambda text: past_ascii(
        text, lambda c: "".join(f"\\{byte:03o}" for byte in c.encode())
    ),
    "code points of Perl": lambda text: past_ascii(text, lambda c: f"\\N{{U+{ord(c):04X}}}"),
    "an attribute of a tag": lambda text: (
        f'<p>Fig. 1</p><img src="a.png" alt="{text.replace(chr(34), "")}">'
    ),
    "colors of a terminal": lambda text: re.sub(r"(\S+)", "\x1b[1;32m\\1\x1b[0m", text),
    "colors of a terminal in JSON": lambda text: json.dumps(
        re.sub(r"(\S{3})", "\x1b[1m\\1\x1b[0m", text)
    ),
    "an attribute behind an image": lambda text: (
        f'<img src="data:image/png;base64,{"iVBO" * 3000}" alt="{text.replace(chr(34), "")}">'
    ),
    "an attribute of escaped markup": lambda text: html.escape(
        f'<img src="a.png" alt="{html.escape(text)}">'
    ),
    "an attribute in JSON": lambda text: json.dumps(f"<input value='{text.replace(chr(39), '')}'>"),
    "styles of an editor": lambda text: re.sub(
        r"(\S+)", rf"<span lang=EN-US style=\"{'font-family: serif; ' * 15}\">\1</span>", text
    ),
    "blanks that do not break, as Python shows them": lambda text: ascii(text.replace(" ", "\xa0")),
    "blanks of JavaScript": lambda text: json.dumps(text).replace(" ", "\\x20"),
    "percents for blanks alone": lambda text: text.replace(" ", "%20"),
    "words in commands of LaTeX": lambda text: re.sub(r"(\S+)", r"\\textbf{\1}", text),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()).decode(),
    "words of a mail's head": lambda text: Header(text.replace("\n", " "), "utf-8").encode(),
    "words of a mail's head, quoted": lambda text: " ".join(map(mail_word, text.split())),
    "several code points in braces": lambda text: re.sub(
        "[^\x00-\x7f]+", lambda run: rf"\u{{{' '.join(f'{ord(c):x}' for c in run[0])}}}", text
    ),
    "code points of eight digits in braces": lambda text: past_ascii(
        text, lambda c: rf"\u{{{ord(c):08X}}}"
    ),
    "percents for percents of a script": lambda text: past_ascii(
        text, lambda c: f"%25u{ord(c):04X}"
    ),
    "colors of a terminal, as programs write them": lambda text: re.sub(
        r"(\S+)", r"\\x1b[1m\1\\x1b[0m", text
    ),
    "quoted-printable in JSON": lambda text: json.dumps(
        quopri.encodestring(text.encode()).decode()
    ),
}

DISGUISES: dict[str, Callable[[str], str]] = {
    "code points by name": lambda text: past_ascii(text, lambda c: f"U+{ord(c):04X}"),
    "code points by name, each": lambda text: " ".join(f"<U+{ord(c):04X}>" for c in text),
    "braces of Perl": lambda text: past_ascii(text, lambda c: f"\\x{{{ord(c):x}}}"),
    "a style sheet": lambda text: past_ascii(text, lambda c: f"\\{ord(c):x} "),
    "RTF": lambda text: past_ascii(text, lambda c: f"\\u{(ord(c) + 0x8000) % 0x10000 - 0x8000}?"),
    "RTF with bytes": lambda text: past_ascii(
        text, lambda c: rf"\uc1\u{(ord(c) + 0x8000) % 0x10000 - 0x8000}\'3f"
    ),
    "characters of LaTeX": lambda text: past_ascii(text, lambda c: rf'\char"{ord(c):X} '),
    "UTF-7": lambda text: text.encode("utf-7").decode("ascii"),
    "UTF-8 read as Latin-1": lambda text: text.encode().decode("latin-1"),
    "UTF-8 read as Latin-1, twice": lambda text: (
        text.encode().decode("latin-1").encode().decode("latin-1")
    ),
    "UTF-8 read as Windows-1252": lambda text: "".join(
        bytes([byte]).decode("latin-1" if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "cp1252")
        for byte in text.encode()
    ),
    "loose letters of Hangul": lambda text: re.sub("[가-힣]", loose, text),
    "loose letters of half width": lambda text: re.sub("[가-힣]", loose, text).translate(
        dict(zip(range(0x3131, 0x314F), range(0xFFA1, 0xFFBF), strict=True))
    ),
    "Cyrillic letters that look alike": lambda text: text.translate(
        str.maketrans("aeopcxyiAEOPCXKMTHB", "аеорсхуіАЕОРСХКМТНВ")
    ),
    "Greek letters that look alike": lambda text: text.translate(
        str.maketrans("oviAEOPTHKMBXIZN", "ονιΑΕΟΡΤΗΚΜΒΧΙΖΝ")
    ),
    "small capitals": lambda text: text.lower().translate(
        str.maketrans("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ")
    ),
    "phonetic letters that look alike": lambda text: text.translate(
        str.maketrans("agliou", "ɑɡӏіоս")
    ),
    "UTF-8 read as Mac Roman": lambda text: text.encode().decode("mac_roman"),
    "UTF-8 read as code page 437": lambda text: text.encode().decode("cp437"),
    "UTF-8 read as code page 850": lambda text: text.encode().decode("cp850"),
    "letters of a byte-level tokenizer": lambda text: "".join(
        BYTE_LETTERS[b] for b in text.encode()
    ),
    "RTF without replacements": lambda text: past_ascii(text, lambda c: rf"\uc0\u{ord(c)} "),
    "characters by name": lambda text: text.encode("ascii", "namereplace").decode(),
    "bytes of a tokenizer": lambda text: past_ascii(
        text, lambda c: "".join(f"<0x{byte:02X}>" for byte in c.encode())
    ),
    "misread UTF-8 as entities": lambda text: (
        text.encode().decode("latin-1").encode("ascii", "xmlcharrefreplace").decode()
    ),
    "words of a mail's head, cut anywhere": lambda text: cut_words(text.encode()),
    "a section round each word": lambda text: re.sub(r"(\S+)", r"<![CDATA[\1]]>", text),
    "tags of a forum round each word": lambda text: re.sub(r"(\S+)", r"[b]\1[/b]", text),
    "colors of a forum round each word": lambda text: re.sub(
        r"(\S+)", r"[color=#ff0000]\1[/color]", text
    ),
    "captions with the time of each word": lambda text: " ".join(
        f"<00:00:{i % 60:02}.{i * 37 % 1000:03}><c>{word}</c>"
        for i, word in enumerate(text.split())
    ),
    "old commands of LaTeX": lambda text: re.sub(r"(\S+)", r"{\\bf \1}", text),
    "places of scanned words in JSON": lambda text: json.dumps(
        " ".join(
            f'<span title="bbox {i} 92 119 116; x_wconf 94">{word}</span>'
            for i, word in enumerate(text.split())
        )
    ),
    "an attribute in a CSV cell": lambda text: f'"<img alt=""{text.replace(chr(34), "")}"">",1',
    "struck through": lambda text: re.sub("[A-Za-z0-9]", lambda c: c[0] + "\u0336", text),
}


def cut_words(data: bytes) -> str:
    """Write bytes as words of a mail's head, also where a character begins in one and ends in the next."""
    parts = (data[at : at + 40] for at in range(0, len(data), 40))
    return "\n ".join(f"=?UTF-8?B?{base64.b64encode(part).decode()}?=" for part in parts)


def loose(syllable: re.Match[str]) -> str:
    """Write the letters of a syllable one after the other, as the keys give them."""
    last = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
    code = ord(syllable[0]) - 0xAC00
    letters = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"[code // 588] + chr(
        ord("ㅏ") + code % 588 // 28
    )
    return letters + (last[code % 28 - 1] if code % 28 else "")


def past_ascii(text: str, code: Callable[[str], str]) -> str:
    return "".join(character if character.isascii() else code(character) for character in text)


def written(item: Item) -> str:
    lines = (f"{'ABCDE'[i]}. {option}" for i, option in enumerate(item.options))
    return "\n".join([item.stem, *lines])


@pytest.fixture(scope="module")
def exam() -> Holdout:
    return Holdout.from_rows(held_table(EXAM), reason="the test")


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 6])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_item_is_found_in_every_encoding(exam: Holdout, encoding: str, step: int) -> None:
    """300 of 300 items, in Korean, Khmer and English; in the quick run each sixth of them."""
    chosen = EXAM[::step]
    texts = [ENCODINGS[encoding](f"문제: {written(item)}") for item in chosen]
    report = search([{"id": str(i), "text": text} for i, text in enumerate(texts)], exam)
    rows = dropped_rows(report)
    own = {(i, item.id) for i, item in enumerate(chosen)}
    assert own <= set(zip(rows["row"].to_pylist(), rows["held_id"].to_pylist(), strict=True))


def test_every_verb_and_the_command_read_escapes(exam: Holdout, tmp_path) -> None:
    text = json.dumps({"messages": [{"role": "user", "content": written(EXAM[0])}]})
    rows = [{"id": "a", "payload": text}, {"id": "b", "payload": json.dumps("오늘은 날씨가 좋다.")}]
    left, report = exclude(rows, exam)
    assert ([row["id"] for row in left], report.dropped) == (["b"], 1)
    with pytest.raises(LeakError):
        check(rows, exam)
    assert overlap(rows, held_table(EXAM[:3])).dropped == 1
    file, fingerprints = tmp_path / "train.jsonl", tmp_path / "exam.parquet"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    exam.save(fingerprints)
    assert main(["check", str(file), "--against", str(fingerprints)]) == 1


@pytest.mark.parametrize("disguise", DISGUISES)
def test_an_item_is_found_in_every_disguise(exam: Holdout, disguise: str) -> None:
    chosen = EXAM[::10]
    texts = [DISGUISES[disguise](f"문제: {written(item)}") for item in chosen]
    rows = dropped_rows(search([{"id": item.id, "text": text} for item, text in zip(chosen, texts, strict=True)], exam))  # fmt: skip
    own = {(item.id, item.id) for item in chosen}
    assert own <= set(zip(rows["id"].to_pylist(), rows["held_id"].to_pylist(), strict=True))


@pytest.mark.parametrize("disguise", [
    lambda data: data.decode("latin-1"), quote, lambda data: quopri.encodestring(data).decode(), repr,
    lambda data: re.sub("[\x80-\xff]", lambda byte: rf"\'{ord(byte[0]):x}", data.decode("latin-1")),
    lambda data: " ".join(f"=?euc-kr?B?{base64.b64encode(word).decode()}?=" for word in data.split()),
], ids=["Latin-1", "percents", "quoted-printable", "repr", "RTF", "head of a mail"])  # fmt: skip
def test_korean_is_read_from_cp949(exam: Holdout, disguise: Callable[[bytes], str]) -> None:
    korean = [item for item in EXAM[::5] if re.search("[가-힣]", item.stem)]
    texts = [disguise(written(item).encode("cp949")) for item in korean]
    report = search([{"id": item.id, "text": text} for item, text in zip(korean, texts, strict=True)], exam)  # fmt: skip
    assert korean
    assert {item.id for item in korean} <= set(report.ids("near") + report.ids("exact"))


def test_an_item_within_one_option_is_found(exam: Holdout) -> None:
    """A question about questions: the first option is a whole item, or a stem that is long enough to tell."""
    rows = [{"id": item.id, "question": "Which of these was asked in 2019?",
             "options": ["None of them", written(item), "I do not know"]} for item in EXAM[::5]]  # fmt: skip
    matches = dropped_rows(search(rows, exam))
    own = {(item.id, item.id) for item in EXAM[::5]}
    assert own <= set(zip(matches["id"].to_pylist(), matches["held_id"].to_pylist(), strict=True))


def test_options_and_questions_of_typed_rows_may_be_escaped(exam: Holdout) -> None:
    rows = [{"id": item.id, "question": json.dumps(item.stem)[1:-1],
             "options": [json.dumps(option)[1:-1] for option in item.options]} for item in EXAM]  # fmt: skip
    report = search(rows, exam)
    assert set(report.ids("exact")) == {item.id for item in EXAM}
