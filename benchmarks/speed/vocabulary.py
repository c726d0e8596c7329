"""The words and towns of the invented directory: some 30,000 words, as unevenly used as ours."""

import random
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray


def _words(text: str) -> list[str]:
    return text.split()


def _parts(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("|")]


FILLERS = _words(
    """the and to of a in for is our we you with are on at your or be who can by from it as that
    will have an all not please us if any more this there their they when may also each up every"""
)
PLAIN = _words(
    """support people group service help available free run open contact book place time day monday
    tuesday wednesday thursday friday saturday sunday morning afternoon evening meet join come
    new members call email phone week month first hour minutes charge cost donation booking
    required need just turn along enjoy chat make friends share learn offer provide aim work
    team staff years aged over under area city town county district funded lottery council
    charity registered project programme activities activity events"""
)
TOPICS = [
    _words(topic)
    for topic in _parts(
        """walking group|knit and natter|peer support|diabetes support|dementia cafe|befriending
        service|chair yoga|debt advice|bereavement support|food bank|lunch club|carers
        respite|memory cafe|stroke club|hearing loss support|sight loss group|mens
        shed|community garden|parent toddler group|breastfeeding support|baby
        massage|housing advice|benefits advice|job club|digital skills|english
        conversation class|refugee welcome|domestic abuse helpline|alcohol recovery|drug
        treatment service|smoking cessation|weight management|cardiac
        rehabilitation|falls prevention|tai chi|pilates class|swimming session|community
        choir|art therapy|mindfulness course|anxiety workshop|depression support
        group|talking therapies|suicide prevention|youth club|young carers|autism
        support|adhd parents group|learning disability social|wheelchair
        basketball|arthritis self management|chronic pain cafe|cancer
        support|fibromyalgia network|parkinsons exercise|mental health drop in|community
        transport|home energy advice|repair cafe|library reading group"""
    )
]
RELATED = _words(
    """weekly friendly welcoming confidential volunteer trained experienced practical emotional
    wellbeing isolation lonely loneliness confidence friendship social local neighbourhood
    village hall church centre community venue refreshments tea coffee biscuits cake sessions
    course workshop drop referral self referred gp nhs social prescribing link worker adults
    older families teenagers men women lgbt veterans carers patients residents accessible
    wheelchair step parking bus route toilet loop interpreter signer quiet space outdoor
    indoor gentle exercise movement seated strength balance health condition long term
    medication advice information signposting form filling appeal tribunal debt budget money
    energy bills housing homeless tenancy landlord eviction benefit universal credit pip
    attendance allowance legal solicitor training employment cv interview skills computer
    tablet internet online zoom telephone helpline outreach home visit transport lift minibus
    lunch meal cooking nutrition healthy eating cookery allotment garden nature walk ramble
    pace mile park canal river cycle swim dance music singing choir craft knitting crochet
    sewing painting drawing pottery writing reading books library film theatre games bingo
    cards chess snooker darts football netball bowls tennis badminton gym fitness yoga pilates
    relaxation breathing meditation mindfulness counselling therapy peer recovery addiction
    alcohol drugs gambling smoking anxiety depression stress trauma grief loss bereaved
    suicide crisis abuse survivor refuge asylum refugee migrant english language classes
    conversation culture faith muslim christian jewish sikh hindu polish somali urdu punjabi
    welsh arabic deaf blind hearing sight impairment disability learning autism adhd dyslexia
    dementia memory parkinsons stroke diabetes heart cardiac lung asthma cancer arthritis pain
    fibromyalgia epilepsy kidney liver menopause pregnancy antenatal postnatal breastfeeding
    baby toddler nursery school holiday youth mentoring"""
)
BEFORE = _words("Friendly Weekly Community Local Monday Thursday Evening Morning Over50s Women Men")
AFTER = _words("Club Network Project Session Hub Circle Programme")
FOUNDERS = _parts("Open Door|Carers|Healthy|Active|Friends of|Better|Together|Hope for|New Start")
BODIES = _words("Trust CIC Partnership Foundation Association Alliance Society Centre")

INVENTED = 30_000
RELATED_TO_A_TOPIC = 25


@dataclass(frozen=True)
class Town:
    """Where people live, and how many, in tens of thousands."""

    name: str
    latitude: float
    longitude: float
    people: float


TOWNS = [
    Town(name.strip(), float(latitude), float(longitude), float(people))
    for name, latitude, longitude, people in (
        each.rsplit(" ", 3)
        for each in _parts(
            """London 51.507 -0.128 880|Birmingham 52.486 -1.890 114|Leeds 53.801 -1.549 79|
            Glasgow 55.864 -4.252 63|Sheffield 53.383 -1.465 58|Bradford 53.796
            -1.759 54| Manchester 53.481 -2.243 55|Edinburgh 55.953 -3.188
            52|Liverpool 53.408 -2.992 49| Bristol 51.455 -2.588 46|Cardiff 51.481
            -3.180 36|Leicester 52.637 -1.135 36| Coventry 52.407 -1.512
            34|Nottingham 52.954 -1.158 33|Newcastle 54.978 -1.618 30| Sunderland
            54.906 -1.381 27|Brighton 50.822 -0.137 29|Hull 53.745 -0.336 26|
            Plymouth 50.376 -4.143 26|Wolverhampton 52.587 -2.129 26|Derby 52.923
            -1.476 25| Swansea 51.621 -3.944 24|Southampton 50.910 -1.404
            25|Aberdeen 57.150 -2.094 22| Portsmouth 50.820 -1.088 21|York 53.960
            -1.087 20|Peterborough 52.570 -0.240 20| Dundee 56.462 -2.971
            15|Lancaster 54.047 -2.801 14|Oxford 51.752 -1.258 15| Preston 53.763
            -2.703 14|Norwich 52.630 1.297 14|Cambridge 52.205 0.119 13| Exeter
            50.726 -3.527 13|Gloucester 51.864 -2.238 13|Belfast 54.597 -5.930 34|
            Carlisle 54.895 -2.938 11|Worcester 52.193 -2.221 10|Bath 51.381 -2.359
            9| Durham 54.776 -1.576 6|Lincoln 53.230 -0.541 10|Inverness 57.478
            -4.225 6| Ipswich 52.057 1.148 14|Blackpool 53.814 -3.050 14|Reading
            51.455 -0.969 23| Luton 51.879 -0.417 21|Swindon 51.558 -1.782
            22|Bournemouth 50.720 -1.879 19| Truro 50.263 -5.051 2|Bangor 53.228
            -4.128 2|Kendal 54.328 -2.746 3|Whitby 54.486 -0.613 2| Hastings 50.854
            0.573 9|Dover 51.128 1.313 3|Colchester 51.896 0.892 13"""
        )
    )
]
OFTEN = list(accumulate(1 / (rank + 5) ** 0.6 for rank in range(len(TOPICS))))
PEOPLE = list(accumulate(each.people for each in TOWNS))


@cache
def words() -> list[str]:
    """All words, the most used first: fillers, plain ones, those of our field, invented ones."""
    ours = [*FILLERS, *PLAIN, *RELATED, *(word for topic in TOPICS for word in topic)]
    return list(dict.fromkeys([*ours, *_invented(random.Random(7))]))


def drawn(dice: np.random.Generator, count: int) -> list[str]:
    """So many words, each as often as it is used."""
    every = words()
    return [every[at] for at in np.searchsorted(_shares(), dice.random(count)).tolist()]


def related_to(topic: int) -> list[str]:
    """The words that stand in a listing on a topic more often than elsewhere."""
    start = (topic * 7) % (len(RELATED) - RELATED_TO_A_TOPIC)
    return RELATED[start : start + RELATED_TO_A_TOPIC]


@cache
def _shares() -> NDArray[np.float64]:
    """How much of all that is written is this word or one used more, after Zipf."""
    found = np.cumsum(1.0 / (np.arange(len(words())) + 2.7) ** 1.07)
    told: NDArray[np.float64] = found / found[-1]
    return told


def _invented(chance: random.Random) -> list[str]:
    begin = _words("b c d f g h k l m n p r s t v w br ch cl cr dr fl gr pl pr sh sl sp st th tr")
    middle = _words("a e i o u ai ea ee oo ou")
    end = _words("n r s t l d m ng nd st ck ly er ing ed ton ham ley by")
    found: dict[str, None] = {}
    while len(found) < INVENTED:
        sounds = (chance.choice(begin) + chance.choice(middle) for _ in range(chance.randint(1, 3)))
        word = "".join(sounds) + chance.choice(end)
        if len(word) > 3:
            found[word] = None
    return list(found)
