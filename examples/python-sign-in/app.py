"""A program with users of its own, in Python without packages. Oneseat keeps each of them on one device.

    ONESEAT_URL=http://127.0.0.1:3000 ONESEAT_KEY=osk_… PORT=4000 python3 app.py

Oneseat runs with ACCOUNTS=external. The key is made by: oneseat keys add shop --scope sign-in
"""

import hashlib
import json
import os
import urllib.error
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ONESEAT = os.environ["ONESEAT_URL"]
KEY = os.environ["ONESEAT_KEY"]


def scrypt(password):
    return hashlib.scrypt(password.encode(), salt=b"of this example", n=16384, r=8, p=1)


USERS = {"ann": {"id": "crm:17", "name": "Ann", "hash": scrypt("correct horse battery")}}


def sign_in(user, headers, ip):
    """Tells Oneseat who has signed in. Gives the lines that the browser has to keep."""
    body = {
        "user": {"id": user["id"], "name": user["name"]},
        "userAgent": headers.get("User-Agent", ""),
        "presented": headers.get("Cookie", ""),  # the same browser replaces itself
        "ip": ip,
    }
    sent = {"Authorization": "Bearer " + KEY, "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    request = urllib.request.Request(ONESEAT + "/sessions", json.dumps(body).encode(), sent)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)["setCookie"]


def who_asks(headers):
    """Who makes a request: status 200 and the user, or why not."""
    sent = {"Cookie": headers.get("Cookie", ""), "Accept": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(ONESEAT + "/verify", headers=sent), timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):  # /login
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        user = USERS.get(given.get("username"))
        if user is None or scrypt(given.get("password", "")) != user["hash"]:
            return self.answer(401, {"code": "invalid_credentials"})
        self.answer(200, {}, sign_in(user, self.headers, self.client_address[0]))

    def do_GET(self):  # a page for whoever is signed in
        self.answer(*who_asks(self.headers))

    def answer(self, status, body, cookies=()):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for line in cookies:
            self.send_header("Set-Cookie", line)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
    print("listening", flush=True)
    server.serve_forever()
