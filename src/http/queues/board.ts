/**
 * bull-board, a view of BullMQ's queues, as far as it reads: its page and some GET routes. Its other routes
 * are never served: a paused queue stops cancellations. It is an optional package (docs/decisions/0038).
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Queue } from 'bullmq';

/** What has to be installed beside worksteal. */
export const BOARD_PACKAGES = ['@bull-board/api', '@bull-board/ui'] as const;

export type BoardAnswer = { status?: number; body: unknown };
export type BoardRequest = {
  params: Record<string, string>;
  query: Record<string, unknown>;
  /** Of which accounts the caller may see the queue. */
  accounts: readonly string[];
};

export type Board = {
  /** A route below the board's address, such as `/api/queues`. */
  routes: { path: string; answer(request: BoardRequest): Promise<BoardAnswer> }[];
  /** The page, for the address at which the board is served. */
  page(address: string): string;
  /** The folder of the files that the page names. */
  files: string;
};

/** Those that the page needs to show queues and jobs. */
const READING = new Set([
  '/api/redis/stats',
  '/api/queues',
  '/api/queues/:queueName/:jobId',
  '/api/queues/:queueName/:jobId/logs',
]);

/** @returns undefined where its packages are not installed */
export async function openBoard(queues: ReadonlyMap<string, Queue>): Promise<Board | undefined> {
  const loaded = await loadPackages();
  if (loaded === undefined) return undefined;
  const { createBullBoard, BullMQAdapter, folder } = loaded;
  const adapters = new Map(
    [...queues].map(([account, queue]) => {
      const options = { readOnlyMode: true, allowRetries: false, prefix: `${account}.` };
      return [account, new BullMQAdapter(queue, options)] as const;
    }),
  );
  const collected = new Collected();
  // Workers are left out: to list them takes CLIENT LIST, which shows all connections of the server.
  const uiConfig = { boardTitle: 'Queues of cancellations', showWorkers: false };
  createBullBoard({
    queues: [...adapters.values()],
    serverAdapter: collected,
    options: { uiBasePath: folder, uiConfig },
  });
  const template = readFileSync(join(folder, 'dist', 'index.ejs'), 'utf8');
  return {
    routes: collected.reading().map(({ path, handler }) => ({
      path,
      async answer({ params, query, accounts }) {
        const own = [...adapters].filter(([account]) => accounts.includes(account));
        const visible = new Map(own.map(([, adapter]) => [adapter.getName(), adapter] as const));
        return await handler({
          ...{ queues: visible, uiConfig: collected.uiConfig, params, query, body: {}, headers: {} },
        });
      },
    })),
    page: (address) => filled(template, collected.pageFields(address)),
    files: join(folder, 'dist', 'static'),
  };
}

async function loadPackages() {
  try {
    const { createBullBoard } = await import('@bull-board/api');
    const { BullMQAdapter } = await import('@bull-board/api/bullMQAdapter');
    const folder = dirname(fileURLToPath(import.meta.resolve('@bull-board/ui/package.json')));
    return { createBullBoard, BullMQAdapter, folder };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

type Packages = NonNullable<Awaited<ReturnType<typeof loadPackages>>>;
type ServerAdapter = Parameters<Packages['createBullBoard']>[0]['serverAdapter'];
type Routes = Parameters<ServerAdapter['setApiRoutes']>[0];
type Entry = Parameters<ServerAdapter['setEntryRoute']>[0];

/** Takes what bull-board would have a web framework serve. */
class Collected implements ServerAdapter {
  uiConfig: Parameters<ServerAdapter['setUIConfig']>[0] = {};
  #routes: Routes = [];
  #entry: Entry | undefined;

  reading(): { path: string; handler: Routes[number]['handler'] }[] {
    return this.#routes.flatMap(({ method, route, handler }) =>
      [method].flat().includes('get')
        ? [route].flat().flatMap((path) => (READING.has(path) ? [{ path, handler }] : []))
        : [],
    );
  }

  pageFields(basePath: string): Record<string, string> {
    return this.#entry?.handler({ basePath, uiConfig: this.uiConfig }).params ?? {};
  }

  setUIConfig(config: typeof this.uiConfig): this {
    this.uiConfig = config;
    return this;
  }

  setApiRoutes(routes: Routes): this {
    this.#routes = routes;
    return this;
  }

  setEntryRoute(entry: Entry): this {
    this.#entry = entry;
    return this;
  }

  setQueues = (): this => this;
  setViewsPath = (): this => this;
  setStaticPath = (): this => this;
  setErrorHandler = (): this => this;
}

/**
 * The page's template with its fields: `<%= name %>` escaped, `<%- name %>` as it is. Fonts of another site
 * and inline styles, of what is shown while it loads, are left out: the policy of the page forbids them.
 */
function filled(template: string, fields: Readonly<Record<string, string>>): string {
  return template
    .replaceAll(/<link [^>]*href="https?:[^>]*>|<style>.*?<\/style>| style="[^"]*"/gs, '')
    .replaceAll(/<%([=-])\s*(\w+)\s*%>/g, (_, kind: string, name: string) => {
      const text = fields[name] ?? '';
      return kind === '-' ? text : escaped(text);
    });
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
