/** What `sequential` and `graph` give. */
import { invalid } from '../checks/check.ts';
import type { Description } from '../description/description.ts';
import type { NetworkOptions } from '../description/network-options.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Model } from './model.ts';

/** A network before it is compiled: plain data, and the method that compiles it. */
export interface Network {
  readonly description: Description;
  /** Validates the network and makes the model. Options override earlier ones. */
  compile(options?: NetworkOptions & TaskOptions): Promise<Model>;
}

/** Which of them there are is checked by those who take them. */
export function optionsOf<T extends object>(options: T): T {
  if (typeof options !== 'object' || options === null) invalid('compile', options, 'an object of options');
  return options;
}
