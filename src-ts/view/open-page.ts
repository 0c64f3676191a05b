/** Opens a page in the browser of the system. */
import { spawn } from 'node:child_process';

/** Tries to; a machine without a browser shows nothing, and the address is printed anyway. */
export function openPage(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  const child = spawn(command!, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
