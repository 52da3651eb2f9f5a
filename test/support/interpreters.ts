// The languages of the snippets as this machine has them: which are there, and a snippet run as a person runs it.
import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { Language } from '../../playground/src/snippets/language.ts';
import type { SnippetRequest } from '../../playground/src/snippets/request.ts';

interface Interpreter {
  readonly command: string;
  readonly args: readonly string[];
  readonly there: boolean;
  /** What it prints as an answer; JSON where this is absent. */
  readonly parse?: (printed: string) => unknown;
}

/** Debian's Python has requests, and is not always the first. */
const PYTHON = ['python3', '/usr/bin/python3'].find((each) => has(each, '-c', 'import requests')) ?? 'python3';

const INTERPRETERS: Readonly<Record<string, Interpreter>> = {
  // --json came with 7.82; an older curl refuses it before it asks for the manual.
  curl: { command: 'sh', args: [], there: has('curl', '--json', '{}', '--version') },
  python: { command: PYTHON, args: [], there: has(PYTHON, '-c', 'import requests'), parse: parsePython },
  javascript: { command: process.execPath, args: [], there: true, parse: parseJavaScript },
  php: { command: 'php', args: [], there: has('php', '-r', 'exit(extension_loaded("curl") ? 0 : 1);') },
  ruby: { command: 'ruby', args: [], there: has('ruby', '-e', 'require "net/http"') },
  go: { command: 'go', args: ['run'], there: has('go', 'version') },
  r: { command: 'Rscript', args: [], there: has('Rscript', '-e', 'library(httr2); library(jsonlite)') },
  // A program of a second gains nothing from the compiler that optimises, or from threads that collect garbage.
  java: { command: 'java', args: ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'], there: isJava17() },
};

function has(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function isJava17(): boolean {
  const { stdout, status } = spawnSync('java', ['--version'], { encoding: 'utf8' });
  return status === 0 && Number(/ (\d+)/.exec(stdout)?.[1]) >= 17;
}

function parsePython(printed: string): unknown {
  const program = 'import ast, json, sys; print(json.dumps(ast.literal_eval(sys.stdin.read())))';
  return JSON.parse(spawnSync(PYTHON, ['-c', program], { input: printed, encoding: 'utf8' }).stdout);
}

function parseJavaScript(printed: string): unknown {
  return JSON.parse(runInNewContext(`JSON.stringify(${printed})`) as string);
}

export function isThere({ id }: Language): boolean {
  return INTERPRETERS[id]?.there === true;
}

export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Writes the snippet's file and runs it, with the URL in its environment alone. */
export function runSnippet(
  language: Language,
  request: SnippetRequest,
  url: string,
  folder: string,
  locale?: string,
): Promise<Ended> {
  return runText(language, language.write(request), url, folder, locale);
}

export function runText(
  { id, file }: Language,
  text: string,
  url: string,
  folder: string,
  locale = 'C.UTF-8',
): Promise<Ended> {
  const { command, args } = INTERPRETERS[id] ?? { command: 'false', args: [] };
  writeFileSync(join(folder, file), text);
  const env = {
    ...process.env,
    PIPELINE_URL: url,
    LC_ALL: locale,
    GOCACHE: join(folder, 'go-cache'),
  };
  return new Promise((resolve) => {
    execFile(command, [...args, file], { cwd: folder, env, timeout: 120_000 }, (error, output, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output, errors });
    });
  });
}

/** The answer that a snippet has printed. */
export function parsePrinted({ id }: Language, printed: string): unknown {
  return (INTERPRETERS[id]?.parse ?? JSON.parse)(printed);
}
