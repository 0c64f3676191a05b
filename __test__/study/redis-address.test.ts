// Which Redis a study may use, and that its password is told to nobody else.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import test from 'ava';
import { type RedisOptions, redisAddress } from '../../src-ts/study/redis/address.ts';
import { connect, redisPackages } from '../../src-ts/study/redis/connection.ts';
import { failure } from '../support/errors.ts';
import { lapicque } from '../support/program.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';

const none = {};
const over = hasRedis ? test : test.skip;

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join('build', 'redis-address-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

test('parts of a URL', (t) => {
  t.deepEqual(redisAddress({ url: 'redis://localhost' }, none), {
    display: 'redis://localhost:6379',
    host: 'localhost',
    port: 6379,
    db: 0,
  });
  t.deepEqual(redisAddress({ url: 'redis://ann:p%40ss@127.0.0.1:7000/3?x=1' }, none), {
    display: 'redis://127.0.0.1:7000/3',
    host: '127.0.0.1',
    port: 7000,
    db: 3,
    username: 'ann',
    password: 'p@ss',
  });
  t.deepEqual(redisAddress({ url: 'rediss://:word@redis.example.org' }, none), {
    display: 'rediss://redis.example.org:6379',
    host: 'redis.example.org',
    port: 6379,
    db: 0,
    password: 'word',
    tls: { servername: 'redis.example.org' },
  });
});

test('options come after the URL, the environment after options', (t) => {
  const environment = {
    LAPICQUE_REDIS_URL: 'redis://[::1]:7001',
    LAPICQUE_REDIS_USERNAME: 'env',
    LAPICQUE_REDIS_PASSWORD: 'env-word',
  };
  t.like(redisAddress({}, environment), { host: '::1', port: 7001, username: 'env', password: 'env-word' });
  t.like(redisAddress({ password: 'own' }, environment), { username: 'env', password: 'own' });
  t.like(redisAddress({ url: 'redis://:url@localhost', password: 'own' }, environment), { password: 'url' });
});

for (const [options, expected] of [
  [{ url: 'redis://redis.example.org' }, /TLS \(rediss:\/\/\) and a password/],
  [{ url: 'rediss://redis.example.org' }, /expected a password/],
  [{ url: 'redis://:Geheim99@10.0.0.1' }, /expected TLS \(rediss:\/\/\) for another machine/],
  [{ url: 'redis://localhost.example.org' }, /TLS/],
  [{ url: 'redis://127.evil.org' }, /TLS/],
  [{ url: 'http://localhost' }, /redis:\/\/\[user:password@\]host/],
  [{ url: 'redis://:Geheim99@[' }, /not a URL/],
  [{ url: 'redis://:Geheim99%@localhost' }, /lone %/],
  [{ url: 'redis://:Geheim99@localhost/x' }, /number of a database/],
  [{}, /LAPICQUE_REDIS_URL/],
] as [RedisOptions, RegExp][]) {
  test(`refused: ${options.url ?? 'nothing'}`, async (t) => {
    const error = await failure(() => redisAddress(options, none));
    t.is(error?.code, 'invalid-parameter');
    t.regex(error!.message, expected);
    t.false(
      inspect(error, { depth: 20, showHidden: true })
        .replace(/\n {4}at .*/g, '')
        .includes('Geheim99'),
    );
  });
}

test('another machine is allowed with TLS and a password, or where it is asked for', (t) => {
  t.notThrows(() => redisAddress({ url: 'rediss://redis.example.org', password: 'x' }, none));
  t.notThrows(() => redisAddress({ url: 'redis://redis.example.org', insecure: true }, none));
});

over('a wrong password: an error without it', async (t) => {
  await using server = await RedisServer.start(['--requirepass', 'right']);
  const { clients } = await redisPackages();
  const address = redisAddress({ url: server.url, username: 'default', password: 'Geheim99' }, none);
  const error = await failure(() => connect(clients, address, () => {}));
  t.is(error?.code, 'io');
  t.regex(error!.message, /^redis:\/\/127\.0\.0\.1:\d+: WRONGPASS/);
  t.false(inspect(error, { depth: 20, showHidden: true }).includes('Geheim99'));
});

const openssl = spawnSync('openssl', ['version']).status === 0;
(hasRedis && openssl ? test : test.skip)('TLS with a certificate of one’s own', async (t) => {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...subject];
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  await using server = await RedisServer.start([...files, '--tls-auth-clients', 'no'], 'tls');
  const { clients } = await redisPackages();
  const url = `rediss://localhost:${server.port}`;
  const client = await connect(clients, redisAddress({ url, tls: { ca: cert } }, none), () => {});
  t.is(await client.ping(), 'PONG');
  client.disconnect();
  const stranger = await failure(() => connect(clients, redisAddress({ url }, none), () => {}));
  t.is(stranger?.code, 'io');
  t.regex(stranger!.message, /self-signed certificate/);
});

for (const name of ['bullmq', 'ioredis']) {
  test(`without the package ${name}`, async (t) => {
    const hooks = `export async function resolve(name, context, next) {
      if (name !== '${name}') return next(name, context);
      throw Object.assign(new Error("Cannot find package '${name}'"), { code: 'ERR_MODULE_NOT_FOUND' });
    }`;
    const script = join(folder, `without-${name}.mjs`);
    await writeFile(
      script,
      `import { register } from 'node:module';
       register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));`,
    );
    const env = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${resolve(script)}` };
    const file = resolve('__test__/support/redis-study.mjs');
    const { code, stderr } = await lapicque(
      ['sweep', 'worker', file, '--redis', 'redis://127.0.0.1:1'],
      '.',
      env,
    );
    t.is(code, 1);
    t.regex(stderr, RegExp(`needs the package ${name}, which is not installed; run npm install ${name}`));
  });
}
