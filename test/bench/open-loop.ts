// Requests at a given rate, whether or not the answers keep up: as callers send them who do not know of each other. A
// request that finds no free connection waits for one, and its wait counts; latencies begin when it was due.
import { createConnection, type Socket } from 'node:net';
import { percentile } from './numbers.ts';

export interface OpenLoopOptions {
  readonly port: number;
  readonly connections: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** The whole request, as it goes over the wire. */
  readonly next: () => string;
  /** Between the first half of a request and the second, as on a slow line. */
  readonly pauseMs?: number;
  /** A request that still waits for a connection after so long is given up by its caller. */
  readonly patienceMs?: number;
}

export interface OpenLoopResult {
  readonly due: number;
  readonly perSecond: number;
  /** Answers by their status. */
  readonly statuses: Readonly<Record<number, number>>;
  /** 503 without a Retry-After would be a failure. */
  readonly refusalsWithoutRetry: number;
  /** Connections that broke. */
  readonly errors: number;
  /** Not answered 10 seconds after the last was sent. */
  readonly unanswered: number;
  /** Given up before they found a connection. */
  readonly impatient: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Connection {
  readonly socket: Socket;
  /** When the request was due that it works on; null: it is free. */
  dueAt: number | null;
  received: string;
}

const TICK_MS = 1;

export async function runOpenLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const { port, perSecond, seconds, next, patienceMs = 1000, pauseMs = 0 } = options;
  const statuses: Record<number, number> = {};
  const latencies: number[] = [];
  let refusalsWithoutRetry = 0;
  let errors = 0;
  let impatient = 0;
  const connections: Connection[] = [];
  const free: Connection[] = [];
  /** Times at which requests were due that no connection has taken yet. */
  const waiting: number[] = [];
  let waitingFrom = 0;

  function send(connection: Connection, dueAt: number): void {
    connection.dueAt = dueAt;
    const request = next();
    const half = pauseMs === 0 ? request.length : request.length >> 1;
    connection.socket.write(request.slice(0, half));
    if (half < request.length) setTimeout(() => connection.socket.write(request.slice(half)), pauseMs);
  }

  function takeNext(connection: Connection): void {
    const now = performance.now();
    while (waitingFrom < waiting.length) {
      const dueAt = waiting[waitingFrom] ?? 0;
      waitingFrom += 1;
      if (now - dueAt <= patienceMs) {
        send(connection, dueAt);
        return;
      }
      impatient += 1;
    }
    free.push(connection);
  }

  function onData(connection: Connection, text: string): void {
    connection.received += text;
    const head = connection.received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(connection.received.slice(0, head + 2))?.[1];
    if (length === undefined || connection.received.length < head + 4 + Number(length)) return;
    const status = Number(connection.received.slice(9, 12));
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === 503 && !/\r\nretry-after: \d/i.test(connection.received.slice(0, head))) refusalsWithoutRetry += 1;
    latencies.push(performance.now() - (connection.dueAt ?? 0));
    connection.received = '';
    connection.dueAt = null;
    takeNext(connection);
  }

  async function connect(): Promise<void> {
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const connection: Connection = { socket, dueAt: null, received: '' };
    // Answers are ASCII: characters are bytes.
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => onData(connection, text));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (connection.dueAt !== null) errors += 1;
      const at = free.indexOf(connection);
      if (at >= 0) free.splice(at, 1);
    });
    connections.push(connection);
    free.push(connection);
  }

  for (let i = 0; i < options.connections; i += 1) await connect();
  const began = performance.now();
  let due = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now();
      const until = Math.min(perSecond * seconds, Math.floor(((now - began) / 1000) * perSecond));
      for (; due < until; due += 1) {
        const dueAt = began + (due / perSecond) * 1000;
        // The one used last: workerd ends a connection that has idled for 5 s, maybe as a request is on its way.
        const connection = free.pop();
        if (connection === undefined) waiting.push(dueAt);
        else send(connection, dueAt);
      }
      const isOver = now - began > seconds * 1000;
      if (isOver && (free.length === connections.length || now - began > (seconds + 10) * 1000)) {
        clearInterval(timer);
        resolve();
      }
    }, TICK_MS);
  });
  const took = (performance.now() - began) / 1000;
  const broken = errors;
  const unanswered = connections.filter(({ dueAt, socket }) => dueAt !== null && !socket.destroyed).length;
  for (const { socket } of connections) socket.destroy();
  return {
    due,
    perSecond,
    statuses,
    refusalsWithoutRetry,
    errors: broken,
    unanswered,
    impatient: impatient + waiting.length - waitingFrom,
    seconds: took,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    max: percentile(latencies, 1),
  };
}

/** A request as it goes over the wire. */
export function toRequest(method: 'GET' | 'POST', path: string, body = ''): string {
  const head = `${method} ${path} HTTP/1.1\r\nHost: bench\r\n`;
  if (method === 'GET') return `${head}\r\n`;
  return `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
