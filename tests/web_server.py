"""A web server of this machine: it honours Range and If-Range, and can break off or forget its manners."""

from __future__ import annotations

import http.server
from pathlib import Path


class Web(http.server.ThreadingHTTPServer):
    """Serves a folder.

    Attributes:
        seen: headers `Range` of the requests, None where one had none.
        break_after: bytes after which a reply is cut off; None: never.
        ranges: whether a Range is honoured.
        tag: ETag of every file; "" sends none.
        shift: bytes by which a part begins elsewhere than asked for.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.seen: list[str | None] = []
        self.break_after: int | None = None
        self.ranges = True
        self.tag = '"one"'
        self.shift = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Web

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.seen.append(asked)
        path = self.server.folder / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        start = 0
        if asked and self.server.ranges and self.headers["If-Range"] == self.server.tag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            first = start + self.server.shift
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        if self.server.tag:
            self.send_header("ETag", self.server.tag)
        self.end_headers()
        self.wfile.write(content[start:][: self.server.break_after])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""
