/**
 * Takes Node's own modules by `require`. An import of one reads all that it exports, and some of that loads
 * more when it is read: of node:fs its streams, of node:util workers, of node:crypto all of WebCrypto.
 */
import type { Plugin } from 'rolldown';

export const nodeModules: Plugin = {
  name: 'node-modules',
  resolveId: {
    // The bundle has its `require` from node:module.
    filter: { id: /^node:(?!module$)/ },
    handler: (id, _importer, { kind }) => (kind === 'import-statement' ? `\0${id}` : null),
  },
  load: {
    filter: { id: /^\0node:/ },
    handler: (id) => `module.exports = require(${JSON.stringify(id.slice(1))});`,
  },
};
