/** clients/python/worksteal.py and the bot of docs/bots.md, against the API in this process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { type Coordination, coordinate } from '../support/coordination.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';
import { startProxy } from '../support/tcp-proxy.ts';

const ledgers = useLedgers();
const CLIENT = join(packageRoot(), 'clients/python');
const PATIENCE = { timeout: 60_000, interval: 20 };

let folder: string;
let account: TestAccount;
let fleet: Coordination;
let api: TestApi;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-python-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  account = await ledgers.account();
  await account.prices({ AAPL: '11', MSFT: '10.01' });
  fleet = await coordinate(ledgers.url, account);
  api = await startTestApi(ledgers.url, [account], { broker: fleet.broker });
});
afterEach(async () => {
  await api.close();
  await fleet.close();
});

type Running = { lines: string[]; ended: Promise<{ code: number; output: string }> };

/** A program beside the client; the account's address and a token are in its environment. */
function start(program: string, env: Record<string, string> = {}): Running {
  const file = join(folder, 'bot.py');
  writeFileSync(file, program);
  const where = { WORKSTEAL_API: api.url, WORKSTEAL_TOKEN: api.token.trade, WORKSTEAL_ACCOUNT: account.name };
  const child = spawn('python3', ['-W', 'error', file], {
    env: { ...CHILD_ENV, ...where, PYTHONPATH: CLIENT, PYTHONDONTWRITEBYTECODE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  const lines: string[] = [];
  let complaint = '';
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const ended = once(child, 'close').then(([code]) => ({
    code: Number(code ?? -1),
    output: [...lines, complaint].join('\n'),
  }));
  return { lines, ended };
}

const HEAD = `
import json, os
from decimal import Decimal
from worksteal import Account, WorkstealError
account = Account(os.environ["WORKSTEAL_API"], os.environ["WORKSTEAL_TOKEN"], os.environ["WORKSTEAL_ACCOUNT"])
def tell(value): print(json.dumps(value), flush=True)
def failure(call, *args, **words):
    try: tell(call(*args, **words))
    except WorkstealError as e: tell([e.code, e.retriable, e.status, e.next != ""])
worse = dict(symbol="AAPL", side="buy", limit="10", qty=90, pnl=1)
better = dict(symbol="MSFT", side="buy", limit=Decimal("10"), qty="50", pnl="10")
`;

/** What the program told, one value a line. */
async function told(program: string, env: Record<string, string> = {}): Promise<unknown[]> {
  const { lines, ended } = start(HEAD + program, env);
  const { code, output } = await ended;
  expect(code, output).toBe(0);
  return lines.map((line) => JSON.parse(line) as unknown);
}

describe('the Python client', () => {
  it('enters, places and cancels orders, and takes the room of worse ones', async () => {
    const values = await told(`
tell(account.enter("worse", **worse))
tell(account.place("worse"))
tell(account.enter("better", **better))
tell(account.place("better"))
tell(account.order("worse")["state"])
tell(account.cancel("better"))
tell(account.cancel("worse"))
account.enter("unsent", symbol="AAPL", side="buy", limit="10", qty=1)
tell(account.cancel("unsent"))
`);
    expect(values).toEqual([
      expect.objectContaining({ outcome: 'reserved', how: 'fits' }),
      expect.objectContaining({ outcome: 'working' }),
      expect.objectContaining({ outcome: 'reserved', how: 'stolen' }),
      expect.objectContaining({ outcome: 'working' }),
      'cancelled',
      'cancelling',
      'exists',
      'released',
    ]);
    expect(fleet.broker.submitted).toEqual(['worse', 'better']);
  });

  it('files and withdraws plans, reads the status, and halts with an admin token', async () => {
    const plan = 'symbol="AAPL", side="buy", limit="9", qty=1, take_profit="11.5"';
    const values = await told(
      `
tell(account.file_plan("plan-1", ${plan}))
tell(account.file_plan("plan-1", ${plan}))
tell(account.withdraw_plan("plan-1"))
tell(account.halt("maintenance"))
tell(account.status()["admits"])
tell(account.enter("worse", **worse)["reason"])
tell(account.resume("done"))
`,
      { WORKSTEAL_TOKEN: api.token.admin },
    );
    expect(values).toEqual(['filed', 'exists', 'withdrawn', 'halted', 'halted', 'halted', 'resumed']);
  });

  it('files, lists and removes forecasts of its token', async () => {
    const values = await told(`
name = {"symbol": "BTC/USD", "side": "buy"}
tell(account.file_forecast("trade", **name, pnl=0.1 + 0.2))
tell(account.file_forecast("trade", **name, pnl="0.3"))
tell(account.file_forecast("trade", **name, pnl=2, fill_probability=0.5, expires_at_ms=4102444800000))
tell(list(account.forecasts("trade")))
tell(account.remove_forecast("trade", **name))
tell(account.remove_forecast("trade", **name))
tell(list(account.forecasts("trade")))
failure(account.file_forecast, "others", **name, pnl=1)
`);
    const until = { expiresAtMs: 4_102_444_800_000, over: false };
    const filed = { symbol: 'BTCUSD', side: 'buy', pnl: '2', fillProbability: '0.5', ...until };
    const forbidden = ['forbidden', false, 403, true];
    expect(values).toEqual(['filed', 'exists', 'replaced', [filed], 'removed', 'none', [], forbidden]);
  });

  it('answers a refusal with its reason, and raises errors with code, retriable and next', async () => {
    const values = await told(`
account.enter("worse", **worse)
tell(account.enter("other", symbol="MSFT", side="buy", limit="10", qty=50)["reason"])
failure(account.enter, "worse", **{**worse, "qty": 80})
failure(account.enter, "bad", **{**worse, "limit": "ten"})
failure(account.enter, "bad", **{**worse, "limit": float("nan")})
failure(account.cancel, "nobody")
failure(account.halt, "why")
failure(Account(os.environ["WORKSTEAL_API"], "ws_wrong").status)
failure(Account("http://127.0.0.1:1", "ws_any").status)
try: Account("http://127.0.0.1:1", "ws_any").status()
except WorkstealError as error: tell(str(error).startswith("unavailable: no answer from 127.0.0.1:1: "))
`);
    expect(values).toEqual([
      'no_candidates',
      ['contradiction', false, 409, true],
      ['invalid', false, 422, true],
      ['invalid', false, 0, false],
      ['unknown', false, 404, true],
      ['forbidden', false, 403, true],
      ['unauthenticated', false, 401, true],
      ['unavailable', true, 0, true],
      true,
    ]);
  });

  it('sends floats as they were meant', async () => {
    const values = await told(`
account.enter("float", symbol="AAPL", side="buy", limit=10.129999999999999, qty=0.1 + 0.2, pnl=8.4177e-06)
order = account.order("float")
tell([order["limit"], order["qty"], order["pnl"]])
`);
    expect(values).toEqual([['10.13', '0.3', '0.000008418']]);
  });

  it('says what would become of an order', async () => {
    const values = await told(`
account.enter("worse", **worse)
account.place("worse")
decision = account.decide(**better)
tell([decision["admitted"], decision["reason"], [victim["order"] for victim in decision["victims"]]])
`);
    expect(values).toEqual([[true, 'stolen', ['worse']]]);
  });

  it('follows events over a connection that breaks, each once and in order', async () => {
    const { hostname, port } = new URL(api.url);
    const proxy = await startProxy({ host: hostname, port: Number(port) });
    const { lines, ended } = start(
      `${HEAD}
events = account.events()
tell("following")
for event in events:
    tell([event.type, event.fields.get("order")])
    if event.type == "ended": break
`,
      { WORKSTEAL_API: proxy.url('http') },
    );
    await expect.poll(() => lines, PATIENCE).toHaveLength(1);
    await account.place(anOrder('first'));
    await expect.poll(() => lines, PATIENCE).toHaveLength(3);
    proxy.cut();
    await account.place(anOrder('second'));
    proxy.heal();
    await account.end('second', 'cancelled');
    const { code, output } = await ended;
    expect(code, output).toBe(0);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      'following',
      ['reserved', 'first'],
      ['working', 'first'],
      ['reserved', 'second'],
      ['working', 'second'],
      ['ended', 'second'],
    ]);
    await proxy.close();
  });

  it('takes its token to no other place: a redirect is an error', async () => {
    const asked: (string | undefined)[] = [];
    const other: Server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(302, { location: api.url }).end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const values = await told('failure(account.status)', { WORKSTEAL_API: `http://127.0.0.1:${port}` });
    other.close();
    expect(values).toEqual([['unavailable', false, 302, false]]);
    expect(asked).toHaveLength(1);
  });

  it('is a file of its own: the standard library alone, each public thing with its docstring', async () => {
    const values = await told(`
import ast, inspect, pathlib, sys, worksteal
tree = ast.parse(pathlib.Path(worksteal.__file__).read_text())
names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
names += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
tell([name for name in names if name.split(".")[0] not in sys.stdlib_module_names])
public = [getattr(worksteal, name) for name in worksteal.__all__]
methods = [it for one in public for it in vars(one).values() if inspect.isfunction(it)]
public += [method for method in methods if not method.__name__.startswith("_")]
tell([one.__name__ for one in public if not one.__doc__])
functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
tell([one.name for one in functions if one.returns is None])
`);
    expect(values).toEqual([[], [], []]);
  });
});

describe('the bot of docs/bots.md', () => {
  it('enters, places and cancels an order, and ends', async () => {
    const page = readFileSync(join(packageRoot(), 'docs/bots.md'), 'utf8');
    const [, bot = ''] = /^```python\n(.*?)^```/ms.exec(page) ?? [];
    expect(bot.trim().split('\n').length).toBeLessThanOrEqual(40);
    const { code, output } = await start(bot).ended;
    expect(code, output).toBe(0);
    const id = /py-\d+/.exec(output)?.[0];
    expect(output.trim().split('\n')).toEqual([
      'reserved: placed, working',
      `IBM ${id} fits: its room is reserved`,
      `IBM ${id} works at the broker`,
      `IBM ${id} is being cancelled by trade@api: asked`,
      `IBM ${id} ended cancelled (asked)`,
    ]);
  });
});
