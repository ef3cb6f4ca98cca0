/**
 * The tables of docs/json.md, made of the schemas in src/cli/json: `npm run json:assemble` writes them;
 * test/unit/json-page.test.ts checks that the page has them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DOCUMENTS } from '../../src/cli/json/documents.ts';
import { packageRoot } from '../../src/package-root.ts';

const FILE = join(packageRoot(), 'docs', 'json.md');
const MARK = '<!-- What follows is made by `npm run json:assemble` of the schemas in src/cli/json. -->';

type Json = {
  type?: string;
  description?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Json[];
  properties?: Record<string, Json>;
  additionalProperties?: Json | boolean;
  items?: Json;
};

export type Field = { path: string; type: string; meaning: string };

/** Every field of a schema, depth first; `orders[].id` is a field of a list's objects. */
export function fieldsOf(schema: z.ZodType): Field[] {
  return walk('', z.toJSONSchema(schema) as Json);
}

function walk(path: string, json: Json): Field[] {
  const variants = json.anyOf?.filter(({ type }) => type !== 'null') ?? [json];
  return variants.flatMap((variant) => {
    if (variant.items !== undefined) return walk(`${path}[]`, variant.items);
    const named = Object.entries(variant.properties ?? {}).map(([name, inner]) => ({ name, inner }));
    const { additionalProperties: any } = variant;
    if (typeof any === 'object') named.push({ name: '*', inner: any });
    return named.flatMap(({ name, inner }) => {
      const at = path === '' ? name : `${path}.${name}`;
      return [{ path: at, type: typeOf(inner), meaning: meaningOf(inner) }, ...walk(at, inner)];
    });
  });
}

function meaningOf(json: Json): string {
  return json.description ?? json.anyOf?.find(({ description }) => description)?.description ?? '';
}

function typeOf(json: Json): string {
  if (json.anyOf !== undefined) return [...new Set(json.anyOf.map(typeOf))].join(' or ');
  if (json.const !== undefined) return `\`${JSON.stringify(json.const)}\``;
  if (json.enum !== undefined) return json.enum.map((one) => `\`${String(one)}\``).join(', ');
  if (json.type === 'array') return `list of ${typeOf(json.items ?? {})}`;
  return { string: 'text', boolean: 'true or false' }[json.type ?? ''] ?? json.type ?? 'any';
}

const LINE = 110;

/** A text as lines of prose. */
function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + 1 + word.length > LINE) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

/** A section for each object, with a table of its fields. */
export function sections(): string {
  return Object.entries(DOCUMENTS)
    .map(([name, schema]) => {
      const rows = fieldsOf(schema).map(
        ({ path, type, meaning }) => `| \`${path}\` | ${type} | ${meaning} |`,
      );
      return [
        `## ${name}`,
        '',
        ...wrapped(schema.description ?? ''),
        '',
        '| field | is | means |',
        '|---|---|---|',
        ...rows,
      ];
    })
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** The page with its tables as they should be. */
export function assembledPage(): string {
  const [head = ''] = readFileSync(FILE, 'utf8').split(MARK);
  return `${head}${MARK}\n\n${sections()}\n`;
}

if (import.meta.main) writeFileSync(FILE, assembledPage());
