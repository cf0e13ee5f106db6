"""A program with its own users, in Python without packages. Oneseat keeps each of them on one device.

    ONESEAT_URL=http://127.0.0.1:3000 ONESEAT_KEY=osk_… PORT=4000 python3 app.py

Oneseat runs with ACCOUNTS=external. Make the key with: oneseat keys add shop --scope sign-in
"""

import json
import os
from hashlib import scrypt
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

ONESEAT_URL = os.environ.get("ONESEAT_URL", "http://127.0.0.1:3000")
ONESEAT_KEY = os.environ["ONESEAT_KEY"]


def hash_of(password):
    return scrypt(str(password).encode(), salt=b"of this example", n=16384, r=8, p=1)


USERS = {
    "ann": {"id": "crm:17", "name": "Ann", "roles": ["editor"], "hash": hash_of("correct horse battery")},
    "bob": {"id": "crm:18", "name": "Bob", "roles": [], "hash": hash_of("purple lanterns at noon")},
}


def verify(headers, *roles):
    """Asks who makes a request: 200 and the user, if they have one of the roles; otherwise the answer to pass on, which says why."""
    query = urlencode([("role", role) for role in roles])
    return ask("/verify?" + query, {"Cookie": headers.get("Cookie", ""), "Accept": "application/json"})


def sign_in(user, headers, ip):
    """Tells Oneseat who has signed in: 201 and the Set-Cookie lines for the browser; otherwise the answer to pass on."""
    body = {
        "user": {name: user[name] for name in ("id", "name", "roles")},
        "userAgent": headers.get("User-Agent", ""),
        "presented": headers.get("Cookie", ""),  # the same browser replaces itself
        "ip": ip,
    }
    sent = {"Authorization": "Bearer " + ONESEAT_KEY, "Content-Type": "application/json"}
    return ask("/sessions", sent, json.dumps(body).encode())


def ask(path, headers, body=None):
    """Gives status and body. If there is no answer: 503 and not 401, so that no client throws a good cookie away."""
    try:
        with urlopen(Request(ONESEAT_URL + path, body, headers), timeout=5) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)
    except OSError:
        return 503, {"code": "unavailable"}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):  # /login
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        user = USERS.get(given.get("username"))
        if user is None or not compare_digest(hash_of(given.get("password")), user["hash"]):
            return self.answer(401, {"code": "invalid_credentials"})
        status, made = sign_in(user, self.headers, self.client_address[0])
        if status != 201:
            return self.answer(status, made)
        self.answer(200, {"replaced": made["replaced"]}, made["setCookie"])

    def do_GET(self):
        roles = ("admin", "editor") if self.path == "/reports" else ()
        status, found = verify(self.headers, *roles)
        self.answer(status, {"pageFor": found["user"]["name"]} if status == 200 else found)

    def answer(self, status, body, cookies=()):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        for line in cookies:
            self.send_header("Set-Cookie", line)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "4000"))), Handler)
print(f"listening at http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()
