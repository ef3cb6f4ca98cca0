/**
 * Links node_modules/.bin/node where npm did not: npm 10 removes the link again, together with those of the
 * platforms that it left out, because all have the same name. Runs after `npm ci`, on whatever Node runs npm.
 */
import { existsSync, symlinkSync } from 'node:fs';

const packages = new URL('../node_modules/', import.meta.url);
const link = new URL('.bin/node', packages);
const { platform, arch } = process;
const names = [`node-${platform}-${arch}`, `node-bin-${platform}-${arch}`];
const name = names.find((each) => existsSync(new URL(each, packages)));

// Windows has shims in place of links; there npm has to make them.
if (platform !== 'win32' && name !== undefined && !existsSync(link)) symlinkSync(`../${name}/bin/node`, link);
