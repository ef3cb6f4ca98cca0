/** The OpenAPI 3.1 document, made of the routes' schemas. */
import { fastifySwagger } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { RouteScope } from './auth.ts';

const INFO = {
  title: 'worksteal',
  version: '1',
  description:
    'Orders and plans of brokerage accounts that share a cap. Money is integer micro-USD (...Micros), ' +
    'times are ms (...Ms), prices, quantities and PnL are decimal text. Answers may gain fields: ignore ' +
    'those that you do not know. Every answer has X-Request-ID.',
};

type Json = { [name: string]: unknown };

/** Must be registered before the routes. */
export async function addOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.1',
      info: INFO,
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'a token of `worksteal token new`' },
          session: { type: 'apiKey', in: 'cookie', name: 'worksteal', description: 'of POST /v1/session' },
        },
      },
    },
    transform: (document) => withSecurity(jsonSchemaTransform(document), document.route.config?.scope),
    transformObject: (document) => opened(jsonSchemaTransformObject(document)),
  });
}

/** Which scope a caller needs, where tools look for it and where people read it. */
function withSecurity<Route extends { schema: object }>(route: Route, scope: RouteScope = 'none'): Route {
  if (scope === 'none') return { ...route, schema: { ...route.schema, security: [] } };
  const security = [{ token: [scope] }, { session: [] }];
  return { ...route, schema: { ...route.schema, security, description: `Needs the scope ${scope}.` } };
}

/**
 * Answers may gain fields, so what only describes answers is not closed. What no request uses is left out:
 * each object comes a second time as `NAMEInput`.
 */
function opened<Document extends object>(document: Document): Document {
  const { components, paths } = document as { components?: { schemas?: Json }; paths?: Record<string, Json> };
  const schemas = components?.schemas ?? {};
  const used = JSON.stringify(paths);
  for (const [name, schema] of Object.entries(schemas)) {
    if (!name.endsWith('Input')) open(schema);
    else if (!used.includes(`"#/components/schemas/${name}"`)) delete schemas[name];
  }
  for (const path of Object.values(paths ?? {}))
    for (const operation of Object.values(path)) open((operation as Json)['responses']);
  return document;
}

function open(schema: unknown): void {
  if (schema === null || typeof schema !== 'object') return;
  const json = schema as Json;
  if (json['additionalProperties'] === false) delete json['additionalProperties'];
  for (const inner of Object.values(json)) open(inner);
}
