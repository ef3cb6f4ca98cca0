/**
 * What is done to the doors alone, where a campaign is about them. A door is struck while it answers, and is
 * left alone until it answers again: a fault of a process that is starting shows little.
 */
import type { Arena } from '../arena.ts';
import { happens } from '../happens.ts';
import { DOOR_STRIKES, type DoorGroup } from '../kinds.ts';
import type { DoorName, Role } from '../roles.ts';
import { networkStrikes } from './network.ts';
import { processStrikes } from './process.ts';
import { pick, type Strike } from './strike.ts';

const NAMES: Readonly<Record<DoorGroup, DoorName>> = { api: 'serve', gateway: 'gateway' };
/** So long a strike waits for a door; the campaign goes on meanwhile. */
const PATIENCE_MS = 15_000;
const ANSWER_MS = 2_000;

/** Those that are hurt now. */
const hurt = new WeakSet<Role>();

export const doorStrikes: Readonly<Record<string, Strike>> = Object.fromEntries(
  (Object.keys(NAMES) as DoorGroup[]).flatMap((group) =>
    DOOR_STRIKES.map(({ name }) => [`${group}_${name}`, onWorkingDoor(NAMES[group], name)]),
  ),
);

function onWorkingDoor(door: DoorName, name: (typeof DOOR_STRIKES)[number]['name']): Strike {
  return async (arena, chance, lastsMs) => {
    const role = await workingDoor(arena, door, chance);
    const strikes = { ...processStrikes(() => [role]), ...networkStrikes(() => [role]) };
    try {
      const heal = await strikes[name](arena, chance, lastsMs);
      return async () => {
        await heal();
        hurt.delete(role);
      };
    } catch (error) {
      hurt.delete(role);
      throw error;
    }
  };
}

/** One that answers and is not hurt; it counts as hurt from then on. @throws Error where none does in time */
async function workingDoor({ roles }: Arena, door: DoorName, chance: Parameters<Strike>[1]): Promise<Role> {
  let found: Role | undefined;
  const isThere = async (): Promise<boolean> => {
    const whole = roles.filter((role) => role.name === door && !hurt.has(role));
    if (whole.length === 0) return false;
    const one = pick(whole, chance);
    if (!(await answers(one)) || hurt.has(one)) return false;
    hurt.add(one);
    found = one;
    return true;
  };
  await happens(isThere, PATIENCE_MS);
  if (found === undefined) throw new Error(`no ${door} answered`);
  return found;
}

async function answers({ front }: Role): Promise<boolean> {
  const answer = await fetch(`${front?.url('http')}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) });
  return answer.ok;
}
