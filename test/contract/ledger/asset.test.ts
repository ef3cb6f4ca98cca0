/** lua/asset.lua: what one host learned about an asset, shared with the other hosts. */
import { expect, it } from 'vitest';
import { noteAsset, readAssetNote } from '../../../src/ledger/commands/asset.ts';
import { useLedgers } from '../../support/fixtures.ts';

const ledgers = useLedgers();

it('is known with its age until it is too old for who asks', async () => {
  const { ledger, advanceHealth } = await ledgers.account();
  expect(await readAssetNote(ledger, 'AAA', 1_000)).toBeUndefined();
  await noteAsset(ledger, 'AAA', '{"symbol":"AAA"}');
  await advanceHealth(1_000);
  expect(await readAssetNote(ledger, 'AAA', 1_000)).toEqual({ text: '{"symbol":"AAA"}', ageMs: 1_000 });
  await advanceHealth(1);
  expect(await readAssetNote(ledger, 'AAA', 1_000)).toBeUndefined();
  expect(await readAssetNote(ledger, 'BBB', 1_000)).toBeUndefined();
});

it('is not known when the clock went back since', async () => {
  const { ledger, advanceHealth } = await ledgers.account();
  await noteAsset(ledger, 'AAA', 'text');
  await advanceHealth(-1);
  expect(await readAssetNote(ledger, 'AAA', 1_000)).toBeUndefined();
});
