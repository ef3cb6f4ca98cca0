"""What alpaca-py sends and what its models require, on the standard library: alpaca_py_replay.py URL.

Its keys are in KEY and SECRET. Read in the source of alpaca-py of July 2026: paths, query parameters, JSON
bodies (floats and ints as its requests dump them), headers, frames of its TradingStream, required fields.
"""
import base64
import json
import os
import re
import socket
import struct
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timedelta, timezone

URL = sys.argv[1]
KEY, SECRET = os.environ["KEY"], os.environ["SECRET"]
HEADERS = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SECRET, "User-Agent": "APCA-PY/replay"}


def moment(text):
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))


def one_of(*words):
    def check(value):
        assert value in words, f"{value} is none of {words}"
    return check


def is_a(kind):
    def check(value):
        assert type(value) is kind, f"{value!r} is no {kind.__name__}"
    return check


SIDE, CLASS = one_of("buy", "sell"), one_of("us_equity", "us_option", "crypto")
EXCHANGE = one_of("AMEX", "ARCA", "ASCX", "BATS", "NYSE", "NASDAQ", "NYSEARCA", "OTC", "CRYPTO", "")
TYPE = one_of("market", "limit", "stop", "stop_limit", "trailing_stop")
STATUS = one_of(
    "new", "partially_filled", "filled", "done_for_day", "canceled", "expired", "replaced", "pending_cancel",
    "pending_replace", "pending_review", "accepted", "pending_new", "accepted_for_bidding", "stopped",
    "rejected", "suspended", "calculated", "held")
ORDER = {
    "id": uuid.UUID, "client_order_id": is_a(str), "created_at": moment, "updated_at": moment,
    "submitted_at": moment, "order_class": one_of("", "simple"), "time_in_force": one_of("day", "gtc", "ioc"),
    "status": STATUS, "extended_hours": is_a(bool), "asset_id": uuid.UUID, "asset_class": CLASS, "side": SIDE,
    "type": TYPE, "order_type": TYPE, "filled_qty": float}
POSITION = {
    "asset_id": uuid.UUID, "symbol": is_a(str), "exchange": EXCHANGE, "asset_class": CLASS, "qty": is_a(str),
    "avg_entry_price": is_a(str), "side": one_of("long", "short"), "cost_basis": is_a(str)}
ACCOUNT = {"id": uuid.UUID, "account_number": is_a(str), "status": one_of("ACTIVE"), "buying_power": is_a(str)}
CLOCK = {"timestamp": moment, "is_open": is_a(bool), "next_open": moment, "next_close": moment}
ASSET = {
    "id": uuid.UUID, "class": CLASS, "exchange": EXCHANGE, "symbol": is_a(str),
    "status": one_of("active", "inactive"), "tradable": is_a(bool), "marginable": is_a(bool),
    "shortable": is_a(bool), "easy_to_borrow": is_a(bool), "fractionable": is_a(bool)}
DAY = {"date": is_a(str), "open": is_a(str), "close": is_a(str)}
CANCELLED = {"id": uuid.UUID, "status": is_a(int)}


def model(fields, value):
    """The value, if alpaca-py's model takes it: each field is there and can be read."""
    for name, read in fields.items():
        assert name in value, f"{name} is missing in {value}"
        read(value[name])
    return value


def ask(method, path, query=None, body=None):
    url = f"{URL}/v2{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
    data = None if body is None else json.dumps(body).encode()
    more = {} if body is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, {**HEADERS, **more}, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read().decode()
        return json.loads(text) if text else None


def submit(**body):
    return model(ORDER, ask("POST", "/orders", body={"time_in_force": "day", "symbol": "AAPL", **body}))


def refused(**body):
    try:
        submit(**body)
    except urllib.error.HTTPError as error:
        told = json.load(error)
        assert isinstance(told["code"], int), told
        return f"{error.code} {told['message']}"
    raise AssertionError(f"{body} was taken")


class Stream:
    """TradingStream: authenticates and listens in text frames, and reads binary ones."""

    def __init__(self):
        at = urllib.parse.urlsplit(URL)
        self.socket = socket.create_connection((at.hostname, at.port), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            f"GET /stream HTTP/1.1\r\nHost: {at.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        self.read = self.socket.makefile("rb")
        assert b"101" in self.read.readline()
        while self.read.readline().strip():
            pass
        self.send({"action": "authenticate", "data": {"key_id": KEY, "secret_key": SECRET}})
        assert self.next()["data"]["status"] == "authorized"
        self.send({"action": "listen", "data": {"streams": ["trade_updates"]}})

    def send(self, message):
        data = json.dumps(message).encode()
        size = struct.pack("!B", 0x80 | len(data)) if len(data) < 126 else struct.pack("!BH", 0xFE, len(data))
        self.socket.sendall(b"\x81" + size + b"\0\0\0\0" + data)

    def next(self):
        while True:
            kind, size = struct.unpack("!BB", self.read.read(2))
            if size == 126:
                size = struct.unpack("!H", self.read.read(2))[0]
            data = self.read.read(size)
            if kind & 0x0F in (1, 2):
                return json.loads(data)

    def until(self, event, client_order_id):
        while True:
            message = self.next()
            if message["stream"] != "trade_updates":
                continue
            update = model({"event": is_a(str), "timestamp": moment}, message["data"])
            order = model(ORDER, update["order"])
            if (update["event"], order["client_order_id"]) == (event, client_order_id):
                return update


stream = Stream()
model(ACCOUNT, ask("GET", "/account"))
model(CLOCK, ask("GET", "/clock"))
days = ask("GET", "/calendar", {"start": "2026-01-20", "end": "2026-01-21"})
assets = ask("GET", "/assets", {"status": "active", "asset_class": "us_equity"})
assert [model(DAY, day) for day in days] and [model(ASSET, asset) for asset in assets]
model(ASSET, ask("GET", "/assets/AAPL"))
quotes = ask("GET", "/stocks/quotes/latest", {"symbols": "AAPL"})["quotes"]
assert isinstance(quotes["AAPL"]["ap"], (int, float))
print("reads the account, the market and a quote")

order = submit(qty=1.0, side="buy", type="limit", limit_price=100.0, client_order_id="py 1")
after = (datetime.now(timezone.utc) - timedelta(days=3650)).isoformat()
query = {"status": "open", "limit": 50, "after": after, "direction": "desc", "nested": True, "side": "buy",
         "symbols": "AAPL,MSFT"}
assert [model(ORDER, one)["client_order_id"] for one in ask("GET", "/orders", query)] == ["py 1"]
model(ORDER, ask("GET", "/orders:by_client_order_id", {"client_order_id": "py 1"}))
model(ORDER, ask("GET", f"/orders/{order['id']}", {"nested": True}))
stream.until("new", "py 1")
change = {"qty": 3, "limit_price": 112.0, "client_order_id": "py 2"}
assert model(ORDER, ask("PATCH", f"/orders/{order['id']}", body=change))["replaces"] == order["id"]
filled = stream.until("fill", "py 2")
assert float(filled["price"]) > 0 and float(filled["qty"]) == 3 and float(filled["position_qty"]) == 3
print("enters, finds, replaces, and hears of the fill")

assert [model(POSITION, one)["qty"] for one in ask("GET", "/positions")] == ["3"]
model(POSITION, ask("GET", "/positions/AAPL"))
stop = submit(qty=1.0, side="sell", type="stop", stop_price=90.0)
submit(qty=1.0, side="sell", type="trailing_stop", trail_percent=5.0, client_order_id="py 3")
assert ask("DELETE", f"/orders/{stop['id']}") is None
stream.until("canceled", stop["client_order_id"])
model(ORDER, ask("DELETE", "/positions/AAPL", {"qty": "1"}))
assert [model(CANCELLED, one)["status"] for one in ask("DELETE", "/orders")] == [200]
stream.until("canceled", "py 3")
for closed in ask("DELETE", "/positions", {"cancel_orders": True}):
    assert closed["symbol"] == "AAPL" and closed["status"] == 200, closed
    stream.until("fill", model(ORDER, closed["body"])["client_order_id"])
print("protects and closes the position")

print(refused(qty=11.0, side="buy", type="limit", limit_price=100.0))
bracket = {"order_class": "bracket", "take_profit": {"limit_price": 120.0}, "stop_loss": {"stop_price": 90.0}}
print(refused(qty=1.0, side="buy", type="market", **bracket))
