"""Somebody to reach: listeners on this machine that note how a cheat got through to them."""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import suppress
from pathlib import Path


class Listeners:
    """Listens by TCP and UDP on the loopback address, and on two Unix sockets.

    It also calls: where a cheat listens on the port `called`, that counts as well.

    Args:
        mark: a word for the names of what belongs to this run.
        unix: where one of the sockets lies; the other is abstract.
    """

    def __init__(self, mark: str, unix: Path) -> None:
        self.mark = mark
        self.abstract = f"{mark}-listener"
        self.heard: set[str] = set()
        self.open = True
        self.unix = str(unix)
        tcp = socket.create_server(("127.0.0.1", 0))
        self.port: int = tcp.getsockname()[1]
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", self.port))
        self.sockets = [tcp, udp]
        for name in ("\0" + self.abstract, self.unix):
            self.sockets.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            self.sockets[-1].bind(name)
            self.sockets[-1].listen()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.called: int = free.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            for each in self.sockets:
                selector.register(each, selectors.EVENT_READ)
            while self.open:
                for key, _ in selector.select(0.2):
                    self._hear(key.fileobj)  # type: ignore[arg-type]
                self._call()

    def _hear(self, ear: socket.socket) -> None:
        with suppress(OSError):
            if ear.type == socket.SOCK_DGRAM:
                ear.recv(100)
            else:
                ear.accept()[0].close()
            self.heard.add("sockets" if ear.getsockname() == self.unix else "network")

    def _call(self) -> None:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.called), timeout=0.2).close()
            self.heard.add("network")

    def close(self) -> None:
        """Stop listening."""
        self.open = False
        for each in self.sockets:
            each.close()
