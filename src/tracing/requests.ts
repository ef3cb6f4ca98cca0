/**
 * One span per request of a server, from its first header to its answer. A caller's `traceparent` is
 * continued; what the request does lies below it. Streams are left out: they last for hours.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Facts, Span, Tracing } from './tracing.ts';

const STREAM = /\/(events|live)$/;

/**
 * To be called before the server's routes are added.
 * @param below traces only the routes below this path
 * @param factsOf what else is told of a request once it is answered; never a header
 */
export function traceRequests(
  app: FastifyInstance,
  tracing: Tracing,
  below: string,
  factsOf: (request: FastifyRequest) => Facts = () => ({}),
): void {
  if (!tracing.isOn) return;
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions } = request;
    const route = routeOptions.url ?? '';
    if (!route.startsWith(below) || STREAM.test(route)) return done();
    const { traceparent: parent } = headers;
    const facts = { 'http.request.method': method, 'http.route': route, 'worksteal.request': request.id };
    const span = tracing.begin(`${method} ${route}`, {
      ...{ kind: 'server', facts },
      ...(typeof parent === 'string' && { parent }),
    });
    spans.set(request, span);
    span.within(done);
  });
  // A body arrives on the connection, outside of what the first hook began.
  app.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else span.within(done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request);
    span?.note({ 'http.response.status_code': reply.statusCode, ...factsOf(request) });
    if (reply.statusCode >= 500) span?.fail(`answered ${reply.statusCode}`);
    span?.end();
    spans.delete(request);
    done();
  });
  // The client went away before the answer.
  app.addHook('onRequestAbort', (request, done) => {
    const span = spans.get(request);
    span?.fail('the client went away');
    span?.end();
    spans.delete(request);
    done();
  });
}
