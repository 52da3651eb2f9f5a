// `npm start`, an answer of the tutorial and of the playground, and a clean stop: the shortest proof that all of it runs on
// the Node that runs this. Exits with 1 where it does not.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPort, ROOT } from './start.ts';

const QUERY = '?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0';
const ANSWER = '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}';
const START_MS = 90_000;
const STOP_MS = 10_000;

const state = mkdtempSync(join(tmpdir(), 'postern-smoke-'));
const [api, playground] = [await findPort(), await findPort()];
const env = { ...process.env, API_PORT: `${api}`, PLAYGROUND_PORT: `${playground}`, POSTERN_STATE: state };
const server: ChildProcess = spawn('npm', ['start'], { cwd: ROOT, env, detached: true });
let output = '';
for (const stream of [server.stdout, server.stderr]) {
  stream?.on('data', (data) => {
    output += data;
  });
}
const ended = new Promise<string>((resolve) => server.once('exit', (code, signal) => resolve(`${signal ?? code}`)));
const wait = (ms: number): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());

try {
  for (const end = Date.now() + START_MS; !output.includes('account -- token'); ) {
    const early = await Promise.race([ended, wait(100)]);
    if (early !== null || Date.now() > end) throw new Error(`It did not start:\n${output}`);
  }
  const url = /http:\/\/localhost:\d+\/api\/pipeline_[0-9a-z]{32}/.exec(output)?.[0] ?? '';
  for (const asked of [url, `http://localhost:${playground}/demo/iris`]) {
    const answer = await (await fetch(asked + QUERY)).text();
    if (answer !== ANSWER) throw new Error(`It answers ${answer}`);
  }
  server.kill('SIGTERM');
  if ((await Promise.race([ended, wait(STOP_MS)])) === null) throw new Error('It did not stop.');
  console.log(`node ${process.version}: started, answered, stopped`);
} catch (error) {
  console.error(`node ${process.version}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  try {
    process.kill(-(server.pid ?? 0), 'SIGKILL');
  } catch {
    // All of it has ended.
  }
  rmSync(state, { recursive: true, force: true });
}
