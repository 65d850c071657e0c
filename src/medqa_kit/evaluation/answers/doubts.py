"""Find statements of an answer that are in doubt: denied, asked, conditional, or reported as said by others.

A statement counts only where nothing around it takes it back. Of a Korean particle or ending right behind
the answer the plain ones are listed, and all others are doubt; elsewhere the words of doubt are listed.
Texts are folded before they are looked at (see :mod:`medqa_kit.evaluation.answers.option_marks`).
"""

from __future__ import annotations

import re

# After an answer: it is denied, not stated.
_DENIED = re.compile(
    r"\s*+(?:[(\[]\s*+[x×✕✗✘❌]\s*+[)\]]|[×✕✗✘❌])|[\s(\[]*+(?:오답(?!\s?[:：])|틀[림렸린]|거짓|\b(?:wrong|incorrect|false)\b|ខុស)"
    r"|(?:하|되)지\s+(?:않|못)|\s*+(?:번\s*+)?(?:이|가|은|는)?\s*+(?:정답|답|옳은 것)?(?:이|은|도)?\s*+"
    r"(?:아니|아닌|아닐|아님|아닙|틀|제외|오답|될 수 없|옳지|맞지|적절하지|잘못)|\s*+(?:번\s*+)?(?:을|를)?\s*+(?:외의|외에|이외|말고|빼고|제외)"
    r"|\s*+(?:is|are|was)?\s*+(?:\bnot\b|n't|\bwrong\b|\bincorrect\b|\bfalse\b)|\s*+(?:is|was)\s+(?:just\s+|only\s+)?(?:an?|the)\s+(?:distractor|trap|decoy|red\s+herring|(?:common\s+)?mistake)\b|\s*+(?:で(?:は)?な|じゃな|是?(?:错|錯)|(?:是)?不(?:对|對|正确|是))"
    r"|\s*+(?:គឺ|ជា)?\s*+(?:មិន(?!មែន(?:ជា)?\s*+[ក-អA-E0-9①-⑳](?![\u1780-\u17d3]))|ខុស)",
    re.IGNORECASE,
)
# Before it, in its own clause: the same.
_DENYING = re.compile(
    r"(?:\bnot|\bnever|\bneither|\bnor|\brather\s+than|\binstead\s+of|\bexcept(?:\s+for)?|\bother\s+than|\bapart\s+from|n't|아니면|그렇지\s?않(?:으면|다면)|មិនមែន(?:ជា)?|មិន)\s*+$",
    re.IGNORECASE,
)

# Doubt about a statement. Right after the marker:
_DOUBT_ATTACHED = re.compile(
    r"\s*+번?\s*+(?:이?지만|인지(?![가-힣])|인지\s|일까|인가|이?라면|이?라고?\s*+해도|일\s*+(?:경우|수도|리|지도)|일지도|처럼|같지만|이?었으면|였으면|이?었다면|였다면|이?어야|여야|이?려면"
    r"|인\s*+줄|이?(?:란|라는)\s*+(?:법|보장|증거|근거|뜻)|(?:으로|로)\s*+(?:보이지만|착각|오해|추정|추측|고치(?!겠)|고친|바꾸(?!겠)|바꾼|수정(?!합니다|한다|하겠|했)|간주)|에\s*+가깝|입니다\s*+[.…]*+\s*+만(?:[\s,]|은\s)|이?라기\s?보다|보다는?(?![가-힣])"
    r"|이?라(?:고|는)\s*+(?:[가-힣]+\s+){0,2}?(?:하기|보기|생각하기|착각|오해|여기기|단정|주장|의견|오답|함정|생각했|생각할))"
    r"|\s*+,\s+(?:they|he|she|people|students?|someone|somebody|others|my\s\w+)\s+(?:said|say|says|claim\w*|wrote|told)\b|\s*+(?:→|⇒|-{1,2}>|=>)\s*+[(\[]?[A-Z1-9①-⑳ㄱ-ㅎក-អ](?![a-z0-9])"
    r"|\s*+,\s*+(?:and\s+|but\s+)?(?:which|that|this)\s+(?:is|was|seems|looks|must\s+be|i\s+(?:think|believe)\s+is)\s+(?:\w+\s+)?(?:wrong|incorrect|mistaken|an?\s+(?:error|mistake|typo)|outdated|not\s+(?:right|correct))\b"
    r"|[.)]\s*+[(\[]?[A-Z①-⑳][)\]]?[,;.]?\s++[2-9][.)]\s*+[(\[]?[A-Z①-⑳](?![a-z])"
    r"|[\s.,;]*+(?:and\s+|but\s+)?\b(?:i|we)\s+(?:disagree|(?:do\s+not|don't)\s+agree)\b"
    r"|[\s.…,]*+(?:맞나요|맞습니까|맞죠|맞지요|맞을까요?|그렇죠|아닌가요|\bright\b|\bcorrect\b|isn't\s+it|\bno\b)\s*+\?"
    r"|\s*+(?:ឬ\s*ទេ|មែនទេ|មែនឬ|ឬអត់|ប៉ុន្តែ|តែ)|\s*+,?\s*+(?:but|yet|however|though|although)\b|\s*+\b(?:seems|looks|appears|(?:would|could|might)\s+be)\b[^.!?\n]{0,120}?\b(?:but|however|yet|though|although|except|if|unless|had|were)\b",
    re.IGNORECASE,
)
# What may stand right behind a marker in Korean, where a particle or an ending does: plain assertion.
_KOREAN = re.compile(r"번?[가-힣]")
_PLAIN_KOREAN = re.compile(
    r"번?(?:보기|선택지|선지|항)?(?:입니다(?!만)|이다|다(?![가-힣])|이?네요|이?죠|이?지요|이?랍니다|이?라\s*+할\s*+수\s*+있|(?:이|가)\s+될\s+것|임(?:을\s*+알|이\s*+(?:분명|확실|명확|타당))|임은\s+(?:자명|분명|확실|명확)|인\s*+것\s*+같(?:습|다|아|네)|인\s*+듯(?:합|하다|해|싶)|일\s*+수밖에\s*+없|이?라는\s+데\s+(?:이견|의문|의심)(?:이|은)?\s+없|이에요|예요|이요|요(?![가-힣])|임(?![가-힣])|이며|이고|이므로|므로|이기\s*+때문|인데|이라서|이니|이겠|겠네|겠습니다(?!만)|겠죠|겠지요|일\s*+것|이었습니다|였습니다|이었다(?![가-힣])|였다(?![가-힣])"
    r"|(?:이라|라)?고\s*+(?:\S{1,8}\s+)?(?:생각(?:합|한|된|됩)|판단|봅|본다|볼\s*+수\s*+있|보는\s*+것이|보아야|하겠|할\s*+수\s*+있|추론|결론|답|말할\s*+수\s*+있|사료|확신(?:합|한)|추정)"
    r"|(?:이라|라)는\s*+(?:결론|판단|것을?\s*+알|것을?\s*+확인할\s+수\s+있|것이\s*+(?:분명|확실|명확|타당)|점이\s*+(?:분명|확실|명확))"
    r"|(?:으로|로)\s*+(?:\S{1,8}\s+)?(?:하겠|한다|합니다|할게|변경(?:합|하겠|했|한다)|수정(?:합|하겠|했|한다)|바꾸겠|바꿉|고치겠|고칩|정|판단|선택|결정|생각|결론|확인|답|봅|본다|볼\s*+수|보인다|보입니다|보여|보는|보아|사료|추정|추론|골|고르|고릅|찍|나)"
    r"|(?:이|가|도)\s*+(?:\S{1,8}\s+)?(?:정답|답|맞|옳|적절|적합|타당|올바|알맞|된다|됩니다|되겠|가장|확실|분명)|(?:을|를)\s*+(?:\S{1,8}\s+)?(?:선택|고르겠|고릅|고른|고르면\s+된|골|택|정답|답|뽑|꼽|찍)|(?:으로|로)\s+가겠"
    r"|만(?:이|\s)|뿐|와\s|과\s|(?:은|는)(?![가-힣])|에\s*+해당|항목|형태|$)"
    r"|번(?![가-힣])",
    re.IGNORECASE,
)
# "③번인 심초음파": a marker, and the words of its option.
_WHICH_IS = re.compile(r"번?인\s")
# The letter is the first of a species' name: "C. difficile".
_SPECIES = re.compile(
    r"\.\s*+(?:coli|difficile|albicans|auris|jejuni|perfringens|tetani|botulinum|trachomatis|pneumoniae|psittaci|diphtheriae"
    r"|neoformans|burnetii|faecalis|faecium|histolytica|granulosus|cloacae|aerogenes|baumannii|fumigatus|flavus|lumbricoides|israelii"
    r"|pertussis|anthracis|cereus|fragilis|burgdorferi|henselae|abortus|melitensis|pseudomallei|cepacia|latum|medinensis)\b"
)
# The letter begins a name: "D dimer", "B 세포", "A+"; the number counts: "3번 뇌신경".
_NAME_AFTER = re.compile(
    r"[^\S\n](?!(?:a|an|the|is|are|was|be|because|since|as|and|or|nor|but|with|without|for|due|given|which|that|not|no|n't|instead|rather|over|based|here|in|on|at|by|to|from|of|when|while|if|unless|"
    r"then|than|so|thus|hence|therefore|only|alone|too|also|likely|probably|again|yet|however|though|although|where|whereas|would|could|should|can|may|must|will|has|have|it|this|these|those|we|i|there|"
    r"seems|appears|looks|sounds|makes|fits|matches|remains|best|most|correct|wrong|incorrect|right|option|choice|except|per|via|under|despite|about|under|after|before|both|either|according|considering|following|even|just|still|never|definitely|clearly)\b)(?-i:[a-z]{2}|[A-Z]{2,4}\b)|\.[A-Z]\."
    r"|[^\S\n][0-9]++(?>(?:[.,][0-9]++)*)(?:-[a-z]|\s?(?:[mkµμ]?g|m?L|mEq|mmol|IU)\b|(?!번)[가-힣])|\+(?!\s*+[A-Z1-9])|[^\S\n]*+[>≥≫][^\S\n]*+[A-Z1-9①-⑳](?![a-z])|[^\S\n]?(?:형|세포|림프|군\s|반응(?:성|단)|다이머|펩[타티][이드]|바이러스|항원|항체|수용체|섬유|양성|음성)"
    r"|번\s++(?:뇌신경|[경흉요천]추|염색체|갈비|늑골|늑간|요골|족지|수지|유전자)|[^\S\n]+(?:Vitamins?|Cells?|Fib|Diff)\b"
)
# Further on in its clause:
_DOUBT_AFTER = re.compile(
    r"니다만(?![가-힣])|(?:과|와)\s*+같이\s*+(?:쓰|적|답|표기|작성|표시|출력)|다고\s*+(?:하는|주장하는|말하는|보는|생각하는|오해)|다는\s*+(?:의견|주장|견해|말|설)|것[은이]\s*+아니|뻔(?:했|하)|처음(?:에는|엔)|\bat\s+first\b|\binitially\b|사실이\s*+아니|거짓|정답이?라는\s*+(?:것은|주장|의견|말|설명|소문|오해|(?:증거|근거|보장|이유)(?:는|은|가|이|도)?\s*+(?:없|부족|약|희박))|쉽(?:지|다|습|고)|수도\s*+있|지도\s*+모|(?<!고\s)(?<!임을\s)확신(?!도)|단정|착각|오해|같기도|수(?:는|가)?\s*+없|형식|어렵(?:다|습|지)"
    r"|\bcannot be\b|\bcan't be\b|\b(?:wrong|incorrect)\b|\bnot\s+(?:sure|certain|correct|right)\b|\bformat\b"
    r"|\b(?:mistaken?|mistakenly|outdated|obsolete|superseded|misread|sorry)\b|ប្រសិនបើ|បើ(?!ក)|លុះត្រា|"
    r"ទម្រង់|\bor\s+not\b|\b(?:if|unless|provided|assuming)\b|\bin\s+which\s+case\b|\bunlikely\b|(?:근거|소견|증거|징후)(?:가|이|는|은|도)?\s*+(?:부족|없|약|희박)"
    r"|(?:타당|바람직|적절|적합)하지\s*+(?:않(?:다|습|으|을)|못하)|(?:맞|옳)는지|(?:정답|답|맞|옳)[가-힣 ]{0,5}?(?:라면|다면|려면|으면|처럼)|같(?:지만|으나)|보이(?:지만|나|는데)|듯(?:하지만|하나)|안\s*+(?:된|됩|돼)|확실하지\s*+않|불확실|겠(?:지만|으나)|추정되|추측되"
    r"|(?:고르|선택하|생각하|여기|답하|쓰|찍|보|골랐으|했으|여겼으|썼으|찍었으|보았으|봤으)(?:지만|나[\s,]|는데)"
    r"|부족하|무리(?:다|가|이)|힘들(?:다|어)|의문|가능성(?:은|도|이)?\s*+(?:낮|적|희박|있)|មិនប្រាកដ|មិនអាច|មិនច្បាស់|មិនត្រូវ|ទេ\s*+ឬ",
    re.IGNORECASE,
)
# Before the marker, in its clause:
_DOUBT_BEFORE = re.compile(
    r"\bin\s+which\s+case\b|(?:n't|\bnot|\bno|\binsufficient|\black)\s+(?:\w+\s+){0,2}?(?:information|data|details?|context)\b|\b(?:in|of|as)\s+the\s+(?:form|style|pattern|syntax|layout|shape)\b(?!\s+(?:requested|required|asked))|ទម្រង់(?:ជា)?\s*+[:៖]?\s*+[\"'“‘«]"
    r"|(?:n't|\bnot|\bnever|\bavoid|\brather\s+than|\binstead\s+of)\s+(?:\w+\s+){0,2}?(?:choos|pick|select|lean|stick|lock|go(?:ing)?\s+(?:with|for)|answer)"
    r"|\bused\s+to\b|\bthought\s+(?:that\s+|it\s|the\s)|\bit\s+is\s+(?:false|untrue|wrong|incorrect|a\s+(?:myth|mistake))\s+that\b|\b(?:wrongly|mistakenly|erroneously|formerly|outdated)\b|\b(?:earlier|previously)\s+(?:i|we|said|wrote|thought)\b|예전|과거(?!력)|이전에는|옛날"
    r"|(?<!ខ្ញុំ)ច្រឡំ|កុំ|មិន(?:ដែល|បាន|ត្រូវ|អាច|ចង់)?(?:ជ្រើស|រើស|យក|ឆ្លើយ|គិតថា)|ពីមុន|មិនគួរ|ក្នុងករណី(?!នេះ)"
    r"|(?<!환자의 )(?<!이 )(?<!증례의 )(?<!문제의 )(?<!문항의 )(?<!질문의 )경우(?:에는|에|엔|는|라면)?(?=[\s,])|"
    r"(?:(?<!고르)(?<!꼽으)(?<!하)(?<!적으)(?<!\b저)(?<!\b나)라면|(?<!야 한)(?<!한)다면|[었았였했]으면|(?:있|없|높|낮|많|적|않|같|작)으면|(?:이|크|나|되|오|생기)면)(?=[\s,])"
    r"|만약|만일|혹시|가령|학생(?:의|이\s고른)?\s?(?:답|답안|선택)\s?[:은]|처음에는|얼핏|언뜻|흔히|함정|오답|출제자[는가]|예시|예를\s*+들|형식|많은\s*+(?:사람|학생|이)"
    r"|\b(?:wrong|incorrect|mistaken)\s+to\b|\b(?:if(?!\s+(?:i\s+)?(?:had|have|forced|pressed)\s+to\s+(?:choose|pick|guess|answer)\b)|unless|otherwise|whether|while|although|though|suppose|supposing|assuming|assume|doubt|doubtful|unlikely|tempting|tempted|mistake|trap|"
    r"distractor|initially|format|e\.g)\b|\b(?:might|may|could|(?<!\bi\s)would|can)\s+(?:be\s+)?(?:seem|appear|think|say|said|guess|believe|assume|argued?|claim(?:ed)?|suggest|contend|object|propose)\b"
    r"|\b(?:no|little|insufficient|without|lacks?)\s+(?:(?:clear|good|strong|enough|real|any)\s+)?(?:evidence|reason|proof|support|indication|basis|grounds|sign|way)\b|\bnothing\s+(?:suggests|supports|shows|proves|indicates)\b"
    r"|\b(?:hard|difficult|premature|impossible)\s+to\b|\brul(?:e|es|ed|ing)\s+out\b|\bexclud(?:e|es|ed|ing)\b|\brefut\w+|\bargu(?:e|es|ed|ing)\b|\bcontradict\w*"
    r"|\b(?:students|examinees|people|many|others|they|(?:class)?mates?|friends?|colleagues?|peers|teachers?|residents)(?:\s+\w+){0,2}?\s+(?:say|think|choose|pick|believe|claim|select|said|thought|chose|picked|selected|answered|believed)\b"
    r"|\b(?:would|could|might)\s+have\b"
    r"|\b(?:reply|respond|answer|end|finish|conclude)\s+(?:\w+\s+){0,3}?(?:with|as|by|like)\s+(?:\w+\s+)?[\"'“‘]"
    r"|\bsome\s+(?:may|might|would|people|students|say|think)\b|\bat\s+first\b|\bfor\s+(?:example|instance)\b"
    r"|\bnot\s+(?:\w+\s+)?(?:sure|certain|confident|think|believe|say)\b|\bcannot\s+(?:say|be)\b|n't\s+(?:think|believe|say|be|know)\b"
    r"|\b(?:si\s+l[ae]|si\s+la|wenn\s+die|falls\s+die|se\s+a|jika|nếu|если)\b|如果|假如|假设|もし|ถ้า"
    r"|(?<!ខ្ញុំ)(?<!យើង)(?:និយាយ|អះអាង)ថា|មិន(?:ជឿ|យល់)|ប្រសិនបើ|បើសិន|ក្រែង|ប្រហែល|មិនប្រាកដ|មិនច្បាស់|មិនដឹង|(?<!ខ្ញុំ)(?<!យើង)គិតថា|ដំបូង(?:ខ្ញុំ|យើង)|សន្មត|សង្ស័យ|ឧទាហរណ៍|បើ(?!ក)|ងាយ",
    re.IGNORECASE,
)
_CLAUSE_BEGINS = re.compile(
    r"[.!?。។\n;]|(?<!면)(?<!경우)(?<!경우에)(?<!경우에는)(?<!example)(?<!instance)(?<!예를 들어),|이고\s|이며\s|지만|[으우]나[\s,]|그러나|\bbut\b|\byet\b|\bhowever\b|ប៉ុន្តែ|\sតែ",
    re.IGNORECASE,
)
_CLAUSE_ENDS = re.compile(
    r"[.!?。។\n;,]|이며|이고|인데|이므로|때문|\bbut\b|\bbecause\b|\bsince\b|ប៉ុន្តែ|ព្រោះ",
    re.IGNORECASE,
)
# A condition at the head of the sentence, that is no turn of speech ("If you look at the values, …").
_CONDITION = re.compile(
    r"(?:^|[.!?;\n])[\s*]*+(?:(?:so|then|and|but|however|now|only|even)\s*+,?\s*+)?(?:if|when|in\s+(?:the\s+)?(?:case|event|absence)\s+of|at\s+first\s+(?:glance|sight|look)|on\s+the\s+surface|superficially)\b(?!\s+(?:you|we|one|i)\s+(?:\w+ly\s+)?"
    r"(?:look|consider|read|see|think|compare|weigh|review|recall|remember|follow|take|go|ask|apply|combine|have\s+to|had\s+to|must|put|add|check|examine|"
    r"analy[sz]e|eliminate)|\s+(?:forced|pressed|asked)\b|\s+I\s)(?>(?:(?!\b(?:but|however|yet)\b)[^.!?;\n])*)$",
    re.IGNORECASE,
)
# "… that the answer is": of what somebody claims, or of what is so.
_REPORTED = re.compile(
    r"(?:(?<!\bthink\s)(?<!believe\s)(?<!conclude\s)(?<!say\s)(?<!sure\s)(?<!confident\s)(?<!clear\s)(?<!evident\s)(?<!means\s)(?<!suggests\s)(?<!suggest\s)"
    r"(?<!indicates\s)(?<!indicate\s)(?<!shows\s)(?<!show\s)(?<!follows\s)(?<!see\s)(?<!conclusion\s)(?<!conclusion\sis\s)(?<!\bso\s)(?<!confirms\s)(?<!confirm\s)(?<!know\s)(?<!obvious\s)"
    r"(?<!likely\s)(?<!certain\s)(?<!reveals\s)(?<!tells\sus\s)(?<!implies\s)(?<!imply\s)(?<!deduce\s)(?<!infer\s)(?<!determine\s)(?<!determined\s)(?<!agree\s)(?<!find\s)(?<!is\s)(?<!concluded\s)(?<!supports\s)(?<!support\s)"
    r"(?<!guess\s)(?<=[\w,]\s)\bthat|(?<![\w,]\s)\bthat(?=\s+the\s)|(?<!\bI\s)(?<!\bI\swould\s)(?<!\bI'd\s)\bsay|\b(?:says|said|wrote|writes|claims?|claimed|believes|thinks|insists?|states|reports?|reported|alleges?|suggested)(?>(?:\s*+[:,]?\s*+[\"“'‘«]+|\s*+:)?))\s*+"
    r"(?:the\s+)?(?:(?:correct|best|right|final|most\s+likely)\s+)?$",
    re.IGNORECASE,
)
# "The naive answer is", "the student's answer is": not the reply's own, or not its last.
_OTHER_ANSWER = re.compile(
    r"(?:\b(?:naive|obvious|tempting|(?:second|next|third)[\s-]+best|worst|alternative|previous|prior|earlier|old|outdated|initial|original"
    r"|first|second|possible|potential|plausible|another|one|other|example|sample)|(?<!question)(?<!problem)(?<!\blet)(?<!\bit)['’]s)\s+(?:(?:correct|best|right)\s+)?$",
    re.IGNORECASE,
)
# "The answer would be A" in a sentence that supposes what is not so.
_WOULD = re.compile(r"\bwould\s+(?:be|have\s+been)\b", re.IGNORECASE)
_SUPPOSED = re.compile(r"\b(?:were|had|should|otherwise|without)\b", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"[.!?。។\n]")
_ASKED = re.compile(r"[.!…]*+[^\S\n]?\?")  # "B...?", "B!?"
# An aside that tells what others think, and says nothing of the answer: "not A, as many assume, but C".
_ASIDE = re.compile(r",\s+(?:as|like|contrary\s+to)\s[^.,;\n]{1,40},")
# A hedge that leaves the answer as it is: "I'm not 100% sure, but …", "…, but I may be wrong".
_HEDGE = re.compile(
    r"(?:^|(?<=[.!?\n])[^\S\n]*+)(?:i'm\s+|i\s+am\s+)?not\s+(?:100\s?%|entirely|completely|fully|totally|absolutely)\s+(?:sure|certain|confident)[^.,;\n]{0,20}+,?\s+but\b"
    r"|(?:,\s{1,3}(?:but|though|although)|(?<!\s)\s{1,3}but)\s+i\s+(?:may|might|could)\s+be\s+(?:wrong|mistaken)\b"
    r"|(?:^|(?<=[.!?\n])[^\S\n]*+)i\s+(?:may|might|could)\s+be\s+(?:wrong|mistaken),?\s+but\b"
    r"|(?:^|(?<=[.!?\n])[^\S\n]*+)(?:100\s?%\s*+)?(?:확실(?:하지는|하진|하지)\s+않(?:지만|으나)|확신할\s+수는?\s+없(?:지만|으나)|(?:제가\s+)?틀릴\s+수도?\s+있(?:지만|으나))\s*+,?"
    r"|(?:^|(?<=[.!?\n])[^\S\n]*+)(?:as\s+an\s+ai[^.;\n]{0,60}?,\s+)?i\s+(?:cannot|can't)\s+(?:give|provide|offer)\s+(?:medical|professional)\s+advice,?\s+but\b",
    re.IGNORECASE,
)
# One of these is in each of them.
_HEDGED = ("sure", "certain", "confident", "wrong", "mistaken", "advice", "않지만", "없지만", "있지만", "으나")  # fmt: skip
_AROUND = 120  # characters of a clause that are looked at


def without_hedges(text: str) -> str:
    """Blank hedges that leave an answer as it is; places stay.

    Example:
        >>> without_hedges("It is B, but I may be wrong.").split()
        ['It', 'is', 'B', '.']
    """
    if not any(word in text for word in _HEDGED):
        return text
    return _HEDGE.sub(lambda hedge: " " * len(hedge.group()), text)


def is_odd_ending(text: str, end: int, *, named: bool = False) -> bool:
    """Check whether Korean stands right behind a marker that is no plain ending: "A에서", "A라는 주장".

    The same holds where the letter begins the name of a species: "C. difficile".

    Args:
        text: The folded reply.
        end: Where the marker ends.
        named: Whether the words of its option follow it.

    Example:
        >>> is_odd_ending("The answer is D dimer", 15), is_odd_ending("the answer is D due to", 15)
        (True, False)
        >>> is_odd_ending("정답은 A에서", 5), is_odd_ending("정답은 A입니다", 5), is_odd_ending("A 위염", 1)
        (True, False, False)
    """
    if _SPECIES.match(text, end) or (not named and _NAME_AFTER.match(text, end)):
        return True
    if named and _WHICH_IS.match(text, end):
        return False
    return bool(_KOREAN.match(text, end)) and not _PLAIN_KOREAN.match(text, end)


def is_doubted(text: str, cue: int, start: int, end: int, named: int) -> bool:
    """Check whether the sentence around an answer denies it, doubts it, asks, or makes it a condition.

    Args:
        text: The folded reply.
        cue: Where the words that state the answer begin.
        start: Where the answer begins.
        end: Where it ends.
        named: Where the option's own words behind it end, or ``end``.
    """
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end  # what the next line says is another matter
    end, named = min(end, line_end), min(named, line_end)
    if _DENIED.match(text, end, line_end) or _DENIED.match(text, named, line_end):
        return True
    if _DENYING.search(text[max(0, start - 16) : start]):
        return True
    if _DOUBT_ATTACHED.match(text, end, line_end):
        return True
    tail = text[named : min(named + _AROUND, line_end)]
    sentence = _SENTENCE_ENDS.search(tail)
    if sentence is not None and _ASKED.match(tail, sentence.start()):
        return True
    clause = (
        None
        if sentence and not sentence.start()
        else _CLAUSE_ENDS.search(tail, 0 if tail.startswith(";") else 1)
    )
    clause = clause or sentence
    if _DOUBT_AFTER.search(tail, 0, clause.start() if clause else len(tail)):
        return True
    before = text[max(0, cue - _AROUND) : start]
    before = _ASIDE.sub(lambda aside: " " * len(aside.group()), before)
    if _WOULD.search(before, len(before) - (start - cue)):
        ends = [end.end() for end in _SENTENCE_ENDS.finditer(before)]
        if _SUPPOSED.search(before, ends[-1] if ends else 0):
            return True
    if _CONDITION.search(before, 0, len(before) - (start - cue)):
        return True
    if _REPORTED.search(before, 0, len(before) - (start - cue)):
        return True
    if _OTHER_ANSWER.search(before, 0, len(before) - (start - cue)):
        return True
    borders = [
        border.end() for border in _CLAUSE_BEGINS.finditer(before[: len(before) - (start - cue)])
    ]
    return bool(_DOUBT_BEFORE.search(before, borders[-1] if borders else 0))
