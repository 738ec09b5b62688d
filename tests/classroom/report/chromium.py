"""A real browser without a window, spoken to over two pipes; no port is opened.

The protocol is Chrome DevTools: JSON messages, each with a NUL at its end
(https://chromedevtools.github.io/devtools-protocol/).
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import time
from contextlib import suppress

FLAGS = (
    "--headless",
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)
SECONDS = 60


class Browser:
    """One Chromium with a fresh profile; a context manager that ends it.

    Args:
        folder: for its profile.
    """

    def __init__(self, folder):
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        assert program, "this test needs Chromium: apt-get install chromium fonts-dejavu-core"
        theirs, self.sink = os.pipe()
        self.source, answers = os.pipe()

        def wire():
            high = [fcntl.fcntl(end, fcntl.F_DUPFD, 64) for end in (theirs, answers)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"],
            env={**os.environ, "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=wire,
            pass_fds=(3, 4),
            start_new_session=True,
        )
        os.close(theirs)
        os.close(answers)
        self.rest = b""
        self.last = 0
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with suppress(OSError, AssertionError):
            self.call("Browser.close")
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.sink)
        os.close(self.source)

    def call(self, method, session=None, **params):
        """Send a command and wait for its result; events that come meanwhile are kept."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.sink, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + SECONDS
        while True:
            heard = self.hear(deadline)
            if heard.get("id") == self.last:
                assert "error" not in heard, f"{method}: {heard['error']}"
                return heard["result"]
            self.events.append(heard)

    def hear(self, deadline):
        """The next message."""
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.source], [], [], max(0, deadline - time.monotonic()))
            assert ready, "Chromium says nothing"
            part = os.read(self.source, 1 << 20)
            assert part, "Chromium has ended"
            self.rest += part
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def open(self, address, **features):
        """A new page at an address, once it has loaded."""
        return Page(self, address, **features)


class Page:
    """One page; its console and its requests are listened to from the start."""

    def __init__(self, browser, address, width=1200, height=900, dark=False):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def resize(self, width, height):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            **{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def run(self, script):
        """What a script's expression is worth, as plain values."""
        heard = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in heard, heard["exceptionDetails"]
        return heard["result"].get("value")

    def wait(self, script):
        deadline = time.monotonic() + SECONDS
        while not self.run(f"Boolean({script})"):
            assert time.monotonic() < deadline, f"it never came true: {script}"
            time.sleep(0.02)

    def press(self, key, code=None, text=None):
        """Press and release a key."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}
        number = codes.get(key, ord(key.upper()[0]))
        typed = {"Enter": "\r", "Tab": ""}.get(key, key if len(key) == 1 else "")
        said = {"key": key, "windowsVirtualKeyCode": number}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=typed, **said)
        self.call("Input.dispatchKeyEvent", type="keyUp", **said)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def click(self, selector):
        """A mouse click into the middle of an element, wherever that is."""
        self.run(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
        place = self.run(
            f"(() => {{ const r = document.querySelector({selector!r}).getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2] })()"
        )
        where = {"x": place[0], "y": place[1], "button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type="mousePressed", **where)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", **where)

    def texts(self, selector):
        """The text of every element that is seen, in order."""
        return self.run(
            f"[...document.querySelectorAll({selector!r})]"
            ".filter(e => e.checkVisibility()).map(e => e.textContent.trim())"
        )

    def requests(self):
        """The addresses of everything that was asked for."""
        self.run("0")  # so that what has happened has been heard
        return [
            event["params"]["request"]["url"] for event in self._events("Network.requestWillBeSent")
        ]

    def complaints(self):
        """All that the console holds: errors, warnings, exceptions, refusals."""
        self.run("0")
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [event["params"] for kind in kinds for event in self._events(kind)]

    def _events(self, method):
        return [
            event
            for event in self.browser.events
            if event.get("method") == method and event.get("sessionId") == self.session
        ]

    def picture(self, path, whole=True):
        """A picture of the page, all of its length if `whole`."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))

    def paper(self, path):
        """The page as it is printed, a PDF."""
        printed = self.call("Page.printToPDF", printBackground=False)
        path.write_bytes(base64.b64decode(printed["data"]))
