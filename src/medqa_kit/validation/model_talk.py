"""Sentences of models about themselves instead of an answer: refusals, and the end of their knowledge."""

from __future__ import annotations

_NOT = r"(?:cannot|can['’]t|can not|am unable|am not able|won['’]t|could not|couldn['’]t)"
_MODEL = r"(?:ai|a\.i\.|artificial intelligence|(?:large |ai )?language model|chat ?bot|virtual assistant)\b"
_DEEDS = (
    r"(?:provide|assist|help|give|fulfill?|answer|diagnose|offer|comply|recommend|comment|do that|examine you|prescribe|"
    r"determine|make a diagnosis|engage|discuss)"
)
MODEL_TALK = (
    rf"(?i)\bas an? {_MODEL}|\bas (?:chatgpt|gpt-?\d|claude|gemini|bard)\b|\bi(?:['’]m| am) (?:just |only |merely |not a human|but )?an? {_MODEL}|"
    rf"\b(?:sorry|apologi[sz]e|unfortunately|afraid)\b[^.\n]{{0,40}}\bi {_NOT}|\b(?:sorry|afraid),? (?:but )?(?:i )?{_NOT}|\b(?:i['’]m|i am) (?:sorry|afraid),? (?:but )?(?:i['’]m|i am) (?:unable|not able)|"
    rf"\bi (?:cannot|can['’]t|can not) {_DEEDS}\b|\bi(?:['’]m| am) (?:unable|not able) to {_DEEDS}\b|\bi won['’]t be able to {_DEEDS}\b|"
    r"\bi (?:must|have to) (?:respectfully )?decline\b|\bi(?:['’]m| am) not (?:a (?:doctor|physician|medical professional|licensed)|qualified to|able to)\b|"
    r"\bi (?:was|am|have been) (?:trained|developed|created|made|built) by\b|\bi(?:['’]m| am) (?:chatgpt|gpt-?\d|claude\b[,.]? (?:an?|made|created|developed|by)|gemini, |qwen|deepseek|llama|bard, )|"
    r"\bas an? (?:responsible |helpful |ethical )ai\b|\bunable to comply\b|\b(?:violates?|against) (?:our|my|the|openai['’]s)(?: content| usage| safety)? (?:policy|policies|guidelines)\b|"
    r"\bi(?:['’]d| would) rather not (?:answer|say|discuss)\b|\bi (?:do not|don['’]t) feel comfortable (?:answering|providing|giving|discussing)\b|\bmy apologies, but\b[^.\n]{0,40}\b(?:i|beyond)\b|"
    r"저는 (?:Claude|ChatGPT|챗GPT|GPT-\d|Gemini|Qwen|클로드) ?(?:입니다|로서|이며|이고|이라|라는|라고|예요|이에요)|도와드릴 수 ?없|"
    r"(?:AI|인공 ?지능)(?: ?언어)? ?모델(?:로서|이기|이므로|이라|인 저)|(?:인공 ?지능|언어 ?모델|AI|챗봇)(?: ?(?:어시스턴트|비서|도우미|상담사|챗봇))?(?:으로서|로서|라서|이라서|이므로|이기 때문|이다 ?보니|라 )|"
    r"저는 [^.\n]{0,20}(?:AI|인공 ?지능|언어 ?모델|챗봇|의사가 아니|의료인이 아니|전문가가 아니)|(?:의료 ?전문가|의사|전문의)가 아니(?:므로|기 때문|라서|어서)|"
    r"(?:죄송|미안)(?:하지만|합니다|한데|스럽지만|해요|하네요|하나|하오나).{0,60}(?:수 ?(?:는 |가 |도 )?없|어렵|어려|힘들|못)|"
    r"(?:답변|도움|조언|의견|상담)(?:을|를|은|이)? ?(?:제공(?:해 ?드릴|할|해 ?드리기|하기)|(?:해 ?)?드릴|(?:해 ?)?드리기|제시할|제시하기|답변(?:할|드리기)|할|하기) ?(?:수 ?(?:는 |가 )?없(?:습|어|다|음|지|으|고|기|는 ?(?:요청|질문|내용|주제|점|부분))|어렵|힘들|곤란)|"
    r"ក្នុងនាមជា ?(?:គំរូភាសា|បញ្ញាសិប្បនិម្មិត|AI|ជំនួយការ)|ខ្ញុំ(?:ជា|គឺជា|គ្រាន់តែជា).{0,20}(?:គំរូភាសា|បញ្ញាសិប្បនិម្មិត|AI)|ខ្ញុំមិនមែនជា(?:វេជ្ជបណ្ឌិត|គ្រូពេទ្យ)|"
    r"(?:ទោស|សោកស្តាយ|សោកស្ដាយ).{0,60}មិនអាច"
)
"""Finds refusals, and models that speak of themselves."""

_MONTH = r"(?:(?:january|february|march|april|may|june|july|august|september|october|november|december|early|late|mid)[ -],?)"
STALE = (
    r"(?i)\bas of (?:my|our|the) (?:last|latest|most recent|current|knowledge|training)\b|\bknowledge cut-?off\b|\bmy (?:last|latest|most recent|training) (?:update|data|training|knowledge)\b|"
    rf"\bas of {_MONTH}{{0,2}} ?20\d\d\b|\bknowledge (?:is )?(?:up to|until|through|limited to|ends)\b|\bmy (?:knowledge|information|data)\b[^.\n]{{0,40}}\b(?:up to|until|limited|outdated|only go(?:es)? |ends?)\b|"
    r"\bup to (?:my knowledge|september 2021)\b|\bi was (?:last )?(?:updated|trained) (?:until|up to|(?:in|on|with) (?:[a-z]+ ){0,2}(?:\d|data|information|text))|\b(?:may|might|could) (?:be out ?dated|be out of date|not (?:be up[- ]to[- ]date|reflect the (?:latest|most recent|current)))\b|"
    r"\bi (?:do not|don['’]t) have (?:access to )?(?:any )?(?:real-?time|up-to-date|current|information (?:beyond|after|past))|"
    r"\d{4}년 ?(?:\d{1,2}월)?(?: ?말| ?초)?(?:까지의 (?:정보|지식|데이터)|까지입니다|까지의? ?학습| 기준| 현재)|(?:지식|학습)(?:의)? ?(?:기준일|마감|컷 ?오프|시점|종료)|(?:제|저의) (?:지식|학습|마지막|데이터)|제가 (?:학습|알고 있는)|"
    r"마지막 ?(?:업데이트|학습)|최신 ?(?:정보|지침|데이터)[^.\n]{0,14}(?:못|않을|없)|실시간 ?(?:정보|데이터)[^.\n]{0,14}(?:없|못)|"
    r"គិតត្រឹម|(?:ចំណេះដឹង|ទិន្នន័យ)[\x{1780}-\x{17D3}]{0,20}របស់ខ្ញុំ|បច្ចុប្បន្នភាពចុងក្រោយ"
)
"""Finds texts that speak of the day on which what they know ends."""
