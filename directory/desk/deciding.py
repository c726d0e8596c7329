"""Directory: what waits for an editor is decided once; of two at once, the second is told so."""

from core import clock
from core.actors import Actor
from core.db import hold
from core.errors import Refused
from core.languages import _
from directory.models import Claim, ProposedChange, Report, Thanks
from directory.rules import Decision


def settle(
    waiting: Claim | ProposedChange | Report | Thanks,
    decision: Decision,
    *,
    by: Actor,
    too_late: str = "",
) -> None:
    """Write down what was decided, when and by whom; Refused if somebody has decided already."""
    hold(waiting)
    if waiting.decision is not Decision.WAITING:
        raise Refused(too_late or _("Somebody has decided this already."))
    waiting.decision = decision
    waiting.decided_at, waiting.decided_by_name = clock.now(), by.name


def verdict(*, accept: bool) -> Decision:
    """What an editor's yes or no is called."""
    return Decision.ACCEPTED if accept else Decision.REFUSED
