/**
 * The tables of docs/json.md, made of the schemas in src/json: `npm run json:assemble` writes them;
 * test/unit/json-page.test.ts checks that the page has them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DOCUMENTS } from '../../src/json/documents.ts';
import { packageRoot } from '../../src/package-root.ts';

const FILE = join(packageRoot(), 'docs', 'json.md');
const MARK = '<!-- What follows is made by `npm run json:assemble` of the schemas in src/json. -->';

export type Json = {
  $ref?: string;
  type?: string;
  description?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Json[];
  oneOf?: Json[];
  default?: unknown;
  required?: string[];
  properties?: Record<string, Json>;
  additionalProperties?: Json | boolean;
  items?: Json;
};

export type Field = { path: string; type: string; meaning: string };

/** Every field of a schema, depth first; `orders[].id` is a field of a list's objects. */
export function fieldsOf(schema: z.ZodType): Field[] {
  return fieldsOfJson(z.toJSONSchema(schema) as Json);
}

/** The same of a JSON schema. A field of several variants is named once. */
export function fieldsOfJson(json: Json): Field[] {
  const byPath = new Map<string, Field>();
  for (const field of walk('', json)) {
    const same = byPath.get(field.path);
    if (same === undefined) byPath.set(field.path, field);
    else if (!same.type.includes(field.type)) same.type += ` or ${field.type}`;
  }
  return [...byPath.values()];
}

function walk(path: string, json: Json): Field[] {
  const variants = (json.anyOf ?? json.oneOf)?.filter(({ type }) => type !== 'null') ?? [json];
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

/** What a value is, in words. */
export function typeOf(json: Json): string {
  const name = json.$ref?.split('/').at(-1);
  if (name !== undefined) return `[${name}](#${name.toLowerCase()})`;
  const variants = json.anyOf ?? json.oneOf;
  if (variants !== undefined) return [...new Set(variants.map(typeOf))].join(' or ');
  if (json.const !== undefined) return `\`${JSON.stringify(json.const)}\``;
  if (json.enum !== undefined) return json.enum.map((one) => `\`${String(one)}\``).join(', ');
  if (json.type === 'array') return `list of ${typeOf(json.items ?? {})}`;
  return { string: 'text', boolean: 'true or false' }[json.type ?? ''] ?? json.type ?? 'any';
}

const LINE = 110;

/** A text as lines of prose. */
export function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + 1 + word.length > LINE) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

/** The names of the commands that print each object. */
function printers(): Map<z.ZodType, string[]> {
  const names = new Map<z.ZodType, string[]>();
  for (const [name, schema] of Object.entries(DOCUMENTS))
    names.set(schema, [...(names.get(schema) ?? []), name]);
  return names;
}

/** A section for each object, with a table of its fields. */
export function sections(): string {
  return [...printers()]
    .map(([schema, names]) => {
      const rows = fieldsOf(schema).map(
        ({ path, type, meaning }) => `| \`${path}\` | ${type} | ${meaning} |`,
      );
      return [
        `## ${names.join(', ')}`,
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
