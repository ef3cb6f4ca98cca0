/**
 * The fate of a pending message: delivered, lost before or after its effect, delayed, duplicated, given up.
 */
import type { Item, World } from './world.ts';

const REPLY_DELAY_MS = 9_000;
/** So often the schedule's favourite goes first. */
const FAVOUR = 0.5;
const GHOST_DELAY_MS = 4_000;

/** Picks one and delivers it. False when nothing is under way. */
export async function deliverOne(world: World): Promise<boolean> {
  let eligible = world.eligible();
  if (eligible.length === 0) {
    if (!world.skip()) return false;
    eligible = world.eligible();
  }
  const favoured = world.chance(FAVOUR)
    ? eligible.filter(({ label }) => label.startsWith(world.favourite))
    : [];
  const item = world.pick(favoured) ?? world.pick(eligible);
  if (item === undefined) return false;
  world.take(item);
  await deliver(world, item);
  await world.settled();
  return true;
}

async function deliver(world: World, item: Item): Promise<void> {
  const { kind, label, apply, answer, fail } = item;
  const isMessage = kind !== 'wake';
  if (world.nowMs > item.untilMs) {
    world.log(`${label}: given up`);
    world.count('given up');
    // A broker connection that is given up is reset; a Redis command may still be queued at the server.
    if (kind === 'ledger' && apply !== undefined && world.chance(0.5))
      world.items.push(ghost(world, item, Number.MAX_SAFE_INTEGER));
    fail?.();
    return;
  }
  if (apply === undefined) {
    world.log(`${label}: the reply arrives`);
    answer?.(undefined);
    return;
  }
  const fate = world.calm || !isMessage ? 1 : world.random.next();
  if (fate < 0.03) {
    world.log(`${label}: lost`);
    world.count('lost');
    fail?.();
    return;
  }
  const result = await apply();
  if (isMessage) world.log(`${label} -> ${shown(result)}`);
  if (fate < 0.06 && fail !== undefined) {
    world.log(`${label}: the reply is lost`);
    world.count('reply lost');
    fail();
    return;
  }
  if (fate < 0.1) {
    world.count('doubled');
    world.items.push(ghost(world, item, item.untilMs));
  }
  if (fate > 0.9 && fate < 1 && answer !== undefined) {
    world.count('reply delayed');
    const fromMs = world.nowMs + world.below(REPLY_DELAY_MS);
    world.items.push({ ...item, fromMs, apply: undefined, answer: () => answer(result) });
    return;
  }
  answer?.(result);
}

/** The same once more, later, with nobody waiting for it. */
function ghost(world: World, item: Item, untilMs: number): Item {
  const fromMs = world.nowMs + world.below(GHOST_DELAY_MS);
  return { ...item, label: `${item.label} (again)`, fromMs, untilMs, answer: undefined, fail: undefined };
}

/** A word or two of an answer: nothing in it may depend on real time. */
function shown(result: unknown): string {
  if (Array.isArray(result)) {
    const words = result.slice(0, 5).filter((word) => typeof word === 'string' && !word.startsWith('ws:{'));
    return result[0] === 'snapshot' ? 'rows' : words.join(' ').slice(0, 120);
  }
  if (result !== null && typeof result === 'object' && 'kind' in result) {
    const order = 'order' in result ? (result.order as { state: string; filledQty: string }) : undefined;
    return `${result.kind}${order === undefined ? '' : ` ${order.state} ${order.filledQty}`}`;
  }
  return typeof result === 'string' ? 'text' : 'done';
}
