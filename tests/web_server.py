"""A web server in a thread that misbehaves as told."""

import contextlib
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Served:
    """How one address answers.

    ``cuts`` are the bytes after which the connection breaks, one a request; ``status`` and
    ``location`` answer with nothing else; ``hold_after`` waits there for ``server.go``;
    ``drips`` sends the answer's head byte by byte for ever; ``careless`` continues a range without
    looking at If-Range.
    """

    data: bytes = b""
    etag: str = '"one"'
    modified: str = ""
    ranges: bool = True
    careless: bool = False
    length: bool = True
    status: int = 0
    location: str = ""
    cuts: list[int] = field(default_factory=list)
    hold_after: int | None = None
    drips: bool = False
    extra: dict[str, str] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust us is no news."""


class WebServer:
    """``server.files["/name"] = Served(...)``; ``server.asked`` are paths and headers in order."""

    def __init__(self) -> None:
        self.files: dict[str, Served] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.go = threading.Event()
        self.holding = threading.Event()
        self._scheme = "http"
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()

    def protect(self, key: Path, certificate: Path) -> None:
        """Speak TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._http.socket = context.wrap_socket(
            self._http.socket, server_side=True, do_handshake_on_connect=False
        )
        self._scheme = "https"

    def url(self, path: str) -> str:
        return f"{self._scheme}://127.0.0.1:{self._http.server_address[1]}{path}"

    def serve(self, path: str, data: bytes, **how: Any) -> str:
        """Answer at ``path``; returns the address."""
        self.files[path] = Served(data, **how)
        return self.url(path)

    def ranges(self) -> list[str | None]:
        """The Range header of every request."""
        return [headers.get("Range") for _, headers in self.asked]

    def close(self) -> None:
        self.go.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def _handler(server: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            server.asked.append((self.path, dict(self.headers)))
            served = server.files.get(self.path, Served(status=404))
            with contextlib.suppress(ConnectionError):  # who asked has hung up
                self._answer(served)

        def _answer(self, served: Served) -> None:
            if served.drips:
                while not server.go.wait(0.02):
                    self.wfile.write(b"x")
            if served.status:
                self.send_response(served.status)
                if served.location:
                    self.send_header("Location", served.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = self._start(served)
            if start is not None and start >= len(served.data):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(served.data)}")
                self.end_headers()
                return
            body = served.data[start or 0 :]
            self.send_response(200 if start is None else 206)
            if start is not None:
                end = len(served.data) - 1
                self.send_header("Content-Range", f"bytes {start}-{end}/{len(served.data)}")
            self._headers(served, len(body))
            self._body(served, body)

        def _headers(self, served: Served, length: int) -> None:
            if served.etag:
                self.send_header("ETag", served.etag)
            if served.modified:
                self.send_header("Last-Modified", served.modified)
            if served.length:
                self.send_header("Content-Length", str(length))
            for name, value in served.extra.items():
                self.send_header(name, value)
            self.end_headers()

        def _body(self, served: Served, body: bytes) -> None:
            if served.hold_after is not None:
                self.wfile.write(body[: served.hold_after])
                self.wfile.flush()
                server.holding.set()
                server.go.wait(20)
                body = body[served.hold_after :]
            if served.cuts:
                body = body[: served.cuts.pop(0)]
            self.wfile.write(body)

        def _start(self, served: Served) -> int | None:
            asked = self.headers.get("Range")
            if not asked or not served.ranges:
                return None
            condition = self.headers.get("If-Range")
            same = condition is None or condition in (served.etag, served.modified)
            return (
                int(asked.removeprefix("bytes=").rstrip("-")) if same or served.careless else None
            )

    return Handler
