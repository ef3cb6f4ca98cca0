/**
 * The layers: which folder may import from which. test/unit/layers.test.ts checks every import of the
 * repository against this table. A new folder needs a row here. A row must not name a folder that imports,
 * directly or indirectly, the row's own.
 */
import { posix } from 'node:path';

/** Product folders, without `src/`; `.` are the files directly in src. */
const PRODUCT: Readonly<Record<string, string>> = {
  // Vocabulary and pure rules.
  '.': '',
  domain: '',
  rules: 'domain',
  // The rules once more, in memory, and what replays a market by them.
  kernel: 'domain',
  evidence: 'domain rules kernel prices',
  // One neighbour each: Redis, the lock, the broker, prices, logs, metrics and traces.
  redis: 'domain',
  mutex: 'domain',
  ops: 'domain',
  tracing: 'domain',
  broker: 'domain rules',
  prices: 'domain rules broker',
  ledger: '. domain rules redis tracing',
  // What is read for people and programs, and its JSON contract.
  json: 'domain ledger',
  inspection: '. domain redis ledger',
  history: 'domain ledger json',
  journal: 'domain rules ledger evidence',
  mirror: 'domain kernel redis ledger json inspection history',
  survey: 'domain ledger ops mirror',
  alerts: 'domain ledger mutex ops inspection',
  // The steps of the protocol.
  succession: 'domain rules broker ledger',
  cancels: 'domain rules broker ledger redis succession tracing',
  coordinator: 'domain rules broker ledger mutex succession tracing',
  keeper: 'domain rules broker ledger mutex succession',
  watcher: 'domain rules broker ledger prices coordinator tracing',
  planner: 'domain rules broker ledger prices watcher evidence mirror',
  'alpaca-server': 'domain',
  exchange: 'domain rules ops prices alpaca-server',
  // The API's server.
  http:
    '. domain rules broker ledger redis mutex ops tracing json inspection mirror cancels coordinator ' +
    'watcher',
  gateway: 'domain rules broker ledger ops tracing prices coordinator alpaca-server http',
  // The live page, in the browser: of the API it knows the shapes alone.
  page: 'domain json',
  // What composes a process.
  fleet: 'domain rules broker ledger redis ops tracing coordinator alerts',
  // What the package exports.
  library: 'domain rules broker ledger redis json inspection ops mutex cancels coordinator fleet',
};

const product = (folder: string): string => (folder === '.' ? 'src' : `src/${folder}`);
const SRC = Object.keys(PRODUCT).map(product);
const ALL = [...SRC, 'workers', 'src/cli'];

/** Folder -> the folders it may import from, besides itself. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    Object.entries(PRODUCT).map(([folder, lower]) => [
      product(folder),
      lower.split(' ').filter(Boolean).map(product),
    ]),
  ),
  workers: SRC.filter((folder) => folder !== 'src/exchange'),
  'src/cli': [...SRC, 'workers'],
  // What is not shipped; the product imports none of it.
  build: ['src/cli'],
  lua: ['src/ledger'],
  bench: [...SRC, 'test/support'],
  spec: ['src/cli'],
  'test/support': ALL,
  'test/topologies': ['test/support'],
  'test/mutations': [...ALL, 'test/support'],
  'test/unit': [...ALL, 'test', 'test/support', 'test/mutations', 'lua'],
  'test/contract': [...ALL, 'test/support', 'bench', 'lua'],
  'test/broker': [...ALL, 'test/support'],
  'test/model': [...ALL, 'test/support'],
  'test/faults': [...ALL, 'test/support', 'build'],
  'test/clients': ['test/support'],
  'test/page': [...ALL, 'test/support'],
  'test/e2e': [...ALL, 'test/support'],
  'test/containers': [...ALL, 'test/support', 'test/faults'],
  test: ['src/redis', 'test/support', 'build'],
  '.ci': [],
  '.': [],
};

/** These import no package and nothing of Node either. */
const PURE: readonly string[] = ['src/domain'];

/** The row of a file: `src/<folder>`, `test/<folder>`, else its first folder; `.` at the top. */
export function layerOf(file: string): string {
  const parts = posix.dirname(file).split('/');
  return parts.slice(0, parts[0] === 'src' || parts[0] === 'test' ? 2 : 1).join('/');
}

/**
 * Every import that the table does not allow, as a sentence: its file, what it imports, what its folder may.
 * A type counts; so does a re-export, and a dynamic import of a literal path.
 */
export function layerFaults(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).flatMap(([file, text]) => {
    const layer = layerOf(file);
    const allowed = LAYERS[layer];
    if (allowed === undefined) return [`${file}: the folder ${layer} has no row in test/support/layers.ts`];
    return importsOf(text).flatMap((path) => {
      if (!path.startsWith('.'))
        return PURE.includes(layer) ? [`${file} imports ${path}; ${layer} imports no package`] : [];
      const imported = posix.join(posix.dirname(file), path);
      const other = layerOf(imported);
      if (other === layer || allowed.includes(other)) return [];
      return [`${file} imports ${imported}; ${layer} may import from: ${allowed.join(', ') || 'nothing'}`];
    });
  });
}

/** The paths and packages that a text imports. */
function importsOf(text: string): string[] {
  const statements = text.matchAll(/^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*['"]([^'"]+)['"]/gm);
  const calls = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g);
  return [...statements, ...calls].map(([, path]) => path as string);
}
