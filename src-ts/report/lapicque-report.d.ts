/** The exports of `@lapicque/report`, which are built from packages/report/index.js. */
declare module '@lapicque/report' {
  export * as plot from '@observablehq/plot';
  export { Resvg } from '@resvg/resvg-js';
  export { parseHTML } from 'linkedom';
  /** The files of the font `Inter`, regular and semi-bold. */
  export const fontFiles: readonly string[];
  /** An SVG document as a PDF of one page, whose size is in points. */
  export function svgToPdf(
    svg: string,
    page: { width: number; height: number; title: string },
  ): Promise<Uint8Array>;
}
