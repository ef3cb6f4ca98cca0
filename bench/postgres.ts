/**
 * A Postgres of the measure's own, with one function that does a steal as a user would write it there: it
 * locks the account's row, finds the worst open order, and replaces it. `pgbench`, in C, calls it.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '../src/domain/errors.ts';

const SCHEMA = `
create table account (name text primary key, orders int not null, cap int not null);
create table orders (id bigserial primary key, symbol text not null, pnl numeric not null, held int not null);
create index on orders (pnl, id);
create function steal(thief text) returns bigint language plpgsql as $$
declare victim orders;
begin
  perform 1 from account where name = 'bench' for update;
  select * into victim from orders order by pnl, id limit 1;
  delete from orders where id = victim.id;
  insert into orders (symbol, pnl, held) values (thief, victim.pnl, victim.held);
  return victim.id;
end $$;
`;

export type Postgres = {
  /** Steals a second of so many clients, for so many seconds. */
  stealRate: (clients: number, seconds: number) => number;
  /** By how many orders the cap is exceeded; more than 0 is a violation. */
  excess: () => number;
  close: () => Promise<void>;
};

/** The folder of its programs, or undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const [found] = globSync('/usr/lib/postgresql/*/bin').filter((bin) => {
    return spawnSync(join(bin, 'pgbench'), ['--version']).status === 0;
  });
  return found;
}

/** As the user `postgres` where this process is root: the server refuses to run as root. */
function asOwner(program: string, args: readonly string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]];
  return ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--', program, ...args]];
}

/** @param durable each steal is on disk before it is answered; else as Redis without a file */
export async function startPostgres(bin: string, orders: number, durable: boolean): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-postgres-'));
  if (process.getuid?.() === 0) {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']).toString());
    chownSync(folder, id('-u'), id('-g'));
  }
  const run = (program: string, args: readonly string[], input?: string): string => {
    const [file, words] = asOwner(join(bin, program), args);
    return execFileSync(file, words, { cwd: folder, input, stdio: ['pipe', 'pipe', 'ignore'] }).toString();
  };
  const data = join(folder, 'data');
  run('initdb', ['--no-sync', '--auth=trust', '-D', data]);
  const level = durable ? 'on' : 'off';
  const [file, words] = asOwner(join(bin, 'postgres'), [
    ...['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'max_connections=200'],
    ...['-c', `fsync=${level}`, '-c', `synchronous_commit=${level}`, '-c', `full_page_writes=${level}`],
  ]);
  const server = spawn(file, words, { cwd: folder, stdio: 'ignore' });
  const ended = once(server, 'exit');
  const sql = (text: string): string =>
    run('psql', ['-h', folder, '-d', 'postgres', '-At', '-v', 'ON_ERROR_STOP=1'], text).trim();
  await untilReady(() => sql('select 1'));
  sql(`${SCHEMA}
    insert into account values ('bench', ${orders}, ${orders});
    insert into orders (symbol, pnl, held)
      select 'S' || n % 1000, (n::bigint * 7919 % 100003) / 1000.0 - 50, 100
      from generate_series(1, ${orders}) n;
    analyze;`);
  return {
    stealRate(clients, seconds) {
      const text = run(
        'pgbench',
        [
          '-h',
          folder,
          '-n',
          '-M',
          'prepared',
          '-c',
          String(clients),
          '-T',
          String(seconds),
          '-f',
          '-',
          'postgres',
        ],
        "select steal('THIEF');\n",
      );
      const tps = /tps = ([\d.]+)/.exec(text)?.[1];
      assert(tps !== undefined, `pgbench printed no rate: ${text.slice(0, 1_000)}`);
      return Number(tps);
    },
    excess: () => Number(sql('select count(*) from orders')) - orders,
    async close() {
      server.kill('SIGINT'); // its fast shutdown
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server says nothing when it listens: it is asked, for at most 20 s. */
async function untilReady(ask: () => unknown): Promise<void> {
  for (let left = 200; ; left -= 1) {
    try {
      ask();
      return;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
