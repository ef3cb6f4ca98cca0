/** Checks answers of the API against the document that it serves. */
import { z } from 'zod';

type Json = { [name: string]: unknown };
type Operation = {
  security?: Record<string, string[]>[];
  responses: Record<string, { content?: Record<string, { schema: Json }> }>;
};
export type OpenApi = { paths: Record<string, Record<string, Operation>>; components: { schemas: Json } };

export type Heard = { method: string; path: string; status: number; type: string; body: unknown };

/** Every operation, such as `PUT /v1/accounts/{account}/plans/{id}`, with the scope that it names. */
export function operationsOf({ paths }: OpenApi): Map<string, string> {
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security = [] }]) => [
        `${method.toUpperCase()} ${path}`,
        security[0]?.['token']?.[0] ?? 'none',
      ]),
    ),
  );
}

/** The operation of a request; undefined for a path that the document does not have. */
export function operationOf(document: OpenApi, method: string, path: string): string | undefined {
  const bare = path.split('?', 1)[0] ?? '';
  const patterns = Object.keys(document.paths).map((one) => ({
    one,
    pattern: new RegExp(`^${one.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
  }));
  const found = patterns.find(
    ({ one, pattern }) => pattern.test(bare) && method.toLowerCase() in (document.paths[one] ?? {}),
  );
  return found === undefined ? undefined : `${method} ${found.one}`;
}

/** What is wrong with an answer, by the document; nothing for a right one. */
export function faultsOf(document: OpenApi, { method, path, status, type, body }: Heard): string[] {
  const operation = operationOf(document, method, path);
  if (operation === undefined) return status === 404 ? [] : [`${method} ${path} is not in the document`];
  const [, pattern = ''] = operation.split(' ');
  const response = document.paths[pattern]?.[method.toLowerCase()]?.responses[status];
  const where = `${operation} ${status}`;
  if (response === undefined) return [`${where} is not in the document`];
  if (status === 204) return body === undefined ? [] : [`${where} has a body`];
  const schema = response.content?.[type]?.schema;
  if (schema === undefined) return [`${where} is ${type}, which is not in the document`];
  const checked = z
    .fromJSONSchema(resolved(schema, document) as Parameters<typeof z.fromJSONSchema>[0])
    .safeParse(body);
  return checked.success ? [] : [`${where}: ${z.prettifyError(checked.error)}`];
}

/** The schema with each reference replaced by what it names. */
function resolved(schema: unknown, document: OpenApi): unknown {
  if (Array.isArray(schema)) return schema.map((one) => resolved(one, document));
  if (schema === null || typeof schema !== 'object') return schema;
  const ref = (schema as Json)['$ref'];
  if (typeof ref === 'string') {
    const name = ref.replace('#/components/schemas/', '');
    return resolved(document.components.schemas[name], document);
  }
  return Object.fromEntries(Object.entries(schema).map(([name, one]) => [name, resolved(one, document)]));
}

/** Every word of an enumeration or a constant in the document. */
export function wordsOf(document: unknown): Set<string> {
  const words = new Set<string>();
  const visit = (json: unknown): void => {
    if (json === null || typeof json !== 'object') return;
    const { enum: some, const: one } = json as Json;
    for (const word of Array.isArray(some) ? some : [one]) if (typeof word === 'string') words.add(word);
    for (const inner of Object.values(json)) visit(inner);
  };
  visit(document);
  return words;
}
