// The two ports of `npm start`: whether they are free, and when something answers there.
import { connect } from 'node:net';

const STEP_MS = 50;

export interface Port {
  /** The environment variable that chooses it. */
  readonly variable: string;
  readonly port: number;
}

/** @returns a sentence for each port that cannot be had, with what to type instead. */
export async function checkPorts(ports: readonly Port[], command: string): Promise<string[]> {
  const found = await Promise.all(
    ports.map(async ({ variable, port }, i) => {
      if (!Number.isInteger(port) || port < 1 || port > 65535) {
        return `${variable} must be a port number, not "${process.env[variable]}".`;
      }
      const same = ports.slice(0, i).find((other) => other.port === port);
      if (same !== undefined) return `${same.variable} and ${variable} must differ.`;
      if (!(await isTaken(port))) return null;
      return `Port ${port} is in use. Choose another: ${variable}=${port + 1} ${command}`;
    }),
  );
  return found.filter((sentence) => sentence !== null);
}

/** @returns whether it answers there as wished within that time. */
export async function waitFor(
  url: string,
  seconds: number,
  isReady: (response: Response) => boolean | Promise<boolean> = ({ ok }) => ok,
): Promise<boolean> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; ) {
    try {
      if (await isReady(await fetch(url))) return true;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
  return false;
}

/** Whether somebody listens there already, on IPv4 or IPv6. */
async function isTaken(port: number): Promise<boolean> {
  const answers = ['127.0.0.1', '::1'].map(
    (host) =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, host, () => {
          socket.destroy();
          resolve(true);
        });
        socket.on('error', () => resolve(false));
      }),
  );
  return (await Promise.all(answers)).includes(true);
}
