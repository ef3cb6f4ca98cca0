"""The median time of a steal's decision in a plain bot: one process, all orders in its memory, no I/O.

    python3 bench/plain-decision.py ORDERS

prints microseconds. The bot keeps its open orders as a list of dicts, with money as decimals. It looks
through all of them for each decision, by the rules that worksteal has by default: the cap, protected orders,
cooldowns, fights, the least PnL first, and a thief that is better by a factor.
"""

import statistics
import sys
import time
from decimal import Decimal

LEVERAGE = Decimal("1")
PROTECTION = Decimal("0.004")
IMPROVEMENT = Decimal("1.1")
SYMBOLS = 1_000
SECONDS = 0.5
LEAST_RUNS = 5


def open_orders(count):
    """The same orders as those of the other measures (bench/book.ts)."""
    orders = []
    for nth in range(count):
        cents = (nth * 104_729) % 3_000
        orders.append(
            {
                "id": f"o{nth}",
                "symbol": f"S{nth % SYMBOLS}",
                "side": "buy",
                "limit": Decimal("99.7") + Decimal(cents) / 10_000,
                "qty": Decimal(1),
                "pnl": Decimal((nth * 7_919) % 100_003) / 1_000 - 50,
            }
        )
    return orders


def is_protected(order, price):
    return abs(price - order["limit"]) / order["limit"] <= PROTECTION


def decide(orders, prices, cooling_until, fights, equity, thief, now):
    """The victims that make room for the thief; empty if it fits, or None if there is no way."""
    used = sum(order["limit"] * order["qty"] for order in orders)
    missing = thief["limit"] * thief["qty"] - (equity * LEVERAGE - used)
    if missing <= 0:
        return []
    candidates = [
        order
        for order in orders
        if order["symbol"] != thief["symbol"]
        and not is_protected(order, prices[order["symbol"]])
        and cooling_until.get(order["symbol"], 0) <= now
        and fights.get((thief["symbol"], order["symbol"]), 0) <= now
    ]
    candidates.sort(key=lambda order: (order["pnl"], order["id"]))
    victims = []
    for order in candidates:
        if thief["pnl"] <= order["pnl"] * IMPROVEMENT:
            return None
        victims.append(order)
        missing -= order["limit"] * order["qty"]
        if missing <= 0:
            return victims
    return None


def median_micros(count):
    orders = open_orders(count)
    prices = {f"S{nth}": Decimal(102) for nth in range(SYMBOLS)}
    equity = sum(order["limit"] * order["qty"] for order in orders) / LEVERAGE
    thief = {"symbol": "THIEF", "limit": Decimal(100), "qty": Decimal("0.9"), "pnl": Decimal(1_000)}
    spent = []
    ends = time.perf_counter() + SECONDS
    while len(spent) < LEAST_RUNS or time.perf_counter() < ends:
        began = time.perf_counter()
        victims = decide(orders, prices, {}, {}, equity, thief, time.time())
        spent.append((time.perf_counter() - began) * 1e6)
        assert victims is not None and len(victims) == 1
    return statistics.median(spent)


if __name__ == "__main__":
    print(f"{median_micros(int(sys.argv[1])):.1f}")
