// Who may read what from the viewer's server (W1 of the reliability goals): raw sockets, so that nothing normalizes what is sent.
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { view } from '../../src-ts/doors/figure.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-viewer-'));
const visible = join(folder, 'shown');
const secret = 'a line that no answer may contain';
const entry = (note: string) =>
  `{"kind":"epoch","step":1,"time":"2026-11-30T00:00:00Z","epoch":1,"loss":0.5,"note":"${note}"}\n`;

await mkdir(visible, { recursive: true });
await writeFile(join(visible, 'run.jsonl'), entry('inside'));
// Beside the folder, and what links in it lead to: logs that the viewer would show if it reached them.
await writeFile(join(folder, 'secret.jsonl'), entry(secret));
await symlink(join(folder, 'secret.jsonl'), join(visible, 'link.jsonl'));
await symlink(folder, join(visible, 'folder'));

const viewer = await view(visible);
const { port, searchParams } = new URL(viewer.url);
const token = searchParams.get('token')!;
const cookie = `Cookie: lapicque-${port}=${token}`;
const host = `Host: 127.0.0.1:${port}`;

test.after.always(async () => {
  await viewer.close();
  await rm(folder, { recursive: true });
});

function open(): Socket {
  return connect(Number(port), '127.0.0.1');
}

/** Sends bytes, and returns everything until the server ends the connection. */
function exchange(text: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = open();
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
    });
    // A server that refuses a long request may close before it has read all of it.
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}

function get(path: string, ...headers: readonly string[]): Promise<string> {
  return exchange(`GET ${path} HTTP/1.1\r\n${[...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`);
}

const status = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);

test('the token opens the page: once in the address, then as a cookie that no script and no other site can use', async (t) => {
  const first = await get(`/?token=${token}`, host);
  t.is(status(first), 303);
  t.regex(first, /^Location: \/\r$/m);
  const setCookie = /^Set-Cookie: (.*)\r$/m.exec(first)![1]!;
  t.is(setCookie, `lapicque-${port}=${token}; Path=/; HttpOnly; SameSite=Strict`);
  const page = await get('/', host, `Cookie: other=1; ${setCookie.split(';')[0]}`);
  t.is(status(page), 200);
  t.true(page.includes('viewer.js'));
  t.is(status(await get('/api/items', host, `X-Lapicque-Token: ${token}`)), 200);
  // The token is long enough that nobody guesses it, and is a new one each time.
  t.true(Buffer.from(token, 'base64url').length >= 32);
  const other = await view();
  t.not(new URL(other.url).searchParams.get('token'), token);
  await other.close();
});

test('every answer forbids what a page does not need', async (t) => {
  for (const answer of [
    await get('/', host, cookie),
    await get('/viewer.js', host, cookie),
    await get('/api/items', host, cookie),
    await get('/', host),
    await get('/nothing', host, cookie),
  ]) {
    const policy = /^Content-Security-Policy: (.*)\r$/m.exec(answer)![1]!;
    t.true(policy.startsWith("default-src 'self';"));
    t.notRegex(policy, /unsafe|\*|data:|http/);
    t.regex(answer, /^X-Content-Type-Options: nosniff\r$/m);
    t.regex(answer, /^Referrer-Policy: no-referrer\r$/m);
    t.regex(answer, /^Cross-Origin-Resource-Policy: same-origin\r$/m);
    t.regex(answer, /^Cache-Control: no-store\r$/m);
    t.notRegex(answer, /access-control/i);
  }
  // The page has no script or style of its own text, which the policy would block.
  const page = (await get('/', host, cookie)).split('\r\n\r\n')[1]!;
  t.notRegex(page, /<script(?![^>]*\bsrc=)|<style|\son\w+=|style=/);
});

test('the server listens on the loopback address only', async (t) => {
  const { networkInterfaces } = await import('node:os');
  t.is(new URL(viewer.url).hostname, '127.0.0.1');
  const others = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address),
  );
  for (const address of others) {
    const refused = await new Promise((resolve) => {
      const socket = connect(Number(port), address);
      socket.on('error', () => resolve(true));
      socket.on('connect', () => {
        socket.destroy();
        resolve(false);
      });
    });
    t.true(refused, address);
  }
});

const foreign: readonly [what: string, ...headers: string[]][] = [
  ['no token', host],
  ['a wrong token', host, `Cookie: lapicque-${port}=${'A'.repeat(token.length)}`],
  ['a token that is cut', host, `Cookie: lapicque-${port}=${token.slice(0, -1)}`],
  ['the token of another port', host, `Cookie: lapicque-${Number(port) + 1}=${token}`],
  ['a wrong Host', 'Host: example.org', cookie],
  ['a Host that resolves here', `Host: attacker.test:${port}`, cookie],
  ['a Host of another port', 'Host: 127.0.0.1:1', cookie],
  ['a Host without port', 'Host: 127.0.0.1', cookie],
  ['two Hosts', host, 'Host: example.org', cookie],
  ['a foreign Origin', host, cookie, 'Origin: https://example.org'],
  ['the Origin of another port', host, cookie, 'Origin: http://127.0.0.1:1'],
  ['an Origin without a place', host, cookie, 'Origin: null'],
  ['another site', host, cookie, 'Sec-Fetch-Site: cross-site'],
  ['another port of this host', host, cookie, 'Sec-Fetch-Site: same-site'],
];
for (const [what, ...headers] of foreign) {
  test(`refused: ${what}`, async (t) => {
    for (const path of [
      '/',
      '/viewer.js',
      '/api/items',
      '/api/describe?item=training',
      '/api/follow/runs?item=training',
    ]) {
      const answer = await get(path, ...headers);
      t.true([400, 403].includes(status(answer)), `${path}: ${status(answer)}`);
      t.notRegex(answer, /run|lapicque-page/);
    }
  });
}

test('refused: methods, bodies and protocols that the page does not use', async (t) => {
  const send = (head: string, body = '') =>
    exchange(`${head}\r\n${host}\r\n${cookie}\r\nConnection: close\r\n${body}`);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])
    t.is(status(await send(`${method} /api/items HTTP/1.1`, '\r\n')), 405, method);
  t.is(status(await send('GET /api/items HTTP/1.1', 'Content-Length: 4\r\n\r\nbody')), 400);
  t.is(status(await send('GET /api/items HTTP/1.1', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n')), 400);
  const upgrade = await exchange(
    `GET / HTTP/1.1\r\n${host}\r\n${cookie}\r\nOrigin: https://example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
  t.is(status(upgrade), 403);
  const own = upgradeOf(`Origin: http://127.0.0.1:${port}`);
  t.is(status(await exchange(own)), 400);
  for (const bytes of [
    '\x16\x03\x01\x02\x00\x01\x00',
    'GET\r\n\r\n',
    '\0'.repeat(100),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])
    t.not(status(await exchange(bytes)), 200);
});

function upgradeOf(origin: string): string {
  return `GET / HTTP/1.1\r\n${host}\r\n${cookie}\r\n${origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
}

/** Ways to write `../` in an address. */
function traversals(): string[] {
  const dots = [
    '..',
    '%2e%2e',
    '%2E.',
    '.%2e',
    '%252e%252e',
    '%c0%ae%c0%ae',
    '%u002e%u002e',
    '..%00',
    '...',
    '%2e%2e%3b',
    '.\t.',
  ];
  const slashes = ['/', '%2f', '%2F', '\\', '%5c', '%252f', '%c0%af', '//', '/./', '%00/'];
  const targets = ['secret.jsonl', 'etc/passwd'];
  return dots.flatMap((dot) =>
    slashes.flatMap((slash) => targets.map((target) => `${dot}${slash}${dot}${slash}${target}`)),
  );
}

test('200 encodings of path traversal are refused, in the path and as the name of an item', async (t) => {
  const all = traversals();
  t.true(all.length >= 200);
  const absolute = [
    join(folder, 'secret.jsonl'),
    `file://${folder}/secret.jsonl`,
    '/etc/passwd',
    'C:\\Windows\\win.ini',
    'link.jsonl',
    'folder/secret.jsonl',
  ];
  let served = '';
  const refused = async (path: string) => {
    const answer = await get(path, host, cookie);
    served += answer;
    t.true([400, 403].includes(status(answer)), `${JSON.stringify(path)}: ${status(answer)}`);
  };
  for (const one of all) {
    await refused(`/${one}`);
    await refused(`/api/describe?item=${one}`);
  }
  for (const one of all.slice(0, 20)) await refused(`/api/epochs?item=training&run=${one}`);
  for (const one of absolute) await refused(`/api/describe?item=${encodeURIComponent(one)}`);
  t.false(served.includes(secret));
  t.false(served.includes('root:'));
});

test('links out of the folder are not followed', async (t) => {
  const items = (await get('/api/items', host, cookie)).split('\r\n\r\n')[1]!;
  t.deepEqual(JSON.parse(items), {
    title: 'shown',
    items: [{ id: 'training', kind: 'training', title: 'All runs' }],
  });
  const runs = (await get('/api/describe?item=training', host, cookie)).split('\r\n\r\n')[1]!;
  t.deepEqual(
    (JSON.parse(runs) as { runs: { id: string }[] }).runs.map(({ id }) => id),
    ['run'],
  );
});

test('a header of 1 MB is refused, and so is an address of 100 kB', async (t) => {
  const header = await exchange(
    `GET / HTTP/1.1\r\n${host}\r\n${cookie}\r\nX-Long: ${'a'.repeat(1e6)}\r\n\r\n`,
  );
  t.true([0, 400, 431].includes(status(header)), String(status(header)));
  t.not(status(await exchange(`GET /?${'a'.repeat(1e5)} HTTP/1.1\r\n${host}\r\n${cookie}\r\n\r\n`)), 200);
  const many = Array.from({ length: 1e5 }, (_, i) => `X-${i}: 1`).join('\r\n');
  t.not(status(await exchange(`GET / HTTP/1.1\r\n${host}\r\n${many}\r\n\r\n`)), 200);
  // The server still answers others.
  t.is(status(await get('/', host, cookie)), 200);
});

test('a client that sends its headers slowly is cut off, and others are answered meanwhile', async (t) => {
  const began = performance.now();
  const slow = open();
  const ended = new Promise<void>((resolve) => slow.on('close', () => resolve()));
  slow.on('error', () => {});
  slow.resume();
  slow.write(`GET / HTTP/1.1\r\n${host}\r\n`);
  const drip = setInterval(() => slow.write('X-Slow: 1\r\n'), 200);
  t.is(status(await get('/', host, cookie)), 200);
  await ended;
  clearInterval(drip);
  // The time of headers is 5 s, and it is checked every second.
  t.true(performance.now() - began < 9000);
});

test('after close() nothing answers, also on connections that are open', async (t) => {
  const other = await view(visible);
  const at = Number(new URL(other.url).port);
  const kept = connect(at, '127.0.0.1');
  kept.on('error', () => {});
  await new Promise((resolve) => kept.on('connect', resolve));
  const ended = new Promise((resolve) => kept.on('close', resolve));
  kept.resume();
  await other.close();
  await ended;
  const refused = await new Promise((resolve) => connect(at, '127.0.0.1').on('error', () => resolve(true)));
  t.true(refused);
});
