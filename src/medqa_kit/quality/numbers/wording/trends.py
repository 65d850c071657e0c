"""Measures that rise by an amount, or to it, in one text and fall in the other."""

from __future__ import annotations

import re

from medqa_kit.quality.numbers.wording.contraries import Contraries

_AMOUNT = (
    r"\d[\d.,]{0,9}(?:(?: to | ?[~–-] ?)\d[\d.,]{0,9})? ?(?:kg|g/dl|mg/dl|mmol/l|meq/l|mmhg|bpm|cm|mm|%|percent|percentage points?|퍼센트|킬로그램|킬로|센티미터"
    r"|points?|점|ភាគរយ|គីឡូក្រាម)"
)
_BY = rf"{_AMOUNT}(?:으로|로|씩|만큼|까지|을|를|이|가|의|나|포인트)? ?(?:[가-힣]+ ?)?"
_BEHIND = r"[ -](?:[a-z]+ ){0,2}"  # "a 5 kg weight gain"
_WITHIN = r"[^.,;\n]{0,40}"
_RISES = re.compile(
    rf"\b(?:increas(?:e|es|ed|ing)|r[io]s(?:e|es|ing)|risen|gain(?:s|ed|ing)?|climb(?:s|ed|ing)?|elevat(?:ed|ion))\b{_WITHIN}{_AMOUNT}"
    rf"|{_AMOUNT}{_BEHIND}(?:increase|gain|rise)\b|{_BY}(?:증가|상승|늘|올[라랐리려린렸]|오[르른]|증량)|ឡើង[^។\n]{{0,24}}{_AMOUNT}",
    re.ASCII,
)
_FALLS = re.compile(
    r"\b(?:decreas(?:e|es|ed|ing)|declin(?:e|es|ed|ing)|reduc(?:e|es|ed|ing|tion)|fall(?:en|ing)|fell|falls? (?:by|to|of|from)"
    rf"|drop(?:ped|ping)|drops? (?:by|to|from)|a drop of|los(?:e|es|t|ing)|loss of|lower(?:s|ed|ing))\b{_WITHIN}{_AMOUNT}"
    rf"|{_AMOUNT}{_BEHIND}(?:decrease|loss|drop|fall|reduction|decline)\b"
    rf"|{_BY}(?:감소|하강|저하|줄|떨어[져졌지진짐]|낮아|빠[져졌지진짐]|내[려렸]|감량)|(?:ថយចុះ|ធ្លាក់ចុះ|ស្រក)[^។\n]{{0,24}}{_AMOUNT}",
    re.ASCII,
)
# In every text in which something rises, and in which something falls.
_MAY_RISE = "elevat|increas|ris[ei]|rose|gain|climb|증가|상승|늘|올|오르|오른|증량|ឡើង"
_MAY_FALL = "decreas|declin|reduc|f[ae]ll|drop|los[est]|losing|lower|감소|하강|저하|줄|떨어|낮아|빠|내려|내렸|감량|ថយចុះ|ធ្លាក់ចុះ|ស្រក"
TRENDS = Contraries(_RISES, _FALLS, likely=(_MAY_RISE, _MAY_FALL))
