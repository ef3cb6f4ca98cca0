// For NODE_OPTIONS=--import: a process names on standard error each module of OpenTelemetry that it loads, but
// of its API, which prom-client needs.
import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, next) {
    if (/@opentelemetry\/(?!api\/)/.test(url)) process.stderr.write(`loaded ${url}\n`);
    return next(url, context);
  },
});
