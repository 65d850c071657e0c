"""The words around an answer in Korean, Khmer and English: words that state it, and words that cast doubt on it.

Data first: the patterns of each language stand in the tables; texts are folded before they are looked at
(see :mod:`medqa_kit.evaluation.answers.option_marks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

OPENING = re.compile(r"[\s(\[{<\"'“‘「『《«【〔]*+")
CLOSING_MARKS = r"[\s)\]}>\"'”’」』》»】〕]*+"
CLOSING = re.compile(CLOSING_MARKS)

# A key of JSON under which an answer stands.
KEYED = re.compile(
    r"[\"'](?:(?:final|correct(?:ed)?|revised|best|selected|predicted|최종|올바른|맞는)[_ ]?)?(?:answers?|ans|choice|option|label|prediction|decision|정답|답|답안|선택지?|보기|"
    r"ចម្លើយ|ជម្រើស)(?:ត្រឹមត្រូវ|ចុងក្រោយ|[_ ]?(?:choice|letter|option|key|label|번호|기호)|[_ ]?(?:idx|index|id)(?=[\"']\s*+:\s*+[\"'][A-Z][\"']))?[\"']\s*+:\s*+"
    r"(?>(?:\{[^{}]{0,200}?[\"'](?:choice|letter|option|key|label|number|번호|기호|보기|លេខ|អក្សរ)[\"']\s*+:\s*+)?)"
    r"|[\"'](?:final|result|verdict|conclusion|output|selected|chosen|pick|최종|결론)[\"']\s*+:\s*+(?=[\"'][(\[]?[A-Z①-⑳1-9][)\]]?[\"']\s*+[,}])",
    re.IGNORECASE,
)

# A reply that is one JSON object, or the beginning of one.
OBJECT = re.compile(r"\s*+(?:json\b)?\s*+\{(?>(?:[^{}]|\{[^{}]*+\})*)\}\s*+", re.IGNORECASE)
CUT_OBJECT = re.compile(r"\s*+(?:json\b)?\s*+\{\s*+[\"'][^{}]*+", re.IGNORECASE)

# Ahead: a marker, and nothing behind it on its line.
_ENDS_LINE = r"(?=[(\[]?[A-Z①-⑳][)\]]?\s*+[.!]?\s*+(?:\n|$))"

# A member of such an object that holds the words of the answer.
SAID_TEXT = re.compile(
    r"[\"'](?:(?:answer|option|choice)[_ ]?)?(?:text|content|description|value|내용)[\"']\s*+:\s*+[\"']",
    re.IGNORECASE,
)
# A member of such an object that says that the answer in it is none.
SAID_FALSE = re.compile(
    r"[\"'](?:is[_ ]?)?(?:correct|right|true|valid|verdict|judge?ment|evaluation|result|grade|정답|맞음|판정|채점)[\"']\s*+:\s*+(?:false|0|no|[\"'](?:false|no|incorrect|wrong)[\"'])(?![\w.])",
    re.IGNORECASE,
)

# What stands before an answer, by the script of its words. A final one outweighs those before it.
_OF_ANY = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    r"(?<![가-힣])(?<!틀린\s)(?<!잘못된\s)(?<!잘못\s)(?<!않은\s)(?:정답|답안|답변|해답|답)(?:\s*+[(\[](?:answer|ans|ចម្លើយ)[)\]])?(?:\s?(?:및|과|와|/)\s?(?:해설|풀이|이유|설명)(?=\s*+[:=]))?(?:\s*+(?:번호|보기|선택지|선지|기호))?\s*+(?:은요,?|은|는|이|을|를)?(?:\s*+(?:고르면|찾으면|고르자면|꼽자면|말하자면|적자면|굳이\s+고르자면|(?:다음과|아래와)\s+같(?:습니다|다|아요)\s*+[.:]?(?=\s*+[(\[]?[A-Z①-⑳ㄱ-ㅎ](?![a-z])(?![\s\S]{0,300}?\n\s*+[(\[]?[B-Z②-⑳][.)\s]))))?"
    r"\s*+[:=>→➔➜➡👉!\-–\])】〕▶►☞]*\s*+(?:바로|아마도?|역시|당연히|보기|선택지|선지)?\s*+",
    r"(?<!wrong\s)(?<!incorrect\s)(?<!false\s)(?<![^\W_])a(?:ns(?:wer)?|nwser|nser)\b(?:\s*+[(\[](?:정답|답|ចម្លើយ)[)\]])?(?:\s+(?:choice|option|letter|key))?"
    r"(?>(?:\s+(?:here|today|now|nowadays|(?:to|for)\s+(?:this|the)\s+(?:(?!previous|last|first|next|other|another|second|third|following|prior)\w+\s+){0,2}?(?:question|problem|item|case|vignette|patient)|i\s+(?:would\s+)?(?:choose|pick|select|give)|in\s+this\s+case)|,\s*+(?:then|therefore|thus|i\s+believe|i\s+think),)?)"
    r"\s*+(?:is (?:obvious|clear|as follows) ?:|is|'s|[–—➜➡👉]|would(?: most likely)? be|should be|must(?:\s+therefore)? be|has to be|can only be|will be|appears to be|seems to be|turns? out to be|turned out to be|:|=|→|-+>?)+"
    r"\s*+(?:therefore|clearly|most likely|probably|,\s*+(?:of course|therefore|then|clearly|in my opinion))?,?\s*+(?:the\s+)?(?>(?:(?:option|choice|letter)(?:\s(?:number|no\.)(?=\s[0-9]))?)?)\s*+:?\s*+",
    r"(?:^|\n)[^\S\n]*+\|[^\S\n]*+(?:정답|답|최종 답|(?:최종 )?정답(?: 번호)?|(?:final |correct |best |right )?(?:answer|option|choice)|ចម្លើយ(?:ត្រឹមត្រូវ|ចុងក្រោយ)?)[^\S\n]*+\|[^\S\n]*+(?=\S{1,3}[^\S\n]*+\|[^\S\n]*+(?:\n|$))",
    r"(?:수정|정정|\bedit|\bcorrection|\bupdate)\s*+:\s*+(?:it(?:'s|\s+is)\s+(?:actually\s+)?|정답은\s+)?(?=[(\[]?[A-Z①-⑳][)\]]?(?:번?(?:입니다|이다))?[.!)]*+\s*+(?:\n|$))"
    r"|(?:,|[.]{2,3}|…)\s+아니,?\s+(?=[A-Z①-⑳1-9]번?(?:입니다|이다|이에요|예요))"
    rf"|(?:^|[.!\n]\s?)\s*+i(?:(?:'d|\s+would)\s+(?:say|guess|answer|vote\s+(?:for\s+)?|opt\s+for)|\s+(?:think|guess|say|believe))\s+(?:option\s+|it(?:'s|\s+is)\s+)?{_ENDS_LINE}"
    r"|(?:^|\n)[^\S\n]*+(?:결론부터\s\S{2,6}|한마디로|요약하면|요컨대)\s*+,?\s*+(?=[A-Z①-⑳1-9]번?(?:입니다|이다|이에요|예요))|(?<=[.!?]\s)(?=[1-9①-⑳]번(?:입니다|이에요|예요|이다)[.!]?\s*+$)"
    r"|^\s*+(?=(?:yes|no|maybe|true|false)(?:\.|\s[–—-])\s++(?!(?:it|this|that)\s+(?:is|was|remains?)\s+(?:not\s+|still\s+)?(?:clear|unclear|known|unknown|certain|uncertain|possible|hard|difficult))[a-z])|\bfinal\s+(?:pick|choice|answer|guess)\s?\?\s+|(?:^|\n)[\s*#]*+(?:verdict|decision|conclusion|final\s(?:verdict|decision))[^\S\n]*+\n\s*+(?=(?:yes|no|maybe)\b[.,:])"
    r"|\b(?:i(?:'d|'ll|\s+would|\s+will)\s+(?:mark|circle|tick|submit|bubble\s+in|put\s+down)|should\s+have\s+(?:chosen|picked|selected|answered))\s+(?:down\s+)?(?:option\s+|choice\s+)?(?=[(\[]?[A-Z①-⑳][)\]]?(?:\s*+[.!,]|\s+on\b|\s*+$|\n))"
    r"|(?:^|\n)[^\S\n]*+(?:selected|chosen|predicted|picked)(?:\s+(?:option|answer|choice|label))?\s*+(?:->|→|:|=>|=)\s*+"
    r"|(?:^|[.!?\n]\s?)\s*+(?:(?:so|thus|therefore|overall|in\s+short|hence),?\s+)(?=(?:yes|no|maybe)\s*+[:,.])|\b(?:best|correct|appropriate|final)\s+(?:label|verdict|decision)\s+is\s+|(?:^|[.!?\n]\s?)\s*+(?:(?:the|this)\s+)?(?:statement|claim|assertion)\s+is\s+(?:therefore\s+)?(?=(?:true|false)\b)"
    r"|(?<![가-힣])(?:정답|답)은\?\s+(?=[A-Z①-⑳1-9]번?(?:입니다|이다|이에요|예요)?[.!]?\s*+(?:\n|$))",
    r"(?:^|[.!]\s)\s*+(?:i\s+(?:think|believe|would\s+say)\s+(?:that\s+)?|(?:on|upon)\s+(?:closer|further|careful|second)\s+(?:inspection|look|examination|reflection|consideration|thought),?\s+)?it(?:'s|\s+is)\s+(?:option\s+)?(?=\S{1,3}\s*+[.!]?\s*+$)|(?:^|[។.!]\s)\s*+វា\s*+(?:គឺជា|គឺ)\s*+(?=\S{1,3}\s*+[។.!]?\s*+$)",
    r"[<\[](?:final[_-]?)?(?:answer|ans|choice|정답|ចម្លើយ)(?:[_-][a-z]{1,12})?[>\]]\s*+:?\s*+",
    r"<(?:final|response|result|output|solution|conclusion|최종|답|답안|결론)>\s*+(?=[(\[]?\S{1,3}\s*+</)",
    r"(?:^|\n)[\s*#]*+(?:(?:my|final|correct|best|최종)\s*+)?(?:final|selection|conclusion|verdict|solution|response|result|output|key|label|tl;?dr|bottom\s+line|(?:majority|consensus)(?:\s+(?:vote|answer))?|best|match|guess|출력|다수결(?:\s결과)?"
    r"|최종|결론|선택|판단|결과|ចុងក្រោយ)\s*+(?:은|는|:|=)\s*+(?=\S{1,3}[^\S\n]*+[.!។]?[^\S\n]*+(?:\n|$)|[(\[]?[A-Z1-9][).]\s(?!(?:is|was|are|and|or|not)\b|제외))"
    r"|[.!?]\s+(?:final|best|majority|consensus)(?:\s+(?:answer|vote))?:\s*+(?=[(\[]?[A-Z①-⑳][)\]]?\s*+[.!]?\s*+(?:\n|$))",
    r"(?:(?<![→>⇒]\s[A-Z①-⑳]\s)(?<!\n[A-Z①-⑳]\s)(?<!\A[A-Z①-⑳]\s)(?<![→>⇒][A-Z①-⑳])(?:→|=>|->|⇒)|(?:그러므로|따라서|고로|결론|\bso|therefore|thus|hence|ដូច្នេះ)\s*+,?)\s*+"
    r"(?=\S{1,3}(?:입니다|이다|이에요|예요)?\s*+[.!។]?\s*+$)",
))  # fmt: skip
_KOREAN = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    r"(?:옳은|맞는|적절한|올바른|알맞은)\s*+(?:것|보기|답|선택지?|설명)\s*+(?:은|는|을\s+(?:고르|꼽|찾으|선택하)(?:면|자면))?\s*+:?\s*+",
    r"남(?:는|은)\s*+(?:것|보기|선택지|선지|답)[은는이]\s*+|가장\s+(?:적절한|적합한|알맞은|올바른|옳은|타당한|우선적인|가능성이\s+높은)\s+(?:[가-힣]{1,8}\s){0,2}?[가-힣]{1,8}[은는]\s*+:?\s*+"
    r"|(?:재검토|재고|다시\s?검토)(?:한|해\s?본)?\s*+(?:결과|끝에|후에?)\s*+,?\s*+(?=[A-Z①-⑳]번?(?:으로|로)\s)|다시\s*+(?:계산|생각|검토|확인|살펴|읽어|보)[가-힣 ]{0,8}?(?:면|니|결과)\s*+,?\s*+(?=[A-Z1-9①-⑳]번?(?:입니다|이다|이네|가\s+(?:맞|정답)))",
    r"(?:최종|현재|확정|확진|가장\s+가능성이?\s*높은|가장\s+적절한)\s*+진단(?:명)?은\s*+|정답(?:에|으로)\s+(?:가장\s+가까운|해당하는|볼\s수\s있는)\s+(?:것|보기|선택지)은\s*+|(?:제|내|저의|나의)\s*+(?:생각|판단|의견)(?:에는|으로는|엔|에|은|으론)\s*+,?\s*+",
    r"(?<![가-힣])(?:정답|답)은\s+(?:(?!오답|틀린|아닌|아니|않은|보기|나머지|다른|[은는]\s)[^.\nA-Z①-⑳]){1,40}?(?:하면|보면|따르면|따라|의하면|의해|볼\s?때|\s중|\s중에서?)\s(?=[A-Z①-⑳1-9]번?(?:입니다|이다|이에요|예요)[.!]?\s*+(?:\n|$))",
    r"(?:아니라|아니고|아닌|라기\s?보다는?)\s*+,?\s*+",
    r"(?:^|[.!\n]\s?)\s*+(?=[(\[]?[A-Z①-⑳][)\]]?번?(?:(?:이?라고\s+(?:볼\s+수\s+있|판단|생각)|(?:으로|로)\s+답하겠)[가-힣 ]{0,6}(?:다|요)\s*+[.!]?\s*+(?:\n|$)))",
    r"(?:같지만|보이지만|쉬우나|쉽지만|쉬운데)\s*+,?\s*+(?=[A-Z①-⑳]|[1-9]번)"
    r"|(?:아니므로|아니니|아니기\s+때문에|틀리므로|틀렸으므로|제외되므로|제외하면|소거하면)\s*+,?\s*+(?=[(\[]?[A-Z1-9①-⑳][)\]]?(?:번?(?:입니다|이다|이에요|예요)|번)?\s*+[.!]?\s*+$)",
    r"(?<![가-힣])(?:굳이|꼭|하나만|하나를|그래도)\s+(?:하나(?:만|를)?\s+)?(?:고르자면|고른다면|고르면|꼽자면|꼽는다면|선택하자면|선택한다면)\s*+,?\s*+(?=[A-Z1-9①-⑳]번?(?:입니다|이다|이에요|예요|[.!]?\s*+(?:\n|$))|보기)",
    r"(?:실제로는|사실은|실은|지금은|현재는|이제는|실제\s?정답은)\s*+,?\s*+",
))  # fmt: skip
_LATIN = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    r"(?:^|\n)\s*+(?:final\s+)?(?:answer|ans\.?|sol(?:ution|n)?\.?)\s*+(?=(?:\([A-Z]\)|(?<=\s)[A-Z])\s*+[.!]?\s*+(?:\n|$))"
    r"|(?:^|\n)[\s*#]*+(?:correct|pick)\s*+[:=]\s*+(?=[(\[]?[A-Z①-⑳][)\]]?[^\S\n]*+[.!]?[^\S\n]*+(?:\n|$))",
    r"\b(?:leaves|leaving)\s+(?>(?:us\s+with\s+|only\s+)*)(?:option\s+)?(?=\S{1,3}(?:\s+as\s+the\s+|[^\S\n]*+[.!]?[^\S\n]*+(?:\n|$)))",
    r"(?<!of\s)\b(?:this|that|which|it)\s+(?:(?:clearly|also|then)\s+)?makes\s+(?:option\s+)?(?=[(\[]?[A-Z][)\]]?\s+(?:the\s+(?:(?:best|right|correct|only)\s+){0,2}(?:answer|choice|option)|correct|right)\b)",
    r"\bleft\s+with\s+(?:only\s+|just\s+)?(?:option\s+|choice\s+)?(?=[(\[]?[A-Z1-9①-⑳][)\]]?(?:[\s.,!]|$))"
    r"|\bremaining\s+(?:choice|option|answer|one)(?:\s+is\s+|,\s+)(?:option\s+)?(?=[(\[]?[A-Z1-9①-⑳][)\]]?(?:[\s.,!]|$))",
    # Words behind a boundary, one of which begins there: the others are not tried at each letter.
    r"\b(?:it(?:'s|\s+is)\s+(?:option\s+)?(?=[(\[]?[A-Z①-⑳][)\]]?\s+(?:that|which)\s+(?:is\s+(?:the\s+)?(?:correct|right|best|answer)|best\s+(?:fits|explains|matches)))"
    r"|(?:answer\s+(?:key|sheet)|(?:official\s+)?key)\s+(?:says|states|lists|gives|indicates|shows|has)\s+(?:that\s+)?(?:it(?:'s|\s+is)\s+)?(?:option\s+|choice\s+)?"
    r"|(?<!not\s)only\s+(?:option\s+)?(?=[A-Z]\s+(?:makes\s+sense|fits|remains|is\s+left|matches)\b)"
    r"|(?:it(?:'s|\s+is)\s+now\s+|(?:it|this|that)\s+(?:has\s+to|must|can\s+only)\s+be\s+|only\s+(?:option|choice|answer|one)\s+(?:(?!\bnot\b|n't|\bexcept|\bdiscuss|\bwrong|\bfalse|\bincorrect)[^.,;\n]){1,50}?\s+is\s+|(?:according\s+to|per)\s+(?:the\s+)?(?:\w+\s+){0,3}?(?:key|guidelines?|criteria|textbook),\s+(?:it(?:'s|\s+is)\s+|the\s+answer\s+is\s+)?|key\s+is\s+|lean(?:ing)?\s+(?:more\s+)?(?:(?:towards?|to)\s+)?"
    r"|if\s+(?:i\s+)?(?:had|have|forced|pressed)\s+to\s+(?:choose|pick|guess|answer)(?:\s+one)?,\s+(?:it\s+(?:would|'d)\s+be\s+|i(?:'d|\s+would)\s+(?:say|choose|pick|go\s+with)\s+)?"
    r"|(?:no,?\s+wait|wait,?\s+no|no|actually\s+no|scratch\s+that),\s+(?:it(?:'s|\s+is)\s+)?|(?:correct|best|right|final|my)\s+(?:choice|answer|option|pick|guess)\s?\?\s+(?:(?:it's|easily|clearly|definitely|probably|surely)\s+)?)"
    rf"(?:option\s+)?{_ENDS_LINE})",
    r"\b(?:(?:correct|best|right|most\s+(?:appropriate|likely|suitable|accurate|plausible|reasonable|fitting))\s+(?:choice|option|one|response|letter|selection)|my\s+(?:final\s+)?(?:choice|selection|vote|pick|decision|verdict|guess))(?>(?:\s+(?:here|in\s+this\s+case|(?:for|in)\s+this\s+(?:patient|case|question|scenario)))?)(?>(?:,\s+(?:however|though|then|therefore|instead|in\s+fact),)?)\s*+(?:is|would be|:|=)+\s*+(?:(?:therefore|thus|then|clearly|hence)\s+)?"
    r"(?:the\s+)?(?:option|choice|letter)?\s*+:?\s*+",
    r"(?:\b(?:choose|pick|select|going with|go with|go(?:ing)? for|stick(?:ing)? with|lock(?:ing)? in)|(?:\bi|\bwe|\band|[.,]|^)\s*+\bchose)\s+(?:the\s+)?(?:option|choice|answer|letter)?\s*+",
    r"(?:\bI(?:'ll|'m|'d\s+like\s+to|\s+(?:am|will|must|now|therefore|(?:have|need|want|wish|would\s+like)\s+to))?\s+|(?:^|[.,;:\n])\s*+)(?:chang|revis|switch|amend)(?:e|ed|ing)\s+my\s+(?:final\s+)?(?:answer|choice|mind)\s+to\s+(?:the\s+)?(?:option|choice|letter)?\s*+",
    r"\banswer\s+is\s+(?:(?!\bnot\b|n't|\bnever\b|\bhardly\b)[^.\n]){1,40}?,\s+(?:(?:which|that)\s+is|i\.?e\.?,?|namely|(?:which\s+)?correspond(?:s|ing)\s+to)\s+(?:option|choice|letter)\s+(?=[(\[]?[A-Z1-9①-⑳][)\]]?\s*+[.!]?\s*+(?:\n|$))"
    r"|(?:\b(?:am|feel)|\bi'm)\s+(?:quite\s+|very\s+|fairly\s+|pretty\s+)?(?:confident|certain|sure)(?:\s*+[:–—]|\s+(?:that\s+)?it(?:'s|\s+is))\s*+(?:option\s+)?(?=[(\[]?[A-Z①-⑳][)\]]?\s*+[.!]?\s*+(?:\n|$))",
    r"(?:(?:^|[.!?\n,])\s*+|\b(?:so|then|ok|okay|alright),?\s+)(?:(?:option|choice|letter)\s++)?(?=[(\[]?[A-Z①-⑳][)\]]?\s+it\s+is\s*+[.!]?\s*+(?:\n|$))",
    r"\\(?:boxed|fbox|framebox)\s*+\{\s*+(?:\\(?:large|huge|bf|rm)\b\s*+)?(?>(?:\\(?!d?frac|sqrt)[a-z]+\s*+\{\s*+)*)",
    r"\bans\.\s*+(?>(?:is\s+)?)|(?:^|\n)[\s#]*+(?:(?:final|correct|best)\s+)?answer[^\S\n]*+\n\s*+",
    r"(?:\b(?:is|it's)\s+(?:not\s+\S{1,4}|neither\s+\S{1,4}\s+nor\s+\S{1,4})|\bisn't\s+\S{1,4}(?>(?:\s\([^()\n]{1,60}+\))?)(?=[,;]))[.,;]\s*+(?:it\s+is|it's|but)\s+",
    r"\b(?:respuesta|(?:opción|alternativa)(?=\s+correcta)|réponse|resposta|risposta|antwort|lösung|jawaban|(?:đáp\s+án|câu\s+trả\s+lời))(?:\s+(?:correct[aeo]?|corretta|exacte|bonne|finale?|richtige|(?:yang\s+)?benar|đúng))?\s*+(?:es|est|é|è|ist|lautet|adalah|là|:)\s+(?>(?:(?:el|la|los|die|opción|option|opção|número|đáp\s+án|câu)\s+)*)"
    r"|\bответ\s*+[:—–-]\s*+|คำตอบ(?:ที่ถูกต้อง)?\s*+(?:คือ|:)\s*+(?:ข้อ)?\s*+",
    r"(?:(?:^|[.?!]\s)\s*+not\s+\S{1,4}[.;]|\?\s+(?:no[.,]|actually,?))\s+(?=[(]?[A-Z①-⑳][)]?\s*+[.!]?\s*+$)|[.;]\s+answer\s+(?=[(]?[A-Z①-⑳][)]?\s*+[.!]?\s*+$)",
    r"(?:\bnot|n't)\s+\S{1,4}\s*+(?:,\s+(?:as|like|which|contrary)\s[^.,;\n]{1,40},\s+)?,?\s*+but\s+(?:rather\s+)?",
    r"\bbut\s+(?:after|on|upon|given|with|considering|based\s+on|because|since|looking\s+at)\b[^.,;\n]{1,60},\s+it(?:'s|\s+is)\s+(?:actually\s+|really\s+|option\s+)?(?=[(\[]?[A-Z①-⑳][)\]]?\s*+[.!]?\s*+(?:\n|$))",
    r"\b(?:treatment|management|next\s+step|drug|test|therapy)(?:\s+of\s+choice)?\s+is\s+(?:therefore\s+|thus\s+)?(?:option\s+)?(?=[(\[]?[A-Z①-⑳][)\]]?\s*+[.!]?\s*+(?:\n|$))",
    r"\bbut\s+(?:(?:it|that|the\s+(?:real|actual|true)\s+(?:one|answer))\s+is|it's|that's)\s+(?:actually\s+|really\s+|in\s+fact\s+)?",
    r"\b(?:it(?:'s|\s+is)|but\s+is|and\s+is)\s+(?:actually|really|in\s+fact)\s+",
    r"(?<!\bleast\slikely\s)\b(?:most\s+likely\s+|final\s+|correct\s+)?diagnosis\s+(?:(?:in|for|of)\s+this\s+(?:\w+\s+)?(?:patient|case|man|woman|boy|girl|child|infant)\s+)?is\s+(?:therefore\s+|most\s+likely\s+)?",
    r"(?:^|\n)\s*+(?:q|question)\s*+[:.][^\n]*+\n\s*+a\s*+[:.]\s*+(?=[(\[]?[A-Z①-⑳][)\]]?(?:[.)\s]|$))",
    r"(?:^|[\n`])[^\S\n]*+(?:final_answer|submit(?:_answer)?|answer|print|select(?:_option)?|return)\s*+\(?\s*+[\"'](?=[(]?[A-Z①-⑳1-9][).]?[\"']\s*+\)?[;`]*+\s*+(?:\n|$))",
))  # fmt: skip
_KHMER = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    r"(?:ប៉ុន្តែ|តែ|ទេ)\s*+,?\s*+(?:(?:តាមពិត|ឥឡូវ(?:នេះ)?)\s*+)?(?:គឺជា|គឺ|ជា)\s*+",
    r"(?:ចម្លើយ|ជម្រើស)\s*+(?:ដែល)?\s*+(?:ត្រឹមត្រូវ|ត្រូវ|ចុងក្រោយ|ល្អបំផុត|សមស្រប|ពិតប្រាកដ|ពិត)*\s*+(?:បំផុត)?\s*+"
    r"(?:គឺជា|គឺ|ជា|:|៖|=|\s[-–]\s)+\s*+(?:ជម្រើស|អក្សរ|លេខ|ចំណុច|ទី)*\s*+|ឆ្លើយ\s*+[:៖]\s*+",
    r"ចម្លើយ(?:ត្រឹមត្រូវ|ចុងក្រោយ)?\s+(?=[ក-អA-Z0-9①-⑳(])",
    r"ចម្លើយ\s*+[(\[](?:answer|ans|정답)[)\]]\s*+[:៖=]?\s*+",
    r"(?:ជ្រើសរើស|ជ្រើស|រើស)\s*+(?:យក)?\s*+(?:ជម្រើស|ចម្លើយ|អក្សរ|លេខ|ចំណុច)*\s*+",
    r"តាមពិត\s*+(?:ចម្លើយ)?\s*+(?:គឺជា|គឺ|ជា)+\s*+",
))  # fmt: skip
_EAST_ASIAN = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    # Chinese, Japanese, and languages that models fall into.
    r"(?:(?:正确|最终|最佳)?(?:答案|选项|選項)|正解|答え)\s*+(?>(?:应该|應該|应)?)(?>(?:是|为|為|は|选(?!项)|選(?!項)|[:：])+)\s*+(?>(?:选项|選項)?)\s*+|(?<![不别没未])(?:(?<![^\s,.:;、。])|故|应|應|所以|因此)(?:选择?|選擇?)\s*+(?=[A-Z](?![A-Za-z]))",
))  # fmt: skip
_SCRIPTS = (
    (re.compile(r"[가-힣]"), _KOREAN),
    (re.compile(r"[A-Za-z\u00c0-\u024f\u0400-\u04ff\u0e00-\u0e7f]{2}|\b[Qq]\s?[:.]"), _LATIN),
    (re.compile(r"[\u1780-\u17ff]"), _KHMER),
    (re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]"), _EAST_ASIAN),
)


def before(text: str, start: int) -> Iterator[re.Pattern[str]]:
    """Return what may stand before an answer in a text: the patterns of the scripts it is written in.

    Args:
        text: The folded reply.
        start: Where the answer begins.

    Example:
        >>> len(list(before("정답은 2번", 0))) < len(list(before("정답은 B, the second one", 0)))
        True
    """
    yield from _OF_ANY
    for script, patterns in _SCRIPTS:
        if script.search(text, start):
            yield from patterns


# What stands before the answer of a question that asks for the wrong one. Read where nothing else
# states an answer: in an answer to another question it is one of the wrong ones.
BEFORE_NEGATIVE = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    r"(?:(?:옳|맞|적절하|적합하|올바르|알맞|해당하|해당되|일치하|포함되|필요하|타당하)지\s*+(?:않은|않는)|틀린|잘못된|부적절한|거리가\s*+(?:(?:가장|제일)\s*+)?먼"
    r"|(?:관련이?|관계가?|해당이?|필요가?)\s*+없는|(?:(?:관련|연관)(?:성)?이?|관계가?)\s*+(?:(?:가장|제일)\s*+)?(?:적은|낮은|먼)|가능성이?\s*+(?:가장|제일)\s*+(?:적은|낮은)|제외되는|잘못\s*+[가-힣]{1,5}|거짓인|[가-힣]지\s?않는|제외해야\s*+(?:할|하는)|[가-힣]지\s?말아야\s?(?:할|하는)|추가\s?교육이\s+필요한|(?<!답이\s)(?<!답이)아닌)\s*+(?:[가-힣]{1,6}(?:은|는)\s*+:?|[가-힣]{1,6}을\s+(?:고르|꼽|찾으|선택하)(?:면|자면)|(?!답)[가-힣]{1,6}\s?(?::|(?=\s[1-9①-⑳]번?\s*+[.]?\s*+(?:\n|$))))\s*+",
    r"(?:^|[.!\n])\s*+(?:incorrect|false|wrong|untrue)\s+(?:statement|finding)\s*+[:=]\s*+"
    r"|\bthe\s+(?:incorrect|false|wrong|untrue|least\s+likely|least\s+appropriate|inappropriate)\s+"
    r"(?:one|option|choice|statement|answer|diagnosis|finding|cause|drug|complication)\s+is\s+(?:option\s+)?",
    r"\bthe\s+(?:one|option|choice|statement|answer)\s+(?:that|which)\s+(?:is|does|are)\s*+(?:not|n't|false|incorrect|wrong|"
    r"least)\b[^.\n]{0,60}?\bis\s+(?:option\s+)?",
    r"\b(?:the\s+)?(?:exception(?:\shere)?|not\s(?:true|correct)(?=\s?:)|(?:odd|one)(?:\s+one)?\s+out|least\s+(?:likely|appropriate|accurate|common|correct)(?:\s+(?:cause|drug|diagnosis|option|one|choice|answer|finding))?)(?:\s+is\s+|\s*+[:=]\s*+)(?:option\s+)?",
    r"(?:ជម្រើស|ចំណុច|ចម្លើយ|មួយ)?\s*+(?:ណា)?\s*+(?:ដែល)?\s*+(?:ខុស|មិន(?!អាច|ប្រាកដ|ដឹង|ច្បាស់)[^\s។]{2,60}?)\s*+(?:គឺជា|គឺ|:|៖)\s*+",
))  # fmt: skip

# What stands before an option that holds: no answer to a question for the one that does not.
HOLDS = re.compile(
    r"(?:옳은|맞는|적절한|올바른|알맞은)\s*+(?:것|보기|선택지|설명)\s*+(?:은|는)?\s*+:?\s*+[(\[]?$"
)

HOLDS_AFTER = re.compile(
    r"\s*+번?\s*+(?:이|가|은|는|도)\s+(?:옳은|맞는|올바른|적절한|알맞은)\s+(?:설명|문장|내용|진술|말)|\s+is\s+an?\s+(?:true|correct|accurate)\s+(?:statement|finding|feature|description)\b",
    re.IGNORECASE,
)

# After a marker, where the question asks for the wrong one: this is it.
AFTER_NEGATIVE = re.compile(
    r"\s*+번?\s*+(?:은|는|이|가)\s+(?:사실과|사실이|맞는\s+말이)\s+(?:다르|아니)|\s*+번?\s*+(?:은|는)\s+(?:그렇지\s+않|[가-힣 ]{1,30}지\s?(?:않는다|않습니다|않음|못한다))|\s*+번?\s*+(?:은|는|이|가)\s*+(?:옳지|맞지|적절하지|올바르지|해당하지|해당되지)\s*+(?:않)|\s*+번?\s*+(?:은|는|만이|만|이|가)\s*+(?:틀리|틀렸|틀린|잘못|아니|거짓|[x×✗](?![a-z]))|\s*+번?\s*+(?:은|는|을|를)\s+(?:(?:시행|투여|사용|실시)?하면|해서는|해선)\s+안\s+(?:된다|됩니다|됨|돼)|\s*+번?\s*+(?:을|를)?\s*+(?:제외하|제하|빼)고(?:는)?\s*+(?:모두|전부|나머지|다\s)(?!\s*+(?:틀|오답|잘못|옳지|부적절|아니))"
    r"|\s*+번?를?\s+제외한\s+(?:나머지|다른)|\s+is\s+(?:the\s+)?least\s+(?:likely|appropriate|common|consistent|accurate|suitable)\b|\s+(?:is|does)(?:\s+not|n't)\s*+(?:[.!]|\n|$)|\s+(?:does\s+not|doesn't)\s+(?:belong|fit|apply|match|cause|hold)\b|\s+is\s+the\s+odd\s+one\b"
    r"|\s+is\s+(?:the\s+)?(?:one\s+that\s+is\s+)?(?:incorrect|false|wrong|untrue|not\s+(?:correct|true|right)|exception)\b"
    r"|\s+is\s+not\s+an?\s+(?!(?:\w+\s+)?(?:answer|choice|option|exception|distractor|reason)\b)(?!good|valid|correct|right|wrong|false|bad|true)\w(?![^.\n]{0,80}\b(?:neither|nor|either|also|and)\b)"
    r"|\s*+(?:គឺ|ជា)?\s*+(?:ខុស|មិនត្រឹមត្រូវ|មិនត្រូវ|មិនមែន(?>(?:ជា)?)(?!ចម្លើយ|ជម្រើស)|\sមិន(?!មែន|ដឹង|ប្រាកដ|អាច)[\u1780-\u17d3]{2,24}ទេ\s*+[។.]?\s*+(?:\n|$))",
    re.IGNORECASE,
)
# Behind such an option: it is none that is asked for, "4번이 옳지 않으므로 답이 아니다".
NOT_ASKED_FOR = re.compile(r"[^.\n]{0,30}(?:답이|(?:틀린|잘못된|않은)\s[가-힣]{1,5}[이은]?)\s?아니")
EXCEPT = re.compile(
    r"(?:\bexcept(?:\s+for)?\s+(?:option\s+)?|\b(?:all|everything|any)\s+but\s+(?:option\s+)?|\bcontraindicated\s+(?:\w+\s+)?is\s+(?:option\s+)?|금기(?:인|가\s+되는)\s+[가-힣]{1,6}[은는]\s+|លើកលែង(?:តែ)?\s*+)[(\[]?$",
    re.IGNORECASE,
)
_ASKS_FOR_WRONG = re.compile(
    r"(?:옳|맞|적절하|적합하|올바르|알맞|해당하|해당되|일치하|포함되|필요하|타당하|볼 수 있)지\s*+(?:않은|않는)|볼 수 없는|수 없는 것|틀린|잘못된|부적절한"
    r"|잘못\s*+[가-힣]{1,5}|거리가\s*+(?:(?:가장|제일)\s*+)?먼|(?:관련|연관)(?:성)?이?\s*+(?:(?:가장|제일)\s*+)?(?:없는|적은|낮은)|관계가?\s*+(?:없는|적은|먼)|지\s?(?:않는|않은)\s(?:[가-힣]+\s?){1,3}[은는]\s*[?？]?\s*$|가능성이?\s*+(?:(?:가장|제일)\s*+)?(?:낮은|적은)|아닌\s*+것|제외|금기|(?:추가\s?(?:적인\s)?|재|더\s)교육이\s+(?:더\s)?필요|하지\s?말아야|\b(?:further|additional|more)\s+(?:teaching|education|instruction)\b|\bexcept\b|\bNOT\b|\bis\s+not\b|\bare\s+not\b|\bleast\b|\bfalse\b|"
    r"\bincorrect\b|\buntrue\b|\bwrong\b|\bcontraindicated\b|មិនមែន|មិនត្រឹមត្រូវ|មិនត្រូវ|លើកលែង|ខុស|ណា(?:ដែល)?\s?មិន|មិន(?:ពាក់ព័ន្ធ|សមស្រប|រួមបញ្ចូល)",
    re.IGNORECASE,
)
_SENTENCE_ENDS = re.compile(r"[.!?。។][\"'”’)]*+\s+")
_ASKING = 160  # characters at the end of a stem, where what is asked for stands


def asks_for_wrong(stem: str) -> bool:
    """Check whether a question asks for the option that does not hold.

    Example:
        >>> asks_for_wrong("다음 중 옳지 않은 것은?"), asks_for_wrong("Which of these is true?")
        (True, False)
    """
    asked = stem.rstrip()[-_ASKING:]
    begins = [end.end() for end in _SENTENCE_ENDS.finditer(asked) if "?" in asked[end.end() :]]
    if "?" not in asked:
        begins = [end.end() for end in _SENTENCE_ENDS.finditer(asked)]
    return _ASKS_FOR_WRONG.search(asked, begins[-1] if begins else 0) is not None


# What stands after an answer.
AFTER = re.compile("|".join((
    r"\s*+번?\s*+(?:보기|선택지|선지)?(?:만이|만|이|가|도|\s*+역시)\s*+(?:가장\s*+|더욱?\s*+|제일\s*+)?(?:정답|답(?![가-힣]*지)|맞(?:다|는|습|아|고(?=,?\s+(?:나머지|다른)))|옳(?:다|은|습)|(?:적절|적합|타당|합당)(?:하다|한|합|하고|하며|하므로|해)|올바)|\s*+번?(?:\s하나)?만\s*+(?:살아\s?)?남(?:습니다(?!만)|는다(?!면)|게|음|으므로|는데)|\s+is\s+(?:the\s+)?most\s+(?:consistent|compatible)\s+with\s+(?:the|this|these|that|all|his|her)\b",
    r"\s*+번?\s*+(?:을|를|으로|로)?\s*+(?:선택|택)(?:합|한다|하겠|했|\s*+[.!]?\s*+$)|\s*+번?\s*+(?:을|를|으로|로)?\s*+고(?:릅|르겠|른다|르면 된)"
    r"|\s*+번?['\"’”]?\s?의\s(?:오타|오기)(?:입니다|이다|였|이었|임)|\s*+번?\s*+(?:을|를|으로|로)\s*+찍(?:겠|는다|습)|\s*+번?\s*+(?:으로|로)\s*+(?:가겠|하겠|할게|정하겠)|\s*+번?\s*+[(\[]\s*+(?:정답|최종\s?(?:정답|답)|correct(?:\s+answer)?|(?:my\s+)?(?:final|best)\s+answer|ត្រឹមត្រូវ)\s*+[)\]]",
    r"\s*+번?\s*+(?:을|를)\s*+(?:정답|답)(?:으로|로)\s*+(?:선택|고르겠|고릅|고른다|택|정한다|정하|채택|합니다|한다|하겠|삼)"
    r"|\s*+번?\s*+(?:을|를)\s*+(?:골라야|선택해야|택해야|(?:고르|선택하|택하)는\s+것이\s+(?:맞|옳|적절|타당))\s*+(?:하다|한다|합니다|해요|하므로|하겠|습니다|다|고)",
    r"\s*+번?\s*+(?:이|가)\s*+가장\s+(?:잘\s+)?(?:(?:부합|일치|유력|근접)(?:합니다|한다|하다|하므로|하여|함|하기\s+때문)|가능성이?\s+높(?:습니다|다(?!면|고\s+(?:볼|할)\s+수\s+없)|으므로))",
    r"\s+(?:best\s+)?(?:fits|matches|explains)\s+(?:all\s+|the\s+|\w+\s+){0,4}?best\b|\s+best\s+(?:fits|matches|explains)\b"
    r"|\s+is\s+the\s+only\s+(?:one|option|choice|answer)\s+(?:that|which)\s+(?:fits|accounts\s+for|explains|matches|satisfies)\s+(?:all|every|each|both|these|the\s+(?:findings|presentation|picture|criteria|case|vignette|scenario))\b",
    r"\s+(?:is|would\s+be)\s+my\s+(?:(?:final|best|first)\s+)?(?:guess|choice|pick|vote|bet)\b|\s+is\s+(?:what|the\s+one)\s+i(?:'d|\s+would)?\s+(?:choose|pick|select|go\s+with)\b|\s+(?:is|would be|seems|looks|sounds|remains|appears)\s+(?:to\s+be\s+)?(?:therefore\s+|also\s+)?(?:the\s+|my\s+)?(?:most\s+|final\s+)?(?:single\s+)?"
    r"(?:better\s+(?:choice|option|answer|fit)\b|correct|right|best|answer|appropriate|likely|(?<=most\s)(?:plausible|probable|reasonable|suitable|fitting|accurate))\b",
    r"\s*+,\s+(?:and\s+)?(?:definitely\s+|certainly\s+)?not\s+(?:option\s+)?[(]?[A-Z①-⑳](?![A-Za-z])[)]?\s*+[.!]?\s*+(?:\n|$)",
    r"\s*+(?:គឺជា|គឺ|ជា)?\s*+(?:ចម្លើយ|ជម្រើស)?\s*+(?:ដែល)?\s*+(?:ត្រឹមត្រូវ)|\s*+(?:គឺជា|ជា)\s*+ចម្លើយ(?=\s*+(?:[។.!\n]|$))",
)), re.IGNORECASE)  # fmt: skip

# Before a marker: the letter belongs to a name, "hepatitis B", "비타민 C".
NAME_BEFORE = re.compile(
    r"(?:vitamins?|hepatitis|types?|groups?|influenza|stage|grade|class|factor|비타민|인플루엔자|간염|그룹)\s$|(?:វីតាមីន|ក្រុម|ប្រភេទ)\s?$",
    re.IGNORECASE,
)
ALSO = re.compile(
    r"\s*+번?(?:보기|선택지|선지)?(?:도|\s*+역시)(?![가-힣])|\s+(?:is|would\s+be)\s+also\b"
)  # one more answer
NUMBERED_BEFORE = ("ជម្រើសទី", "ចម្លើយទី")  # the number of an option follows
FINAL = re.compile(
    r"(?:수정|정정|\bedit|\bcorrection)\s*+:|최종|마지막|결론|\bfinal\b|\bin conclusion\b|ចុងក្រោយ|សរុប",
    re.IGNORECASE,
)
REVISED = re.compile(
    r"다시|아니|정정|수정|따라서|\b(?:chang|revis|switch|amend)(?:e|es|ed|ing)\b|그러므로|그래서|즉|실제|사실|\b(?:actually|wait|correction|therefore|thus|hence|"
    r"instead|rather|no|so|sorry|but|mistake|misread|misspoke|error|apolog(?:y|ies|i[sz]e)|correcting)\b|실수|착각|죄송|អភ័យទោស|សូមទោស|ខុស|ខ្ញុំច្រឡំ|ដូច្នេះ|តាមពិត|កែ|អត់ទេ",
    re.IGNORECASE,
)
# After the last statement: the reply takes it back, and states nothing instead.
TAKEN_BACK = re.compile(
    r"(?<![가-힣])(?:아니,|아니요|아니다,|잠깐만?\s?[,.!…]|가만,|다시\s*+(?:보니|생각)|정정|잘못\s*+(?:썼|말|봤))|\b(?:actually|wait|correction|"
    r"(?:scratch|strike) that|on second (?:thought|look)|on reflection|sorry|i meant|i misread|i misspoke|my mistake|apologies|oops|my bad|i stand corrected|"
    r"never ?mind|just kidding|hold on|make that|or rather|or is it|let me (?:reconsider|re-?think|re-?check|re-?examine)|"
    r"(?:that|this|(?:the )?key|official answer)(?:'s| is| was| must be) (?:wrong|incorrect|mistaken|not (?:right|correct)))\b"
    r"|(?<![가-힣])(?:이는|그것은|이것은|(?:이|그|위|위의|앞의|해당)\s+(?:답|답안|답변|정답|풀이)[은이])\s*+(?:잘못|틀린|틀렸|오답)|취소|농담|ខ្ញុំខុស|អត់ទេ"
    r"|검토(?:한)?\s*+결과|착오|(?<!의\s)오타|죄송|정정|(?<![가-힣])(?:(?:(?:제가|내가|답이|답은)\s|(?<![은는이가도만]\s))틀렸(?!다면|으면|는지|을)|틀린\s*+(?:답|것)(?:입|이었|이네))|តាមពិត|សូមទោស|ខ្ញុំច្រឡំ",
    re.IGNORECASE,
)
CALLED_WRONG = re.compile(
    r"\b(?:incorrect|wrong|false|not|distractor|mistake|trap|runner-up|second|alternative|confidence|difficulty|grade|level|score)\b|오답|틀린|아닌|제외|난이도|확신도|신뢰도|등급|수준|점수|ខុស|មិន",
    re.IGNORECASE,
)
# Behind a marker: "A... no, wait"; "3번입니다. …".
UNSURE = re.compile(
    r"[\s.…,;–-]*+(?:(?:no|nope|wait|hmm+)\b[^\S\n]*+[,.…!–—-]|(?:아니|아냐|음|앗)[,.…!\s]|ទេ[\s,])",
    re.IGNORECASE,
)
COUNTED = re.compile(r"번(?:입니다|이다|이에요|예요)[.!]\s")
TICK = re.compile(r"[✅☑✔👉➡]\s*+")  # before the option that it ticks
# The last sentence draws the conclusion.
CONCLUSION = re.compile(
    r"(?:^|[.!?。។]\s|\n)\s*+(?P<last>(?:따라서|그러므로|결론적으로|결국|therefore|thus|hence|so|in\s+conclusion|overall|consequently|ដូច្នេះ|សរុបមក)(?>(?:[^.!?។\n]|\.[0-9])*)[.!?។]?\s*+)$",
    re.IGNORECASE,
)
# What follows is the reply's own view.
HOWEVER = re.compile(
    r"(?:[.;!\n]\s*+|,\s+(?=but\b))(?:however|but|yet|actually|in\s+fact|그러나|하지만|ប៉ុន្តែ)\b",
    re.IGNORECASE,
)
# Between two statements: the second corrects the first.
CORRECTING = re.compile(
    r"(?:^|[.!?…\n)–—-])\s*+(?:(?:hmm+|oh|ah|아|앗|어|음)[,.…]*+\s+)?(?:wait|hold\s+on|actually|correction|sorry|oops|my\s+mistake|apologies|on\s+(?:(?:second|closer|further)\s|reflection[,:])|let\s+me\s+(?:reconsider|re-?think|re-?check|re-?examine|correct)"
    r"|i\s+(?:need|have|want|should)\s+to\s+(?:correct|revise|reconsider)|i\s+(?:made|misread|misspoke|was\s+wrong|stand\s+corrected)|앗|잠깐|아니,|아니다|다시\s*+(?:생각|검토|보니|확인|계산)|죄송|정정|수정|សូមទោស|សូមអភ័យទោស|ខ្ញុំច្រឡំ|ចាំ)",
    re.IGNORECASE,
)
REFUSAL = re.compile(
    r"알 수 없|모르겠|모릅니다|(?:답|답변|판단|결정|대답|제공|선택)(?:을|를)?\s*+(?:드릴|할|내릴|해 드릴)\s*+수 없|죄송"
    r"|정답(?:이|은) 없|\b(?:sorry|cannot|can't|can not|unable|refuse|don't know|do not know|not sure)\b"
    r"|សូមទោស|សូមអភ័យទោស|មិនអាច|មិនដឹង|មិនប្រាកដ",
    re.IGNORECASE,
)
AND = re.compile(
    rf"{CLOSING_MARKS}(?:번\s*+)?(?:[(\[]\s*+(?:or|alternatively|possibly|maybe|또는|혹은|아니면|ឬ)|,?\s*+(?:and|or|then|followed\s+by|또는|혹은|아니면)\b|,|/|&|\+|·|~|∼|〜|[–—](?=[A-Z①-⑳](?:[\s.,;)]|$))|와|과|및|그리고|또는|혹은|아니면|이?거나|내지|이나|나\s|부터|\band\b|\bor\b|\bto\b|\b(?:o|ou|oder|atau|hoặc|или|y|et|e|und|dan|и)\b|หรือ|และ|或|または|和|与|\bthrough\b|ដល់|និង|ឬ(?:មួយ)?(?:ក៏)?)"
    r"\s*+,?\s*+(?:(?:maybe|perhaps|possibly|probably|even|then|later|afterwards|아마|어쩌면|ប្រហែល(?:ជា)?)\s*+)?[\s(\[{<\"'“‘「『《«]*+"
)
TAIL = r"\s*+번?\s*+(?:입니다|이다|이에요|예요|임|이요|요|(?:인\s것|일\s것)?\s?같(?:습니다|아요|다)|이\s아닐까\s(?:싶습니다|싶다|합니다|생각합니다|생각됩니다)|(?:으로|로)\s(?:사료|판단|생각|추정)(?:됩니다|된다|합니다|한다))?\s*+[.!~。។]*\s*+[✅☑✔👍👌😊🙂😀😄🎉💯]?\s*+"
