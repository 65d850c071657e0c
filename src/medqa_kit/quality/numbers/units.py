"""Units of medical text under their UCUM codes, with the words Korean, Khmer and English have for them.

References:
    The Unified Code for Units of Measure, https://ucum.org: codes and factors. Counts such as tablets
    are annotations there, in braces.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple


class Unit(NamedTuple):
    """A unit of measure.

    Attributes:
        code: In UCUM.
        dimension: Units of one dimension can be converted into each other.
        factor: How many base units of the dimension it is.
    """

    code: str
    dimension: str
    factor: Fraction


_DIMENSIONS: dict[str, tuple[tuple[str, Fraction | int, str], ...]] = {
    # dimension: code, factor, words; Latin words in any case
    "mass": (
        ("ng", Fraction(1, 10**6), "ng nanogram nanograms 나노그램"),
        ("ug", Fraction(1, 1000), "ug mcg µg microgram micrograms 마이크로그램 មីក្រូក្រាម"),
        ("mg", 1, "mg milligram milligrams 밀리그램 밀리그람 មីលីក្រាម មីលីក្រាំ មក្រ"),
        ("g", 1000, "g gram grams gm 그램 그람 ក្រាម ក្រាំ"),
        ("kg", 10**6, "kg kilogram kilograms 킬로그램 킬로그람 킬로 គីឡូក្រាម គីឡូ គក្រ"),
        ("[oz_av]", Fraction(45359237, 1600), "oz ounce ounces 온스 អោន"),
        ("[lb_av]", Fraction(45359237, 100), "lb lbs pound pounds 파운드 ផោន"),
    ),
    "volume": (
        ("uL", Fraction(1, 1000), "ul µl microliter microliters mm3 mm^3 cmm 마이크로리터"),
        ("mL", 1, "ml milliliter milliliters millilitre millilitres cc cm3 cm^3 밀리리터 시시 មីលីលីត្រ មល"),
        ("dL", 100, "dl deciliter deciliters 데시리터 ដេស៊ីលីត្រ"),
        ("L", 1000, "l liter liters litre litres 리터 លីត្រ"),
    ),
    "time": (
        ("s", 1, "s sec secs second seconds 초 វិនាទី"),
        ("min", 60, "min mins minute minutes 분 នាទី"),
        ("h", 3600, "h hr hrs hour hours 시간 ម៉ោង"),
        ("d", 86400, "d day days 일 ថ្ងៃ"),
        ("wk", 604800, "wk wks week weeks 주일 주간 주 សប្តាហ៍ សប្ដាហ៍ អាទិត្យ"),
    ),
    "months": (
        ("mo", 1, "mo month months month-old 개월 달 ខែ"),
        ("a", 12, "y yr yrs year years year-old year-olds 년 세 살 ឆ្នាំ"),
    ),
    "temperature": (("Cel", 1, "°c ℃ celsius 섭씨 도 អង្សា"),),
    "fahrenheit": (("[degF]", 1, "°f ℉ fahrenheit 화씨"),),
    "pressure": (
        ("mm[Hg]", 1, "mmhg 수은주밀리미터"),
        ("cm[H2O]", Fraction(980665, 1333224), "cmh2o"),
        ("kPa", Fraction(10**7, 1333224), "kpa kilopascal kilopascals 킬로파스칼"),
    ),
    "length": (
        ("mm", 1, "mm millimeter millimeters millimetre millimetres 밀리미터 មីលីម៉ែត្រ"),
        ("cm", 10, "cm centimeter centimeters centimetre centimetres 센티미터 센티 សង់ទីម៉ែត្រ ស.ម"),
        ("m", 1000, "m meter meters metre metres 미터 ម៉ែត្រ"),
        ("[in_i]", Fraction(254, 10), "inch inches 인치 អ៊ីញ"),
        ("[ft_i]", Fraction(3048, 10), "ft foot feet 피트 ហ្វីត"),
    ),
    "area": (("m2", 1, "m2 m^2 제곱미터"),),
    "activity": (
        ("[IU]", 1, "iu 국제단위 អន្តរជាតិ"), ("m[IU]", Fraction(1, 1000), "miu"), ("u[IU]", Fraction(1, 10**6), "uiu µiu"),
        ("U", 1, "u unit units 단위 ឯកតា"),
    ),
    "equivalents": (("meq", 1, "meq 밀리당량"),),
    "amount": (("umol", Fraction(1, 1000), "umol µmol"), ("mmol", 1, "mmol 밀리몰"), ("mol", 1000, "mol 몰")),
    "absorbed dose": (("mGy", Fraction(1, 1000), "mgy"), ("Gy", 1, "gy 그레이")),
    "dose equivalent": (("mSv", Fraction(1, 1000), "msv 밀리시버트"), ("Sv", 1, "sv 시버트")),
    "spoons": (
        ("[tsp_us]", 1, "tsp teaspoon teaspoons teaspoonful teaspoonfuls 티스푼 작은술 찻숟가락 ស្លាបព្រាកាហ្វេ"),
        ("[tbs_us]", 3, "tbsp tablespoon tablespoons tablespoonful tablespoonfuls 테이블스푼 큰술 밥숟가락 ស្លាបព្រាបាយ"),
    ),
    "energy": (("kcal", 1, "kcal kilocalorie kilocalories 킬로칼로리 칼로리 គីឡូកាឡូរី"),),
    "share": (("%", 1, "% percent 퍼센트 프로 ភាគរយ"),),
    "drops": (("[drp]", 1, "gtt drop drops 방울 តំណក់"),),
    "tablets": (("{tbl}", 1, "tablet tablets tab tabs pill pills capsule capsules 정 알 캡슐 គ្រាប់"),),
    "turns": (("{times}", 1, "times time 회 번 차례 ដង"),),
}  # fmt: skip


@lru_cache(maxsize=1)
def unit_words() -> dict[str, Unit]:
    """Return the unit each word means; Latin words in lower case."""
    return {
        word: Unit(code, dimension, Fraction(factor))
        for dimension, units in _DIMENSIONS.items()
        for code, factor, words in units
        for word in words.split()
    }


_DOSED = ("mass", "volume", "activity", "equivalents", "amount", "drops", "tablets", "spoons")


def is_dose(unit: Unit | None) -> bool:
    """Check whether a unit is one in which drugs are given.

    Example:
        >>> is_dose(unit_words()["mg"]), is_dose(unit_words()["days"])
        (True, False)
    """
    return unit is not None and unit.dimension in _DOSED
