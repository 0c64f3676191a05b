// Memory does not grow: steps of training, models made and disposed of, models dropped, sessions.
import test from 'ava';
import { run } from '../support/process.ts';

const prelude = `
import { readFileSync } from 'node:fs';
const resident = async () => {
  // Twice, with turns of the event loop between: finalizers run after the collection that found them.
  for (let i = 0; i < 2; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return Number(/VmRSS:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
};
const network = sequential(dense(20, 70), lif({ beta: 0.9, recurrent: 'dense' }), dense(70, 3), li({ beta: 0.9 }));
const batch = { x: new Float32Array(4 * 20).fill(0.4), shape: [4, 20], y: Uint8Array.of(0, 1, 2, 0) };
const work = { steps: 4, loss: loss.crossEntropyMembrane(), optimizer: adam() };
/** Growth in MiB over the last four fifths of the rounds. */
const growth = async (rounds, round) => {
  for (let i = 0; i < rounds / 5; i++) await round(i);
  const before = await resident();
  for (let i = 0; i < (rounds * 4) / 5; i++) await round(i);
  return (await resident()) - before;
};
`;

const rounds: Record<string, [number, string]> = {
  'steps of training': [
    2500,
    'const model = await network.compile(); const round = () => model.trainStep(batch, work);',
  ],
  'runs, and their states': [
    2500,
    'const model = await network.compile(); const round = () => model.run(batch, { steps: 4 });',
  ],
  'models that are disposed of': [
    2000,
    `const round = async (i) => {
      const model = await network.compile();
      if (i % 10 === 0) await model.trainStep(batch, work);
      model.dispose();
    };`,
  ],
  'models that are dropped': [
    1000,
    `const round = async (i) => {
      const model = await network.compile();
      if (i % 10 === 0) await model.trainStep(batch, work);
      if (i % 50 === 0) gc();
    };`,
  ],
  'sessions, forks and their states': [
    2000,
    `const model = await network.compile();
    const parent = await model.session();
    const round = async (i) => {
      const session = parent.fork();
      session.push([1, 5, 9]);
      session.restore(session.save());
      if (i % 2 === 0) session.dispose();
      if (i % 50 === 0) {
        gc();
        await new Promise(setImmediate);
      }
    };`,
  ],
  'steps that are refused': [
    2000,
    `const model = await network.compile();
    const bad = { ...batch, x: new Float32Array(80).fill(NaN) };
    const round = () => model.trainStep(bad, work).catch((error) => error.code);`,
  ],
};

for (const [name, [count, script]] of Object.entries(rounds)) {
  const subject = process.platform === 'linux' ? test.serial : test.serial.skip;
  subject(`memory stays: ${count} ${name}`, async (t) => {
    const grown = await run<number>(
      `${prelude}${script} console.log(JSON.stringify(await growth(${count}, round)));`,
    );
    // Room for a fragmented heap, far below what the rounds would leave behind.
    t.true(grown < 12, `${grown.toFixed(1)} MiB in ${count} rounds`);
  });
}

test.serial('a collector that sees small objects is told of the weights behind them', async (t) => {
  const most = await run<number>(`
    import { readFileSync } from 'node:fs';
    for (let i = 0; i < 60; i++) {
      const model = await sequential(dense(1000, 2000), lif({ beta: 0.9 })).compile({ seed: i });
      await new Promise(setImmediate);
    }
    console.log(Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024);
  `);
  t.true(most < 350, `${most.toFixed(0)} MiB at most, of 480 MiB made`);
});

test.serial('streams on the same weights share them, and disposing of one gives them back', async (t) => {
  // 6 MB of weights, a few kB of state.
  const [shared, disposed, dropped] = await run<number[]>(`${prelude}
    const model = await sequential(dense(1000, 1500), lif({ beta: 0.9 }), dense(1500, 10), li({ beta: 0.9 })).compile();
    const rss = () => Number(/VmRSS:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
    const first = await model.session();
    const before = await resident();
    const sessions = [];
    for (let i = 0; i < 60; i++) sessions.push(await model.session());
    const shared = (await resident()) - before;
    for (const session of [...sessions, first]) session.dispose();
    const rest = rss();
    // Without a collection, which may be long in coming.
    for (let i = 0; i < 30; i++) (await model.session()).dispose();
    const disposed = rss() - rest;
    for (let i = 0; i < 60; i++) await model.session();
    console.log(JSON.stringify([shared, disposed, rss() - rest]));
  `);
  t.true(shared! < 30, `${shared} MiB for 60 streams`);
  t.true(disposed! < 130, `${disposed} MiB after 30 that were disposed of`);
  t.true(dropped! < 200, `${dropped} MiB after 60 that were dropped`);
});
