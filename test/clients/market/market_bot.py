"""A bot of a busy market on the standard library: market_bot.py URL SEED, with its keys in KEY and SECRET.

It trades until its standard input ends, then cancels and sells everything, and prints what it did as JSON.
"""
import json
import os
import random
import re
import sys
import threading
import time
import urllib.error
import urllib.request

URL, SEED = sys.argv[1], int(sys.argv[2])
SYMBOLS = ["PLTR", "INTC", "NET", "NYT", "YELP", "NFLX"]
done, refusals = {}, {}
draw = random.Random(SEED)
ended = threading.Event()


def ask(method, path, body=None, pnl=None):
    headers = {
        "APCA-API-KEY-ID": os.environ["KEY"],
        "APCA-API-SECRET-KEY": os.environ["SECRET"],
        "Content-Type": "application/json",
    }
    if pnl is not None:
        headers["Worksteal-Pnl"] = f"{pnl:.2f}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or "null")


def price(symbol):
    quotes = ask("GET", f"/v2/stocks/quotes/latest?symbols={symbol}")["quotes"]
    return quotes[symbol]["ap"]


def order(symbol, side="buy", **terms):
    body = {"symbol": symbol, "side": side, "time_in_force": "day", **terms}
    ask("POST", "/v2/orders", body, pnl=draw.uniform(1, 20))


def limit(symbol, share):
    at = price(symbol) * (1 - share)
    qty = max(1, round(draw.uniform(1_000, 4_000) / at))
    order(symbol, type="limit", qty=qty, limit_price=round(at, 2))


def held():
    return [one for one in ask("GET", "/v2/positions") if one["symbol"] in SYMBOLS]


def mine():
    return [one for one in ask("GET", "/v2/orders?status=open") if one["symbol"] in SYMBOLS]


def close(position):
    for one in mine():
        if one["symbol"] == position["symbol"]:
            ask("DELETE", f"/v2/orders/{one['id']}")
    order(position["symbol"], "sell", type="market", qty=position["qty"])


def step():
    symbol, drawn = draw.choice(SYMBOLS), draw.random()
    if drawn < 0.3:
        limit(symbol, draw.uniform(0.01, 0.02))
        return "far"
    if drawn < 0.6:
        limit(symbol, draw.uniform(0, 0.002))
        return "near"
    if drawn < 0.7:
        order(symbol, type="market", notional=1_000)
        return "money"
    if drawn < 0.8:
        for one in mine()[:1]:
            ask("DELETE", f"/v2/orders/{one['id']}")
        return "cancel"
    for position in held()[:1]:
        close(position)
    return "close"


def counted(action):
    try:
        what = action()
        done[what] = done.get(what, 0) + 1
    except urllib.error.HTTPError as error:
        message = re.sub(r"\d[0-9a-f.-]*", "#", json.load(error)["message"])[:90]
        refusals[message] = refusals.get(message, 0) + 1


threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
while not ended.is_set():
    counted(step)
    time.sleep(draw.uniform(0, 0.04))
until = time.monotonic() + 30
while True:
    ask("DELETE", "/v2/orders")
    positions = held()
    if not positions and not mine():
        break
    if time.monotonic() > until:
        sys.exit(f"python has {positions} and {mine()} left; refusals: {refusals}")
    for one in positions:
        counted(lambda: close(one))
    time.sleep(0.05)
print(json.dumps({"name": "python", "done": done, "refusals": refusals}))
