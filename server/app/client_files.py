"""The built client: hashed assets that are cached for good, and its pages for every other path."""

from pathlib import Path

from aiohttp import web

from server.kit.dispatch import public
from server.kit.errors import NotFound

STATIC = Path(__file__).resolve().parents[1] / "static"
INDEX = "index.html"
#: The same page with the numbers to call on it from the first byte; not for staff, nor in the call.
PATIENT = "patient.html"
BARE = ("personal", "besok")
#: And with the names of all that the queue's page is made of, for who waits there.
QUEUE = "queue.html"
PAGES = {"ko": QUEUE} | dict.fromkeys(BARE, INDEX)
FOREVER = "public, max-age=31536000, immutable"
# Files that keep their name between builds are asked for anew each time.
REVALIDATE = "no-cache"
COMPRESSED = (".br", ".gz")
# Paths that never belong to the client's router.
RESERVED = ("api", "health", "socket.io", "metrics", "assets")


def is_built(folder: Path = STATIC) -> bool:
    """Whether there is a client to serve."""
    return (folder / INDEX).is_file()


def register(app: web.Application, folder: Path) -> None:
    """Serve the folder, whose files are listed now: what is not on the list can't be asked for.

    aiohttp sends a sibling ``.br`` or ``.gz`` by itself when the browser takes it.
    """
    files = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in COMPRESSED and path.name[0] != "."
    }

    @public
    async def serve(request: web.Request) -> web.StreamResponse:
        name = request.match_info["path"]
        if not name and request.host.startswith("personal."):
            raise web.HTTPFound("/personal")
        path = files.get(name)
        if path is not None and name not in (INDEX, PATIENT, QUEUE):
            kept = FOREVER if name.startswith("assets/") else REVALIDATE
            return web.FileResponse(path, headers={"Cache-Control": kept})
        first, _, rest = name.partition("/")
        # A dot in the last part is a file that does not exist, not a page.
        if first in RESERVED or (
            "." in (rest or first).rpartition("/")[2] and name not in (INDEX, PATIENT, QUEUE)
        ):
            raise NotFound()
        page = files.get(PAGES.get(first, PATIENT), files.get(INDEX))
        if page is None:
            raise NotFound()
        return web.FileResponse(page, headers={"Cache-Control": REVALIDATE})

    app.router.add_get("/{path:.*}", serve)
