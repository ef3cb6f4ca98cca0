/** Corrupts a text of lines: a character, a line, its end; or replaces it with other bytes. */
import type { Chance } from './chance.ts';
import { type Spoiled, spoil } from './spoil.ts';

/** What a file may begin with, hold or be that is no text of lines at all. */
const WHOLE: readonly ((chance: Chance) => Spoiled)[] = [
  () => '',
  () => '\0'.repeat(100),
  () => '\ufeff',
  (chance) => chance.bytes(200),
  () => '['.repeat(100_000),
  () => '{"a":'.repeat(50_000),
  () => `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  () => Buffer.from('\ufeffsymbol,limit\nAAPL,1\n', 'utf16le'),
  () => '{"__proto__":{"symbol":"AAPL"}}',
  () => '\n'.repeat(5_000),
  () => '='.repeat(2_000),
  () => `"${'x'.repeat(300_000)}`,
];

/** `most`: how often at most it is spoiled. */
export function spoilLines(text: string, chance: Chance, most = 3): Buffer {
  if (chance.once(60)) return Buffer.from(chance.pick(WHOLE)(chance));
  const lines: Spoiled[] = text.split('\n');
  const times = 1 + chance.below(most);
  for (let i = 0; i < times; i += 1) spoilOne(lines, chance);
  const end = chance.pick(['\n', '\n', '\n', '\r\n', '\r', '\n\n', '\u2028']);
  const joined = Buffer.concat(
    lines.flatMap((line, at) => (at === 0 ? [Buffer.from(line)] : [Buffer.from(end), Buffer.from(line)])),
  );
  return chance.once(15) ? joined.subarray(0, chance.below(joined.length + 1)) : joined;
}

function spoilOne(lines: Spoiled[], chance: Chance): void {
  const at = chance.below(lines.length);
  const line = String(lines[at] ?? '');
  switch (chance.below(8)) {
    case 0:
      lines[at] = spoil(line, chance);
      break;
    case 1:
      lines.splice(at, 1);
      break;
    case 2:
      lines.splice(at, 0, line);
      break;
    case 3:
      lines.splice(at, 0, Buffer.from(spoil('', chance)));
      break;
    default:
      lines[at] = spoilCell(line, chance);
  }
}

/** One of the parts between separators. */
function spoilCell(line: string, chance: Chance): Spoiled {
  const parts = line.split(/([,;:={}"[\]]+)/);
  const at = chance.below(parts.length);
  const spoiled = Buffer.from(spoil(parts[at] ?? '', chance));
  return Buffer.concat([
    Buffer.from(parts.slice(0, at).join('')),
    spoiled,
    Buffer.from(parts.slice(at + 1).join('')),
  ]);
}
