/** Corrupts a list of arguments: one, some, their number or their order. */
import type { Chance } from './chance.ts';
import type { Call } from './right-calls.ts';
import { type Spoiled, spoil } from './spoil.ts';

export function spoilCall(call: Call, chance: Chance): Spoiled[] {
  const args: Spoiled[] = [...call];
  const at = chance.below(Math.max(1, args.length));
  switch (args.length === 0 ? 19 : chance.below(20)) {
    case 0:
      args.splice(at, 1);
      break;
    case 1:
      args.length = at;
      break;
    case 2:
      args.splice(at, 0, args[at] ?? '');
      break;
    case 3:
      args.push(...args);
      break;
    case 4:
      args.reverse();
      args[0] = spoil(call[0] ?? '', chance);
      break;
    case 5:
    case 6:
      for (const [place, text] of call.entries()) if (chance.once(3)) args[place] = spoil(text, chance);
      args[at] = spoil(call[at] ?? '', chance);
      break;
    case 19:
      args.push(...Array.from({ length: 1 + chance.below(3) }, () => spoil(`${args.length}`, chance)));
      break;
    default:
      args[at] = spoil(call[at] ?? '', chance);
  }
  return args;
}
