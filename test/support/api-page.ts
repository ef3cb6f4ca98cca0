/**
 * The lists of docs/api.md, made of the OpenAPI document: `npm run api:assemble` writes them;
 * test/unit/api-page.test.ts checks that the page has them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { makeApi } from '../../src/http/server.ts';
import { Tokens } from '../../src/http/tokens.ts';
import { packageRoot } from '../../src/package-root.ts';
import { type Field, fieldsOfJson, type Json, typeOf, wrapped } from './json-page.ts';

const FILE = join(packageRoot(), 'docs', 'api.md');
const MARK = '<!-- What follows is made by `npm run api:assemble` of the OpenAPI document. -->';

type Media = Record<string, { schema: Json }>;
type Operation = {
  summary: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Json; description?: string }[];
  requestBody?: { content: Media };
  responses: Record<string, { description?: string; content?: Media }>;
};
export type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json> };
};

/** The document that every server gives of itself. */
export async function readDocument(): Promise<Document> {
  const log = pino({ level: 'silent' });
  const app = await makeApi({
    doors: [],
    tokens: new Tokens(),
    log,
    host: '127.0.0.1',
    port: 0,
    checks: () => [],
  });
  try {
    return app.swagger() as unknown as Document;
  } finally {
    await app.close();
  }
}

/** The page with its lists as they should be. */
export async function assembledPage(): Promise<string> {
  const [head = ''] = readFileSync(FILE, 'utf8').split(MARK);
  const { paths, components } = await readDocument();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      section(`${method.toUpperCase()} ${path}`, operation),
    ),
  );
  const objects = Object.entries(components.schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => objectSection(name, schema));
  return `${[`${head}${MARK}`, '## Routes', ...operations, '## Objects', ...objects].join('\n\n')}\n`;
}

function section(title: string, operation: Operation): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const inputs = parameters
    .filter(({ name }) => name !== 'account' && name !== 'id')
    .map(({ name, in: where, schema, description: meaning = schema.description ?? '' }) => ({
      path: name,
      type: `${typeOf(schema)}${schema.default === undefined ? '' : `, default \`${schema.default}\``}`,
      meaning: where === 'query' ? meaning : `${meaning} (${where})`,
    }));
  const body = requestBody?.content['application/json']?.schema;
  const answers = Object.entries(responses)
    .filter(([status]) => Number(status) < 300 || status === '503')
    .flatMap(([status, { content }]) =>
      (content?.['application/json'] ?? status === '204') ? [`${status} ${nameOf(content)}`.trim()] : [],
    );
  const streamed = responses['200']?.content?.['text/event-stream'];
  const errors = Object.entries(responses)
    .filter(([, { content }]) => content?.['application/problem+json'] !== undefined)
    .map(([status, { description: codes }]) => `${status} ${codes}`);
  return [
    `### \`${title}\``,
    '',
    ...wrapped(
      `${summary}. ${description ?? 'Needs no token.'} Answers: ` +
        `${streamed === undefined ? `${answers.join('; ')}.` : (streamed.schema.description ?? '')}`,
    ),
    ...(inputs.length > 0 ? ['', ...table('query', inputs)] : []),
    ...(body === undefined ? [] : ['', ...table('body', fieldsOfJson(body))]),
    '',
    ...wrapped(`Errors: ${errors.join('; ')}.`),
  ].join('\n');
}

/** The name of the object that an answer has. */
function nameOf(content: Media | undefined): string {
  const name = content?.['application/json']?.schema.$ref?.split('/').at(-1);
  return name === undefined ? '' : `[${name}](#${name.toLowerCase()})`;
}

function objectSection(name: string, schema: Json): string {
  return [
    `### ${name}`,
    '',
    ...wrapped(schema.description ?? ''),
    '',
    ...table('field', fieldsOfJson(schema)),
  ].join('\n');
}

function table(first: string, fields: readonly Field[]): string[] {
  const rows = fields.map(({ path, type, meaning }) => `| \`${path}\` | ${type} | ${meaning} |`);
  return [`| ${first} | is | means |`, '|---|---|---|', ...rows];
}

if (import.meta.main) writeFileSync(FILE, await assembledPage());
