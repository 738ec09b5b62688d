"""A web server on this machine that can misbehave."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler


@dataclass
class WebServer:
    """What the server gives and how it misbehaves.

    Attributes:
        url: its address.
        content: what it gives for ``/file``; ``/moved`` leads there, anything else is not found.
        endless: what it sends after that over and over, without announcing how much, until the
            other side has had enough (or 64 MB, lest a wrong reader keeps it busy).
        sent: bytes that it could send so far.
        cut_after: bytes after which it breaks a connection off, one entry for each connection.
        ranges: whether it honours the Range header.
        asked: the Range header of every request so far.
    """

    url: str = ""
    content: bytes = bytes(range(256)) * 1024
    endless: bytes = b""
    sent: int = 0
    cut_after: list[int] = field(default_factory=list)
    ranges: bool = True
    asked: list[str | None] = field(default_factory=list)


def handler(server: WebServer) -> type[BaseHTTPRequestHandler]:
    """Answers requests as the server's description says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            server.asked.append(wanted)
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/file")
                self.end_headers()
                return
            if self.path != "/file":
                self.send_error(404)
                return
            start = 0
            if wanted and server.ranges:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                end = len(server.content)
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
            else:
                self.send_response(200)
            body = server.content[start:]
            if not server.endless:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.send(body[: server.cut_after.pop(0)] if server.cut_after else body)
                while server.endless and server.sent < 64_000_000:
                    self.send(server.endless)
            except ConnectionError:
                pass  # had enough

        def send(self, content: bytes) -> None:
            for start in range(0, len(content), 4096):
                self.wfile.write(content[start : start + 4096])
                server.sent += len(content[start : start + 4096])

        def log_message(self, *_: object) -> None:
            pass

    return Handler
