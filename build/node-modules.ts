/**
 * Takes Node's own modules by `require`. An import of one reads all that it exports, and some of that loads
 * more when it is read: of node:fs its streams, of node:util workers, of node:crypto all of WebCrypto.
 */
import type { Plugin } from 'rolldown';

/**
 * Loaded at the first use of something in them: the client of Redis and commander name them at their top, and
 * a command that needs neither would start 20 ms later.
 */
const LATE = ['node:child_process', 'node:tls'];

export const nodeModules: Plugin = {
  name: 'node-modules',
  resolveId: {
    // The bundle has its `require` from node:module.
    filter: { id: /^node:(?!module$)|^tls$/ },
    handler: (id, importer, { kind }) =>
      kind === 'dynamic-import' || importer?.startsWith('\0node:')
        ? null
        : `\0node:${id.replace('node:', '')}`,
  },
  load: {
    filter: { id: /^\0node:/ },
    handler: (id) => commonJs(id.slice(1)),
  },
};

function commonJs(name: string): string {
  const whole = `require(${JSON.stringify(name)})`;
  if (!LATE.includes(name)) return `module.exports = ${whole};`;
  const each = Object.keys(process.getBuiltinModule(name) ?? {});
  return `module.exports = { ${each.map((one) => `get ${one}() { return ${whole}.${one}; }`)} };`;
}
