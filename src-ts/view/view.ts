/** The viewer of a program: see `view` in functions.ts. */
import { realpath, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { options as checkOptions, flag, integer, invalid, text } from '../checks/check.ts';
import { ioError } from '../checks/errors.ts';
import { Log, type LoggedModel } from '../log/log.ts';
import { readsOnly } from '../train/callbacks.ts';
import type { BatchRecord, CallbacksOf, LastBatch } from '../train/fit-options.ts';
import type { EpochRecord } from '../train/training-state.ts';
import { Items } from './items.ts';
import { LiveRun } from './kinds/live-run.ts';
import { openPage } from './open-page.ts';
import { pageFiles } from './page-files.ts';
import { ViewServer } from './server.ts';

/** Options of {@link view}. */
export interface ViewOptions {
  /** The port on 127.0.0.1; default 0, a free one. */
  port?: number;
  /** Whether to open the page in the browser of the system; default false. */
  open?: boolean;
  /** The heading of the page; default the name of the file or folder, or `lapicque`. */
  title?: string;
}

/** The weights of larger models are not copied after each epoch for histograms. */
const maxWeights = 1 << 22;

/**
 * A running viewer. It is a value for `callbacks` of `fit`, which shows the training on the page; each `fit` is a separate run. The server keeps the
 * process
 * alive until {@link close}.
 */
export class Viewer implements CallbacksOf<LoggedModel>, AsyncDisposable {
  readonly #server: ViewServer;
  readonly #items: Items;
  #runs = 0;
  #current: CallbacksOf<LoggedModel> | undefined;
  #last = 0;

  /** @internal */
  constructor(server: ViewServer, items: Items) {
    this.#server = server;
    this.#items = items;
    readsOnly(this);
  }

  /** The address of the page, with the token that it needs. */
  get url(): string {
    return this.#server.url;
  }

  /** The callbacks of a training with a name, for several trainings on one page. */
  run(name: string): CallbacksOf<LoggedModel> {
    return recorded(text('name', name), this.#items);
  }

  /** Shows a batch. */
  get onBatch(): (info: BatchRecord, model: LoggedModel) => void {
    return (info, model) => {
      // Another training starts at its first batch.
      if (this.#current === undefined || info.iteration <= this.#last) {
        this.#runs += 1;
        this.#current = this.run(this.#runs === 1 ? 'training' : `training ${this.#runs}`);
      }
      this.#last = info.iteration;
      this.#current.onBatch?.(info, model);
    };
  }

  /** Shows an epoch: loss and accuracy, the activity of the layers, and histograms of the weights. */
  async onEpoch(record: EpochRecord, model: LoggedModel, last?: LastBatch): Promise<void> {
    await this.#current?.onEpoch?.(record, model, last);
  }

  /** Ends the server. The page keeps what it shows. */
  close(): Promise<void> {
    return this.#server.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The callbacks of one run. It is an item of the page from its first batch on. */
function recorded(name: string, items: Items): CallbacksOf<LoggedModel> {
  const live = new LiveRun(name);
  const format = { path: name, append: false, batches: true, start: () => '', encode: () => '' };
  const logs = {
    large: new Log({ ...format, weights: false, activity: true }, live),
    small: new Log({ ...format, weights: true, activity: true }, live),
  };
  let added: Promise<void> | undefined;
  const begin = () => {
    added ??= items.add(name, live);
  };
  return readsOnly<CallbacksOf<LoggedModel>>({
    onBatch(info) {
      begin();
      void logs.small.onBatch?.(info);
    },
    async onEpoch(record, model, last) {
      begin();
      await added;
      const count = (model as { info?: { parameterCount?: number } }).info?.parameterCount ?? 0;
      await (count > maxWeights ? logs.large : logs.small).onEpoch(record, model, last);
    },
  });
}

/** See `view` in functions.ts. */
export async function view(targets: unknown, options: ViewOptions = {}): Promise<Viewer> {
  const checked = checkOptions('view', options, ['port', 'open', 'title']);
  const port = integer('port', checked.port ?? 0, { min: 0, max: 65535 });
  const opens = flag('open', checked.open ?? false);
  const all: unknown[] = targets === undefined ? [] : Array.isArray(targets) ? targets : [targets];
  const paths: string[] = [];
  const objects: object[] = [];
  for (const [i, one] of all.entries()) {
    const name = Array.isArray(targets) ? `target[${i}]` : 'target';
    if (typeof one === 'string') paths.push(await existing(one));
    else if (typeof one === 'object' && one !== null) objects.push(one);
    else invalid(name, one, 'a path, a model, a simulation, a study, a recording, or a list of these');
  }
  const items = new Items(paths);
  for (const object of objects) await items.add(nameOf(object), object);
  await items.search();
  const title = checked.title === undefined ? titleOf(paths) : text('title', checked.title);
  const server = await ViewServer.start(port, title, items, await pageFiles());
  items.openFirst();
  if (opens) openPage(server.url);
  return new Viewer(server, items);
}

/** The path without links. @throws LapicqueError `io` */
async function existing(path: string): Promise<string> {
  try {
    await stat(path);
    return await realpath(resolve(path));
  } catch (error) {
    throw ioError(path, error);
  }
}

function titleOf(paths: readonly string[]): string {
  return paths.length === 0 ? 'lapicque' : paths.map((path) => basename(path)).join(', ');
}

/** The name of an object on the page: its own, or that of its class. */
function nameOf(object: object): string {
  const { name } = object as { name?: unknown };
  return typeof name === 'string' && name !== '' ? name : object.constructor.name.toLowerCase();
}
