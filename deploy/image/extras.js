/**
 * Makes the optional packages of package.json (traces, the page of queues) ordinary ones, so that the image
 * keeps them: where it is used nobody can install them beside worksteal.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
for (const name of Object.keys(manifest.peerDependencies))
  manifest.dependencies[name] = manifest.devDependencies[name];
delete manifest.devDependencies;
delete manifest.peerDependencies;
delete manifest.peerDependenciesMeta;
writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
