"""Ground floor: the ways a request can be refused; core/web.py gives each its one answer."""


class NotFound(Exception):
    """There is no such thing, or it is not yours to know of. 404."""


class Refused(Exception):
    """You may know of it, but this cannot be done now. 409, with the reason in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Forbidden(Exception):
    """You may know of it, but this is not yours to do. 403, with the reason in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChangedMeanwhile(Exception):
    """Somebody else changed it since you looked. 409; what you typed is shown back."""


class AlreadyDone(Exception):
    """This was sent before: its first answer is at `location`, or is this one."""

    def __init__(self, location: str, answer: str = "", status: int | None = None) -> None:
        super().__init__(location)
        self.location = location
        self.answer = answer
        self.status = status


class BadInput(Exception):
    """The request itself is malformed. 4xx, with what is wrong in plain words."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
