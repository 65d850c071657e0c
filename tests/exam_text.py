"""Invented exam items and prose in Korean, Khmer and English, for the gauntlet and the benchmarks.

Everything is made of word lists and templates, by a seeded generator; no sentence was taken from
an exam. Items share their vocabulary and their templates, as real ones do: that is what makes
telling them apart hard.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

Language = Literal["ko", "km", "en"]


@dataclass(frozen=True)
class Item:
    """One invented question."""

    id: str
    language: Language
    stem: str
    options: tuple[str, ...]
    kind: str

    @property
    def answer(self) -> str:
        return self.options[0]


@dataclass(frozen=True)
class Words:
    """What items and prose of one language are made of."""

    diseases: list[str]
    drugs: list[str]
    findings: list[str]
    places: list[str]
    labs: list[str]
    acts: list[str]
    vignettes: list[str]
    asks: dict[str, list[str]]
    shorts: dict[str, list[str]]
    facts: list[str]
    plain: list[str]
    subjects: list[str]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


_DRUGS_EN = _split("""aspirin, metformin, warfarin, heparin, amoxicillin, ceftriaxone, vancomycin,
 azithromycin, doxycycline, isoniazid, rifampin, ethambutol, prednisolone, hydrocortisone,
 levothyroxine, propylthiouracil, methimazole, insulin glargine, glipizide, furosemide, spironolactone,
 hydrochlorothiazide, lisinopril, losartan, amlodipine, verapamil, metoprolol, carvedilol, digoxin,
 amiodarone, atorvastatin, ezetimibe, omeprazole, famotidine, ondansetron, loperamide, lactulose,
 phenytoin, valproate, carbamazepine, levetiracetam, lithium, haloperidol, risperidone, fluoxetine,
 sertraline, diazepam, naloxone, morphine, ketamine, epinephrine, salbutamol, tiotropium,
 allopurinol, colchicine, methotrexate, cyclophosphamide, tamoxifen, acyclovir, oseltamivir,
 fluconazole, mebendazole, albendazole, artesunate, oxytocin, magnesium sulfate, iron dextran""")

_DRUGS_KO = _split("""아스피린, 메트포르민, 와파린, 헤파린, 아목시실린, 세프트리악손, 반코마이신, 아지트로마이신,
 독시사이클린, 이소니아지드, 리팜핀, 에탐부톨, 프레드니솔론, 하이드로코르티손, 레보티록신, 프로필티오우라실,
 메티마졸, 인슐린 글라진, 글리피지드, 푸로세미드, 스피로놀락톤, 하이드로클로로티아지드, 리시노프릴, 로사르탄,
 암로디핀, 베라파밀, 메토프롤롤, 카르베딜롤, 디곡신, 아미오다론, 아토르바스타틴, 에제티미브, 오메프라졸, 파모티딘,
 온단세트론, 로페라미드, 락툴로오스, 페니토인, 발프로산, 카바마제핀, 레비티라세탐, 리튬, 할로페리돌, 리스페리돈,
 플루옥세틴, 설트랄린, 디아제팜, 날록손, 모르핀, 케타민, 에피네프린, 살부타몰, 티오트로피움, 알로푸리놀, 콜키신,
 메토트렉세이트, 사이클로포스파미드, 타목시펜, 아시클로비르, 오셀타미비르, 플루코나졸, 메벤다졸, 알벤다졸, 아르테수네이트,
 옥시토신, 황산마그네슘, 철분 주사제""")

_DRUGS_KM = _split("""អាស្ពីរីន, មេតហ្វរមីន, វ៉ាហ្វារីន, ហេប៉ារីន, អាម៉ុកស៊ីស៊ីលីន, សេហ្វទ្រីអាក់សូន, វ៉ាន់កូមីស៊ីន,
 អាស៊ីត្រូមីស៊ីន, ដុកស៊ីស៊ីគ្លីន, អ៊ីសូនីអាហ្ស៊ីត, រីហ្វាំពីស៊ីន, អេតាំប៊ុយតុល, ប្រេដនីសូឡូន, អ៊ីដ្រូកូទីសូន,
 ឡេវ៉ូទីរ៉ុកស៊ីន, មេទីម៉ាហ្សូល, អាំងស៊ុយលីន, គ្លីពីស៊ីត, ហ្វូរ៉ូសេមីត, ស្ពីរ៉ូណូឡាក់តូន, លីស៊ីណូព្រីល, ឡូសាតាន,
 អាំឡូឌីពីន, វេរ៉ាប៉ាមីល, មេតូប្រូឡុល, ការវេឌីឡុល, ឌីហ្គុកស៊ីន, អាមីយ៉ូដារ៉ូន, អាតូវ៉ាស្តាទីន, អូមេប្រាហ្សូល,
 ហ្វាម៉ូទីឌីន, អុងដង់សេត្រុង, ឡូប៉េរ៉ាមីត, ឡាក់ទុយឡូស, ផេនីតូអ៊ីន, វ៉ាល់ប្រូអាត, ការបាម៉ាហ្សេពីន, លីចូម, អាឡូប៉េរីដុល,
 រីស្ពេរីដូន, ហ្វ្លុយអុកសេទីន, ឌីអាសេប៉ាម, ណាឡុកសូន, ម៉ូហ្វីន, កេតាមីន, អេពីណេហ្វ្រីន, សាល់ប៊ុយតាម៉ុល, អាឡូពុយរីណុល,
 កុលស៊ីស៊ីន, មេតូត្រេកសាត, តាម៉ុកស៊ីហ្វែន, អាស៊ីក្លូវៀ, ហ្វ្លុយកូណាហ្សូល, មេបង់ដាហ្សូល, អាល់បង់ដាហ្សូល, អាទេស៊ូណាត,
 អុកស៊ីតូស៊ីន, ម៉ាញ៉េស្យូមស៊ុលផាត, ជាតិដែកចាក់""")

_DISEASES_EN = _split("""acute myocardial infarction, unstable angina, aortic dissection, atrial fibrillation,
 infective endocarditis, acute pericarditis, pulmonary embolism, community-acquired pneumonia,
 pulmonary tuberculosis, bronchial asthma, chronic obstructive pulmonary disease, pleural effusion,
 pneumothorax, lung adenocarcinoma, peptic ulcer disease, acute pancreatitis, acute cholecystitis,
 liver cirrhosis, hepatitis B, Crohn disease, ulcerative colitis, acute appendicitis, bowel obstruction,
 colorectal cancer, type 2 diabetes mellitus, diabetic ketoacidosis, Graves disease, hypothyroidism,
 Cushing syndrome, Addison disease, pheochromocytoma, primary hyperaldosteronism, nephrotic syndrome,
 acute glomerulonephritis, acute kidney injury, urinary tract infection, renal calculi, rheumatoid arthritis,
 systemic lupus erythematosus, gout, osteoporosis, ankylosing spondylitis, iron deficiency anemia,
 thalassemia, acute lymphoblastic leukemia, multiple myeloma, hemophilia A, ischemic stroke,
 subarachnoid hemorrhage, bacterial meningitis, Parkinson disease, multiple sclerosis, migraine,
 myasthenia gravis, Guillain-Barré syndrome, major depressive disorder, schizophrenia, bipolar disorder,
 preeclampsia, placenta previa, ectopic pregnancy, measles, Kawasaki disease, dengue fever, malaria,
 leptospirosis, scrub typhus, psoriasis, contact dermatitis, glaucoma, retinal detachment, otitis media""")

_DISEASES_KO = _split("""급성 심근경색증, 불안정 협심증, 대동맥박리, 심방세동, 감염심내막염, 급성 심장막염, 폐색전증,
 지역사회획득 폐렴, 폐결핵, 기관지천식, 만성폐쇄폐질환, 가슴막삼출, 기흉, 폐선암, 소화궤양, 급성 췌장염, 급성 쓸개염,
 간경화증, B형간염, 크론병, 궤양대장염, 급성 충수염, 장폐색, 대장암, 제2형 당뇨병, 당뇨병케토산증, 그레이브스병, 갑상샘저하증,
 쿠싱증후군, 애디슨병, 갈색세포종, 일차알도스테론증, 콩팥증후군, 급성 토리콩팥염, 급성콩팥손상, 요로감염, 콩팥돌, 류마티스관절염,
 전신홍반루푸스, 통풍, 골다공증, 강직척추염, 철결핍빈혈, 지중해빈혈, 급성림프모구백혈병, 다발골수종, 혈우병, 뇌경색,
 거미막하출혈, 세균수막염, 파킨슨병, 다발경화증, 편두통, 중증근무력증, 길랭바레증후군, 주요우울장애, 조현병, 양극성장애,
 전자간증, 전치태반, 자궁외임신, 홍역, 가와사키병, 뎅기열, 말라리아, 렙토스피라증, 쯔쯔가무시병, 건선, 접촉피부염, 녹내장,
 망막박리, 중이염""")

_DISEASES_KM = _split("""ជំងឺគាំងបេះដូងស្រួចស្រាវ, ជំងឺឈឺទ្រូងមិនថេរ, ជំងឺដាច់សរសៃឈាមអាអក, ជំងឺបេះដូងលោតញាប់,
 ជំងឺរលាកស្រទាប់បេះដូង, ជំងឺស្ទះសរសៃឈាមសួត, ជំងឺរលាកសួត, ជំងឺរបេងសួត, ជំងឺហឺត, ជំងឺស្ទះទងសួតរ៉ាំរ៉ៃ, ជំងឺទឹកក្នុងស្រោមសួត,
 ជំងឺមហារីកសួត, ជំងឺដំបៅក្រពះ, ជំងឺរលាកលំពែងស្រួចស្រាវ, ជំងឺរលាកថង់ទឹកប្រមាត់, ជំងឺក្រិនថ្លើម, ជំងឺរលាកថ្លើមប្រភេទបេ, ជំងឺរលាកពោះវៀន,
 ជំងឺរលាកខ្នែងពោះវៀន, ជំងឺស្ទះពោះវៀន, ជំងឺមហារីកពោះវៀនធំ, ជំងឺទឹកនោមផ្អែមប្រភេទទីពីរ, ជំងឺពុលអាស៊ីតកេតូន, ជំងឺពកក្រពេញទីរ៉ូអ៊ីត,
 ជំងឺខ្សោយក្រពេញទីរ៉ូអ៊ីត, ជំងឺលើសឈាម, ជំងឺតម្រងនោម, ជំងឺខ្សោយតម្រងនោមស្រួចស្រាវ, ជំងឺរលាកផ្លូវទឹកនោម, ជំងឺគ្រួសក្នុងតម្រងនោម,
 ជំងឺរលាកសន្លាក់ដៃជើង, ជំងឺលុយពុស, ជំងឺប្រាំងហ្គោត, ជំងឺពុកឆ្អឹង, ជំងឺខ្វះឈាមដោយខ្វះជាតិដែក, ជំងឺតាឡាស្សេមី, ជំងឺមហារីកឈាម, ជំងឺឈាមមិនកក,
 ជំងឺដាច់សរសៃឈាមខួរក្បាល, ជំងឺហូរឈាមក្រោមស្រោមខួរ, ជំងឺរលាកស្រោមខួរដោយបាក់តេរី, ជំងឺប៉ាគីនសុន, ជំងឺឈឺក្បាលប្រកាំង, ជំងឺខ្សោយសាច់ដុំ,
 ជំងឺបាក់ទឹកចិត្ត, ជំងឺវិកលចរិត, ជំងឺក្រឡាភ្លើង, ជំងឺសុកនៅមុខ, ជំងឺមានគភ៌ក្រៅស្បូន, ជំងឺកញ្ជ្រិល, ជំងឺគ្រុនឈាម, ជំងឺគ្រុនចាញ់, ជំងឺគ្រុនពោះវៀន,
 ជំងឺឆ្កែឆ្កួត, ជំងឺតេតាណូស, ជំងឺស្បែករបក, ជំងឺទឹកដក់ក្នុងភ្នែក, ជំងឺរលាកត្រចៀក, ជំងឺអុតស្វាយ, ជំងឺផ្តាសាយធំ""")

_FINDINGS_EN = _split("""crushing chest pain, shortness of breath on exertion, a productive cough, blood in the sputum,
 night sweats, weight loss, swelling of both legs, palpitations, fainting, severe headache, neck stiffness,
 double vision, weakness of the left arm, numbness of the feet, tremor at rest, epigastric pain, vomiting,
 black stools, jaundice, itching, abdominal distension, bloody diarrhea, constipation, flank pain,
 burning on urination, frequent urination, excessive thirst, heat intolerance, cold intolerance, a moon face,
 a butterfly rash on the cheeks, pain in the big toe, morning stiffness of the hands, low back pain,
 easy bruising, gum bleeding, pale conjunctivae, enlarged lymph nodes, fever with chills, a sore throat,
 a barking cough, ear discharge, loss of appetite, insomnia, loss of interest, hearing voices,
 vaginal bleeding, convulsions, muscle cramps, dry mouth, a painful red eye, blurred vision, hair loss""")

_FINDINGS_KO = _split("""쥐어짜는 듯한 가슴통증, 운동할 때 심해지는 숨참, 가래를 동반한 기침, 피 섞인 가래, 식은땀, 체중감소,
 양쪽 다리의 부종, 두근거림, 실신, 심한 두통, 목경직, 복시, 왼쪽 팔의 근력약화, 발의 저림, 안정떨림, 명치통증, 구토, 흑색변,
 황달, 가려움, 복부팽만, 피 섞인 설사, 변비, 옆구리통증, 배뇨통, 잦은 소변, 심한 갈증, 더위를 참지 못함, 추위를 참지 못함,
 달덩이 얼굴, 뺨의 나비모양 발진, 엄지발가락통증, 손의 아침강직, 허리통증, 쉽게 드는 멍, 잇몸출혈, 창백한 결막, 림프절 비대,
 오한을 동반한 발열, 인후통, 컹컹거리는 기침, 귀의 분비물, 식욕부진, 불면, 흥미 상실, 환청, 질출혈, 경련, 근육경련, 입마름,
 충혈된 눈의 통증, 흐린 시야, 탈모""")

_FINDINGS_KM = _split("""ឈឺទ្រូងខ្លាំងដូចគេគាប, ហត់ពេលធ្វើចលនា, ក្អកមានស្លេស្ម, ក្អកចេញឈាម, បែកញើសពេលយប់, ស្រកទម្ងន់, ហើមជើងទាំងពីរ,
 បេះដូងលោតញាប់, សន្លប់, ឈឺក្បាលខ្លាំង, រឹងក, មើលឃើញពីរ, ខ្សោយដៃឆ្វេង, ស្ពឹកប្រអប់ជើង, ញ័រដៃពេលសម្រាក, ឈឺចុងដង្ហើម, ក្អួត, លាមកខ្មៅ,
 ស្បែកលឿង, រមាស់ខ្លួន, ហើមពោះ, រាគមានឈាម, ទល់លាមក, ឈឺចង្កេះ, នោមឈឺផ្សា, នោមញឹក, ស្រេកទឹកខ្លាំង, មិនធន់នឹងកំដៅ, មិនធន់នឹងត្រជាក់,
 មុខមូល, កន្ទួលរាងមេអំបៅលើថ្ពាល់, ឈឺមេជើង, រឹងដៃពេលព្រឹក, ឈឺខ្នង, ងាយជាំ, ហូរឈាមអញ្ចាញធ្មេញ, ស្លេកស្លាំង, កូនកណ្តុរហើម, គ្រុនក្តៅញាក់,
 ឈឺបំពង់ក, ក្អកឡូញ, ហូរខ្ទុះត្រចៀក, មិនឃ្លានបាយ, គេងមិនលក់, បាត់ចំណាប់អារម្មណ៍, ឮសំឡេងដោយគ្មានមនុស្ស, ហូរឈាមទ្វារមាស, ប្រកាច់, ចាប់សាច់ដុំ,
 ស្ងួតមាត់, ភ្នែកក្រហមឈឺ, មើលមិនច្បាស់, ជ្រុះសក់""")

_LABS = ["Na", "K", "Cl", "BUN", "creatinine", "AST", "ALT", "WBC", "Hb", "CRP", "TSH", "HbA1c",
         "troponin I", "D-dimer", "amylase", "LDH", "Ca", "ferritin", "INR", "pH"]  # fmt: skip

KO = Words(
    diseases=_DISEASES_KO, drugs=_DRUGS_KO, findings=_FINDINGS_KO, labs=_LABS,
    places=_split("응급실, 외래, 보건소, 중환자실, 산부인과, 소아청소년과, 정형외과, 내과 병동, 가정의학과, 요양병원"),
    acts=_split("""침상머리를 올린다, 산소를 투여한다, 활력징후를 측정한다, 정맥로를 확보한다, 섭취량과 배설량을 기록한다, 낙상 위험을 사정한다,
     손위생을 시행한다, 격리실로 옮긴다, 의사에게 보고한다, 금식을 유지한다, 체위를 변경한다, 심호흡을 격려한다, 통증 점수를 확인한다,
     수술 동의서를 확인한다, 검체를 냉장 보관한다, 처방을 다시 확인한다, 보호자에게 설명한다, 기록을 남긴다, 유효기간을 확인한다, 알레르기 병력을 묻는다"""),
    vignettes=[
        "{age}세 {sex}가 {n}{unit} 전부터 시작된 {f1} 때문에 {place}에 왔다. {f2}도 호소하였다. {past} 혈압 {bp} mmHg, 맥박 {hr}회/분, 체온 {t}℃였다. {labs}",
        "{n}{unit} 전부터 {f1}이 있던 {age}세 {sex}가 {place}를 방문하였다. {past} 진찰에서 {f2}이 관찰되었고 혈액검사 결과는 다음과 같다. {labs}",
        "{age}세 {sex}가 {f1}과 {f2}을 주소로 {place}에 왔다. 증상은 {n}{unit} 전에 시작되어 점차 심해졌다. {past} 맥박 {hr}회/분, 호흡 {rr}회/분이었다.",
        "{past} {age}세 {sex}에게 {n}{unit} 전 {f1}이 갑자기 생겼다. {f2}은 없었다. 혈압 {bp} mmHg, {labs}",
    ],
    asks={
        "diseases": ["가장 가능성이 높은 진단은?", "이 환자에게서 가장 먼저 의심해야 할 질환은?", "진단은?"],
        "drugs": ["우선 투여해야 할 약물은?", "이 환자의 치료로 가장 적절한 것은?", "치료약은?"],
        "findings": ["추가로 확인해야 할 증상은?", "동반될 가능성이 가장 높은 소견은?"],
        "acts": ["간호사가 우선 시행할 것은?", "적절한 처치는?"],
    },
    shorts={
        "findings": ["{drug}의 부작용으로 옳은 것은?", "{disease}에서 흔히 나타나는 증상은?", "{drug}을 복용하는 환자에게 관찰해야 할 증상은?"],
        "drugs": ["{disease}의 일차 치료제는?", "{disease} 환자에게 금기인 약물은?", "{drug}과 병용하면 안 되는 약은?"],
        "diseases": ["{finding}을 특징으로 하는 질환은?", "{drug}을 투여할 수 있는 질환은?", "{lab} 수치가 증가하는 질환은?"],
        "acts": ["{disease} 환자의 간호중재로 옳은 것은?", "{drug} 투여 전에 시행할 것은?"],
        "facts": ["{disease}에 대한 설명으로 옳은 것은?", "다음 중 옳은 것은?", "다음 설명 중 옳지 않은 것은?"],
        "numbers": ["체중 {kg} kg인 {age}세 환자에게 {drug}을 하루 {dose} mg/kg로 투여할 때 1일 용량은?"],
    },
    facts=["{disease}에서는 {finding}이 나타난다.", "{drug}은 {disease}의 치료에 쓴다.", "{disease} 환자는 {act}.",
           "{finding}이 있으면 {lab} 검사를 한다.", "{drug} 투여 후 {finding}이 생길 수 있다.", "{disease}은 {age}세 이후에 늘어난다."],
    plain=["{subject}은 올해 {n}월부터 새로운 계획을 시작한다고 밝혔다.", "지난 {n}년 동안 {subject}의 이용자가 {kg}퍼센트 늘었다.",
           "전문가들은 {subject}에 대한 지원이 더 필요하다고 말한다.", "{subject} 주변에는 오래된 건물과 작은 가게가 많다.",
           "주말마다 {subject}에서 열리는 행사에 {age}명이 모였다.", "{subject}의 역사는 {n}백 년 전으로 거슬러 올라간다."],
    subjects=_split("시립 도서관, 전통 시장, 지역 축구단, 해양 박물관, 청년 창업 센터, 농업 협동조합, 기상 관측소, 철도 노선, 국립 공원, 음악 축제, 초등학교, 우체국"),
)  # fmt: skip

EN = Words(
    diseases=_DISEASES_EN, drugs=_DRUGS_EN, findings=_FINDINGS_EN, labs=_LABS,
    places=_split("""the emergency department, the outpatient clinic, a community health center, the intensive care unit,
     the obstetric ward, the pediatric clinic, an orthopedic clinic, a general medical ward, a family practice, a nursing home"""),
    acts=_split("""Raise the head of the bed, Give oxygen by mask, Measure the vital signs again, Place an intravenous line,
     Record intake and output, Assess the risk of falls, Wash the hands, Move the patient to isolation, Call the physician,
     Keep the patient fasting, Turn the patient every two hours, Encourage deep breathing, Ask for a pain score,
     Check the signed consent, Keep the sample cold, Read the order back, Explain the plan to the family,
     Document the event, Check the expiry date, Ask about allergies"""),
    vignettes=[
        "A {age}-year-old {sex} comes to {place} because of {f1} for the past {n} {unit}. There is also {f2}. {past} Blood pressure is {bp} mm Hg, pulse is {hr}/min, and temperature is {t}°C. {labs}",
        "A {age}-year-old {sex} is brought to {place} {n} {unit} after the onset of {f1}. {past} On examination there is {f2}. Laboratory studies show: {labs}",
        "A previously healthy {age}-year-old {sex} has had {f1} and {f2} for {n} {unit}. {past} The pulse is {hr}/min and respirations are {rr}/min.",
        "{past} Now this {age}-year-old {sex} reports {f1} that began {n} {unit} ago, without {f2}. Blood pressure is {bp} mm Hg. {labs}",
    ],
    asks={
        "diseases": ["Which of the following is the most likely diagnosis?", "What condition should be suspected first?", "What is the diagnosis?"],
        "drugs": ["Which of the following is the most appropriate treatment?", "Which drug should be given first?", "What is the best pharmacotherapy?"],
        "findings": ["Which additional finding is most likely?", "Which symptom should be asked about next?"],
        "acts": ["What should the nurse do first?", "Which of the following is the most appropriate next step?"],
    },
    shorts={
        "findings": ["Which of the following is an adverse effect of {drug}?", "Which symptom is common in {disease}?", "What should be watched for in a patient who takes {drug}?"],
        "drugs": ["What is the first-line drug for {disease}?", "Which drug is contraindicated in {disease}?", "Which drug must not be combined with {drug}?"],
        "diseases": ["Which disease is characterized by {finding}?", "For which disease may {drug} be given?", "In which condition is {lab} increased?"],
        "acts": ["Which nursing action is right for a patient with {disease}?", "What is done before {drug} is given?"],
        "facts": ["Which statement about {disease} is correct?", "Which of the following is correct?", "Which of the following statements is not correct?"],
        "numbers": ["A {age}-year-old patient who weighs {kg} kg receives {drug} at {dose} mg/kg a day. What is the daily dose?"],
    },
    facts=["{disease} presents with {finding}.", "{drug} is used to treat {disease}.", "In {disease}, the rule is: {act}.",
           "{finding} calls for a {lab} test.", "{finding} may follow a dose of {drug}.", "{disease} becomes more frequent after the age of {age}."],
    plain=["{subject} announced a new plan that will start in month {n} of this year.", "Over the last {n} years the number of visitors to {subject} rose by {kg} percent.",
           "Experts say that {subject} needs more support.", "There are many old buildings and small shops around {subject}.",
           "Every weekend {age} people gather for the events at {subject}.", "The history of {subject} goes back {n} hundred years."],
    subjects=_split("""the city library, the old market, the local football club, the maritime museum, the center for young founders,
     the farmers' cooperative, the weather station, the railway line, the national park, the music festival, the primary school, the post office"""),
)  # fmt: skip

KM = Words(
    diseases=_DISEASES_KM, drugs=_DRUGS_KM, findings=_FINDINGS_KM, labs=_LABS,
    places=_split("បន្ទប់សង្គ្រោះបន្ទាន់, គ្លីនិកពិគ្រោះជំងឺ, មណ្ឌលសុខភាព, បន្ទប់ថែទាំពិសេស, ផ្នែកសម្ភព, ផ្នែកកុមារ, ផ្នែកវះកាត់ឆ្អឹង, ផ្នែកជំងឺទូទៅ, មន្ទីរពេទ្យបង្អែក, ផ្ទះថែទាំមនុស្សចាស់"),
    acts=_split("""លើកក្បាលគ្រែឡើង, ផ្តល់អុកស៊ីសែន, វាស់សញ្ញាជីវិតម្តងទៀត, បើកសរសៃវ៉ែន, កត់ត្រាទឹកចូលនិងចេញ, វាយតម្លៃហានិភ័យនៃការដួល, លាងដៃឱ្យស្អាត,
     ប្តូរអ្នកជំងឺទៅបន្ទប់ដាច់ដោយឡែក, រាយការណ៍ទៅគ្រូពេទ្យ, ឱ្យអ្នកជំងឺតមអាហារ, ប្តូរទីតាំងដេករៀងរាល់ពីរម៉ោង, លើកទឹកចិត្តឱ្យដកដង្ហើមវែង, សួរពិន្ទុនៃការឈឺចាប់,
     ពិនិត្យលិខិតយល់ព្រម, រក្សាសំណាកក្នុងទូត្រជាក់, អានវេជ្ជបញ្ជាឡើងវិញ, ពន្យល់ដល់ក្រុមគ្រួសារ, សរសេរកំណត់ហេតុ, ពិនិត្យកាលបរិច្ឆេទផុតកំណត់, សួរអំពីប្រតិកម្មអាឡែស៊ី"""),
    vignettes=[
        "អ្នកជំងឺ{sex}អាយុ {age} ឆ្នាំ មកកាន់{place} ដោយសារ{f1} អស់រយៈពេល {n} {unit}។ អ្នកជំងឺក៏មាន{f2}ដែរ។ {past} សម្ពាធឈាម {bp} mmHg ជីពចរ {hr} ដងក្នុងមួយនាទី កំដៅ {t} អង្សា។ {labs}",
        "{sex}អាយុ {age} ឆ្នាំម្នាក់ត្រូវបានគេនាំមក{place} បន្ទាប់ពី{f1} {n} {unit}។ {past} ការពិនិត្យរាងកាយឃើញមាន{f2}។ លទ្ធផលឈាម {labs}",
        "អ្នកជំងឺ{sex}វ័យ {age} ឆ្នាំ មានអាការៈ{f1} និង{f2} តាំងពី {n} {unit}មុន។ {past} ជីពចរ {hr} ដង និងចង្វាក់ដង្ហើម {rr} ដងក្នុងមួយនាទី។",
        "{past} ឥឡូវនេះ{sex}អាយុ {age} ឆ្នាំនេះរាយការណ៍ថា{f1} កើតឡើង {n} {unit}មុន ដោយគ្មាន{f2}ទេ។ សម្ពាធឈាម {bp} mmHg។ {labs}",
    ],
    asks={
        "diseases": ["តើរោគវិនិច្ឆ័យណាដែលទំនងបំផុត?", "តើជំងឺអ្វីដែលគួរសង្ស័យមុនគេ?", "តើនេះជាជំងឺអ្វី?"],
        "drugs": ["តើថ្នាំណាដែលគួរផ្តល់ឱ្យមុនគេ?", "តើការព្យាបាលណាដែលសមស្របបំផុត?", "តើគួរប្រើថ្នាំអ្វី?"],
        "findings": ["តើរោគសញ្ញាបន្ថែមណាដែលទំនងបំផុត?", "តើគួរសួរអំពីរោគសញ្ញាណាបន្ទាប់?"],
        "acts": ["តើគិលានុបដ្ឋាកគួរធ្វើអ្វីមុនគេ?", "តើជំហានបន្ទាប់ណាដែលសមស្របបំផុត?"],
    },
    shorts={
        "findings": ["តើផលរំខានណាដែលបណ្តាលមកពី{drug}?", "តើរោគសញ្ញាណាដែលកើតមានញឹកញាប់ក្នុង{disease}?", "តើត្រូវតាមដានអ្វីលើអ្នកជំងឺដែលប្រើ{drug}?"],
        "drugs": ["តើថ្នាំជួរទីមួយសម្រាប់{disease}គឺអ្វី?", "តើថ្នាំណាដែលហាមប្រើក្នុង{disease}?", "តើថ្នាំណាមិនត្រូវប្រើរួមជាមួយ{drug}?"],
        "diseases": ["តើជំងឺណាដែលមានលក្ខណៈ{finding}?", "តើ{drug}អាចប្រើសម្រាប់ជំងឺណា?", "តើក្នុងជំងឺណាដែល {lab} កើនឡើង?"],
        "acts": ["តើការថែទាំណាដែលត្រឹមត្រូវសម្រាប់អ្នកជំងឺ{disease}?", "តើត្រូវធ្វើអ្វីមុនពេលផ្តល់{drug}?"],
        "facts": ["តើប្រយោគណាអំពី{disease}ត្រឹមត្រូវ?", "តើចម្លើយណាត្រឹមត្រូវ?", "តើប្រយោគណាខាងក្រោមមិនត្រឹមត្រូវ?"],
        "numbers": ["អ្នកជំងឺអាយុ {age} ឆ្នាំ មានទម្ងន់ {kg} គីឡូក្រាម ទទួល{drug} {dose} mg/kg ក្នុងមួយថ្ងៃ។ តើកម្រិតថ្នាំប្រចាំថ្ងៃស្មើប៉ុន្មាន?"],
    },
    facts=["{disease}បណ្តាលឱ្យ{finding}។", "គេប្រើ{drug}ដើម្បីព្យាបាល{disease}។", "ចំពោះ{disease} ត្រូវ{act}។",
           "បើមាន{finding} គេធ្វើតេស្ត {lab}។", "{finding}អាចកើតក្រោយប្រើ{drug}។", "{disease}កើតញឹកញាប់ក្រោយអាយុ {age} ឆ្នាំ។"],
    plain=["{subject}បានប្រកាសផែនការថ្មីដែលនឹងចាប់ផ្តើមនៅខែទី {n} ឆ្នាំនេះ។", "ក្នុងរយៈពេល {n} ឆ្នាំកន្លងមក អ្នកទស្សនា{subject}កើនឡើង {kg} ភាគរយ។",
           "អ្នកជំនាញនិយាយថា {subject}ត្រូវការការគាំទ្របន្ថែម។", "នៅជុំវិញ{subject}មានអគារចាស់ៗ និងហាងតូចៗជាច្រើន។",
           "រៀងរាល់ចុងសប្តាហ៍ មានមនុស្ស {age} នាក់ជួបជុំគ្នានៅ{subject}។", "ប្រវត្តិរបស់{subject}មានតាំងពី {n} រយឆ្នាំមុន។"],
    subjects=_split("បណ្ណាល័យទីក្រុង, ផ្សារចាស់, ក្លឹបបាល់ទាត់មូលដ្ឋាន, សារមន្ទីរសមុទ្រ, មជ្ឈមណ្ឌលយុវជន, សហគមន៍កសិកម្ម, ស្ថានីយឧតុនិយម, ផ្លូវរថភ្លើង, ឧទ្យានជាតិ, ពិធីបុណ្យតន្ត្រី, សាលាបឋមសិក្សា, ប្រៃសណីយ៍"),
)  # fmt: skip

WORDS: dict[Language, Words] = {"ko": KO, "km": KM, "en": EN}
LANGUAGES: tuple[Language, ...] = ("ko", "km", "en")
_SEX = {"ko": ["남자", "여자"], "km": ["ប្រុស", "ស្រី"], "en": ["man", "woman"]}
_UNIT = {"ko": ["시간", "일", "주", "개월"], "km": ["ម៉ោង", "ថ្ងៃ", "សប្តាហ៍", "ខែ"], "en": ["hours", "days", "weeks", "months"]}  # fmt: skip
_PAST = {
    "ko": ["{n}년 전 {disease}을 진단받고 {drug}을 복용 중이다.", "과거력에서 {disease}이 있었다.", "평소 건강하였다.",
           "최근 {place}에서 {drug}을 처방받았다.", "가족 중에 {disease} 환자가 있다."],
    "km": ["អ្នកជំងឺធ្លាប់មាន{disease}កាលពី {n} ឆ្នាំមុន ហើយកំពុងប្រើ{drug}។", "មានប្រវត្តិ{disease}។", "ពីមុនមានសុខភាពល្អ។",
           "ថ្មីៗនេះបានទទួល{drug}ពី{place}។", "ក្នុងគ្រួសារមានអ្នកកើត{disease}។"],
    "en": ["Past history includes {disease} diagnosed {n} years ago, treated with {drug}.", "There is a history of {disease}.", "There is no past illness.",
           "Recently {drug} was prescribed at {place}.", "A sibling has {disease}."],
}  # fmt: skip


_DETAILS: dict[Language, dict[str, list[str]]] = {
    "ko": {"findings": ["간헐적인 {}", "밤에 심해지는 {}", "식사 후 {}", "갑자기 시작된 {}", "반복되는 {}", "경미한 {}"],
           "diseases": ["초기 {}", "재발한 {}", "중증 {}", "무증상 {}", "{}의 합병증", "약물 유발 {}"],
           "acts": ["즉시 {}", "30분 뒤 {}", "매 근무마다 {}", "보호자와 함께 {}", "처방을 받은 뒤 {}", "수혈 중에는 {}",
                    "투석을 마치면 {}", "발열이 있으면 {}", "아침 식사 전에 {}", "마취에서 깨어나면 {}", "학생 간호사가 {}"]},
    "km": {"findings": ["{}ម្តងម្កាល", "{}ខ្លាំងពេលយប់", "{}ក្រោយអាហារ", "{}ភ្លាមៗ", "{}ដដែលៗ", "{}បន្តិចបន្តួច"],
           "diseases": ["{}ដំណាក់កាលដំបូង", "{}ដែលកើតឡើងវិញ", "{}ធ្ងន់ធ្ងរ", "{}គ្មានរោគសញ្ញា", "ផលវិបាកនៃ{}"],
           "acts": ["{}ភ្លាម", "{}ក្រោយ ៣០ នាទី", "{}រៀងរាល់វេន", "{}ជាមួយក្រុមគ្រួសារ", "{}តាមវេជ្ជបញ្ជា", "{}ពេលបញ្ចូលឈាម",
                    "{}ក្រោយលាងឈាម", "{}បើមានគ្រុនក្តៅ", "{}មុនអាហារពេលព្រឹក", "{}ពេលភ្ញាក់ពីថ្នាំស្ពឹក"]},
    "en": {"findings": ["intermittent {}", "{} that worsens at night", "{} after meals", "sudden {}", "recurrent {}", "mild {}"],
           "diseases": ["early {}", "recurrent {}", "severe {}", "asymptomatic {}", "a complication of {}", "drug-induced {}"],
           "acts": ["{} at once", "{} after 30 minutes", "{} on every shift", "{} together with the family", "{} once it is ordered",
                    "{} during the transfusion", "{} when dialysis has ended", "{} in case of fever", "{} before breakfast", "{} while the patient wakes up"]},
}  # fmt: skip
_SYLLABLES: dict[Language, list[str]] = {
    "ko": list("가노다루메바사오지차코타페하란벤셀로믹단테포갈렌브리크스토나엘마빈조델피오르칸"),
    "km": _split("កា, សេ, តូ, ម៉ា, រី, លុក, បេន, ដាល់, វីត, ណូ, ហ្សេ, ប៉ូ, គីន, ឡារ, ម៉ិច, ស៊ុន, យ៉ា, ផេល, ទ័រ, ជីន, រ៉ូន, ខុប"),
    "en": _split("kar, vel, mos, tin, dra, lo, pex, ami, bron, sul, gre, nar, tho, zil, quen, ris, dal, fen, mor, ib, ox, ul"),
}  # fmt: skip
_NAMED: dict[Language, dict[str, str]] = {
    "ko": {"diseases": "{}증후군", "drugs": "{}제"},
    "km": {"diseases": "រោគសញ្ញា{}", "drugs": "ថ្នាំ{}"},
    "en": {"diseases": "{} syndrome", "drugs": "{}ine"},
}


class Writer:
    """Writes items and prose of one language; the same seed writes the same."""

    def __init__(self, language: Language, seed: int) -> None:
        self.language: Language = language
        self.words = WORDS[language]
        self.random = random.Random(f"{language}/{seed}")

    def item(self, id_: str) -> Item:
        """Write one question with five options, the right one first."""
        if self.random.random() < 0.55:
            kind = self.random.choice(list(self.words.asks))
            stem = f"{self.vignette()} {self.random.choice(self.words.asks[kind])}"
        else:
            kind = self.random.choice(list(self.words.shorts))
            stem = self.fill(self.random.choice(self.words.shorts[kind]))
        return Item(id_, self.language, stem, self.options(kind), kind)

    def long_item(self, id_: str) -> Item:
        """Write one question with a case."""
        kind = self.random.choice(list(self.words.asks))
        stem = f"{self.vignette()} {self.random.choice(self.words.asks[kind])}"
        return Item(id_, self.language, stem, self.options(kind), kind)

    def options(self, kind: str, *, without: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Write five options of a kind."""
        if kind == "numbers":
            base = self.random.randint(2, 40) * 5
            return tuple(f"{base * k} mg" for k in self.random.sample(range(1, 9), 5))
        if kind == "facts":
            return tuple(self.fill(text) for text in self.random.sample(self.words.facts, 5))
        pool = [word for word in getattr(self.words, kind) if word not in without]
        return tuple(self.detailed(kind, word) for word in self.random.sample(pool, 5))

    def detailed(self, kind: str, word: str) -> str:
        """Say it more closely now and then: a dose, a side, a stage, or a word few texts have."""
        draw = self.random
        if kind == "drugs" and draw.random() < 0.3:
            return f"{word} {draw.choice([1, 2, 5, 10, 25, 40, 75, 100, 250, 500])} mg"
        if kind in ("drugs", "diseases") and draw.random() < 0.25:
            return self.coined(kind)
        if kind in _DETAILS[self.language] and draw.random() < (0.9 if kind == "acts" else 0.5):
            return draw.choice(_DETAILS[self.language][kind]).format(word)
        return word

    def coined(self, kind: str) -> str:
        """Coin a name: the long tail of the vocabulary, which real text has and lists have not."""
        draw, syllables = self.random, _SYLLABLES[self.language]
        name = "".join(draw.choice(syllables) for _ in range(draw.randint(2, 4)))
        return _NAMED[self.language][kind].format(name)

    def vignette(self) -> str:
        """Write a case."""
        return self.fill(self.random.choice(self.words.vignettes))

    def prose(self, sentences: int, *, medical: float = 0.5) -> str:
        """Write a paragraph: statements of the field mixed with news of the town."""
        return " ".join(
            self.fill(self.random.choice(
                self.words.facts if self.random.random() < medical else self.words.plain))
            for _ in range(sentences)
        )  # fmt: skip

    def fill(self, template: str) -> str:
        """Fill the gaps of a template."""
        draw, words = self.random, self.words
        if "{past}" in template:
            past = self.fill(draw.choice(_PAST[self.language]))
            template = template.replace("{past}", past)
        findings = [self.detailed("findings", word) for word in draw.sample(words.findings, 3)]
        labs = ", ".join(f"{lab} {draw.randint(1, 400) / draw.choice([1, 10])}"
                         for lab in draw.sample(words.labs, draw.randint(2, 5)))  # fmt: skip
        return template.format(
            age=draw.randint(18, 89), sex=draw.choice(_SEX[self.language]), n=draw.randint(2, 11),
            unit=draw.choice(_UNIT[self.language]), f1=findings[0], f2=findings[1], finding=findings[2],
            place=draw.choice(words.places), bp=f"{draw.randint(80, 210)}/{draw.randint(40, 120)}",
            hr=draw.randint(48, 150), rr=draw.randint(12, 38), t=draw.randint(350, 405) / 10,
            labs=labs, disease=self.detailed("diseases", draw.choice(words.diseases)),
            drug=self.detailed("drugs", draw.choice(words.drugs)),
            lab=draw.choice(words.labs), act=self.detailed("acts", draw.choice(words.acts)), kg=draw.randint(41, 97),
            dose=draw.randint(1, 30), subject=draw.choice(words.subjects),
        )  # fmt: skip


def items(language: Language, count: int, *, seed: int, prefix: str = "held") -> list[Item]:
    """Write ``count`` different items."""
    writer = Writer(language, seed)
    by_key: dict[tuple[str, frozenset[str]], Item] = {}
    while len(by_key) < count:
        item = writer.item(f"{prefix}/{language}/{len(by_key)}")
        by_key.setdefault((item.stem, frozenset(item.options)), item)
    return list(by_key.values())
