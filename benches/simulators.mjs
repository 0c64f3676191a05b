// Networks of the literature beside the peers' scripts: in turns, on the same machine, in the same minutes.
//
//   node benches/simulators.mjs [NETWORK…] [--peers nest,brian2] [--rounds 3] [--seconds 1] [--threads N] [--seed 1]
//
// NETWORK is brunel, brunel-stdp, coba, cuba, cobahh, izhikevich or microcircuit; default brunel. Each round runs ours
// (`lapicque simulate NETWORK --json`) and then each peer once. Prints a JSON line for each run and at the end one for each
// peer with the ratio of medians of wall seconds for a biological second (`ratio`: how many times as long the peer takes)
// and the range of the ratios of single rounds, and the same of construction. NEST and we take two threads; Brian2 runs in
// its fastest mode, C++ compiled for the network, on one thread. COBAHH: NEST integrates with an adaptive step, we and Brian2
// by exponential Euler at 0.1 ms. NEST takes 14.5 GB and minutes for the microcircuit.
//
// The peers' scripts are not part of this repository. They are looked for in PEERS_SIM_DIR (default ../shared/peers/sim),
// which must have nest_NAME.py and brian_NAME.py with what they import. They run in the Python of PEERS_SIM_PYTHON (default
// .peers/bin/python), an environment made once:
//
//   python3 -m venv .peers
//   .peers/bin/pip install nest-simulator==3.10.0 brian2==2.9.0 "numpy<2.4" cython
import { program } from 'commander';
import { lapicque, peersIn } from './support/peers.mjs';
import { fail, load, median, positive, print } from './support/turns.mjs';

program
  .description('networks of the literature beside the scripts of NEST and Brian2, in turns')
  .argument('[network...]', 'default brunel')
  .option('--peers <names>', 'comma-separated; default those of the network')
  .option('--rounds <n>', 'turns of ours and of each peer', '3')
  .option('--seconds <s>', 'biological seconds', '1')
  .option('--threads <n>', 'default 2; Brian2 has 1')
  .option('--seed <n>', 'of wiring, initial values and noise', '1')
  .parse();
const [values, positionals] = [program.opts(), program.args];
const rounds = positive('rounds', values.rounds);
const seconds = positive('seconds', values.seconds);
const seed = positive('seed', values.seed);

/** By network: the name that the peers' scripts have, and who has one. */
const networks = {
  brunel: { script: 'brunel', peers: 'nest,brian2' },
  'brunel-stdp': { script: 'brunel_stdp', peers: 'nest,brian2' },
  coba: { script: 'coba', peers: 'nest,brian2' },
  cuba: { script: 'cuba', peers: 'nest,brian2' },
  cobahh: { script: 'cobahh', peers: 'nest,brian2' },
  izhikevich: { script: 'izh', peers: 'nest,brian2' },
  microcircuit: { script: 'microcircuit', peers: 'nest' },
};
/** By peer: what its scripts are called, its threads, and what else they are told. */
const engines = {
  nest: { prefix: 'nest', threads: 2, options: [] },
  brian2: { prefix: 'brian', threads: 1, options: ['--mode', 'standalone'] },
};

const chosen = positionals.length === 0 ? ['brunel'] : positionals;
for (const name of chosen) {
  if (networks[name] === undefined)
    fail(`unknown network ${name}: there are ${Object.keys(networks).join(', ')}`);
}
const runScript = peersIn('benches/simulators.mjs', {
  folder: 'PEERS_SIM_DIR',
  defaultFolder: '../shared/peers/sim',
  python: 'PEERS_SIM_PYTHON',
});
for (const name of chosen) await beside(name, networks[name]);

async function beside(name, network) {
  const peers = (values.peers ?? network.peers).split(',');
  for (const peer of peers) {
    if (engines[peer] === undefined)
      fail(`unknown peer ${peer}: there are ${Object.keys(engines).join(', ')}`);
  }
  const threads = values.threads === undefined ? 2 : positive('threads', values.threads);
  const common = ['--seconds', String(seconds), '--seed', String(seed)];
  const ours = [];
  const theirs = new Map(peers.map((peer) => [peer, []]));
  for (let round = 1; round <= rounds; round++) {
    const mine = await lapicque(['simulate', name, ...common, '--threads', String(threads), '--json']);
    ours.push(mine);
    print({ round, engine: 'lapicque', load: load(), ...mine });
    for (const peer of peers) {
      const { prefix, threads: own, options } = engines[peer];
      const args = [`${prefix}_${network.script}.py`, ...common, ...options];
      const other = await runScript([...args, '--threads', String(values.threads ?? own)]);
      theirs.get(peer).push(other);
      print({ round, engine: peer, load: load(), ...other });
    }
  }
  const figure = (runs, key) => median(runs.map((result) => result[key]));
  for (const [peer, runs] of theirs) {
    const ratios = runs.map((other, i) => other.real_time_factor / ours[i].real_time_factor);
    print({
      network: name,
      peer,
      rounds,
      lapicque: figure(ours, 'real_time_factor'),
      peer_figure: figure(runs, 'real_time_factor'),
      ratio: rounded(figure(runs, 'real_time_factor') / figure(ours, 'real_time_factor')),
      ratios: { min: rounded(Math.min(...ratios)), max: rounded(Math.max(...ratios)) },
      build: { lapicque: figure(ours, 'build_s'), peer: figure(runs, 'build_s') },
      memory_mb: { lapicque: figure(ours, 'peak_rss_mb'), peer: figure(runs, 'peak_rss_mb') },
    });
  }
}

function rounded(ratio) {
  return Number(ratio.toPrecision(3));
}
