"""Shows the public site on this computer only, with the security headers that the real server must send."""

from __future__ import annotations

import re
import sys
import webbrowser
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

HERE = "127.0.0.1"
TRIES = 20
# Used until site/headers.conf is built; nothing may be loaded from elsewhere, nothing may frame the page.
STRICT = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
# `Name: value`, or nginx's add_header Name "value" always;
HEADER = re.compile(r"^\s*(?:add_header\s+)?([A-Z][A-Za-z-]+)(?::\s*|\s+)\"?([^\"\n]*?)\"?(?:\s+always)?\s*;?\s*$")


def headers_of(project: Path) -> dict[str, str]:
    """Return the headers of site/headers.conf over the strict ones."""
    file = project / "site/headers.conf"
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    found = [HEADER.match(line) for line in lines if not line.lstrip().startswith("#")]
    # A header that only makes sense over https would lock this computer's browser out of the plain address.
    given = {match[1]: match[2] for match in found if match and match[1] != "Strict-Transport-Security"}
    return STRICT | {name: value for name, value in given.items() if "-" in name}


class Handler(SimpleHTTPRequestHandler):
    """Serves files of one folder, writes no log, lists no folder, answers only to this computer's own names."""

    def __init__(self, *given: Any, extra: dict[str, str], **more: Any) -> None:
        self.extra = extra
        super().__init__(*given, **more)

    def send_head(self) -> Any:
        # Another site's name that points here must not be able to read what is shown.
        name = self.headers.get("Host", "").rsplit(":", 1)[0]
        if name not in (HERE, "localhost"):
            self.send_error(HTTPStatus.FORBIDDEN)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> BytesIO | None:
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def end_headers(self) -> None:
        for name, value in self.extra.items():
            self.send_header(name, value)
        super().end_headers()

    def version_string(self) -> str:
        return "hotline"

    def log_message(self, *_: Any) -> None:
        """Keep no record of who looked at what."""


class Server(ThreadingHTTPServer):
    """Says nothing when a browser goes away before a page is sent: that is what the quick exit does."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def server_of(project: Path, port: int) -> ThreadingHTTPServer:
    """Return a server bound to this computer only, on the first free port from `port` on.

    Raises
    ------
    OSError
        When no port is free.
    """
    handler = partial(Handler, directory=str(project / "site/public"), extra=headers_of(project))
    for number in range(port, port + TRIES):
        try:
            return Server((HERE, number), handler)
        except OSError:
            if number == port + TRIES - 1:
                raise
    raise OSError("no port is free")


def serve(project: Path, port: int, browser: bool) -> int:
    """Show the site until somebody presses Ctrl and C."""
    if not (project / "site/content").is_dir():
        print("There is no site to show: this hotline chose no website ([choices] in hotline.toml).")
        return 1
    if not (project / "site/public/index.html").is_file():
        print("site/public/index.html: the site is not built yet; run `python3 tasks.py build`.")
        return 1
    try:
        server = server_of(project, port)
    except (OSError, OverflowError) as reason:
        print(f"No port from {port} to {port + TRIES - 1} is free ({reason}); close another server or use --port.")
        return 1
    address = f"http://{HERE}:{server.server_address[1]}/"
    print(f"The site is on {address} and nowhere else. Press Ctrl and C to stop.")
    sys.stdout.flush()
    if browser:
        webbrowser.open(address)
    with server:
        server.serve_forever()
    return 0
