"""Which way a question points: left or right, positive or negative, more or less.

Two questions in the same words that point to opposite sides ask two things. Words of one meaning count as one, so
that another wording of a question points the same way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.hashing import hashes

_SIDES = tuple((f"(?i){first}", f"(?i){second}") for first, second in (
    ("음성|악성|អវិជ្ជមាន|សាហាវ|negativ|malignan", "양성|វិជ្ជមាន|ស្លូតបូត|positiv|benign"),  # "positive" stands in the Khmer "negative"
    ("감소|저하|하강|낮[은아으추]|ថយចុះ|បន្ថយ|បញ្ចុះ|ទាប|decreas|reduc|lower|declin|diminish|\\bfall|\\blow\\b",
     "증가|상승|항진|높[은아으이]|កើនឡើង|បង្កើន|ខ្ពស់|increas|elevat|rais|\\bris(?:e|es|ing)\\b|higher|upper|\\bhigh\\b"),
    ("저(?:혈압|혈당|산소|장성|체온|[가-힣]{1,6}혈증)|\\bhypo", "고(?:혈압|혈당|산소|장성|체온|[가-힣]{1,6}혈증)|\\bhyper"),
    ("왼|좌(?:측|심[실방]|뇌|폐|상엽|하엽)|ឆ្វេង|\\bleft", "오른|우(?:측|심[실방]|뇌|폐|상엽|하엽)|ស្តាំ|ស្ដាំ|\\bright\\b"),
    ("급성|ស្រួចស្រាវ|\\bacute|\\bsudden", "만성|រ៉ាំរ៉ៃ|\\bchronic"),
    ("상(?:엽|복부|지 )|\\bsuperior", "하(?:엽|복부|지 )|\\binferior"),
    ("수축|ស៊ីស្តូល|systol|\\bconstrict|\\bcontract(?:s|ed|ion)\\b", "이완|확장|ឌីអាស្តូល|diastol|\\bdilat|\\brelax"),
    ("산증|acidosis|acidemia", "알칼리증|염기증|alkalosis|alkalemia"),
    ("여[자성아]|ស្ត្រី|នារី|\\b(?:wom[ae]n|female|girl|she)", "남[자성아]|បុរស|\\b(?:m[ae]n\\b|male|boy|he\\b)"),
    ("억제|차단|inhibit|block|suppress|antagonis", "촉진|자극|활성화|stimulat|activat|promot|\\bagonis"),
    ("정맥|សរសៃឈាមវ៉ែន|\\bv(?:ein|enous)", "동맥|សរសៃឈាមអាកទែ|arter"),
    ("후[방벽면]|posterior|dorsal", "전[방벽면]|anterior|ventral"),
    ("외측|lateral|external", "내측|medial|internal"), ("원위|distal", "근위|proximal"),
    ("금기|ហាមប្រើ|contraindicat", "적응증|권장|추천|ណែនាំ|\\bindicat|recommend"),
    ("서맥|bradycard", "빈맥|tachycard"), ("호기|expir|exhal", "흡기|inspir|inhal"),
    ("반대쪽|반대측|contralateral", "같은쪽|동측|ipsilateral"), ("예방|ការពារ|prevent|protect", "유발|បង្ក(?:ឱ្យ|អោយ)|\\bcaus(?:e|es|ing)\\b|induc"),
    ("이후|뒤에|ក្រោយ|\\bafter\\b", "이전|전에|មុន|\\bbefore\\b"), ("중단|បញ្ឈប់|\\bstop|discontinu", "시작|ចាប់ផ្តើម|\\bstart|initiat"),
    ("느린|짧은|적은|\\bslow|\\bshort|\\bless\\b|fewer", "빠른|긴|많은|\\bfast|\\brapid|\\blong|\\bmore\\b"),
))  # fmt: skip
_FIRST = 0xE000  # of the characters for private use that stand for sides
_ANY = f"(?i)({'|'.join(side.removeprefix('(?i)') for pair in _SIDES for side in pair)})"
_BETWEEN = r"(?:^|\x02)[^\x01]*(?:\x01|$)"  # what stands between two marked words


def directions(texts: pa.Array) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return what texts have two sides of, and to which sides they point, one after the other.

    Args:
        texts: ``string[n]``, without nulls.

    Returns:
        Two ``uint64[n]``, 0 where a text points nowhere. Texts of which the first are equal and the second
        are not point to opposite sides.

    Example:
        >>> of_what, where = directions(pa.array(["the left arm", "the right arm", "a raised arm", "an arm"]))
        >>> (of_what == of_what[0]).tolist(), (where == where[0]).tolist(), int(where[3])
        ([True, True, False, False], [True, False, False, False], 0)
    """
    of_what, where = np.zeros((2, len(texts)), np.uint64)
    pointing = pc.match_substring_regex(texts, _ANY)
    if not pc.any(pointing).as_py():
        return of_what, where
    marked = pc.replace_substring_regex(pc.filter(texts, pointing), _ANY, "\x01\\1\x02")
    words = pc.replace_substring_regex(marked, _BETWEEN, "|")
    for place, pair in enumerate(_SIDES):
        for side, pattern in enumerate(pair):
            words = pc.replace_substring_regex(words, pattern, chr(_FIRST + 2 * place + side))
    sides = pc.replace_substring_regex(words, r"[^\x{E000}-\x{E0FF}]+", "")
    pairs = sides
    for place in range(len(_SIDES)):
        first = _FIRST + 2 * place
        pairs = pc.replace_substring(pairs, chr(first + 1), chr(first))
    rows = np.flatnonzero(pointing.to_numpy(zero_copy_only=False))
    of_what[rows], where[rows] = hashes(pairs), hashes(sides)
    return of_what, where
