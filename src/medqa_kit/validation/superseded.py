"""First aid as it was once taught: advice that guidelines of today warn of, given without a word of warning.

Listed is what courses once taught or households hand down and guidelines such as those of the American Heart
Association and Red Cross no longer do: to tilt the head back in a nosebleed, butter or toothpaste on burns, to
suck venom out or cut a bite, to make who swallowed poison vomit, things between the teeth in a seizure, blind
sweeps of the mouth, urine on stings, to rub frostbite. It is a short list, not a judgement of first aid.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.messages import true
from medqa_kit.core.arrow.ragged import Ints

_TRIGGERS = (
    r"(?i)nose ?bleed|epistaxis|butter|toothpaste|egg white|venom|poison|snake|vomit|ipecac|mouth|teeth|finger sweep|jellyfish|frostbit"
    r"|코피|화상|뱀|구토|토하게|경련|발작|간질|뇌전증|해파리|동상|រលាក|ពស់|ក្អួត"
)
_ADVICE = re.compile(
    r"\b(?:nose ?bleed|epistaxis)\b.{0,100}\b(?:tilt|lean|tip)(?:s|ing|ed)?\b.{0,30}\bback"
    r"|\b(?:tilt|lean|tip)(?:s|ing|ed)?\b.{0,30}\bback(?:wards?)?\b.{0,80}\b(?:nose ?bleed|epistaxis)"
    r"|\b(?:apply|put|spread|rub|smear)(?:s|ing|ed)?\b.{0,30}\b(?:butter|toothpaste|egg whites?|flour)\b.{0,60}\bburn"
    r"|\bburn.{0,80}\b(?:apply|put|spread|rub|smear)(?:s|ing|ed)?\b.{0,20}\b(?:butter|toothpaste|egg whites?|flour)\b"
    r"|\bsuck(?:s|ing|ed)?\b.{0,20}\b(?:venom|poison)\b|\bsnake ?bite.{0,60}\b(?:cut|incise|slash)(?:s|ing)?\b"
    r"|\binduc(?:e|es|ing) vomiting\b|\b(?:give|giving|use|take)s? (?:syrup of )?ipecac\b"
    r"|\b(?:put|place|insert|force|wedge)(?:s|ing)?\b.{0,30}\b(?:spoon|wallet|stick|object|belt)\b.{0,40}\b(?:mouth|teeth)\b"
    r"|\b(?:do|perform|make|try) (?:a )?blind finger sweeps?\b"
    r"|\b(?:urinate|urine|pee)\b.{0,40}\bjellyfish|\bjellyfish.{0,60}\b(?:urinate|urine|pee)\b"
    r"|\b(?:rub|massage)(?:s|ing)?\b.{0,30}\bfrostbit|\bfrostbit.{0,60}\b(?:rub|massage)(?:s|ing)?\b"
    r"|코피.{0,40}(?:고개|머리)를? ?(?:뒤로|젖히|젖혀|젖힌)"
    r"|화상.{0,40}(?:된장|치약|간장|소주|버터|(?:계란|달걀) ?흰자)(?:을|를)? ?(?:바르|바른|발라|붓|뿌)"
    r"|뱀.{0,60}(?:입으로 ?(?:빨|독)|독을 ?(?:입으로 ?)?빨|칼로 ?(?:째|절개|그))"
    r"|구토를 ?(?:유발|하게)|토하게 ?(?:한|하|해)|억지로 ?토"
    r"|(?:경련|발작|간질|뇌전증).{0,60}(?:숟가락|수건|물건|나무|젓가락).{0,20}(?:물리|물린|물려|넣|끼)"
    r"|해파리.{0,40}(?:소변|오줌)|동상.{0,40}(?:문지르|문지른|비비|비빈|문질)"
    r"|រលាក.{0,60}ថ្នាំដុសធ្មេញ|ពស់.{0,60}(?:បឺត|ជញ្ជក់)|ធ្វើឱ្យ.{0,12}ក្អួត",
    re.IGNORECASE,
)
_WARNING = re.compile(
    r"\b(?:not|never|avoid(?:s|ed|ing)?|without|cannot|no longer|instead of|rather than|contraindicated|wrong|incorrect|myth|outdated|harmful)\b|n['’]t\b"
    r"|않|말아|말고|말 것|마세요|마십|마라|금지|금기|금한|안 ?(?:된|되|돼|됩)|못|피한|피하|피해야|잘못|아니|아닌|위험|해롭|កុំ|មិន|ហាម",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?。។\n])\s*")


def superseded_advice(texts: pa.Array) -> Ints:
    """Return the places of texts with a sentence that gives such advice and does not warn of it.

    Loops over the texts that speak of one of these accidents.

    Example:
        >>> superseded_advice(pa.array(["코피가 나면 고개를 뒤로 젖힌다.", "Never put butter on a burn.", "Rest."])).tolist()
        [0]
    """
    at = np.flatnonzero(true(pc.match_substring_regex(texts, _TRIGGERS)))
    advised = [_advised(text) for text in texts.take(pa.array(at)).to_pylist()]
    return at[np.array(advised, np.bool_)]


def _advised(text: str) -> bool:
    return _ADVICE.search(text) is not None and any(
        _ADVICE.search(sentence) and not _WARNING.search(sentence)
        for sentence in _SENTENCE.split(text)
    )
