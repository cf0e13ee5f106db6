"""A program with its own users, on Flask. Oneseat keeps each of them on one device.

    ONESEAT_URL=http://127.0.0.1:3000 ONESEAT_KEY=osk_… PORT=4000 python3 app.py

Oneseat runs with ACCOUNTS=external. Make the key with: oneseat keys add shop --scope sign-in
"""

import json
import os
from functools import wraps
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from flask import Flask, g, jsonify, request
from werkzeug.security import check_password_hash, generate_password_hash

ONESEAT_URL = os.environ.get("ONESEAT_URL", "http://127.0.0.1:3000")
ONESEAT_KEY = os.environ["ONESEAT_KEY"]
USERS = {
    "ann": {"id": "crm:17", "name": "Ann", "roles": ["editor"], "hash": generate_password_hash("correct horse battery")},
    "bob": {"id": "crm:18", "name": "Bob", "roles": [], "hash": generate_password_hash("purple lanterns at noon")},
}
app = Flask(__name__)


def require_session(*roles):
    """Lets a request pass if its session is live and its user has one of the roles. Without roles any user passes."""
    query = urlencode([("role", role) for role in roles])

    def guard(page):
        @wraps(page)
        def guarded(*args, **kwargs):
            sent = {"Cookie": request.headers.get("Cookie", ""), "Accept": "application/json"}
            status, answer = ask("/verify?" + query, sent)
            if status != 200:
                return jsonify(answer), status  # it says why, such as session_replaced
            g.user = answer["user"]
            return page(*args, **kwargs)
        return guarded
    return guard


def sign_in(user):
    """Tells Oneseat who has signed in, and sets the cookies in the browser."""
    body = {
        "user": {name: user[name] for name in ("id", "name", "roles")},
        "userAgent": request.headers.get("User-Agent", ""),
        "presented": request.headers.get("Cookie", ""),  # the same browser replaces itself
        "ip": request.remote_addr,
    }
    sent = {"Authorization": "Bearer " + ONESEAT_KEY, "Content-Type": "application/json"}
    status, answer = ask("/sessions", sent, json.dumps(body).encode())
    if status != 201:
        return jsonify(answer), status
    return jsonify(replaced=answer["replaced"]), 200, [("Set-Cookie", line) for line in answer["setCookie"]]


def ask(path, headers, body=None):
    """Gives status and body. If there is no answer: 503 and not 401, so that no client throws a good cookie away."""
    try:
        with urlopen(Request(ONESEAT_URL + path, body, headers), timeout=5) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)
    except OSError:
        return 503, {"code": "unavailable"}


@app.post("/login")
def login():
    user = USERS.get(str(request.json.get("username")))
    if user is None or not check_password_hash(user["hash"], str(request.json.get("password"))):
        return jsonify(code="invalid_credentials"), 401
    return sign_in(user)


@app.get("/orders")
@require_session()
def orders():
    return jsonify(ordersOf=g.user["name"])


@app.get("/reports")
@require_session("admin", "editor")
def reports():
    return jsonify(reportsFor=g.user["name"])


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "4000")))
