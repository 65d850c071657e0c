"""Latin words that a text in another script may keep: drug names, units and abbreviations."""

from __future__ import annotations

import re
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.quality.numbers.units import unit_words

# Stems that the World Health Organization gives to families of substances, at the end of their names.
_STEMS = [
    "azepam",
    "azole",
    "bactam",
    "barbital",
    "blastine",
    "caine",
    "cef",
    "cillin",
    "coxib",
    "curium",
    "cycline",
    "dipine",
    "dronate",
    "floxacin",
    "fibrate",
    "gliflozin",
    "gliptin",
    "glitazone",
    "grel",
    "kacin",
    "kinra",
    "lukast",
    "mab",
    "mycin",
    "micin",
    "navir",
    "nib",
    "olol",
    "olone",
    "oxetine",
    "parin",
    "platin",
    "prazole",
    "pril",
    "profen",
    "quine",
    "ridone",
    "rubicin",
    "sartan",
    "semide",
    "setron",
    "sone",
    "statin",
    "sulfa",
    "tadine",
    "terol",
    "thiazide",
    "tidine",
    "tinib",
    "trexate",
    "triptan",
    "triptyline",
    "vastatin",
    "vir",
    "xaban",
    "zepam",
    "zolamide",
    "zosin",
]
_NAMES = [
    "acetaminophen",
    "paracetamol",
    "aspirin",
    "ibuprofen",
    "morphine",
    "codeine",
    "fentanyl",
    "tramadol",
    "naloxone",
    "insulin",
    "metformin",
    "warfarin",
    "heparin",
    "digoxin",
    "furosemide",
    "epinephrine",
    "adrenaline",
    "norepinephrine",
    "dopamine",
    "atropine",
    "lithium",
    "levothyroxine",
    "phenytoin",
    "carbamazepine",
    "valproate",
    "levodopa",
    "isoniazid",
    "rifampin",
    "rifampicin",
    "ethambutol",
    "pyrazinamide",
    "cotrimoxazole",
    "chloroquine",
    "artesunate",
    "artemether",
    "quinine",
    "cefixime",
    "ceftriaxone",
    "cefazolin",
    "cephalexin",
    "albendazole",
    "ivermectin",
    "oseltamivir",
    "gentamicin",
    "clozapine",
    "haloperidol",
    "risperidone",
    "glucose",
    "sodium",
    "potassium",
    "calcium",
    "vitamin",
]


_DRUGS = f"(?:[a-z]*(?:{'|'.join(_STEMS)})|{'|'.join(_NAMES)})e?s?"
_ABBREVIATIONS = (
    r"(?:[A-Z][A-Z0-9]{0,6}|p[HhO]|[A-Z]{1,3}[a-z]?[A-Z0-9]{1,4}[a-z]?|[a-z]{1,3}[A-Z]{1,4})s?"
)


def term_pattern() -> str:
    """Return a pattern of names of drugs and of abbreviations, without units."""
    return f"(?i:{_DRUGS})|{_ABBREVIATIONS}"


@lru_cache(maxsize=1)
def _pattern() -> str:
    units = "|".join(sorted((re.escape(word) for word in unit_words() if re.search("[a-zµ]", word)), key=len, reverse=True))  # fmt: skip
    edge = r"(?:[^\p{Latin}\p{M}]|^|$)"
    return rf"(?P<before>{edge})(?:(?i:{_DRUGS}|{units})|{_ABBREVIATIONS})\b"


def without_allowed_words(texts: pa.Array) -> pa.Array:
    """Take the allowed Latin words out of texts, to judge what is left.

    Allowed are units of measure, abbreviations in capitals such as ``MRI`` or ``HbA1c``, and names of
    drugs: those that end in a stem of international nonproprietary names, and common others.

    Args:
        texts: ``large_string[n]``.

    Example:
        >>> without_allowed_words(pa.array(["ថ្នាំ amoxicillin 500 mg MRI the patient"], pa.large_string())).to_pylist()
        ['ថ្នាំ  500   the patient']
    """
    return pc.replace_substring_regex(texts, _pattern(), r"\1")
