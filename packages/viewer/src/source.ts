/** Data over HTTP from the server that the page comes from. */
import type { ViewSource } from './view.ts';

/** An item of the page. */
export interface Item {
  /** Stable, so that it can be in the URL. */
  readonly id: string;
  readonly kind: string;
  readonly title: string;
}

/** Tells whether streams are connected: `false` while the browser tries to connect again. */
export type ConnectionHandler = (connected: boolean) => void;

/** The source of an item. */
export function httpSource(item: Pick<Item, 'id'>, connection: ConnectionHandler = () => {}): ViewSource {
  const address = (path: string, prefix = 'api/') => {
    const [route, query = ''] = path.split('?', 2) as [string, string?];
    const parameters = new URLSearchParams(query);
    parameters.set('item', item.id);
    return `${prefix}${route}?${parameters}`;
  };
  return {
    async json<T>(path: string) {
      return (await (await answer(address(path))).json()) as T;
    },
    async bytes(path) {
      const got = await answer(address(path));
      const bytes = await got.arrayBuffer();
      const expected = got.headers.get('content-length');
      if (expected !== null && Number(expected) !== bytes.byteLength)
        throw new Error(`${path}: ${bytes.byteLength} bytes arrived; expected ${expected}`);
      return bytes;
    },
    follow(path, handler) {
      const stream = new EventSource(address(path, 'api/follow/'));
      stream.addEventListener('message', ({ data, lastEventId }) =>
        handler(JSON.parse(data), Number(lastEventId)),
      );
      stream.addEventListener('open', () => connection(true));
      stream.addEventListener('error', () => connection(false));
      return () => stream.close();
    },
  };
}

/** The items of the server. */
export async function itemsOfServer(): Promise<{ title: string; items: Item[] }> {
  return (await answer('api/items')).json() as Promise<{ title: string; items: Item[] }>;
}

/** @throws Error with the server's message */
async function answer(address: string): Promise<Response> {
  const got = await fetch(address, { credentials: 'same-origin' });
  if (got.ok) return got;
  const message = await got
    .json()
    .then(({ error }: { error?: { message?: string } }) => error?.message)
    .catch(() => undefined);
  throw new Error(message ?? `the server answered ${got.status}`);
}
