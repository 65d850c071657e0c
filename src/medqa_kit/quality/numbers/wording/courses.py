"""Doses that are stopped in one text and go on in the other."""

from __future__ import annotations

import re

from medqa_kit.quality.numbers.wording.contraries import Contraries
from medqa_kit.quality.numbers.wording.instructions import BY_DOSE, DRUG_DOSE

_NOT_DENIED = r"(?<!not )(?<!not be )(?<!n't )(?<!n't be )(?<!never )(?<!without )(?<!until )"
_WITHIN = r"[^.,;\n]{0,40}"
# "Stop when 5 mg is reached" stops something else.
_AT_ONCE = r"(?! (?:when|if|until|once|at|after|before|as)\b)"
_STOPS = re.compile(
    rf"{_NOT_DENIED}\b(?:stop(?:s|ped|ping)?|discontinu(?:e|es|ed|ing)|withh(?:old|olds|olding|eld))\b{_AT_ONCE}{_WITHIN}{DRUG_DOSE}"
    rf"|{DRUG_DOSE}{_WITHIN}{_NOT_DENIED}\b(?:stopped|discontinued|withheld)\b"
    rf"|{BY_DOSE}(?:중단|중지|끊)(?! ?없이|하?지|할 때|될 때|하면 안|해서는 안|으면 안|어서는 안)|(?<!កុំ)(?<!កុំឱ្យ)(?:ឈប់|ផ្អាក)[^។\n]{{0,24}}{DRUG_DOSE}",
    re.ASCII,
)
_GOES_ON = re.compile(
    # What is not to be stopped goes on.
    rf"\b(?:not|never|without|[a-z]+n't) (?:be )?(?:stop(?:ped|ping)?|discontinu(?:e|ed|ing)|withh(?:old|olding|eld))\b{_WITHIN}{DRUG_DOSE}"
    rf"|{DRUG_DOSE}{_WITHIN}(?:\bnot|n't) be (?:stopped|discontinued|withheld)\b"
    rf"|{BY_DOSE}(?:(?:중단|중지)(?:하지|하면 안|해서는 안| ?없이)|끊(?:지|으면 안|어서는 안))|កុំ(?:ឱ្យ)?(?:ឈប់|ផ្អាក)[^។\n]{{0,24}}{DRUG_DOSE}|"
    rf"{_NOT_DENIED}\b(?:continu(?:e|es|ed|ing)|keep (?:taking|giving|using)|maintain(?:s|ed|ing)?)\b{_AT_ONCE}{_WITHIN}{DRUG_DOSE}"
    rf"|{DRUG_DOSE}{_WITHIN}{_NOT_DENIED}\b(?:continued|maintained)\b"
    rf"|{BY_DOSE}(?:계속|유지|지속)(?!하?지 )|(?<!កុំ)(?<!កុំឱ្យ)បន្ត[^។\n]{{0,24}}{DRUG_DOSE}",
    re.ASCII,
)
_MAY_STOP = "stop|discontinu|withh|중단|중지|끊|ឈប់|ផ្អាក"
_MAY_GO_ON = f"continu|keep (?:taking|giving|using)|maintain|계속|유지|지속|បន្ត|{_MAY_STOP}"
COURSES = Contraries(_STOPS, _GOES_ON, likely=(_MAY_STOP, _MAY_GO_ON))
