/** `worksteal exchange`: the paper exchange. */
import { Command } from 'commander';
import { startExchange } from '../exchange/server.ts';
import { onStop } from '../fleet/stop-signals.ts';

/** Runs until SIGINT or SIGTERM, or until `worksteal up` is gone. */
export function exchangeCommand(): Command {
  return new Command('exchange')
    .description("a paper exchange that speaks Alpaca's protocol and judges that the cap holds (GET /judge)")
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes a free one', '8090')
    .option(
      '--data <dir>',
      'replay the hourly bars of this folder (*.csv, *.csv.gz); without it the market is synthetic',
    )
    .option('--seed <n>', 'seed of the synthetic market, of partial fills and of faults', '1')
    .option('--start <time>', "market time at the start, ISO with a zone (default: the first bar's, or now)")
    .option('--speed <n>', 'market seconds per real second', '1')
    .option('--equity <usd>', 'cash at the start', '100000')
    .option('--leverage <n>', 'cap of the pool total that is judged, times equity', '2')
    .option('--pools <list>', 'further pools that are judged, such as crypto:1,stock:4')
    .option('--multiplier <n>', "the broker's own margin multiplier (default: the leverage)")
    .option('--crypto-cash', 'check cryptos against cash alone')
    .option('--no-buying-power', 'never refuse for lack of buying power; the judge still counts')
    .option('--partial-rate <share>', 'share of fills that come in two parts', '0.1')
    .option('--cancel-delay <ms>', 'real time from a DELETE to the cancel', '20')
    .option('--replace-delay <ms>', 'real time from a PATCH to the replacement', '20')
    .option('--stock-hours <when>', 'when stocks are traded: always, session', 'always')
    .option('--rate-limit <n>', 'requests per minute; 0: no limit', '200')
    .option('--judge-window <ms>', "how long an account answer's cap may be used, in real time", '10000')
    .option('--log <file>', 'append the exposure log to this file (JSON lines)')
    .option('--key <key>', 'the API key to demand (default: any)')
    .option('--secret <secret>', 'the API secret to demand')
    .option('--account-number <number>', 'account number in GET /v2/account (default: a new one per start)')
    .option(
      '--accounts <list>',
      'several accounts, each with its own book and equity: NUMBER:KEY:SECRET[:EQUITY],…',
    )
    .option('--tick <ms>', 'real time between two steps of the market', '20')
    .action(async (options: Record<string, unknown>) => {
      const running = await startExchange(options, {
        onWarning: (message) => process.stderr.write(`${message}\n`),
      });
      process.stdout.write(`exchange listening on ${running.url}\n`);
      const unlisten = onStop(() => void running.close().then(unlisten));
    });
}
