"""The web app's files, which `build_web.py` has built into `api/static`."""

from collections.abc import Mapping
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER = Path(__file__).parent / "static"
PAGE = "index.html"
COMPRESSED = ".gz"
HEADERS = {
    # Mantine writes style elements; scripts come from our own files only.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Vary": "Accept-Encoding",
}
IMMUTABLE = "public, max-age=31536000, immutable"  # their names change with their content
# A machine's own table of types may have others.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class WebApp:
    """Answers, behind all routes: with a file, or with the page where a browser opens an address.

    A wrong address of the API stays what it is, and so does a file that is missing.
    """

    def __init__(self, otherwise: ASGIApp, folder: Path = FOLDER) -> None:
        self.otherwise = otherwise
        self.files = list_files(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_ours = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        answer = self._answer(Request(scope)) if is_ours else None
        await (answer or self.otherwise)(scope, receive, send)

    def _answer(self, request: Request) -> Response | None:
        path = request.url.path.removeprefix("/")
        if path in self.files:
            return self._file(path, request)
        is_opened = not path or "text/html" in request.headers.get("accept", "")
        if path.split("/")[0] == "api" or not is_opened:
            return None
        return self._file(PAGE, request) if PAGE in self.files else RedirectResponse("/docs")

    def _file(self, path: str, request: Request) -> Response:
        headers = HEADERS | {
            "Cache-Control": IMMUTABLE if path.startswith("assets/") else "no-cache"
        }
        compressed = self.files.get(f"{path}{COMPRESSED}")
        if compressed and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            compressed = None
        return FileResponse(
            compressed or self.files[path],
            headers=headers,
            media_type=MEDIA_TYPES.get(Path(path).suffix),
        )


def list_files(folder: Path) -> Mapping[str, Path]:
    """Return the app's files by their addresses; none where it is not built."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
