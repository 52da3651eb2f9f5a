// The README as a newcomer reads it: `npm start`, the printed line pasted, every example run, a clean stop.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoList } from '../../playground/wire.ts';
import { findPort, ROOT } from '../support/start.ts';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const ANSWER = '{"prediction":"Iris-virginica","probability":[0.39285714,0.10714286,0.5]}';
const VIRGINICA = JSON.parse(ANSWER);

const blocks = (language: string): string[] =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text ?? '');
const has = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

let server: ChildProcess;
let output = '';
let url = '';
const state = mkdtempSync(join(tmpdir(), 'postern-'));

let port = 0;
let playgroundPort = 0;
beforeAll(async () => {
  port = await findPort();
  playgroundPort = await findPort();
  const env = { ...process.env, ...ports(), POSTERN_STATE: state, NO_COLOR: '1' };
  server = spawn('npm', ['start'], { cwd: ROOT, env, detached: true });
  server.stdout?.on('data', (data) => {
    output += data;
  });
  server.stderr?.on('data', (data) => {
    output += data;
  });
  for (let i = 0; i < 1200 && !output.includes('account -- token'); i += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  url = /http:\/\/localhost:\d+\/api\/pipeline_[0-9a-z]{32}/.exec(output)?.[0] ?? '';
  expect(url, output).not.toBe('');
});
afterAll(() => {
  try {
    process.kill(-(server.pid ?? 0), 'SIGKILL');
  } catch {
    // All of it has ended.
  }
  rmSync(state, { recursive: true, force: true });
});

const ports = () => ({ API_PORT: String(port), PLAYGROUND_PORT: String(playgroundPort) });
const run = (command: string, args: string[], input?: string): string =>
  execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', env: { ...process.env, PIPELINE_URL: url }, input });

describe('the README', () => {
  it('has the two commands and the answer', () => {
    expect(blocks('sh')[0]).toBe('npm ci\nnpm start\n');
    expect(blocks('json')[0]).toBe(`${ANSWER}\n`);
  });

  it.skipIf(!has('curl', '--version'))('prints a line that works when pasted', () => {
    const line = output.split('\n').find((each) => each.trim().startsWith('curl '));
    expect(run('sh', ['-c', `${line} -sS`])).toBe(ANSWER);
  });

  it.skipIf(!has('curl', '--version'))('has curl examples that work', () => {
    const examples = blocks('sh').filter((text) => text.startsWith('curl '));
    const answers = examples.map((text) => run('sh', ['-c', text.replace('curl ', 'curl -sS ')]));
    expect(answers[0]).toBe(ANSWER);
    expect(JSON.parse(answers[1] ?? '')).toEqual([VIRGINICA, { prediction: 'Iris-setosa', probability: [1, 0, 0] }]);
    const lines = (answers[2] ?? '').trimEnd().split('\n');
    expect(lines.length).toBe(151);
    expect(lines[0]).toBe('prediction,probability_Iris-setosa,probability_Iris-versicolor,probability_Iris-virginica');
    expect(JSON.parse(answers[3] ?? '').issues.map(({ suggestion }: { suggestion?: string }) => suggestion)).toEqual(
      expect.arrayContaining(['sepalLength', '1.5']),
    );
    expect(answers.length).toBe(4);
  });

  it.skipIf(!has('python3', '-c', 'import requests'))('has a Python example that works', () => {
    const [example = ''] = blocks('python');
    const lines = run('python3', ['-c', example]).trimEnd().split('\n');
    const read = lines.map((line) => JSON.parse(line.replaceAll("'", '"')));
    expect(read).toEqual([VIRGINICA, [VIRGINICA, VIRGINICA]]);
  });

  it.skipIf(!has('curl', '--version'))('takes a newcomer from a token to an active model', async () => {
    const env = { ...process.env, POSTERN_STATE: state, API_PORT: String(port) };
    const sh = (text: string, more: Record<string, string> = {}): string => {
      const local = text.replaceAll('localhost:8787', `localhost:${port}`).replaceAll('curl ', 'curl -sS ');
      return execFileSync('sh', ['-ec', local], { cwd: ROOT, encoding: 'utf8', env: { ...env, ...more } });
    };
    const [show = '', upload = '', activate = ''] = blocks('sh').filter(
      (text) => text.includes('account -- token') || text.includes('/activate'),
    );
    const token = sh(show);
    expect(token).toMatch(/^postern_[0-9a-z]{48}\n$/);
    const model = JSON.parse(sh(upload));
    expect(model).toMatchObject({ name: 'My irises', report: { test_run: { agreement: { metric: 'accuracy' } } } });
    const variables = { POSTERN_TOKEN: token.trim() };
    sh(activate.replace('model_…', model.id), variables);
    const shown = activate
      .split('\n')
      .filter((line) => !line.includes('/activate'))
      .join('\n');
    const getUrl = (): string => JSON.parse(sh(shown.replace('model_…', model.id), variables)).pipeline.url ?? '';
    await expect.poll(getUrl, { timeout: 5000 }).toMatch(/\/api\/pipeline_/);
    const answer = await fetch(`${getUrl()}?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0`);
    expect(await answer.text()).toBe(ANSWER);
  });

  it('has a JavaScript example that works', () => {
    const [example = ''] = blocks('js');
    // As JSON, so that what is printed can be compared.
    const printed = example.replaceAll(/console\.log\((.*)\);/g, 'console.log(JSON.stringify($1));');
    const lines = run(process.execPath, ['--input-type=module', '-'], printed).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([VIRGINICA, [VIRGINICA, VIRGINICA]]);
  });
});

it('starts without noise, and does not say the secret again', async () => {
  // npm itself may complain about the configuration of the machine.
  const ours = output.split('\n').filter((line) => !line.startsWith('npm warn Unknown'));
  expect(ours.join('\n')).not.toMatch(/warn|deprecat|error|update available|telemetry/i);
  const before = output.length;
  await fetch(`${url}?sepalLength=1`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(output.slice(before)).toBe('');
});

it.each(['API_PORT', 'PLAYGROUND_PORT'] as const)('says that %s is taken, before anything else', async (name) => {
  const free = { API_PORT: String(await findPort()), PLAYGROUND_PORT: String(await findPort()) };
  const env = { ...process.env, ...free, [name]: ports()[name], POSTERN_STATE: state };
  const second = spawnSync('npm', ['start', '--silent'], { cwd: ROOT, env, encoding: 'utf8', timeout: 30_000 });
  expect(second.status).toBe(1);
  expect(second.stderr).toContain(`Port ${ports()[name]} is in use. Choose another: ${name}=`);
});

it('brings up the playground with five demos, and says where it is', async () => {
  expect(output).toContain(`Open the playground:  http://localhost:${playgroundPort}`);
  const { demos } = (await (await fetch(`http://localhost:${playgroundPort}/demos`)).json()) as DemoList;
  expect(demos.map(({ slug }) => slug)).toEqual(['iris', 'churn', 'rent', 'visitors', 'digits']);
  const answer = await fetch(
    `http://localhost:${playgroundPort}/demo/iris?sepalLength=1.0&sepalWidth=1.0&petalLength=1.5&petalWidth=2.0`,
  );
  expect(await answer.text()).toBe(ANSWER);
});

it('stops at once on SIGTERM to npm alone, with all its children', async () => {
  const group = server.pid ?? 0;
  const members = (): string =>
    execFileSync('ps', ['-eo', 'pgid=,args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.trim().startsWith(`${group} `))
      .join('\n');
  expect(members()).toContain('workerd');
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
  for (let i = 0; i < 50 && members() !== ''; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(members()).toBe('');
});
