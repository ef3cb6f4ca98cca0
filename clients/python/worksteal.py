"""A client of worksteal's HTTP API (`worksteal serve`), for bots in Python.

One file, the standard library alone, Python 3.9 or newer: copy it beside your bot.

    account = Account("http://127.0.0.1:4180", token="ws_...", account="main")
    entered = account.enter("bot-1", symbol="AAPL", side="buy", limit="180", qty="10", pnl="25")
    if entered["outcome"] == "reserved":
        account.place("bot-1")

Prices and PnL are in USD, quantities in units; all three are text, `Decimal`, `int` or `float`, and are kept
to nine decimals. In answers `...Micros` are micro-USD and `...Ms` are milliseconds since 1970. A refusal by the rules
is an answer. Everything that fails raises `WorkstealError`; what is `retriable` may be sent again as it is,
for nothing is done twice.
"""

from __future__ import annotations

import http.client
import json
import math
import numbers
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Iterator, Mapping, Optional, Union

__all__ = ["Account", "Event", "WorkstealError"]

Amount = Union[str, int, float, Decimal]

_ASK_FOR_MS = 10_000
"""How long one request waits for the room of an order; the client asks again after it."""

_SILENCE_S = 30.0
"""A stream that says nothing for so long is dead: the server sends a heartbeat every 10 s."""

_RETRY_S = 1.0


class WorkstealError(Exception):
    """What went wrong.

    `code`: one of a closed list, such as `invalid`, `contradiction`, `unknown`, `unavailable`, `unclear`,
    `timeout`, `unauthenticated`, `forbidden`. `retriable`: whether the same call may succeed later.
    `next`: what to do. `details`: each offending field with its value. `status`: of HTTP; 0 without an
    answer. `request_id`: finds the request in the server's log.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retriable: bool = False,
        next: str = "",
        details: Optional[Mapping[str, str]] = None,
        status: int = 0,
        request_id: str = "",
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retriable = retriable
        self.next = next
        self.details = dict(details or {})
        self.status = status
        self.request_id = request_id


@dataclass(frozen=True)
class Event:
    """Something that happened in the account.

    `id`: where it is in the stream; give it to `events(after=...)` to go on after it. `type`: such as
    `reserved`, `stolen`, `granted`, `working`, `fill`, `ended`; `reset` is no event of the account: others
    may be missing before it, so read again what the bot relies on. `at_ms`: on the ledger's clock; None if
    it is not on record. `sentence`: the same for people. `victims`: who gives up room. `fields`: the other
    facts by name, such as `order`, `symbol` and `reason`.
    """

    id: str
    type: str
    at_ms: Optional[int]
    sentence: str
    victims: list[dict[str, Any]]
    fields: dict[str, Any]


class Account:
    """One account of a server.

    `token`: of scope `trade` to enter orders and file plans, `admin` to halt. `timeout_s`: how long one
    request may take.
    """

    def __init__(self, url: str, token: str, account: str = "main", timeout_s: float = 30.0) -> None:
        self._base = f"{url.rstrip('/')}/v1/accounts/{urllib.parse.quote(account, safe='')}"
        self._token = token
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(_NoRedirects)

    def enter(
        self,
        order: str,
        *,
        symbol: str,
        side: str,
        limit: Amount,
        qty: Amount,
        pnl: Amount = "0",
        fill_probability: Amount = "1",
        kind: str = "entry",
        mode: str = "normal",
        timeout_s: float = 90.0,
    ) -> dict[str, Any]:
        """Gets room for a limit order: at once if it fits, otherwise from worse orders if the rules allow it.

        `order`: its id, made by the bot and never used for another order: 1 to 64 of A-Z, a-z, 0-9, _ and
        -. `side`: `buy` or `sell`. `fill_probability`: that its limit trades, 0 to 1. `kind`: `exit` closes
        a position and needs no room. `mode`: a `probe` is a small test order. `timeout_s`: how long to wait
        while the broker cancels worse orders.

        Answers `outcome`: `reserved` (place it within `leaseMs`, or enter it again, which renews that),
        `refused` with `reason`, `sentence` and `numbers`, `known` with its `state`, or `superseded` `by`.
        """
        wish = {"symbol": symbol, "side": side, "kind": kind, "mode": mode}
        wish.update(limit=_decimal("limit", limit), qty=_decimal("qty", qty), pnl=_decimal("pnl", pnl))
        if fill_probability != "1":
            wish["fillProbability"] = _decimal("fill_probability", fill_probability)
        until = time.monotonic() + timeout_s
        while True:
            left_ms = max(0, int((until - time.monotonic()) * 1_000))
            path = f"{_path('orders', order)}?waitMs={min(_ASK_FOR_MS, left_ms)}"
            entered = self._ask("PUT", path, wish)
            if entered["outcome"] != "pending":
                return entered
            if left_ms == 0:
                words = f"{order}: undecided after {timeout_s:g} s"
                raise WorkstealError("timeout", words, retriable=True, next="enter it again")

    def place(self, order: str) -> dict[str, Any]:
        """Sends an order that has its room to the broker, at most once.

        Answers `outcome`: `working` (live at the broker), `ended` with `state` and `reason`, or `not_sent`
        with `reason`: nothing was sent, and its room was given back. Raises `unclear` while nobody knows
        whether the broker has it: its events say what became of it.
        """
        return self._ask("POST", _path("orders", order, "place"))

    def cancel(self, order: str) -> str:
        """Cancels an order, or gives back the room of one that was not sent.

        `cancelling`: on record, and a worker carries it out; `released`: it was never sent; `exists`: it is
        being cancelled, or has ended; `sent`: it may be at the broker; cancel it again later.
        """
        outcome = self._ask("POST", _path("orders", order, "cancel"))["outcome"]
        if outcome != "not_working":
            return str(outcome)
        return str(self._ask("POST", _path("orders", order, "release"))["outcome"])

    def order(self, order: str) -> dict[str, Any]:
        """An order, with its `state`. Raises `unknown`."""
        return self._ask("GET", _path("orders", order))

    def decide(
        self,
        *,
        symbol: str,
        side: str,
        limit: Amount,
        qty: Amount,
        pnl: Amount = "0",
        fill_probability: Amount = "1",
        kind: str = "entry",
        mode: str = "normal",
    ) -> dict[str, Any]:
        """What `enter` would decide now: `admitted`, `reason`, `sentence`, `victims`, `numbers`."""
        wish = {"symbol": symbol, "side": side, "kind": kind, "mode": mode}
        wish.update(limit=_decimal("limit", limit), qty=_decimal("qty", qty), pnl=_decimal("pnl", pnl))
        if fill_probability != "1":
            wish["fillProbability"] = _decimal("fill_probability", fill_probability)
        return self._ask("POST", "/decide", wish)

    def file_plan(
        self,
        plan: str,
        *,
        symbol: str,
        side: str,
        limit: Amount,
        qty: Amount,
        pnl: Amount = "0",
        fill_probability: Amount = "1",
        mode: str = "normal",
        take_profit: Optional[Amount] = None,
        starts_at_ms: int = 0,
        expires_at_ms: int = 0,
        hold_ms: int = 0,
    ) -> str:
        """Files a plan, which a watcher of the fleet runs from its entry to its exit.

        `plan`: its id, 1 to 48 of A-Z, a-z, 0-9, _ and -. `take_profit`: the limit at which the filled entry
        is closed. `starts_at_ms`, `expires_at_ms`: ms on the ledger's clock. `hold_ms`: after this a filled
        position is closed at the market. 0 and None: never.

        `filed`, or `exists`: it was filed before. Raises `contradiction` if the id has other terms.
        """
        terms: dict[str, Any] = {"symbol": symbol, "side": side, "mode": mode}
        terms.update(limit=_decimal("limit", limit), qty=_decimal("qty", qty), pnl=_decimal("pnl", pnl))
        if fill_probability != "1":
            terms["fillProbability"] = _decimal("fill_probability", fill_probability)
        terms.update(startsAtMs=starts_at_ms, expiresAtMs=expires_at_ms, holdMs=hold_ms)
        if take_profit is not None:
            terms["takeProfit"] = _decimal("take_profit", take_profit)
        return str(self._ask("PUT", _path("plans", plan), terms)["outcome"])

    def withdraw_plan(self, plan: str) -> str:
        """Withdraws a plan: it enters no more; what it holds keeps its exit.

        `withdrawn`; `asked`: its watcher does it; `exists`: it has ended, or was asked. Raises `unknown`.
        """
        return str(self._ask("DELETE", _path("plans", plan))["outcome"])

    def file_forecast(
        self,
        strategy: str,
        *,
        symbol: str,
        side: str,
        pnl: Amount,
        fill_probability: Amount = "1",
        expires_at_ms: int = 0,
    ) -> str:
        """Files what orders of a strategy's bots at a gateway count, where they bring no forecast.

        `strategy`: the name of this token. `expires_at_ms`: ms on the ledger's clock; 0: never.

        `filed`, `replaced`, or `exists`: the same was filed before.
        """
        body = {"pnl": _decimal("pnl", pnl), "expiresAtMs": expires_at_ms}
        if fill_probability != "1":
            body["fillProbability"] = _decimal("fill_probability", fill_probability)
        return str(self._ask("PUT", _path("forecasts", strategy, symbol, side), body)["outcome"])

    def remove_forecast(self, strategy: str, *, symbol: str, side: str) -> str:
        """Removes a filed forecast. `removed`, or `none`: there was none."""
        return str(self._ask("DELETE", _path("forecasts", strategy, symbol, side))["outcome"])

    def forecasts(self, strategy: str) -> Iterator[dict[str, Any]]:
        """A strategy's filed forecasts: `symbol`, `side`, `pnl`, `fillProbability`, and more."""
        cursor = ""
        while True:
            page = self._ask("GET", f"{_path('forecasts', strategy)}?limit=100{cursor}")
            yield from page["forecasts"]
            if page["nextCursor"] is None:
                return
            cursor = f"&cursor={page['nextCursor']}"

    def status(self) -> dict[str, Any]:
        """The account's state, as `worksteal status --json` has it: `admits`, `pools`, `orders` and more."""
        return self._ask("GET", "/status")

    def halt(self, reason: str) -> str:
        """Stops entries of all; exits and cancellations go on. `halted`, `noted` or `exists`."""
        return str(self._ask("POST", "/halt", {"reason": reason})["outcome"])

    def resume(self, reason: str) -> str:
        """Ends a halt. `resumed` or `exists`."""
        return str(self._ask("POST", "/resume", {"reason": reason})["outcome"])

    def events(self, after: Optional[str] = None) -> Iterator[Event]:
        """The account's events from this call on, or after the event id `after`; it never ends by itself.

        A lost connection is made again, and the events go on where they were, each once. Where some may be
        missing there is an event `reset`. Raises what is not retriable, such as `unauthenticated`.
        """
        stream = self._open(after)
        return self._events(stream, after)

    def _events(self, stream: "_Stream", after: Optional[str]) -> Iterator[Event]:
        last = after
        while True:
            try:
                for event in stream.frames():
                    last = event.id or last
                    if event.type != "hello":
                        yield event
            except (OSError, http.client.HTTPException):
                pass
            finally:
                stream.close()
            while True:
                time.sleep(_RETRY_S)
                try:
                    stream = self._open(last)
                    break
                except WorkstealError as error:
                    if not error.retriable:
                        raise

    def _open(self, after: Optional[str]) -> "_Stream":
        headers = {"Accept": "text/event-stream"}
        if after is not None:
            headers["Last-Event-ID"] = after
        try:
            return _Stream(self._send("GET", "/events", headers, None, _SILENCE_S))
        except (OSError, http.client.HTTPException) as error:
            raise _unavailable(self._base, error) from error

    def _ask(self, method: str, path: str, body: Optional[Mapping[str, Any]] = None) -> dict[str, Any]:
        headers = {"Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        try:
            with self._send(method, path, headers, data, self._timeout_s) as answer:
                return dict(json.load(answer))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise _unavailable(self._base, error) from error

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], data: Optional[bytes], timeout_s: float
    ) -> Any:
        request = urllib.request.Request(self._base + path, data=data, method=method)
        request.add_header("Authorization", f"Bearer {self._token}")
        for name, value in headers.items():
            request.add_header(name, value)
        try:
            return self._opener.open(request, timeout=timeout_s)
        except urllib.error.HTTPError as error:
            with error:
                raise _problem(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise _unavailable(self._base, error) from error


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token to another place."""

    def redirect_request(self, *_: Any) -> None:
        return None


class _Stream:
    """One connection of server-sent events. `hello`, its first frame, is read at once."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self._frames = self._read()
        self._first = next(self._frames, None)

    def frames(self) -> Iterator[Event]:
        if self._first is not None:
            yield self._first
        yield from self._frames

    def close(self) -> None:
        self._answer.close()

    def _read(self) -> Iterator[Event]:
        frame: dict[str, str] = {}
        for raw in self._answer:
            line = raw.decode("utf-8").rstrip("\r\n")
            if line == "":
                if "data" in frame:
                    yield _event(frame)
                frame = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(":")
                frame[name] = value[1:] if value.startswith(" ") else value


def _event(frame: Mapping[str, str]) -> Event:
    data = json.loads(frame["data"])
    known = isinstance(data.get("fields"), dict)
    return Event(
        id=frame.get("id", ""),
        type=frame.get("event", "message"),
        at_ms=data.get("atMs"),
        sentence=str(data.get("sentence", "")),
        victims=data.get("victims", []),
        fields=data["fields"] if known else data,
    )


def _problem(answer: urllib.error.HTTPError) -> WorkstealError:
    try:
        told = json.load(answer)
        return WorkstealError(
            str(told["code"]),
            str(told["detail"]),
            retriable=bool(told["retriable"]),
            next=str(told["next"]),
            details=told.get("details"),
            status=answer.code,
            request_id=str(told.get("requestId", "")),
        )
    except (ValueError, KeyError, TypeError, OSError):
        retriable = answer.code >= 500
        words = f"HTTP {answer.code}, which is no answer of worksteal: is the address right?"
        return WorkstealError("unavailable", words, retriable=retriable, status=answer.code)


def _unavailable(base: str, error: Exception) -> WorkstealError:
    host = urllib.parse.urlsplit(base).netloc.rpartition("@")[2]
    words = f"no answer from {host}: {getattr(error, 'reason', None) or error or type(error).__name__}"
    return WorkstealError("unavailable", words, retriable=True, next="send the same again")


def _path(*parts: str) -> str:
    return "".join(f"/{urllib.parse.quote(part, safe='')}" for part in parts)


def _decimal(field: str, value: Amount) -> str:
    """A float is sent as Python prints it; the server rounds its error away, as in forecast files."""
    if isinstance(value, Decimal):
        text = format(value, "f")
    elif isinstance(value, numbers.Integral) and not isinstance(value, bool):
        text = str(int(value))
    elif isinstance(value, numbers.Real) and not isinstance(value, bool):
        text = repr(float(value))
    elif isinstance(value, str):
        return value
    else:
        raise WorkstealError("invalid", f"{field}: give text, a Decimal, an int or a float")
    if not math.isfinite(float(text)):
        raise WorkstealError("invalid", f"{field}: {text} is not a number")
    return text
