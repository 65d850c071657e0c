"""First aid as it was taught in the past: advice that guidelines of today warn of, without such a warning.

Listed is what courses once taught or households hand down and guidelines such as those of the American Heart
Association and Red Cross no longer do: to tilt the head back in a nosebleed, butter or toothpaste on burns, to
suck venom out or cut a bite, to make who swallowed poison vomit, things between the teeth in a seizure, blind
sweeps of the mouth, urine on stings, to rub frostbite. It is a short list, not a judgement of first aid.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from medqa_kit.core.arrow.byte_scans import pattern_mask
from medqa_kit.core.arrow.ragged import Ints

_SMEARED = r"(?:butter|toothpaste|egg whites?|flour|soy sauce|cooking oil|mud)"
_SMEARING = r"(?:apply|put|spread|rub|smear|cover|coat|treat|dress|soothe)(?:s|ing|ed)?"
_MOUTH = r"(?:put|place|insert|force|wedge|stick|push)(?:s|ing)?\b.{0,40}\b(?:mouth|teeth)"
_SEIZURE = r"(?:seiz|convuls|epilep)"
_ON_BURN = r"(?:된장|치약|간장|소주|버터|감자|(?:계란|달걀) ?흰자|얼음)(?:을|를)? ?(?:직접 ?)?(?:바르|바른|발라|붓|부어|부으|부은|뿌|덮|대고|댄다|문질)"
_SWALLOWED = (
    r"(?:독극물|독약|독을|중독(?:되|된|시|자|환)|세제|표백|농약|삼킨|삼켰|삼키|마신|마셨|마시)"
)
_VOMIT = r"구토를 ?(?:(?:유발|유도)(?:한다|하라|하세|하십|합니|시킨다|시켜|시키|해야|하고|해 )|하게 ?(?:한|하|해))"
# For RE2, of each advice the word that is rarer: illnesses are in every tenth text, butter is not.
_LIKELY = (
    rf"(?i)nos(?:e|es) ?bleed|epistaxis|{_SMEARED}|\bice\b|\bsuck|snake|induc(?:e|ing) vomiting|make .{{3,12}} (?:vomit|throw up)|ipecac|{_MOUTH}"
    r"|\bhold.{0,20}tongue|sweep|jellyfish|frostbit|코피|된장|치약|간장|소주|버터|감자|흰자|얼음|뱀|구토를 ?(?:유발|유도|하게)|토하게|억지로 ?토"
    r"|숟가락|수건|물건|나무|젓가락|해파리|동상|ថ្នាំដុសធ្មេញ|ទឹកត្រី|ទឹកស៊ីអ៊ីវ|ពស់|ធ្វើឱ្យ.{0,12}ក្អួត|ឈាមច្រមុះ|ស្លាបព្រា|ឈើ|កន្សែង"
)
# Said of what to do, not of what a drug or an illness does.
_ADVICE = re.compile(
    r"\bnos(?:e|es) ?bleed(?:s|ing)?\b.{0,100}\b(?:tilt|lean|tip|throw)(?:s|ing|ed)?\b.{0,30}\bback|\bepistaxis\b.{0,100}\b(?:tilt|lean|tip)(?:s|ing|ed)?\b.{0,30}\bback"
    r"|\b(?:tilt|lean|tip|throw)(?:s|ing|ed)?\b.{0,30}\bback(?:wards?)?\b.{0,80}\b(?:nos(?:e|es) ?bleed|epistaxis)"
    rf"|\b{_SMEARING}\b.{{0,30}}\b{_SMEARED}\b.{{0,60}}\bburn|\bburn.{{0,80}}\b{_SMEARING}\b.{{0,20}}\b{_SMEARED}\b|\b{_SMEARING}\b.{{0,20}}\bburn.{{0,30}}\bwith {_SMEARED}\b"
    r"|\b(?:put|place|apply|hold)(?:s|ing)? ice\b.{0,30}\bburn|\bburn.{0,40}\b(?:put|place|apply|hold)(?:s|ing)? ice\b"
    r"|\bsuck(?:s|ing|ed)?\b.{0,20}\b(?:venom|poison)\b|\bsnake ?bite.{0,60}\b(?:cut|incise|slash|suck)(?:s|ing)?\b|\b(?:cut|incise|slash)(?:s|ing)?\b.{0,20}\bsnake ?bite"
    r"|\b(?:apply|put|tie|use|place)(?:s|ing)?\b.{0,20}\b(?:tourniquet|ice)\b.{0,40}\bsnake|\bsnake ?bite.{0,60}\b(?:apply|put|tie|use|place)(?:s|ing)?\b.{0,20}\b(?:tourniquet|ice)\b"
    r"|(?:^|[,;:]\s*|\b(?:should|must|then|immediately|first|and|or|by|try to|trying to)\s)induc(?:e|ing) vomiting\b|\bgiv(?:e|ing)\b.{0,40}\bto induce vomiting\b"
    r"|(?<!can )(?<!may )(?<!could )(?<!might )(?<!will )(?<!would )(?<!to )\bmake (?:him|her|them|the (?:patient|person|child|victim)|yourself|someone) (?:vomit|throw up)\b"
    r"|\b(?:give|giving|use|take)s? (?:syrup of )?ipecac\b"
    rf"|\b(?:put|place|insert|force|wedge)(?:s|ing)?\b.{{0,30}}\b(?:spoon|wallet|stick|object|belt)\b.{{0,40}}\b(?:mouth|teeth)\b"
    rf"|\b{_MOUTH}\b.{{0,60}}\b{_SEIZURE}|\b{_SEIZURE}.{{0,60}}\b{_MOUTH}\b|\bhold(?:s|ing)?\b.{{0,15}}\btongue\b.{{0,60}}\b{_SEIZURE}|\b{_SEIZURE}.{{0,60}}\bhold(?:s|ing)?\b.{{0,15}}\btongue\b"
    r"|\b(?:do|perform|make|try|use)\b.{0,20}\b(?:blind finger sweeps?|sweeps?\b.{0,40}\bblind(?:ly)?)\b|\bblindly sweep\b|\bsweep the mouth\b.{0,30}\bblind"
    r"|\b(?:urinate|urine|pee)\b.{0,40}\bjellyfish|\bjellyfish.{0,60}\b(?:urinate|urine|pee)\b"
    r"|\b(?:rub|massage)(?:s|ing)?\b.{0,30}\bfrostbit|\bfrostbit.{0,60}\b(?:rub|massage)(?:s|ing)?\b"
    r"|코피.{0,40}(?:고개|머리)를? ?(?:뒤로|젖히|젖혀|젖힌)"
    rf"|(?:화상|데인|덴 곳).{{0,40}}{_ON_BURN}|{_ON_BURN}.{{0,20}}화상"
    r"|뱀.{0,60}(?:입으로 ?(?:빨|독)|독을 ?(?:입으로 ?)?빨|칼로 ?(?:째|절개|그))"
    rf"|^ ?(?:즉시 |바로 )?{_VOMIT}|{_SWALLOWED}.{{0,40}}{_VOMIT}|토하게 ?(?:한|하|해)|억지로 ?토"
    r"|(?:경련|발작|간질|뇌전증).{0,60}(?:숟가락|수건|물건|나무|젓가락).{0,20}(?:물리|물린|물려|넣|끼)"
    r"|해파리.{0,40}(?:소변|오줌)|동상.{0,40}(?:문지르|문지른|비비|비빈|비벼|문질)"
    r"|រលាក.{0,60}(?:ថ្នាំដុសធ្មេញ|ទឹកត្រី|ទឹកស៊ីអ៊ីវ)|(?:ថ្នាំដុសធ្មេញ|ទឹកត្រី|ទឹកស៊ីអ៊ីវ).{0,40}រលាក|ពស់.{0,60}(?:បឺត|ជញ្ជក់)"
    r"|(?:^|ត្រូវ|ពុល.{0,40})ធ្វើឱ្យ.{0,12}ក្អួត|ធ្វើឱ្យ.{0,12}ក្អួត.{0,30}ពុល|ឈាមច្រមុះ.{0,60}(?:ងើយ|ផ្អៀង).{0,20}ក្រោយ"
    r"|(?:ស្លាបព្រា|ឈើ|កន្សែង).{0,20}មាត់.{0,40}(?:ប្រកាច់|ឆ្កួតជ្រូក)|(?:ប្រកាច់|ឆ្កួតជ្រូក).{0,60}(?:ស្លាបព្រា|ឈើ|កន្សែង).{0,20}មាត់",
    re.IGNORECASE,
)
_WARNING = re.compile(
    r"\b(?:not|never|avoid(?:s|ed|ing)?|without|cannot|no longer|instead of|rather than|contraindicated|wrong|incorrect|myth|outdated|harmful)\b|n['’]t\b"
    r"|않(?!도록)|말아|말고|말 것|마세요|마십|마라|금지|금기|금한|안 ?(?:된|되|돼|됩)|못|피한|피하|피해야|잘못|아니|아닌|위험|해롭|កុំ|មិន|ហាម",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?。។\n])\s*")


def superseded_advice(texts: pa.Array) -> Ints:
    """Return the places of texts with a sentence that gives such advice and does not warn of it.

    Loops over the texts that speak of one of these deeds.

    Example:
        >>> superseded_advice(pa.array(["코피가 나면 고개를 뒤로 젖힌다.", "Never put butter on a burn.", "Rest."])).tolist()
        [0]
    """
    at = np.flatnonzero(pattern_mask(texts, _LIKELY))
    advised = [_advised(text) for text in texts.take(pa.array(at)).to_pylist()]
    return at[np.array(advised, np.bool_)]


def _advised(text: str) -> bool:
    return any(
        _ADVICE.search(sentence) and not _WARNING.search(sentence)
        for sentence in _SENTENCE.split(text)
    )
