/** The viewer's public function. Its code loads at the first call, because most programs show nothing. */
import type { Viewer, ViewOptions } from './view.ts';

/**
 * Serves a page on 127.0.0.1 that shows trainings and studies while they run, recordings, event recordings and networks.
 *
 * The result is a value for `callbacks` of `fit`: the page then shows the training live. Only who has the address, which holds a random token, can read the page.
 *
 * @example
 * ```ts
 * const viewer = await view(model);
 * console.log(viewer.url);
 * await model.fit(train, { epochs: 10, loss: loss.crossEntropyRate(), callbacks: viewer });
 * await viewer.close();
 * ```
 * @param target - a path (a log of `log.jsonl`, the folder of a study, a recording, an event file, a model or network file, or a folder with several of these), an
 * object (a model, a simulation, a study, a recording), or a list of these; by default only trainings that are given the result as callback
 * @throws LapicqueError `unsupported` if the package `@lapicque/viewer` is not installed, or for an object that it cannot show; `io` for a path that does not
 * exist, or a port in use; `invalid-parameter`
 */
export async function view(
  target?: string | object | readonly (string | object)[],
  options?: ViewOptions,
): Promise<Viewer> {
  return (await import('./view.ts')).view(target, options);
}
