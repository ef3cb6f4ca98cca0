/**
 * The paper exchange with the busy market, as its own process: the campaign's broker and, by its log, the
 * independent judge. Arguments: seed, log file, equity in USD, judge window in ms, and the address to listen
 * on (default: any local port). It accepts orders above the cap, so that the judge sees a coordinator's
 * errors.
 */
import { startExchange } from '../../../src/exchange/server.ts';
import { BusyMarket } from './market.ts';

const [seed = '1', log = '', equity = '100000', judgeWindow = '13000', host = '127.0.0.1', port = '0'] =
  process.argv.slice(2);
const market = new BusyMarket(Number(seed));
const settings = {
  host,
  port,
  seed,
  log,
  equity,
  leverage: '2',
  pools: 'crypto:0.5',
  judgeWindow,
  buyingPower: false,
  rateLimit: 0,
  cancelDelay: 5,
};
const exchange = await startExchange(settings, {
  market,
  onWarning: (message) => process.stderr.write(`${message}\n`),
});
process.send?.({ url: exchange.url });
// Whoever started it is gone, or wants its log whole.
process.on('disconnect', () => void exchange.close().then(() => process.exit(0)));
