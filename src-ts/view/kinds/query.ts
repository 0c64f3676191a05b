/** The parameters of a request, checked. */
import { finite, integer, oneOf } from '../../checks/check.ts';

/** @throws LapicqueError `invalid-parameter` of every method; the server answers it with 400 */
export class ViewQuery {
  readonly #parameters: URLSearchParams;

  constructor(parameters: URLSearchParams) {
    this.#parameters = parameters;
  }

  /** A text; by default empty. */
  text(name: string, otherwise = ''): string {
    return this.#parameters.get(name) ?? otherwise;
  }

  /** A finite number. */
  number(name: string, otherwise: number, range: { min?: number; max?: number } = {}): number {
    return finite(name, this.#number(name, otherwise), range);
  }

  /** A whole number. */
  whole(name: string, otherwise: number, range: { min?: number; max?: number } = {}): number {
    return integer(name, this.#number(name, otherwise), range);
  }

  /** One of several texts; the first is the default. */
  choice<T extends string>(name: string, known: readonly [T, ...T[]]): T {
    return oneOf(name, this.#parameters.get(name) ?? known[0], known) as T;
  }

  #number(name: string, otherwise: number): number {
    const text = this.#parameters.get(name);
    if (text === null) return otherwise;
    return text.trim() === '' ? Number.NaN : Number(text);
  }
}
