/** The exports of `@lapicque/report`, which are built from packages/report/index.js. */
declare module '@lapicque/report' {
  export * as plot from '@observablehq/plot';
  export { Resvg } from '@resvg/resvg-js';
  export { parseHTML } from 'linkedom';
  /** The files of the font `Inter`, regular and semi-bold. */
  export const fontFiles: readonly string[];
}
