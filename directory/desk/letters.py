"""Directory: the words of the letters that editors' work calls for; the outbox carries them."""

from collections.abc import Sequence
from dataclasses import replace

from core import site
from core.languages import _, in_english, lazy
from core.outbox import Draft
from directory.models import Service
from directory.rules import Step

DECIDED_WORDS = {
    Step.PUBLISH: (lazy("Your group is shown now"), lazy("Everybody can now read about:")),
    Step.PAUSE: (lazy("Your group is paused"), lazy("We have marked as paused:")),
    Step.RESUME: (lazy("Your group is on again"), lazy("No longer marked as paused:")),
    Step.RETIRE: (lazy("Your group is taken down"), lazy("We have taken down:")),
}
"""The subject of the letter about a step of an editor's, and how it begins."""


@in_english()
def decided_letter(services: Sequence[Service], step: Step) -> Draft:
    """To whoever keeps these listings: what an editor has done with them."""
    subject, opening = DECIDED_WORDS[step]
    listed = "\n".join(_line(each, with_address=step is not Step.RETIRE) for each in services)
    wrong = _("If that is wrong, answer this letter or call us.")
    return _draft(f"listing-{step}", str(subject), [str(opening), listed, wrong])


@in_english()
def owners_letter(services: Sequence[Service], subject: str, words: str) -> Draft:
    """To whoever keeps these listings: an editor's own words, and why they get them."""
    listed = "\n".join(_line(each, with_address=False) for each in services)
    why = _("You get this letter because this is the address we have for:")
    stop = _("If that is not right, answer this letter or call us.")
    return _draft("owners", subject.strip(), [words.strip(), f"--\n{why}\n{listed}\n{stop}"])


@in_english()
def published_letter(service: Service, words: str, link: str) -> Draft:
    """To whoever added a listing: it is shown, and this is how to keep it true."""
    opening = _("Thank you. %(name)s is now shown to everybody:", name=service.name)
    url = site.address(f"/activities/{service.slug}")
    keep = _("Open this link to see what people read and to change it. No password needed.")
    said = [f"{opening}\n{url}", words, f"{keep}\n{link}" if link else ""]
    return _draft("listing-accepted", _("Your group is shown now"), said)


@in_english()
def refused_letter(service: Service, words: str) -> Draft:
    """To whoever added a listing: it is not shown, and why."""
    opening = _("Thank you for telling us about %(name)s.", name=service.name)
    sorry = _("We have not put it in the directory.")
    again = _("If something can be put right, answer this letter or call us.")
    return _draft("listing-refused", _("About the group you added"), [opening, sorry, words, again])


def sent_to(draft: Draft, address: str, *, about: str, occasion: str) -> Draft:
    """The same letter, to this address."""
    same_as = f"{draft.kind}:{occasion}"
    return replace(draft, to_address=address, about=about, same_as=same_as)


def _line(service: Service, *, with_address: bool) -> str:
    url = site.address(f"/activities/{service.slug}")
    return f"- {service.name}\n  {url}" if with_address else f"- {service.name}"


def _draft(kind: str, subject: str, words: Sequence[str]) -> Draft:
    """A letter whose address and occasion whoever sends it fills in."""
    body = "\n\n".join([*filter(None, words), site.name()]) + "\n"
    return Draft(kind=kind, about="", same_as="", to_address="", subject=subject[:160], body=body)
