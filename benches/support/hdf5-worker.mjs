// One measurement of benches/hdf5-wasm.mjs: node benches/support/hdf5-worker.mjs lapicque|h5wasm TASK ARGUMENTS
// Each library is wrapped by the same few functions; both read from the path.
import { readFileSync } from 'node:fs';

const [, , library, task, ...args] = process.argv;
const began = performance.now();

async function ours() {
  const { openHdf5 } = await import('../../dist/files.js');
  return {
    open: (path) => openHdf5(path),
    read: async (file, name, from, count) =>
      (await file.read(name, count === undefined ? {} : { start: [from], count: [count] })).values,
    length: async (file, name) => (await file.dataset(name)).shape[0],
    async walk(file, visit) {
      const groups = [['', 0]];
      let seen = 0;
      for (let next = groups.pop(); next !== undefined; next = groups.pop()) {
        const [path, depth] = next;
        await visit(() => file.attributes(path || '/'));
        let members = [];
        await visit(async () => {
          members = await file.members(path || '/');
        });
        for (const { name, kind } of members) {
          if (++seen > 2000) return;
          const at = `${path}/${name}`;
          if (kind === 'group' && depth < 6) groups.push([at, depth + 1]);
          if (kind !== 'dataset') continue;
          await visit(() => file.attributes(at));
          await visit(() => file.read(at));
        }
      }
    },
    close: (file) => file.close(),
  };
}

async function wasm() {
  const h5wasm = await import('h5wasm/node');
  const module = await h5wasm.ready;
  // The library would print its stack of errors for each refusal.
  module.activate_throwing_error_handler?.();
  return {
    open: (path) => new h5wasm.File(path, 'r'),
    read: (file, name, from, count) => {
      const dataset = file.get(name);
      return count === undefined ? dataset.value : dataset.slice([[from, from + count]]);
    },
    length: (file, name) => file.get(name).shape[0],
    async walk(file, visit) {
      const groups = [['/', 0]];
      let seen = 0;
      const attributes = (entity) => Object.values(entity.attrs).map((attribute) => attribute.value);
      for (let next = groups.pop(); next !== undefined; next = groups.pop()) {
        const [path, depth] = next;
        let names = [];
        let group;
        await visit(() => {
          group = path === '/' ? file : file.get(path);
          attributes(group);
          names = group.keys();
        });
        for (const name of names) {
          if (++seen > 2000) return;
          await visit(() => {
            const entity = group.get(name);
            if (entity instanceof h5wasm.Group) {
              if (depth < 6) groups.push([`${path === '/' ? '' : path}/${name}`, depth + 1]);
            } else if (entity instanceof h5wasm.Dataset) {
              attributes(entity);
              if (entity.value === undefined) throw new Error('nothing');
            }
          });
        }
      }
    },
    close: (file) => file.close(),
  };
}

const api = await (library === 'h5wasm' ? wasm() : ours());
const resident = () => process.memoryUsage.rss() / 1e6;
const peak = () => (process.resourceUsage().maxRSS * 1024) / 1e6;
const say = (result) => console.log(JSON.stringify(result));
/** The longest time in ms in which nothing else ran. */
function blocked() {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    clearInterval(timer);
    return Math.max(longest, 0);
  };
}

const tasks = {
  async load(path) {
    const loaded = performance.now() - began;
    const before = resident();
    const file = await api.open(path);
    api.close(file);
    say({ import_ms: loaded, first_file_ms: performance.now() - began - loaded, resident_mb: before });
  },
  async files(list) {
    const refused = {};
    let seconds = 0;
    for (const path of JSON.parse(readFileSync(list, 'utf8'))) {
      const start = performance.now();
      try {
        const file = await api.open(path);
        await api.walk(file, async (part) => {
          try {
            await part();
          } catch (error) {
            refused[path.split('/').at(-1)] ??= String(error?.message ?? error).slice(0, 120);
          }
        });
        api.close(file);
      } catch (error) {
        refused[path.split('/').at(-1)] ??= String(error?.message ?? error).slice(0, 120);
      }
      seconds += (performance.now() - start) / 1000;
    }
    say({ seconds, peak_mb: peak(), refused });
  },
  /** All columns in slices, as a stream of events reads them. */
  async events(path, piece) {
    const stop = blocked();
    const start = performance.now();
    const file = await api.open(path);
    const length = Number(await api.length(file, 'events/t'));
    let sum = 0;
    for (let from = 0; from < length; from += Number(piece)) {
      const count = Math.min(Number(piece), length - from);
      for (const name of ['x', 'y', 't', 'p'])
        sum += Number((await api.read(file, `events/${name}`, from, count)).at(-1));
      await new Promise((resolve) => setImmediate(resolve));
    }
    api.close(file);
    const seconds = (performance.now() - start) / 1000;
    say({
      seconds,
      events_per_us: length / seconds / 1e6,
      blocked_ms: await stop(),
      peak_mb: peak(),
      sum: String(sum),
    });
  },
  async whole(path) {
    const stop = blocked();
    const start = performance.now();
    const file = await api.open(path);
    let bytes = 0;
    for (const name of ['x', 'y', 't', 'p']) bytes += (await api.read(file, `events/${name}`)).byteLength;
    api.close(file);
    say({
      seconds: (performance.now() - start) / 1000,
      bytes: String(bytes),
      blocked_ms: await stop(),
      peak_mb: peak(),
    });
  },
  async compound(path) {
    const file = await api.open(path);
    const start = performance.now();
    const values = await api.read(file, 'CD/events');
    say({ seconds: (performance.now() - start) / 1000, kind: Object.prototype.toString.call(values) });
  },
  async slice(path) {
    const file = await api.open(path);
    const start = performance.now();
    const { length } = await api.read(file, 'data', 5e9, 1e6);
    say({ seconds: (performance.now() - start) / 1000, length, peak_mb: peak() });
  },
  async all(path) {
    const file = await api.open(path);
    try {
      const { length } = await api.read(file, 'data');
      say({ length, peak_mb: peak() });
    } catch (error) {
      say({
        refused: String(error?.message ?? error).slice(0, 160),
        code: error?.code ?? null,
        peak_mb: peak(),
      });
    }
  },
  async damaged(list) {
    for (const path of JSON.parse(readFileSync(list, 'utf8'))) {
      const start = performance.now();
      let [outcome, message] = ['read', ''];
      const note = (error) => {
        if (outcome === 'broken') return;
        message = String(error?.message ?? error).slice(0, 120);
        // A trap of WebAssembly leaves its memory as it was in the middle of the call.
        const isTrap = error instanceof WebAssembly.RuntimeError || error?.code === 'internal';
        outcome = isTrap ? 'broken' : 'refused';
      };
      try {
        const file = await api.open(path);
        await api.walk(file, async (part) => {
          try {
            await part();
          } catch (error) {
            note(error);
          }
        });
        api.close(file);
      } catch (error) {
        note(error);
      }
      say({ outcome, message, seconds: (performance.now() - start) / 1000, peak: peak() * 1e6 });
      // A new process for the next file.
      if (outcome === 'broken') process.exit(3);
    }
  },
};

await tasks[task](...args);
// Nothing that a library leaves open keeps the process.
process.exit(0);
