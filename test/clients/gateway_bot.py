"""A bot on the standard library: gateway_bot.py URL, with its keys in KEY and SECRET."""
import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = sys.argv[1]
HEADERS = {
    "APCA-API-KEY-ID": os.environ["KEY"],
    "APCA-API-SECRET-KEY": os.environ["SECRET"],
    "Content-Type": "application/json",
}


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, HEADERS, method=method)
    with urllib.request.urlopen(request, timeout=15) as answer:
        return json.loads(answer.read() or "null")


def order(qty, client_order_id):
    return ask("POST", "/v2/orders", {
        "symbol": "AAPL", "qty": qty, "side": "buy", "type": "limit", "limit_price": 100,
        "time_in_force": "day", "client_order_id": client_order_id,
    })


entered = order(1, "py-1")
print(f"entered {entered['client_order_id']} at {entered['limit_price']}")
print("open: " + " ".join(one["client_order_id"] for one in ask("GET", "/v2/orders?status=open")))
try:
    order(11, "py-2")
except urllib.error.HTTPError as error:
    print(f"refused {error.code}: {json.load(error)['message']}")
ask("DELETE", f"/v2/orders/{entered['id']}")
path = "/v2/orders:by_client_order_id?client_order_id=py-1"
deadline = time.monotonic() + 10
while ask("GET", path)["status"] != "canceled" and time.monotonic() < deadline:
    time.sleep(0.02)
print("ended: " + ask("GET", path)["status"])
