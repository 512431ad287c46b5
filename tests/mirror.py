"""A web server of files on this machine, with the faults of real mirrors."""

import contextlib
import email.utils
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Mirror:
    """`files`: path -> content. `cut`: bytes after which the connection closes, once for each number in it. `asked`: (path, range)."""

    files: dict[str, bytes]
    cut: list[int] = field(default_factory=list)
    ranges: bool = True
    tag: str | None = '"version 1"'
    status: int = 200
    kind: str = "application/octet-stream"
    dated: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    address: str = ""


@contextlib.contextmanager
def serving(mirror):
    """The mirror, with its `address`, while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            wanted = self.headers.get("Range")
            mirror.asked.append((self.path, wanted))
            content = mirror.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = 0
            fits = self.headers.get("If-Range") in (None, mirror.tag)
            if wanted and mirror.ranges and fits:
                start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
                if start >= len(content):
                    self.send_response(416)
                    self.send_header("Content-Range", f"bytes */{len(content)}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
            self.send_response(206 if start else mirror.status)
            self.send_header("Content-Type", mirror.kind)
            self.send_header("Content-Length", str(len(content) - start))
            if mirror.tag:
                self.send_header("ETag", mirror.tag)
            if mirror.dated and not mirror.tag:
                self.send_header("Last-Modified", email.utils.formatdate(0, usegmt=True))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            body = content[start:]
            if mirror.cut:
                body = body[: mirror.cut.pop(0)]
                self.close_connection = True
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    mirror.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
