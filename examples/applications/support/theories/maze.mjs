// A maze with a delayed reward (Izhikevich 2007): synapses from places to moves keep a trace of pairs of spikes, which dopamine turns into learning 0.4 s
// after the goal. Controls: a trace of 10 ms, and rewards at random moments.
import { circuit, connect, distribution, poisson, population, record, rule, synapse } from 'lapicque/circuit';
import { lif, neuron } from 'lapicque/neurons';
import { Random } from '../random.mjs';

const plan = ['...G', '.##.', '....', 'S#..']; // start, goal, walls; six steps at least
const [width, height] = [plan[0].length, plan.length];
const moves = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];
const atMost = 100; // steps of a trial
const [step, delay, rest, pulse] = [100, 400, 550, 50]; // ms
const [cells, voters] = [10, 5]; // neurons of a place, of a move

const relay = neuron({ state: { v: 0 }, input: ['x'], update: 'v = x', spike: 'v > 0.5' });

function find(mark) {
  const y = plan.findIndex((row) => row.includes(mark));
  return { x: plan[y].indexOf(mark), y };
}

/** The place after a move, or the same one before a wall. */
function moved({ x, y }, [dx, dy]) {
  const mark = plan[y + dy]?.[x + dx];
  return mark === undefined || mark === '#' ? { x, y } : { x: x + dx, y: y + dy };
}

/** Places, moves that inhibit each other, and dopamine. */
function networkOf(tauC, seed) {
  const places = population(relay, width * height * cells, { name: 'places' });
  const votes = population(lif, moves.length * voters, {
    like: 'nest', // an input is a jump of v in mV
    vLeak: 0,
    vReset: 10,
    tauMem: 20,
    vThreshold: 20,
    tauRef: 3,
    name: 'moves',
  });
  const dopamine = population(relay, 1, { name: 'dopamine' });
  const model = synapse.rewardStdp({
    aPlus: 0.008,
    aMinus: 0.002,
    tauC,
    tauN: 50,
    baseline: 0.001, // without a reward what was done becomes less likely
    wMax: 5,
  });
  const of = (voter) => Math.floor(voter / voters);
  const ids = Array.from({ length: moves.length * voters }, (_, i) => i);
  const rivals = ids.flatMap((a) => ids.filter((b) => of(a) !== of(b)).map((b) => [a, b]));
  return circuit(
    connect(poisson(0), places, { port: 'x', weight: 1, name: 'position' }),
    connect(poisson(0), dopamine, { port: 'x', weight: 1, name: 'reward' }),
    connect(poisson(500), votes, { weight: 1 }),
    connect(places, votes, rule.allToAll(), {
      weight: distribution.uniform(1.8, 2.2),
      delay: 1,
      model,
      modulator: dopamine,
    }),
    connect(votes, votes, rule.list(...[0, 1].map((side) => rivals.map((pair) => pair[side]))), {
      weight: -4,
      delay: 1,
    }),
    record.spikes(votes),
  ).compile({ dt: 1, seed, threads: 1 });
}

/** Steps to the goal in each trial. */
async function steps({ trials, tauC = 1000, atRandom = false }, seed) {
  const random = new Random(seed + 900);
  const simulation = await networkOf(tauC, seed);
  const [start, goal] = [find('S'), find('G')];
  const counts = [];
  let now = 0;
  const run = (ms) => {
    now += ms;
    return simulation.run(ms);
  };
  const reward = (time) =>
    simulation.set('reward', { rate: { times: [time, time + pulse], values: [100, 0] } });
  for (let trial = 0; trial < trials; trial++) {
    let place = start;
    let count = 0;
    const isThere = () => place.x === goal.x && place.y === goal.y;
    for (; count < atMost && !isThere(); count++) {
      const rate = new Float64Array(width * height * cells);
      const first = (place.y * width + place.x) * cells;
      await simulation.set('position', { rate: rate.fill(40, first, first + cells) });
      if (atRandom && random.uniform() < 1 / 50) await reward(now);
      const votes = new Array(moves.length).fill(0);
      for (const id of (await run(step)).of('moves').ids) votes[Math.floor(id / voters)] += 1;
      const best = Math.max(...votes);
      const equal = moves.filter((_, k) => votes[k] === best);
      place = moved(place, equal[random.integer(0, equal.length)]);
    }
    counts.push(count);
    await simulation.set('position', { rate: 0 });
    if (isThere() && !atRandom) await reward(now + delay);
    await run(delay + rest);
  }
  simulation.dispose();
  return counts;
}

const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** `size` as in program.mjs. */
export async function maze(seed, size) {
  const trials = size === 'reduced' ? 40 : 60;
  const [learned, withoutTrace, atRandom] = await Promise.all([
    steps({ trials }, seed),
    steps({ trials, tauC: 10 }, seed),
    steps({ trials, atRandom: true }, seed),
  ]);
  const last = (counts) => mean(counts.slice(-trials / 3));
  return [
    ['first five trials', mean(learned.slice(0, 5))],
    ['trace of 10 ms', last(withoutTrace)],
    ['rewards at random', last(atRandom)],
  ].map(([without, control]) => ({
    name: 'maze, steps to the goal',
    effect: last(learned),
    control,
    without,
    lower: true,
  }));
}
