"""A backend that asks the service who makes a request, and whether they may. Python's standard library is enough.

    ONESEAT_URL=http://127.0.0.1:3000 python3 app.py
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlencode
from urllib.request import Request, urlopen

ONESEAT_URL = os.environ.get("ONESEAT_URL", "http://127.0.0.1:3000")


def verify(cookie, *roles):
    """Asks the service. Gives the user and None, or None and the answer to pass on: status and body."""
    query = urlencode([("role", role) for role in roles])
    request = Request(f"{ONESEAT_URL}/verify?{query}", headers={"Cookie": cookie} if cookie else {})
    try:
        with urlopen(request, timeout=2) as answer:
            headers = answer.headers
            roles_text = headers["X-User-Roles"] or ""
            return {
                "id": headers["X-User-Id"],
                "name": unquote(headers["X-User-Name"]),
                "roles": [unquote(role) for role in roles_text.split(",") if role],
            }, None
    except HTTPError as refusal:
        return None, (refusal.code, refusal.read())  # the body says why, such as session_replaced
    except (URLError, TimeoutError):
        return None, (503, b"")  # not 401: nobody is to throw a good cookie away


class Handler(BaseHTTPRequestHandler):
    ROUTES = {"/orders": (), "/reports": ("admin", "editor")}

    def do_GET(self):
        if self.path not in self.ROUTES:
            return self.answer(404, b"")
        user, refusal = verify(self.headers["Cookie"], *self.ROUTES[self.path])
        if refusal is not None:
            return self.answer(*refusal, "application/problem+json")
        return self.answer(200, json.dumps({"for": user}).encode(), "application/json")

    def answer(self, status, body, content_type="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "4000"))), Handler)
print(f"listening at http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
