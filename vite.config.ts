import { defineConfig } from 'vite';

/** Builds the live page into dist/page, where `worksteal serve` takes it from. */
export default defineConfig({
  root: 'src/page',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
