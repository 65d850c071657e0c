"""The direction that a question asks about: left or right, positive or negative, more or less, by mouth or by vein.

Two questions in the same words that point to other sides ask two things. Words of one meaning count as one, so
that another wording of a question points the same way.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from medqa_kit.core.arrow.hashing import hashes

_SIDES = (
    # "positive" stands in the Khmer "negative"
    ("음성|악성|អវិជ្ជមាន|សាហាវ|negativ|malignan|\\(-\\)|\\bRh\\s?[-−]", "양성|វិជ្ជមាន|ស្លូតបូត|positiv|benign|\\(\\+\\)|\\bRh\\s?\\+"),
    ("[<≤]\\s?[0-9]|이하|미만|less than|at most|\\bbelow|\\bunder\\b|តិចជាង|ក្រោម", "[>≥]\\s?[0-9]|이상|초과|more than|at least|\\babove|\\bover\\b|ច្រើនជាង|លើស"),
    ("최소|최저|최단|minim|\\blowest|\\bfewest|\\bshortest|អប្បបរមា", "최대|최고|최장|maxim|\\bhighest|\\blongest|អតិបរមា"),
    ("감소|저하|하강|줄[어었]|낮[은아으추]|ថយចុះ|បន្ថយ|បញ្ចុះ|ទាប|decreas|reduc|lower|declin|diminish|\\blos(?:es|t)\\b|ស្រក|\\bfall|\\blow\\b",
     "증가|상승|항진|늘[어었]|높[은아으이]|\\bgain|ឡើងទម្ងន់|កើនឡើង|បង្កើន|ខ្ពស់|increas|elevat|rais|\\bris(?:e|es|ing)\\b|higher|upper|\\bhigh\\b"),
    ("저(?:혈압|혈당|산소|장성|체온|[가-힣]{1,6}혈증)|\\bhypo", "고(?:혈압|혈당|산소|장성|체온|[가-힣]{1,6}혈증)|\\bhyper"),
    ("왼|좌(?:측|심[실방]|뇌|폐|상엽|하엽)|ឆ្វេង|\\bleft", "오른|우(?:측|심[실방]|뇌|폐|상엽|하엽)|ស្តាំ|ស្ដាំ|\\bright\\b",
     "양[쪽측]|bilateral|\\bboth (?:sides|arms|legs|eyes|ears|hands|feet|lungs|kidneys|breasts)", "한쪽|편측|unilateral"),
    ("1차|일차|\\bprimary", "2차|이차|\\bsecondary"), ("매일|하루|일일|\\bdaily|\\b(?:a|per) day", "매주|일주일|주당|\\bweekly|\\b(?:a|per) week", "매월|매달|\\bmonthly|\\b(?:a|per) month"),
    ("\\bCT\\b|컴퓨터단층", "\\bMRI\\b|자기공명", "초음파|ultraso|sonogra", "X-?ray|엑스선|단순촬영"),
    ("급성|ស្រួចស្រាវ|\\bacute|\\bsudden", "만성|រ៉ាំរ៉ៃ|\\bchronic"),
    ("상(?:엽|복부|지 )|\\bsuperior", "하(?:엽|복부|지 )|\\binferior"),
    ("수축|ស៊ីស្តូល|systol|\\bconstrict|\\bcontract(?:s|ed|ion)\\b", "이완|확장|ឌីអាស្តូល|diastol|\\bdilat|\\brelax"),
    ("산증|acidosis|acidemia", "알칼리증|염기증|alkalosis|alkalemia"),
    ("할머니|조모|외조모|grandmother|ជីដូន", "할아버지|조부|외조부|grandfather|ជីតា"), ("아내|부인|\\bwife|ប្រពន្ធ", "남편|husband|ប្តី|ប្ដី"),
    ("어머니|모친|엄마|mother|maternal|ម្តាយ|ម្ដាយ", "아버지|부친|아빠|father|paternal|ឪពុក"), ("자매|언니|누나|sister", "형제|오빠|brother"),
    ("여[자성아]|ស្ត្រី|នារី|\\b(?:wom[ae]n|female|girl|she)", "남[자성아]|បុរស|\\b(?:m[ae]n\\b|male|boy|he\\b)"),
    ("억제|차단|inhibit|block|suppress|antagonis", "촉진|자극|활성화|stimulat|activat|promot|\\bagonis"),
    ("경구|\\boral|by mouth|តាមមាត់", "정맥(?:으로|로|\\s?주|\\s?내)|intraven|\\bIV\\b|តាមសរសៃ", "근육(?:으로|로|\\s?주|\\s?내)|intramusc|\\bIM\\b|សាច់ដុំ",
     "피하(?:로|\\s?주)|subcutan|\\bSC\\b", "국소|도포|topical|លាប", "직장(?:으로|\\s?내)|rectal", "척수강|경막|intrathec|epidural"),
    ("정맥|សរសៃឈាមវ៉ែន|\\bv(?:ein|enous)", "동맥|សរសៃឈាមអាកទែ|arter"),
    ("후[방벽면]|posterior|dorsal", "전[방벽면]|anterior|ventral"),
    ("외측|lateral|external", "내측|medial|internal"), ("원위|distal", "근위|proximal"),
    ("금기|ហាមប្រើ|contraindicat", "적응증|권장|추천|ណែនាំ|\\bindicat|recommend"),
    ("서맥|bradycard", "빈맥|tachycard"), ("호기|expir|exhal", "흡기|inspir|inhal"),
    ("반대쪽|반대측|contralateral", "같은쪽|동측|ipsilateral"), ("예방|ការពារ|prevent|protect", "유발|បង្ក(?:ឱ្យ|អោយ)|\\bcaus(?:e|es|ing)\\b|induc"),
    ("먼저|우선|처음|ដំបូង|មុនគេ|\\binitial", "마지막|나중|최종|ចុងក្រោយ|\\blast\\b|\\bfinal"),
    ("식후|postprandial|with food|with meals", "식전|공복|fasting|empty stomach"), ("초기|조기|\\bearl(?:y|ier|iest)\\b", "말기|후기|\\blate(?:r|st)?\\b"),
    ("이후|뒤에|ក្រោយ|\\bafter\\b", "이전|전에|មុន|\\bbefore\\b"), ("중단|បញ្ឈប់|\\bstop|discontinu", "시작|ចាប់ផ្តើម|\\bstart|initiat"),
    ("느린|짧은|적은|តិច|\\bslow|\\bshort|\\bless\\b|fewer", "빠른|긴|많은|ច្រើន|\\bfast|\\brapid|\\blong|\\bmore\\b"),
    ("드문|드물|희귀|កម្រ|\\brare|uncommon|infrequent|seldom", "흔[한히]|빈번|자주|ញឹកញាប់|common|frequent|\\boften"),
    ("비정상|abnormal", "정상|normal"), ("나쁘|나쁜|불량|អាក្រក់|\\bpoor|\\bwors[et]", "좋[은다]|양호|ល្អ|\\bgood\\b|\\bbetter|\\bbest\\b"),
    ("신생아|영아|ទារក|newborn|neonat|infant", "소아|어린이|아동|កុមារ|ក្មេង|\\bchild|pediatric", "성인|어른|ពេញវ័យ|\\badult", "노인|고령|មនុស្សចាស់|elder|geriatric"),
    ("아침|오전|주간|ព្រឹក|morning|\\bday shift|\\bdaytime", "저녁|오후|야간|밤|ល្ងាច|យប់|evening|afternoon|\\bnight"),
    ("냉(?:찜질|수|각)|차가운|ត្រជាក់|\\bcold|\\bcool", "온(?:찜질|수)|뜨거운|따뜻한|ក្តៅ|\\bhot\\b|\\bwarm"),
    ("굴곡|굽힘|flexion|\\bflex", "신전|폄|\\bexten[ds]"), ("내전|adduct", "외전|abduct"), ("바로 누|앙와|supine", "엎드|복와|\\bprone"),
    ("공여|기증|donor", "수혜|수여|recipient"), ("여름|봄|summer|spring|រដូវប្រាំង", "겨울|가을|winter|autumn|រដូវវស្សា"), ("마른|건조|\\bdry|ស្ងួត", "젖은|습한|\\bwet|\\bmoist|សើម|ស្លេស្ម"),
    ("얇은|가는|\\bthin|ស្តើង", "두꺼운|굵은|\\bthick|ក្រាស់"), ("동쪽|\\beast", "서쪽|\\bwest", "남쪽|\\bsouth", "북쪽|\\bnorth"),
    ("작은술|티스푼|teaspoon|\\btsp|ស្លាបព្រាកាហ្វេ", "큰술|테이블스푼|tablespoon|\\btbsp|ស្លាបព្រាបាយ"), ("수동|\\bpassive", "능동|\\bactive\\b"), ("열린|개방|បើក|\\bopen", "닫힌|폐쇄|បិទ|\\bclos"),
)  # fmt: skip
_FIRST = 0xE000  # of the characters for private use that stand for sides
_MOST = 8  # for each group
_ANY = f"(?i)({'|'.join(side for sides in _SIDES for side in sides)})"
_BETWEEN = r"(?:^|\x02)[^\x01]*(?:\x01|$)"  # what stands between two marked words


def directions(texts: pa.Array) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return what texts have sides of, and to which sides they point, one after the other.

    Args:
        texts: ``string[n]``, without nulls.

    Returns:
        Two ``uint64[n]``, 0 where a text points nowhere. Texts of which the first are equal and the second
        are not point to other sides.

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
    for place, group in enumerate(_SIDES):
        for side, pattern in enumerate(group):
            mark = chr(_FIRST + _MOST * place + side)
            words = pc.replace_substring_regex(words, f"(?i){pattern}", mark)
    sides = pc.replace_substring_regex(words, r"[^\x{E000}-\x{E7FF}]+", "")
    of_any = sides
    for place in range(len(_SIDES)):
        first = chr(_FIRST + _MOST * place)
        of_any = pc.replace_substring_regex(
            of_any, f"[{first}-{chr(ord(first) + _MOST - 1)}]", first
        )
    rows = np.flatnonzero(pointing.to_numpy(zero_copy_only=False))
    of_what[rows], where[rows] = hashes(of_any), hashes(sides)
    return of_what, where
