"""Urgent help: who types of harm or despair sees whom to ring; who does not, is left in peace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.meaning import urgent
from directory.meaning.helplines import HELPLINES
from directory.meaning.urgent import MOST_LINES, helplines_for

DANGERS = urgent.read()[1]

FIRST_LINE = {
    "999": """
        suicidal|im suicidal|feeling suicidal|sucidal|suisidal|i feel suicidle|suicide
        want to die|i want to die|i just want to die|i really wanna die|I WANT TO DIE
        want to kill myself|going to kill myself|gonna kill my self|kms
        thinking about killing myself
        i dont want to be here anymore|don't want to be here any more|i do not want to be here
        dont want to live|i don't want to wake up|dont want to exist|want to end it all|end it all
        i want to end my life|thinking of ending my life|taking my own life|take my own life
        better off dead|they would be better off without me|no point in living|no reason to live
        whats the point of living|nothing to live for|life is not worth living
        life isn’t worth living
        i wish i was dead|wish i had never been born|wish i wasnt here|tired of living|sick of life
        cant go on|i can't go on|cannot go on like this|cant carry on|cant do this anymore
        i can’t take it any more|hanging myself|jump off a bridge|jump in front of a train
        my son wants to kill himself|my daughter is suicidal|friend says she wants to die
        suicide help line|suicide note|how to die without pain|go to sleep and never wake up
        chcę umrzeć|nie chce zyc|khudkushi|marna chahta hoon|خودکشی|hunanladdiad|eisiau marw
        took an overdose|overdose|i have taken too many tablets|swallowed bleach
        took a load of paracetamol|my daughter has taken an over dose
        chest pain|chest pains|pain in my chest|having a heart attack|i think im having a stroke
        his face has dropped on one side|slurred speech|cant breathe|i can't breathe|not breathing
        he is unconscious|she has collapsed|wont stop bleeding|call an ambulance|baby wont wake up
        someone is breaking in|someone breaking into my house|he has got a knife|house is on fire
        my husband hits me|husband hit me|he hits me|partner beats me up|my boyfriend hurts me
        he strangled me|hands round my throat|black eye|scared of my husband|afraid of my ex
        frightened of him|terrified of my partner|scared to go home|not safe at home
        i dont feel safe at home|domestic violence|domestic voilence|domestic abuse|abusive husband
        controlling boyfriend|my husband controls everything|wont let me leave the house
        he won’t let me see my friends|walking on eggshells|coercive control|being abused
        my wife hits me
        threatened to kill me|my ex is stalking me|tracks my phone|need to get away from my husband
        womens refuge|przemoc domowa|mąż mnie bije|shohar marta hai|cam-drin domestig
        forced marriage|they are forcing me to get married|honour based violence|fgm
        raped|i was raped|i have been raped|sexual assault|he made me have sex|sexually abused
        my dad hits me|scared of my dad|stepdad touches me|a child is being hurt|child abuse
        worried about a child next door|i think my neighbours are hitting their kids
        want to run away|run away from home|my daughter is missing|running away
        elder abuse|son is stealing money from my mum|carer is hurting my dad
        human trafficking|my boss has my passport|modern slavery
        i hit my wife|i hurt my partner|scared i might hurt someone|want to kill someone
        i want to hurt my baby|i shook the baby
    """,
    "111-mind": """
        self harm|self-harm|selfharm|cutting myself|i keep cutting myself|hurting myself|cut my arms
        my daughter is self harming|she is cutting herself|burning myself
        mental health crisis|in crisis|crisis team|having a breakdown|nervous breakdown
        hearing voices|i hear voices|voices telling me to do things|cant cope anymore|desperate
        at breaking point|end of my tether|rock bottom|urgent help|no one would notice
    """,
    "samaritans": """
        suicide bereavement|suicide bereavement group|bereaved by suicide|lost my son to suicide
        my brother killed himself|my husband took his own life|died by suicide|after a suicide
        survivors of bereavement by suicide|my dad committed suicide|he hanged himself
        grieving after suicide|suicide in the family|my son's suicide
    """,
    "napac": "abused as a child|childhood abuse|historic abuse|survivor of child abuse",
    "shelter": """
        nowhere to sleep tonight|nowhere to go tonight|sleeping rough|sleeping in my car
        sleeping on the streets|kicked out today|mum kicked me out|homeless tonight
        need a bed for tonight|living in a tent
    """,
    "hardship": """
        no food tonight|nothing to eat|i havent eaten for two days|kids are hungry|need food today
        no food in the house
    """,
    "gas": "i can smell gas|smell of gas|gas leak|carbon monoxide alarm going off",
}

ORDINARY = """
    killing time|something to kill time|kill two birds with one stone|die-cast models|die cast cars
    curry to die for|dying to meet people|dying to learn guitar|murder mystery night|suicide squad
    hit the gym|hit the road|hit the books|smash hits of the 60s|beat the blues|beating boredom
    drum beat|beat the cold|cutting the grass|cut my lawn|cut my own hair|cut my costs|cutting down
    shoot pool|shooting club|target shooting|hanging baskets|hang out with people|knife skills
    first aid|baby choking course|choking first aid|bleeding hearts|heart attack recovery group
    after my heart attack|stroke club|had a stroke last year|blood pressure|blood donors
    cost of living crisis|crisis grant|crisis loan|climate crisis|housing crisis
    suicide prevention training|suicide awareness course|mental health first aid
    breathing exercises|singing for breathing|asthma|copd|burning calories|fire station open day
    dog grooming|escape room|self defence|self help|self esteem|self employed|kickboxing|boxing
    punch needle|slap bass|runaway train steam railway|running|run club|running away to the circus
    death cafe|dying matters|end of life care|hospice|my husband died|lost my wife|my dog died
    dementia cafe|my mum keeps falling|scared of falling|fear of flying|afraid of heights
    scared of dogs
    scared to go out|anxious|panic attacks|depressed|low mood|lonely|sad|so sad|cant sleep
    fed up|stressed|skint|in debt|bailiffs at the door|evicted|food bank|foodbank|hungry caterpillar
    cant get out|stuck in the house all day|someone to talk to|no friends|i am bored to death
    knit and natter|walking group|chess|bridge club|line dancing|tai chi|choir|allotment|men's shed
    cant see my grandchildren|not allowed to see my kids|wont let me see my kids|divorce
    anger management|couples counselling|drinking too much|cocaine|gambling|stop smoking
    universal credit|pip form|damp and mould|new baby|toddler group|autism|adhd|carers
    refugees|esol|learn english|job club|volunteering|computer class|poetry|gig|camera club
    controlling my diabetes|controlling pain|substance abuse|alcohol abuse|giving up smoking
    emergency food parcel|shaking hands tremor|shake off the weight|taking tablets for arthritis
    i miss my mum so much|left on my own|tired all the time|sick of eating alone|fed up of cooking
    end of the line model railway|no point rushing|life drawing|life skills|get a life
    want to live well
    kill weeds in the garden|weed killer|top myself up with vitamins|hurt knee|bad back
    """


def each(texts: str) -> list[str]:
    return [text.strip() for line in texts.splitlines() for text in line.split("|") if text.strip()]


def codes(text: str) -> list[str]:
    return [line.code for line in helplines_for(text)]


@pytest.mark.parametrize("first", FIRST_LINE)
def test_words_of_harm_show_the_right_number_first(first: str) -> None:
    shown = {text: codes(text)[:1] for text in each(FIRST_LINE[first])}
    assert {text: found for text, found in shown.items() if found != [first]} == {}


def test_ordinary_words_show_no_number() -> None:
    shown = {text: codes(text) for text in each(ORDINARY)}
    assert {text: found for text, found in shown.items() if found} == {}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("i want to die", {"samaritans", "shout", "111-mind"}),
        ("my husband hits me", {"domestic-abuse", "mens-advice"}),
        ("i took an overdose because i want to die", {"111", "samaritans", "111-mind"}),
        ("my dad hits me and i want to run away", {"childline", "missing-people"}),
        ("i hit my wife", {"respect"}),
        ("raped by my boyfriend who hits me", {"rape-crisis", "domestic-abuse"}),
        ("my brother killed himself and now i want to die", {"999", "samaritans", "after-suicide"}),
        ("suicide bereavement group", {"samaritans", "after-suicide"}),
        ("forced marriage", {"karma-nirvana"}),
        ("my husband hits me and i have nowhere to go tonight", {"domestic-abuse", "shelter"}),
    ],
)
def test_everyone_concerned_is_named(text: str, wanted: set[str]) -> None:
    assert wanted <= set(codes(text))


def test_who_lost_somebody_to_suicide_is_not_sent_to_999() -> None:
    assert "999" not in codes("support group for people bereaved by suicide")


@pytest.mark.parametrize("danger", DANGERS, ids=lambda danger: danger["code"])
def test_every_saying_is_heard_as_it_is_written(danger: dict[str, list[str]]) -> None:
    for saying in danger["says"]:
        tokens = [token.rstrip("?").split("/") for token in saying.split() if token != ".."]
        longest = max(map(len, tokens))
        for at in range(longest):
            text = " ".join(either[min(at, len(either) - 1)] for either in tokens)
            assert helplines_for(text), f"{saying}: {text}"


def test_every_line_is_known_and_used() -> None:
    used = {code for danger in DANGERS for code in danger["lines"]}
    assert used == set(HELPLINES)


def test_a_number_can_be_touched_on_a_phone() -> None:
    for line in HELPLINES.values():
        digits = line.number.replace(" ", "")
        assert digits.isdigit()
        assert line.href in {f"tel:{digits}", f"sms:{digits}?body=SHOUT"}


@given(st.text(max_size=300))
def test_any_text_is_borne(text: str) -> None:
    assert len(helplines_for(text)) <= MOST_LINES


def test_an_endless_text_is_borne() -> None:
    assert helplines_for("i want to die " * 2_000)
    assert helplines_for("want to .. be " * 2_000) == ()
