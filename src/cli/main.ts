#!/usr/bin/env node
/**
 * `worksteal`: the one program, in program.ts. What is loaded after this file takes two thirds of the time
 * when it was compiled before.
 */
import * as nodeModule from 'node:module';

// An older Node does not have it; the program then says which version it needs.
nodeModule.enableCompileCache?.();
await import('./program.ts');
