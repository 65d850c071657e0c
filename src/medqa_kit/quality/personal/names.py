"""Names of persons beside a label, a title or a word for the bearer of the name.

A rule cannot know names. It knows what Korean surnames and the syllables of given names look like, and which
words stand beside names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from medqa_kit.quality.personal.span import Certainty, PersonalSpan

_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국"
)  # fmt: skip
_LONG_SURNAME = "(?:남궁|황보|선우|제갈|사공|독고|서문)"
# Syllables that given names are often made of, without those that words end in.
_GIVEN = "민서지현준우영수은진하예도윤연호혜정희경미선아유주성재동승태규원철석훈형건빈율채나린솔찬혁환용병종광창길옥순숙화례춘복덕봉길근욱섭웅완필균림범슬람헌협효휘택학"
# Words that begin like a name and stand before a title, but name a role.
_ROLES = (
    "주치의|전공의|한의사|이용자|전문의|지도의|수련의|조무사|신청자|기증자|여행자|노동자|지원자|안내원|구급대|원장님|고객님|선생님|"
    "하나님|장애인|임산부|양치기|유가족|한국인|주인공|기관장|소방관|공무원|임신부|여성분|남성분|신생아|유아들|노인분"
)
# What looks like a name and is none, among words made of these syllables.
_WORDS = (
    "이주민|안정화|주정화|정상화|유지용|고정용|소아용|성인용|여성용|남성용|유아용|주사용|경구용"
)
_FULL = rf"(?:(?!{_ROLES}|{_WORDS})[{_SURNAMES}][{_GIVEN}](?![병종])[{_GIVEN}]|{_LONG_SURNAME}[{_GIVEN}]{{1,2}})"
_BEHIND_NAME = r"(?=$|[^가-힣]|(?:은|는|이|가|의|을|를|과|와|에게|께서|입니다|이다|이며|이고|이라|으로|씨|님)(?:$|[^가-힣]|[가-힣]{0,2}))"
_NAMED = r"성명|환자\s?명|환자\s?이름|이름|보호자\s?명|보호자\s?성명"
# Of a dialogue these are who speaks, so what stands behind them must look like a name.
_PERSONS = r"보호자|담당의|주치의|집도의|수술의|작성자|환자|간호사|교수"
_KOREAN_LABEL = rf"{_NAMED}|{_PERSONS}"
_LABEL = rf"{_NAMED}|\b[Pp]atient(?:'s)? [Nn]ame|\bPATIENT NAME|\b[Nn]ame|\bNAME|ឈ្មោះ(?:អ្នកជំងឺ)?"
_NO_NAME = r"(?!(?:Yes|No|Hello|Hi|Good|My|I|Well|Okay|Thanks?|Please|And|But|So|Oh|Can|Do|Could|Should|The|This|That|A|An|Of|In|Is|Not|None|Unknown|What|Which|With|For|Drug|Generic|Brand|Trade|비공개|미상|없음|미기재|익명|불명|생략|미확인)\b)"
_KHMER = r"[\u1780-\u17d3]"
_KHMER_TITLE = r"លោកស្រី|លោកយាយ|លោកតា|លោក|អ្នកស្រី|អ្នកនាង|កញ្ញា|វេជ្ជបណ្ឌិត|ឈ្មោះ(?:អ្នកជំងឺ)?"
_BEARERS = "환자|교수|간호사|선생|원장|과장|박사|의사|약사|산모|할머니|할아버지"
NAME_GATE = (
    rf"씨|님|(?:{_KOREAN_LABEL})\s*[:：]|(?:{_KOREAN_LABEL})(?:은|는)?\s+[{_SURNAMES}][{_GIVEN}]|[{_SURNAMES}][{_GIVEN}][{_GIVEN}]\s(?:{_BEARERS})"
    rf"|{_LONG_SURNAME}|저는|환자\]|보호자\]|(?:{_PERSONS})\(|[가-힣]\s?\(\s?(?:[남여MF]|\pN+\s?세?\s?[/,·]\s?[남여MF])|ខ្ញុំឈ្មោះ|(?i:name)|[Pp]atient:?\s[A-Z]|Mr|Ms|Miss|Dr|Prof|(?:{_KHMER_TITLE})\s*[\x{{1780}}-\x{{17D3}}៖:]"
)
"""A pattern for RE2; a text without a match names nobody that the rules could see."""

_THINGS = "drug brand trade generic disease product test gene file hospital common chemical scientific medication medicine procedure study trial"
_OF_THINGS = r"(?<!약물 )(?<!약물)(?<!약품 )(?<!약 )(?<!제품 )(?<!상품 )(?<!질환 )(?<!질병 )(?<!병원 )(?<!검사 )(?<!성분 )(?<!균 )(?<!세균 )(?<!유전자 )(?<!파일 )" + "".join(
    rf"(?<![{word[0].upper()}{word[0]}]{word[1:]} )" for word in _THINGS.split()
)  # fmt: skip
"""Before "이름" and "name": it is the name of a drug, a disease or a test."""
_NAMES: tuple[tuple[re.Pattern[str], Certainty], ...] = (
    (re.compile(rf"{_OF_THINGS}(?:{_LABEL})\s{{0,3}}[:：៖]\s{{0,3}}{_NO_NAME}(?P<value>[가-힣]{{2,4}}(?![가-힣])|[{_SURNAMES}]\s[가-힣]\s[가-힣](?![가-힣])|"
                rf"[A-Z]{{2,20}},\s[A-Z]{{2,20}}(?![A-Za-z])|[A-Z][a-z'-]{{1,20}}(?:\s[A-Z][a-z'.-]{{0,20}}){{0,3}}(?![a-z]|\s[a-z]{{6}})|{_KHMER}{{2,20}}(?:\s{_KHMER}{{2,20}})?)"), "sure"),
    (re.compile(rf"(?:{_PERSONS})(?:\([가-힣]{{1,4}}\))?\s{{0,3}}[:：]\s{{0,3}}(?P<value>[{_SURNAMES}][{_GIVEN}][{_GIVEN}자]|{_LONG_SURNAME}[{_GIVEN}]{{1,2}}|[{_SURNAMES}]\s[가-힣]\s[가-힣])(?![가-힣])"), "sure"),
    (re.compile(rf"(?:{_KOREAN_LABEL})(?:은|는)?\s{{1,3}}(?P<value>{_FULL}){_BEHIND_NAME}"), "likely"),
    (re.compile(rf"(?:저는|제 이름은|환자\]|보호자\])\s(?P<value>{_FULL})(?=이?라고|입니다|이에요|예요|$|[^가-힣])"), "likely"),
    (re.compile(rf"(?<![가-힣])(?P<value>{_FULL})\s?\((?=\s?(?:(?:남|여)(?:자|성)?|[MF])\s?[/,·]?\s?\d|\s?\d{{1,3}}\s?세?\s?[/,·]\s?(?:남|여|[MF]))"), "likely"),
    (re.compile(r"\b(?:[Mm]y|[Hh]is|[Hh]er|[Tt]he patient's) name is (?P<value>[A-Z][a-z'’-]{1,20}(?:\s[A-Z][a-z'’-]{1,20}){0,2})"), "likely"),
    (re.compile(rf"ខ្ញុំឈ្មោះ\s?(?!អ្វី)(?P<value>{_KHMER}{{2,14}})(?!{_KHMER})"), "likely"),
    (re.compile(rf"(?<![가-힣])(?P<value>(?!{_ROLES})(?:[{_SURNAMES}]|{_LONG_SURNAME})[가-힣]{{2}})\s?(?:씨|님)(?![가-힣])"), "likely"),
    (re.compile(rf"(?<![가-힣])(?P<value>(?!{_ROLES})(?:[{_SURNAMES}]|{_LONG_SURNAME})[가-힣]{{2}})\s?(?:씨|님)"
                r"(?=(?:은|는|이|가|의|에게|께서|을|를|도|과|와|으로|한테|께|입니다|이다)(?![가-힣]))"), "likely"),
    (re.compile(rf"(?<![가-힣])(?P<value>{_FULL})\s(?:{_BEARERS})(?:님|분)?"
                r"(?=$|[^가-힣]|(?:은|는|이|가|의|에게|께서?|을|를|과|와|도)(?![가-힣]))"), "possible"),
    (re.compile(r"\b(?:Mr|Mrs|Ms|Miss)\.?\s(?P<value>[A-Z](?:[a-z'’-]|(?<=['’])[A-Z]){1,20}(?:\s[A-Z](?:[a-z'’-]|(?<=['’])[A-Z]){1,20}){0,2})"), "likely"),
    (re.compile(r"\b(?:Dr|Prof|Professor)\.?\s(?P<value>[A-Z][a-z'-]{1,20}(?:\s[A-Z][a-z'-]{1,20}){0,2})"), "possible"),
    (re.compile(rf"\b[Pp]atient:\s{_NO_NAME}(?P<value>[A-Z][a-z'-]{{1,20}}\s[A-Z][a-z'-]{{1,20}})(?![a-z])"
                rf"|\b[Pp]atient\s{_NO_NAME}(?P<other>[A-Z][a-z'-]{{1,20}}\s[A-Z][a-z'-]{{1,20}})(?=,\s?\d{{1,3}}|\s?\(\d{{1,3}}|,?\s(?:aged|DOB|born))"), "likely"),
    (re.compile(rf"(?:(?<!{_KHMER})(?:{_KHMER_TITLE})|អ្នកជំងឺឈ្មោះ)\s(?P<value>(?!គ្រូ|ពេទ្យ|ថ្នាំ|ជំងឺ|និង|អ្នក){_KHMER}{{2,9}}\s(?!គ្រូ|ពេទ្យ|និង|ដែល|បាន|មាន){_KHMER}{{2,9}})(?!{_KHMER})"), "possible"),
)  # fmt: skip


def names_of_persons(text: str) -> Iterator[PersonalSpan]:
    """Find names beside labels and titles.

    Example:
        >>> [(span.start, span.end, span.certainty) for span in names_of_persons("환자명: 김민준, Mrs. Harlow")]
        [(5, 8, 'sure'), (15, 21, 'likely')]
    """
    for pattern, certainty in _NAMES:
        for match in pattern.finditer(text):
            group = "other" if match.re.groupindex.get("other") and match["other"] else "value"
            yield PersonalSpan(match.start(group), match.end(group), "name", certainty)
