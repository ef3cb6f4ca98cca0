/** Hosts of one account with different settings: the differing host must not steal, and status shows why. */
import { expect, it } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { useRedis } from '../support/fixtures.ts';
import { PATIENCE, startFleet } from '../support/fleet.ts';

const redis = useRedis();

it('a host with other settings than its account admits what fits, does not steal, and says so', async () => {
  const fleet = await startFleet(redis.url);
  try {
    fleet.start('keep');
    fleet.start('work');
    fleet.start('watch', 'same');
    fleet.price('ETH', '100.5');
    fleet.price('UNI', '100.2');
    await fleet.file({ id: 'worse', symbol: 'ETH', pnl: '1' });
    await expect.poll(() => fleet.order('worse_1'), PATIENCE).toMatchObject({ state: 'working' });
    fleet.price('ETH', '110');
    await fleet.priceKnown('ETH', '110');

    await fleet.file({ id: 'better', symbol: 'UNI', pnl: '2.5' });
    const differing = fleet.start('watch', 'differing', { WORK_STEALING_COOLDOWN: '60' });
    const refusal = () => fleet.ledger.redis.hgetall(key(fleet.account, 'refusal:better'));
    await expect.poll(refusal, PATIENCE).toMatchObject({ reason: 'disabled', why: 'settings_differ' });
    await differing.until('it says so', () =>
      differing.lines.some(({ msg }) =>
        msg.includes('does not steal, and enters nothing where their pools differ'),
      ),
    );
    expect(await fleet.order('worse_1')).toMatchObject({ state: 'working' });

    await fleet.withdraw('worse');
    await expect
      .poll(() => fleet.order('better_1'), PATIENCE)
      .toMatchObject({ state: 'working', owner: 'differing' });
    await fleet.expectSound();
  } catch (error) {
    process.stderr.write(`${fleet.story()}\n`);
    throw error;
  } finally {
    await fleet.close();
  }
}, 180_000);
