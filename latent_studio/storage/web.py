"""Asking a web server for a file: http and https only, bounded in time, ended from any thread.

Built on urllib, which knows proxies and certificates. Its handlers for ``file:``, ``ftp:`` and
``data:`` are left out, so that no redirect can lead to them.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from latent_studio.errors import DownloadError

_OK = (200, 206)
RANGE_REFUSED = 416
_GONE = (404, 410)
_FORBIDDEN = (401, 403, 407, 451)
_BUSY = (408, 425, 429)


class AddressError(DownloadError):
    """One address does not give the file; ``again`` tells whether another try may help."""

    def __init__(self, message: str, detail: str = "", *, again: bool = False) -> None:
        super().__init__(message, detail)
        self.again = again


class Line:
    """The connection in use, which any thread may end while another one waits for bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._over = False

    def hold(self, sock: socket.socket) -> None:
        """Use this socket from now on."""
        with self._lock:
            self._socket = sock
            over = self._over
        if over:
            self.cut()

    def cut(self) -> None:
        """End the connection in use: who waits for it gets an end or an error."""
        with self._lock:
            sock, self._socket = self._socket, None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """End the connection in use and every later one."""
        with self._lock:
            self._over = True
        self.cut()

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut what takes longer, however busily the other side drips."""
        timer = threading.Timer(seconds, self.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


@dataclass(frozen=True, eq=False)
class Answer:
    """What a server said; ``read`` gives the next bytes, none at the end."""

    url: str
    status: int
    headers: Message
    body: Any

    def read(self, most: int) -> bytes:
        """What has come by now, at least a byte, ``most`` at most; empty at the end.

        Raises
        ------
        AddressError
            The connection broke or was silent too long.
        """
        try:
            data: bytes = self.body.read1(most)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise failure(self.url, error) from error
        return data

    @property
    def length(self) -> int | None:
        """Bytes that follow, as far as it is said."""
        return _number(self.headers.get("Content-Length"))

    @property
    def place(self) -> tuple[int | None, int | None]:
        """Where a part begins, and the length of the whole: ``Content-Range``."""
        unit, _, rest = str(self.headers.get("Content-Range") or "").partition(" ")
        span, _, total = rest.partition("/")
        if unit.lower() != "bytes":
            return None, None
        return _number(span.partition("-")[0]), _number(total)

    @property
    def validator(self) -> str:
        """What names this very content: a strong ETag, or when it was last modified."""
        etag = str(self.headers.get("ETag") or "").strip()
        if etag.startswith('"'):
            return etag
        return str(self.headers.get("Last-Modified") or "").strip()


@contextlib.contextmanager
def ask(url: str, headers: Mapping[str, str], line: Line, timeout: float) -> Iterator[Answer]:
    """Send a GET and give the answer: 200, 206 or 416 (:data:`RANGE_REFUSED`).

    Parameters
    ----------
    headers
        Added to the request; redirects keep them.
    line
        Holds the connection, so that it can be ended from elsewhere.
    timeout
        Seconds for connecting, for the answer's head, and of silence.

    Raises
    ------
    AddressError
        No connection, another status, or an address or redirect that is not followed.
    """
    check_address(url)
    sent = {"User-Agent": "latent-studio", "Accept-Encoding": "identity", **headers}
    try:
        with line.within(2 * timeout):
            body = _opener(line).open(urllib.request.Request(url, headers=sent), timeout=timeout)
    except urllib.error.HTTPError as error:
        with error:
            if error.code != RANGE_REFUSED:
                raise failure(url, error) from error
            yield Answer(url, error.code, error.headers, error)
            return
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise failure(url, error) from error
    with body:
        if body.status not in _OK or _encoded(body.headers):
            raise AddressError(
                f"{host_of(url)} gives something else than the file.", f"{url}: {body.status}"
            )
        yield Answer(url, body.status, body.headers, body)


def check_address(url: str) -> None:
    """Raise AddressError unless it is an address of the web."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or not url.isascii() or any(c.isspace() for c in url):
        raise AddressError(f"{url!r:.200} is no address of the web (http or https).")


def host_of(url: str) -> str:
    """The server's name, for messages."""
    return urlsplit(url).hostname or url


def failure(url: str, error: Exception) -> AddressError:
    """One line of cause and cure for what went wrong with ``url``."""
    host, detail = host_of(url), f"{url}: {error!r}"
    if isinstance(error, AddressError):
        return error
    if isinstance(error, urllib.error.HTTPError):
        return _refusal(url, error)
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
        return failure(url, error.reason)
    if isinstance(error, ssl.SSLCertVerificationError):
        text = f"The certificate of {host} is not trusted; check the clock and the network."
        return AddressError(text, detail)
    if isinstance(error, TimeoutError):
        return AddressError(f"{host} does not answer; try again later.", detail, again=True)
    if isinstance(error, socket.gaierror | ConnectionRefusedError):
        return AddressError(_unreachable(host), detail)
    if isinstance(error, ConnectionError | http.client.HTTPException | ssl.SSLError):
        return AddressError(f"The connection to {host} broke.", detail, again=True)
    if isinstance(error, ValueError):  # a socket that another thread has closed
        return AddressError(f"The connection to {host} ended.", detail, again=True)
    return AddressError(_unreachable(host), detail)


def _unreachable(host: str) -> str:
    return f"{host} cannot be reached: this computer is offline, or the server is. Try again later."


def _refusal(url: str, error: urllib.error.HTTPError) -> AddressError:
    host, detail = host_of(url), f"{url}: {error.code} {error.reason}"
    if error.code in _GONE:
        return AddressError(f"The file is not at {host} any more ({error.code}).", detail)
    if error.code in _FORBIDDEN:
        return AddressError(f"{host} does not give the file to everybody ({error.code}).", detail)
    if 300 <= error.code < 400:
        return AddressError(f"{host} redirects to where this program does not follow.", detail)
    busy = error.code in _BUSY or error.code >= 500
    text = f"{host} does not give the file now ({error.code}); try again later."
    return AddressError(text, detail, again=busy)


class _Held:
    """A connection that its line knows once it stands."""

    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._line = line

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._line.hold(self.sock)  # type: ignore[attr-defined]


class _Http(_Held, http.client.HTTPConnection):
    pass


class _Https(_Held, http.client.HTTPSConnection):
    pass


class _HttpHandler(urllib.request.HTTPHandler):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(partial(_Http, line=self._line), req)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def https_open(self, req: urllib.request.Request) -> Any:
        make = partial(_Https, line=self._line, context=ssl.create_default_context())
        return self.do_open(make, req)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to http and https, never from a protected address to an open one."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request:
        try:
            check_address(newurl)
            if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
                host = host_of(req.full_url)
                raise AddressError(f"{host} redirects to an unprotected address.", newurl)
        except AddressError:
            fp.close()
            raise
        return urllib.request.Request(
            newurl, headers=dict(req.headers), origin_req_host=req.origin_req_host
        )

    # Python 3.10 does not know it yet.
    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_302


def _opener(line: Line) -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        _HttpHandler(line),
        _HttpsHandler(line),
        _Redirects(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _encoded(headers: Message) -> bool:
    """Compressed on the way although that was declined: then neither size nor ranges mean ours."""
    return str(headers.get("Content-Encoding") or "identity").lower() != "identity"


def _number(text: Any) -> int | None:
    digits = str(text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None
