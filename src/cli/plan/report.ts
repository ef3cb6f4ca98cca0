/**
 * What a filing of forecasts changed, or would change, as a table for people and as a document for programs.
 */
import type colors from 'picocolors';
import { SHOWN, type Shown, shown } from '../../planner/forecasts/diff.ts';
import type { Filed, Filing } from '../../planner/forecasts/filing.ts';
import { padded } from '../table.ts';
import { widthOf, wrapped } from '../terminal/width.ts';

type Colors = ReturnType<typeof colors.createColors>;

/** A faulty row of a document; so many at most, with the count of all. */
const MAX_TOLD = 1_000;

const SIGNS = { new: '+', changed: '~', withdrawn: '-' } as const;

const LABELS: Record<Shown, string> = {
  ...{
    limit: 'limit',
    qty: 'qty',
    pnl: 'PnL',
    fillProbability: 'fill probability',
    mode: 'mode',
    takeProfit: 'take-profit',
    pool: 'pool',
    expires: 'expires',
  },
};

/** What is not told. */
const USUAL: { [field in Shown]?: string } = { mode: 'normal', fillProbability: '1' };

/**
 * The lines of the diff: what is new, what changed from what to what, what is withdrawn, and how many are
 * kept.
 * @param width the columns of a terminal, to which lines are wrapped; default: no limit
 */
export function diffLines(
  filing: Filing,
  c: Colors,
  most = Number.MAX_SAFE_INTEGER,
  width = Number.MAX_SAFE_INTEGER,
): string[] {
  const changes = filing.changes.slice(0, most);
  const paint = { new: c.green, changed: c.yellow, withdrawn: c.red };
  const rows = padded(changes.map((change) => [SIGNS[change.kind], ...seriesCells(change), details(change)]));
  const lines = rows.flatMap((row, at) => {
    const label = row.slice(0, -1).reduce((total, cell) => total + widthOf(cell) + 2, 0);
    const indent = label <= width / 2 ? label : 3;
    return wrapped(row.join('  ').trimEnd(), width, indent).map(paint[changes[at]?.kind ?? 'new']);
  });
  if (filing.changes.length > most) lines.push(c.dim(`  and ${filing.changes.length - most} more changes`));
  if (filing.kept > 0) lines.push(c.dim(`=  ${filing.kept} kept`));
  return lines;
}

/** One sentence. */
export function summary(filing: Filing): string {
  const count = (kind: Filed['kind']) => filing.changes.filter((change) => change.kind === kind).length;
  const parts = [
    `${count('new')} new`,
    `${count('changed')} changed`,
    `${count('withdrawn')} withdrawn`,
    `${filing.kept} kept`,
  ];
  if (filing.faults.length > 0) parts.push(`${filing.faults.length} refused`);
  return `${filing.dryRun ? 'dry run, nothing was filed: ' : ''}${parts.join(', ')}`;
}

/** The document of --json. */
export function document(filing: Filing, rows: number): object {
  const of = (kind: Filed['kind']) => filing.changes.filter((change) => change.kind === kind).map(entry);
  return {
    dryRun: filing.dryRun,
    strategies: filing.strategies,
    rows,
    new: of('new'),
    changed: of('changed'),
    withdrawn: of('withdrawn'),
    kept: filing.kept,
    stayed: filing.stayed,
    refusedCount: filing.faults.length,
    refused: filing.faults.slice(0, MAX_TOLD),
    warnings: filing.warnings,
  };
}

function seriesOf(change: Filed): { strategy: string; symbol: string; side: string } {
  const { strategy, symbol, side } = change.kind === 'withdrawn' ? change.series : change.row.plan;
  return { strategy, symbol, side };
}

function seriesCells(change: Filed): string[] {
  const { strategy, symbol, side } = seriesOf(change);
  return [symbol, side, strategy];
}

function details(change: Filed): string {
  if (change.kind === 'changed') {
    const fields = SHOWN.flatMap((field) => {
      const [old, now] = change.fields[field] ?? [];
      return old === undefined || now === undefined
        ? []
        : [`${LABELS[field]} ${old || '-'} -> ${now || '-'}`];
    });
    return [...fields, ...stageNote(change.stage)].join(', ');
  }
  const fields = shown(change.kind === 'new' ? change.row.plan : change.old);
  const told = SHOWN.filter((field) => fields[field] !== '' && USUAL[field] !== fields[field]);
  return [
    ...told.map((field) => `${LABELS[field]} ${fields[field]}`),
    ...(change.kind === 'withdrawn' ? stageNote(change.stage) : []),
  ].join(', ');
}

/** What becomes of a plan that had begun. */
function stageNote(stage: string): string[] {
  if (stage === 'entering') return ['its entry is cancelled'];
  return stage === 'holding' || stage === 'exiting' ? ['what it holds keeps its exit'] : [];
}

function entry(change: Filed): object {
  const named = { ...(change.id === undefined ? {} : { id: change.id }), ...seriesOf(change) };
  if (change.kind === 'new') return { ...named, line: change.row.line, ...shown(change.row.plan) };
  if (change.kind === 'withdrawn') return { ...named, stage: change.stage, ...shown(change.old) };
  const changes = Object.fromEntries(
    Object.entries(change.fields).map(([field, [old, now]]) => [field, { old, new: now }]),
  );
  return { ...named, line: change.row.line, replaces: change.old.id, stage: change.stage, changes };
}
