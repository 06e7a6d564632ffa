"""A headless Chromium that a test drives, by its DevTools protocol over two pipes.

The pipes need no driver, no port and no package; the protocol is described at
https://chromedevtools.github.io/devtools-protocol/.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60.0  # seconds: a machine may have other things to do

_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowUp": 38, "ArrowDown": 40}


def find_chromium() -> str | None:
    """Find the browser's command, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


# The browser reads from 3 and writes to 4, whatever numbers the pipes have here.
_START = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Chromium:
    """A browser with one page; a context manager that ends it.

    Parameters
    ----------
    command : str
        As of `find_chromium`.
    profile : Path
        An empty folder, so that nothing is left from another run.

    Attributes
    ----------
    complaints : list of str
        Errors and warnings of the console, and exceptions, since the browser started.
    requests : list of str
        Every URL that the page has asked for.
    """

    def __init__(self, command: str, profile: Path) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._events: list[str] = []
        self._number = 0
        self._rest = b""
        self._session: str | None = None
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _START, str(theirs_in), str(theirs_out)),
                command,
                "--headless=new",
                "--remote-debugging-pipe",
                f"--user-data-dir={profile}",
                # Containers offer no sandbox; the only pages are those of the tests.
                "--no-sandbox",
                "--disable-dev-shm-usage",
                # WebGL by software, wherever the tests run.
                "--use-angle=swiftshader",
                "--enable-unsafe-swiftshader",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                "about:blank",
            ],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        targets = self.send("Target.getTargets")["targetInfos"]
        page = next(t["targetId"] for t in targets if t["type"] == "page")
        attached = self.send("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        os.close(self._to)
        os.close(self._from)

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Give the browser a command and wait for its answer."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        self._read_until(lambda: number in self._answers, method)
        answer = self._answers.pop(number)
        assert "error" not in answer, (method, answer)
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, url: str) -> None:
        """Go to a page, afresh, and wait until it is loaded."""
        # From one fragment of a page to another nothing would be loaded.
        for address in ("about:blank", url):
            self._events.clear()
            self.send("Page.navigate", url=address)
            self._read_until(lambda: "Page.loadEventFired" in self._events, address)

    def run(self, code: str) -> Any:
        """Give the value of a JavaScript expression; of a promise, what it comes to."""
        answer = self.send(
            "Runtime.evaluate",
            expression=code,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in answer, (code, answer)
        return answer["result"].get("value")

    def wait(self, code: str) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.run(f"Boolean({code})"):
            assert time.monotonic() < end, f"{code}: not true in {PATIENCE:.0f} s"
            time.sleep(0.02)

    def run_in_frame(self, code: str) -> Any:
        """Give the value of an expression in a frame that has a process of its own."""
        page, self._session = self._session, None
        targets = self.send("Target.getTargets")["targetInfos"]
        (frame,) = (t["targetId"] for t in targets if t["type"] == "iframe")
        attached = self.send("Target.attachToTarget", targetId=frame, flatten=True)
        self._session = attached["sessionId"]
        try:
            # From here on, what it has complained about is told.
            for domain in ("Runtime", "Log"):
                self.send(f"{domain}.enable")
            return self.run(code)
        finally:
            self._session = page

    def click(self, selector: str) -> None:
        """Press the mouse's button on the first element of a selector."""
        x, y = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x,
                y=y,
                button="left",
                clickCount=1,
            )

    def follow(self, selector: str) -> None:
        """Click a link to another page, and wait until that is loaded.

        What is asked while one page gives way to the other has no answer.
        """
        self._events.clear()
        self.click(selector)
        self._read_until(lambda: "Page.loadEventFired" in self._events, selector)

    def point(
        self, kind: str, x: float, y: float, *, turn: float = 0, held: bool = False
    ) -> None:
        """Do something with the mouse at a place: ``mouseMoved``, ``mousePressed``, ...

        Parameters
        ----------
        kind : str
            As of `Input.dispatchMouseEvent`.
        x, y : float
            Pixels of the window.
        turn : float
            How far the wheel is turned, down if positive.
        held : bool
            Whether the left button is down during a move.
        """
        presses = kind in ("mousePressed", "mouseReleased")
        self.send(
            "Input.dispatchMouseEvent",
            type=kind,
            x=x,
            y=y,
            button="left" if presses or held else "none",
            buttons=int(held),
            clickCount=int(presses),
            **({"deltaX": 0, "deltaY": turn} if kind == "mouseWheel" else {}),
        )

    def press(self, key: str, command: str | None = None) -> None:
        """Press a key, or do an editing command such as paste as its keys would."""
        code = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS.get(key, 0)}
        text = {"Enter": "\r", " ": " "}.get(key)
        self.send(
            "Input.dispatchKeyEvent",
            type="keyDown",
            **code,
            **({"text": text} if text else {}),
            **({"commands": [command]} if command else {}),
        )
        self.send("Input.dispatchKeyEvent", type="keyUp", **code)

    def type(self, text: str) -> None:
        """Type text where the focus is."""
        self.send("Input.insertText", text=text)

    def resize(self, width: int, height: int, *, phone: bool = False) -> None:
        """Give the page a size in CSS pixels."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )

    def prefer(self, scheme: str) -> None:
        """Let the person at the screen prefer ``light`` or ``dark``."""
        self.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def shoot(self, path: Path) -> Path:
        """Make a picture of what is on the screen, as PNG."""
        data = self.send("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))
        return path

    def read_accessible(self) -> dict[str, list[str]]:
        """Return the names of what a screen reader is told, by their roles.

        The tree is built after the page, so it is read until it stays as it is.
        """
        self.send("Accessibility.enable")
        end, last = time.monotonic() + PATIENCE, None
        while True:
            nodes = self.send("Accessibility.getFullAXTree")["nodes"]
            found: dict[str, list[str]] = {}
            for node in nodes:
                if not node["ignored"]:
                    name = node.get("name", {}).get("value", "")
                    found.setdefault(node["role"]["value"], []).append(name)
            if found == last:
                break
            assert time.monotonic() < end, "the tree changes all the time"
            last = found
            time.sleep(0.5)
        self.send("Accessibility.disable")
        return found

    def _read_until(self, done: Any, what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            left = end - time.monotonic()
            ready = select.select([self._from], [], [], max(left, 0))[0]
            assert ready, f"{what}: no answer in {PATIENCE:.0f} s"
            piece = os.read(self._from, 1 << 16)
            assert piece, f"{what}: the browser ended"
            *whole, self._rest = (self._rest + piece).split(b"\0")
            for message in map(json.loads, whole):
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._answers[message["id"]] = message
            return
        method, found = message["method"], message.get("params", {})
        self._events.append(method)
        if method == "Network.requestWillBeSent":
            self.requests.append(found["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(found["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled":
            if found["type"] in ("error", "warning", "assert"):
                self.complaints.append(json.dumps(found["args"]))
        elif method == "Log.entryAdded":
            entry = found["entry"]
            if entry["level"] in ("error", "warning"):
                self.complaints.append(f"{entry['text']} ({entry.get('url')})")
