"""S5: stolen passwords are tried by the thousand; only those that were right at once get in.

    python -m benchmarks.assurance.s5_stuffing [--full]

A thief has a list of passwords for each of some accounts, and goes round: the first of each, the
second of each … at 1,000 a minute and from fifty addresses, against the real sign-in page and real
workers. For some the right one is among the first ten: those get in, throttle or not (a second
step is what stops them, and is off here). For more it comes later: with the throttle none may.
Meanwhile somebody else reads pages, and somebody who signed in here before signs in every second,
to an account that is tried by the thief too. Control: the same without the throttle must find more.
"""

import http.client
import statistics
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask

import app as kith
from accounts import OrganisationKind, Role, add_user, hash_password, join, set_up
from accounts.signing_in import tries
from accounts.web import COOKIE
from accounts.web.known import COOKIE as KNOWN
from benchmarks.assurance import goals
from benchmarks.assurance.surgery import BY, Surgery
from core.saving import saving
from tests.client import Client
from tests.page import hidden_fields

SLOW = ALONE = True

A_MINUTE = 1_000
ADDRESSES = 50
GUESSES = 25
AT_ONCE, LATER = 3, 5
"""Of the accounts: whose password is among the first ten, and whose comes after."""
THIEVES = 16
PACE = 0.1
MOST_AGAIN, AGAIN_AFTER = 5, 0.5
OWNER = AT_ONCE + LATER
"""The account whose owner signs in meanwhile: the thief tries it, and has no right password."""
PAGES = ("/activities?q=knit", "/refer")
RIGHT = "three words together"


def main() -> int:
    """Print the figures; 0 if they hold."""
    accounts = 40 if goals.is_full() else 10
    met = []
    with Surgery("sqlite", clinicians=1) as surgery:
        with surgery.app.app_context():
            _let_in(accounts)
        surgery.serve()
        _read_for(surgery, 3.0)  # the first pages of a new worker are slow for everybody
        normal = _read_for(surgery, 8.0)
        before, others, honest = _attack(surgery, accounts)
        surgery.kill()
        beyond = len(before - _true(accounts))
        got = len(before & _true(accounts))
        met += [
            goals.exactly("S5a", "accounts opened that should not be, by stuffing", beyond),
            goals.exactly("S5b", "accounts opened whose password was known", got, AT_ONCE),
            goals.at_most(
                "S5c", "p95 of others' pages, against normal", _p95(others) / _p95(normal), 2, "x"
            ),
        ]
        print(f"# p95 of others: normal {_p95(normal):.0f} ms, meanwhile {_p95(others):.0f} ms")
        met += _honest(honest)
    met.append(_with_throttle_off(accounts))
    for goal, path, what in (
        ("S5e", "/sign-in", "longer for a known account, median"),
        ("S5h", "/forgotten-password", "the same on the page for who forgot their password"),
    ):
        met.append(goals.at_most(goal, what, _known(path), 5, "ms"))
    return 0 if all(met) else 1


def _honest(honest: list[tuple[int, float]]) -> list[bool]:
    """What somebody saw whose browser is known, and whose account the thief tries."""
    kept_out = sum(status != 303 for status, _took in honest)
    print(f"# {len(honest)} sign-ins in a known browser meanwhile")
    return [
        goals.exactly("S5f", "sign-ins in a known browser that were refused meanwhile", kept_out),
        goals.at_most("S5g", "the slowest of them took", max(t for _, t in honest), 2, "s"),
    ]


def unthrottled() -> Flask:
    """The application with the throttle taken away."""
    tries.MOST_PER_ACCOUNT = tries.MOST_PER_ADDRESS = 10**9  # type: ignore[misc]
    tries._is_over = lambda _limits: False  # type: ignore[assignment]
    return kith.create_app()


def _with_throttle_off(accounts: int) -> bool:
    with Surgery("sqlite", clinicians=1) as surgery:
        with surgery.app.app_context():
            _let_in(accounts)
        surgery.serve(factory="benchmarks.assurance.s5_stuffing:unthrottled")
        opened, _, _ = _attack(surgery, accounts)
    found = len(opened - _true(accounts))
    return goals.control("S5d", "accounts opened when nobody counts the tries", found)


def _let_in(accounts: int) -> None:
    kept = hash_password(RIGHT)
    with saving():
        group = set_up("Bow Walkers", OrganisationKind.GROUP, by=BY)
        for number in range(accounts):
            user = add_user(_email(number), f"Person {number}", password_hash=kept, by=BY)
            join(user, group, Role.ORGANISER, by=BY)


def _email(number: int) -> str:
    return f"person{number}@group.example"


def _true(_accounts: int) -> set[int]:
    return set(range(AT_ONCE))


def _guess(account: int, turn: int) -> str:
    """What the thief types: the right one at the turn that this account has it."""
    at = 3 + account if account < AT_ONCE else 12 + account if account < AT_ONCE + LATER else None
    return RIGHT if turn == at else f"a stolen password {turn}"


def _attack(
    surgery: Surgery, accounts: int
) -> tuple[set[int], list[float], list[tuple[int, float]]]:
    """Which accounts were opened, how long others waited, and what an honest person saw."""
    todo = [(number, turn) for turn in range(GUESSES) for number in range(accounts)]
    opened: set[int] = set()
    said: Counter[int] = Counter()
    over = threading.Event()
    began = time.monotonic()

    def steal(which: int) -> None:
        thief = Thief(surgery.port, f"127.0.1.{1 + which % ADDRESSES}")
        for place in range(which, len(todo), THIEVES):
            number, turn = todo[place]
            time.sleep(max(0.0, began + place * 60 / A_MINUTE - time.monotonic()))
            thief.address = f"127.0.1.{1 + place % ADDRESSES}"
            status = thief.sign_in(_email(number), _guess(number, turn))
            for _again in range(MOST_AGAIN):
                said[status] += 1
                if status != 503:  # told to come back, a thief does
                    break
                time.sleep(AGAIN_AFTER)
                status = thief.sign_in(_email(number), _guess(number, turn))
            if status == 303:
                opened.add(number)

    others: list[float] = []
    honest: list[tuple[int, float]] = []
    owner = threading.Thread(target=lambda: honest.extend(_sign_in_until(surgery, over)))
    owner.start()
    reader = threading.Thread(target=lambda: others.extend(_read_until(surgery, over)))
    reader.start()
    with ThreadPoolExecutor(THIEVES) as pool:
        list(pool.map(steal, range(THIEVES)))
    took = time.monotonic() - began
    over.set()
    reader.join()
    owner.join()
    rate = len(todo) / took * 60
    print(f"# {len(todo)} tries in {took:.0f} s ({rate:.0f} a minute): {dict(said)}")
    return opened, others, honest


class Thief:
    """Signs in as a browser would, from whichever address it says."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address, self.known = port, address, ""
        answer, page = self._ask("GET", {}, "")
        self.cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
        self.hidden = hidden_fields(page.decode())

    def sign_in(self, email: str, password: str) -> int:
        key = f"{time.monotonic_ns()}"
        said = {**self.hidden, "once": key, "email": email, "password": password}
        answer = self._ask("POST", said, f"{self.cookie}{self.known}")[0]
        for made in answer.headers.get_all("Set-Cookie", []):
            if made.startswith(KNOWN):
                self.known = f"; {made.partition(';')[0]}"
        return answer.status

    def _ask(self, method: str, said: dict[str, str], cookie: str) -> tuple[Any, bytes]:
        line = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=30, source_address=(self.address, 0)
        )
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        line.request(method, "/sign-in", urlencode(said), headers)
        answer = line.getresponse()
        body = answer.read()
        line.close()
        return answer, body


def _sign_in_until(surgery: Surgery, over: threading.Event) -> list[tuple[int, float]]:
    """What an honest person saw and how many seconds it took, whose first time is before it all."""
    seen = []
    owner = Thief(surgery.port, "127.0.2.1")
    owner.sign_in(_email(OWNER), RIGHT)
    while not over.wait(1):
        began = time.monotonic()
        seen.append((owner.sign_in(_email(OWNER), RIGHT), time.monotonic() - began))
    return seen


def _read_for(surgery: Surgery, seconds: float) -> list[float]:
    over = threading.Event()
    threading.Timer(seconds, over.set).start()
    return _read_until(surgery, over)


def _read_until(surgery: Surgery, over: threading.Event) -> list[float]:
    """Milliseconds that somebody waits who reads pages, ten a second, one of them signed in."""
    waited = []
    while not over.is_set():
        for path in PAGES:
            began = time.monotonic()
            line = http.client.HTTPConnection("127.0.0.1", surgery.port, timeout=30)
            line.request("GET", path, headers={"Cookie": f"{COOKIE}={surgery.cookies[0]}"})
            line.getresponse().read()
            line.close()
            waited.append((time.monotonic() - began) * 1_000)
            time.sleep(PACE)
    return waited


def _p95(waited: list[float]) -> float:
    return statistics.quantiles(waited, n=20)[-1]


def _known(path: str) -> float:
    """How much longer an account there is takes than one there is not, in milliseconds.

    In time of our processors: the machine may be doing other things meanwhile.
    """
    with Surgery("sqlite", clinicians=0) as surgery, surgery.app.app_context():
        _let_in(40)
        surgery.app.test_client_class = Client
        client: Any = surgery.app.test_client()
        client.is_strict = False
        hidden = hidden_fields(client.get(path).text)
        spent: dict[str, list[float]] = {"person": [], "nobody": []}
        for number in range(40):
            for who, held in spent.items():
                said = {"email": f"{who}{number}@group.example", "password": "wrong"}
                from_there = {"REMOTE_ADDR": f"127.0.3.{number}"}
                began = _used()
                client.post(
                    path,
                    data={**hidden, "once": f"{who}{number}", **said},
                    environ_base=from_there,
                )
                held.append(_used() - began)
    known, unknown = (statistics.median(spent[who]) for who in ("person", "nobody"))
    print(f"# {path}: known account {known:.1f} ms, unknown {unknown:.1f} ms, medians")
    return abs(known - unknown)


def _used() -> float:
    """Milliseconds of processor that we and our helpers have used."""
    used = time.process_time() * 1_000
    for thread in Path("/proc/self/task").iterdir():
        for child in (thread / "children").read_text().split():
            used += int(Path(f"/proc/{child}/schedstat").read_text().split()[0]) / 1_000_000
    return used


if __name__ == "__main__":
    sys.exit(main())
