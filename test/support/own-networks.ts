/**
 * A steal scene in which each part has its own network to Redis and to the broker, so that one can fail
 * alone.
 */
import { type Envs, type Part, StealScene } from './steal-scene.ts';
import { startProxy, type TcpProxy } from './tcp-proxy.ts';

export type Target = 'redis' | 'broker';

export type OwnNetworks = {
  scene: StealScene;
  /** The way from this part to there. */
  way(part: Part, target: Target): TcpProxy;
  /** All ways are fair again. */
  heal(): void;
  close(): Promise<void>;
};

const PARTS: readonly Part[] = ['victim', 'thief', 'worker', 'keeper'];

/** The scene with all four parts running. */
export async function openOwnNetworks(redis: { readonly url: string }): Promise<OwnNetworks> {
  const ways = new Map<string, TcpProxy>();
  const lay = async (part: Part, target: Target, url: string): Promise<string> => {
    const { hostname, port } = new URL(url);
    const proxy = await startProxy({ host: hostname, port: Number(port) });
    ways.set(`${part} ${target}`, proxy);
    return proxy.url(target === 'redis' ? 'redis' : 'http');
  };
  const scene = await StealScene.open(redis.url, { cancelDelay: 50 }, async ({ exchange }) => {
    const envs: Envs = {};
    for (const part of PARTS) {
      const broker = await lay(part, 'broker', exchange.url);
      envs[part] = {
        REDIS_URL: await lay(part, 'redis', redis.url),
        APCA_API_BASE_URL: broker,
        APCA_API_DATA_URL: broker,
      };
    }
    return envs;
  });
  scene.start('thief');
  return {
    scene,
    way(part, target) {
      const found = ways.get(`${part} ${target}`);
      if (found === undefined) throw new Error(`there is no way from ${part} to ${target}`);
      return found;
    },
    heal() {
      for (const way of ways.values()) way.heal();
    },
    async close() {
      await scene.close();
      for (const way of ways.values()) await way.close();
    },
  };
}
