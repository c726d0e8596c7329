"""Directory: asks another machine for a feed, and never one that only we can reach.

The address is looked up once, checked, and that very address is connected to: a name that answers
otherwise the second time gains nothing. So at every redirect.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import SplitResult, urljoin, urlsplit

from directory.feeds.limits import MEGABYTE, Limits
from directory.feeds.proposals import Unreadable

CONNECT_SECONDS = 10
READ_SECONDS = 20
MOST_REDIRECTS = 5
LONGEST_ADDRESS = 2_000
BLOCK = 1 << 16
AGENT = "Kith/1.0 (directory import)"

_PORTS = {"http": 80, "https": 443}
_MOVED = {301, 302, 303, 307, 308}

Resolve = Callable[[str, int], list[str]]


class Client:
    """Asks for pages one after another, within one allowance of time and bytes for all of them."""

    def __init__(self, limits: Limits, *, resolve: Resolve | None = None) -> None:
        self._limits = limits
        self._resolve = resolve or _addresses
        self._ends_at = time.monotonic() + limits.most_seconds
        self._left = limits.most_bytes

    def get(self, url: str) -> Iterator[bytes]:
        """What lies at an address, piece by piece, or Unreadable."""
        for _ in range(MOST_REDIRECTS + 1):
            moved = ""
            with self._asked(url) as answer:
                if answer.status in _MOVED:
                    moved = answer.getheader("Location") or ""
                else:
                    yield from self._body(answer)
                    return
            if not moved:
                raise Unreadable("it sends us on, but does not say where to")
            url = urljoin(url, moved)
        raise Unreadable(f"it sends us on more than {MOST_REDIRECTS} times")

    def read(self, url: str) -> bytes:
        """The same in one piece."""
        return b"".join(self.get(url))

    @contextmanager
    def _asked(self, url: str) -> Iterator[http.client.HTTPResponse]:
        parts = _checked(url)
        connection = self._connect(parts)
        watch = threading.Timer(self._seconds_left(), _hang_up, [connection.sock])
        watch.daemon = True
        watch.start()
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            headers = {"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
            connection.request("GET", path, headers=headers)
            with closing(connection.getresponse()) as answer:
                yield answer
        except (TimeoutError, OSError, http.client.HTTPException, ValueError) as error:
            raise Unreadable(self._why(error)) from None
        finally:
            watch.cancel()
            connection.close()

    def _connect(self, parts: SplitResult) -> http.client.HTTPConnection:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError):
            raise Unreadable(f"there is no machine called {host}") from None
        if not addresses or not (self._limits.private_addresses or all(map(is_public, addresses))):
            raise Unreadable("its address is not on the public internet")
        seconds = min(CONNECT_SECONDS, self._seconds_left())
        made = (_Secure if parts.scheme == "https" else _Plain)(host, port, timeout=seconds)
        made.address = addresses[0]
        try:
            made.connect()
        except OSError as error:
            raise Unreadable(self._why(error)) from None
        made.sock.settimeout(READ_SECONDS)
        return made

    def _body(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        if answer.status != 200:
            raise Unreadable(f"it answers {answer.status} {answer.reason}".rstrip())
        if answer.getheader("Content-Encoding", "identity").lower() not in {"", "identity"}:
            raise Unreadable("it sends squeezed text, which we did not ask for")
        while block := answer.read1(BLOCK):
            self._left -= len(block)
            if self._left < 0:
                raise Unreadable(f"it is larger than {self._limits.most_bytes // MEGABYTE} MB")
            self._seconds_left()
            yield block
        self._seconds_left()  # when time is up we hang up, which looks like the end
        if answer.length:
            raise Unreadable("it stopped before all of it was sent")

    def _seconds_left(self) -> float:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise Unreadable("it takes too long to answer")
        return left

    def _why(self, error: Exception) -> str:
        if isinstance(error, TimeoutError) or self._ends_at <= time.monotonic():
            return "it takes too long to answer"
        if isinstance(error, ssl.SSLError):
            return "it cannot prove that it is who it says it is"
        return "it cannot be reached, or does not answer as a website does"


def is_public(address: str) -> bool:
    """Whether an address is one that everybody can reach, however it is dressed up."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    for inner in _inside(found):
        if not inner.is_global or inner.is_multicast or inner.is_reserved:
            return False
    return True


def _inside(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The address, and any older one that is wrapped in it."""
    wrapped = None
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if address in ipaddress.ip_network("64:ff9b::/96"):
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        elif address.teredo:
            wrapped = address.teredo[1]
    if wrapped is None:
        yield address
    else:
        yield wrapped


def check_address(url: str) -> None:
    """Unreadable when this cannot be the address of a feed; nothing is asked of anybody."""
    _checked(url)


def _checked(url: str) -> SplitResult:
    if len(url) > LONGEST_ADDRESS or any(not " " < each < "\x7f" for each in url):
        raise Unreadable("its address is not one that a browser could open")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unreadable("its address is not one that a browser could open") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Unreadable("its address does not begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise Unreadable("its address holds a name or a password: leave them out")
    if port == 0:
        raise Unreadable("its address is not one that a browser could open")
    return parts


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _hang_up(line: socket.socket) -> None:
    """Time is up: whoever drips a byte now and then does not keep us for ever."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


class _Plain(http.client.HTTPConnection):
    """Connects to the address that was checked, whatever its name says now."""

    address = ""

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class _Secure(http.client.HTTPSConnection):
    """The same; who answers must prove to be the one that was asked for."""

    address = ""

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
