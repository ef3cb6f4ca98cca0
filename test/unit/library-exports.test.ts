/** What the package exports: these names, each with its docstring, and nothing else. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../src/package-root.ts';

const ROOT = packageRoot();
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const LIBRARY = {
  values: ['WorkstealError', 'alpaca', 'connect'],
  types: [
    ...['Account', 'AccountEvent', 'AlpacaOptions', 'Asset', 'AssetAnswer', 'Broker', 'BrokerAccount'],
    ...['BrokerDay', 'BrokerLog', 'BrokerOrder', 'BrokerParts', 'BrokerPosition', 'BrokerQuote'],
    ...['CancelAnswer', 'Cancelled', 'ConnectOptions', 'Decision', 'Entered', 'ErrorCode', 'FinalState'],
    'ForecastRequest',
    ...['Limiter', 'LogEntry', 'Micros', 'Mode', 'Oddity', 'OpenBroker', 'Order', 'OrderAnswer'],
    ...['OrderRequest', 'OrderState', 'Placed', 'PlanRequest', 'PriceSteps', 'Priority', 'Refusal'],
    ...['RefusalKind', 'Refused', 'Settings', 'Side', 'Status', 'SubmitAnswer', 'TradeUpdate'],
    ...['TradingAccount', 'Victim'],
  ],
};
const CONFORMANCE = {
  values: ['conformanceCases'],
  types: [
    ...['BrokerStage', 'CancelFault', 'ConformanceCase', 'ConformanceOptions', 'Feature', 'ReplaceFault'],
    'SubmitFault',
  ],
};

type Exported = { name: string; isType: boolean; file: string };

/** What an index exports, and the file that declares it. */
function exportsOf(index: string): Exported[] {
  const text = read(index);
  const passedOn = [...text.matchAll(/^export (type )?\{([^}]*)\} from '([^']+)';/gm)].flatMap(
    ([, type, names = '', from = '']) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((name) => ({
          name: name.replace(/^type /, ''),
          isType: type !== undefined || name.startsWith('type '),
          file: join(dirname(index), from),
        })),
  );
  const own = [...text.matchAll(/^export (type|interface|class|function|const) (\w+)/gm)].map(
    ([, kind, name = '']) => ({ name, isType: kind === 'type' || kind === 'interface', file: index }),
  );
  return [...passedOn, ...own];
}

const namesOf = (exported: readonly Exported[], isType: boolean): string[] =>
  exported
    .filter((one) => one.isType === isType)
    .map(({ name }) => name)
    .sort();

describe.each([
  { what: 'worksteal', index: 'src/library/index.ts', names: LIBRARY },
  { what: 'worksteal/broker-conformance', index: 'src/broker/conformance/index.ts', names: CONFORMANCE },
])('$what', ({ index, names }) => {
  const exported = exportsOf(index);

  it('exports these names', async () => {
    expect(namesOf(exported, false)).toEqual(names.values);
    expect(namesOf(exported, true)).toEqual(names.types);
    const module = (await import(join(ROOT, index))) as object;
    expect(Object.keys(module).sort()).toEqual(names.values);
  });

  it('says of each what it is', () => {
    const silent = exported.filter(({ name, file }) => {
      const declared = `^export (type|interface|class|function|async function|const) ${name}\\b`;
      const lines = read(file).split('\n');
      const at = lines.findIndex((line) => new RegExp(declared).test(line));
      return at < 1 || !/\*\/$/.test(lines[at - 1] ?? '');
    });
    expect(silent).toEqual([]);
  });
});

it('the map of exports names these modules, their types first, and no import has effects', () => {
  const manifest = z
    .object({ exports: z.record(z.string(), z.unknown()), sideEffects: z.literal(false) })
    .parse(JSON.parse(read('package.json')));
  const built = (folder: string) => [
    ['types', `./dist/src/${folder}/index.d.ts`],
    ['default', `./dist/src/${folder}/index.js`],
  ];
  expect(Object.entries(manifest.exports).map(([name, to]) => [name, Object.entries(to as object)])).toEqual([
    ['.', built('library')],
    ['./broker-conformance', built('broker/conformance')],
    ['./package.json', Object.entries('./package.json')],
  ]);
});
