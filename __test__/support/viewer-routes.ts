/** What the viewer's server answers, read as its documentation says and without the code of the page. */
import type { Viewer } from '../../src-ts/doors/figure.ts';

/** The routes of a viewer, as its page reads them. */
export function routes(viewer: Viewer) {
  const { origin, port, searchParams } = new URL(viewer.url);
  const headers = { cookie: `lapicque-${port}=${searchParams.get('token')}` };
  const get = (path: string, more: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(`${origin}/api/${path}`, {
      headers: { ...headers, ...more },
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    get,
    json: async <T>(path: string) => (await (await get(path)).json()) as T,
    packed: async (path: string) => unpacked(await (await get(path)).arrayBuffer()),
  };
}

/** The format of packed arrays, read as its documentation says. */
function unpacked(bytes: ArrayBuffer) {
  const length = new DataView(bytes).getUint32(0, true);
  const header = JSON.parse(Buffer.from(bytes, 4, length).toString()) as {
    meta: Record<string, never>;
    bytes: number;
    arrays: { name: string; type: string; offset: number; length: number }[];
  };
  const arrays = header.arrays.map(({ name, type, offset, length: count }): [string, number[]] => {
    const view = new DataView(bytes, offset);
    const [size, at] = readers(view)[type]!;
    return [name, Array.from({ length: count }, (_, i) => at(size * i))];
  });
  return {
    meta: header.meta,
    bytes: header.bytes,
    size: bytes.byteLength,
    arrays: Object.fromEntries(arrays),
  };
}

/** Bytes of an element of an array, and how one is read. */
const readers = (view: DataView): Record<string, [size: number, read: (at: number) => number]> => ({
  Float64Array: [8, (at) => view.getFloat64(at, true)],
  Float32Array: [4, (at) => view.getFloat32(at, true)],
  Int32Array: [4, (at) => view.getInt32(at, true)],
  Uint32Array: [4, (at) => view.getUint32(at, true)],
  Uint16Array: [2, (at) => view.getUint16(at, true)],
  Uint8Array: [1, (at) => view.getUint8(at)],
});

/** Events of a stream, one after another. */
export async function* events(
  response: Response,
): AsyncGenerator<{ id: number; data: Record<string, never> }> {
  let text = '';
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const match = /^id: (\d+)\ndata: (.*)$/s.exec(text.slice(0, end));
      text = text.slice(end + 2);
      if (match !== null) yield { id: Number(match[1]), data: JSON.parse(match[2]!) };
    }
  }
}
