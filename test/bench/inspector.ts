// The inspector of a Worker's isolate: https://chromedevtools.github.io/devtools-protocol/
import { fetch } from 'miniflare';

export interface Inspector {
  call<Result>(method: string, params?: object): Promise<Result>;
  close(): void;
}

export async function openInspector(port: number): Promise<Inspector> {
  const { webSocket } = await fetch(`http://127.0.0.1:${port}/main`, { headers: { Upgrade: 'websocket' } });
  if (!webSocket) throw new Error('the inspector does not answer');
  const waiting = new Map<number, (result: unknown) => void>();
  let calls = 0;
  webSocket.accept();
  webSocket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
    if (id === undefined) return;
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  return {
    call<Result>(method: string, params: object = {}) {
      calls += 1;
      const answer = new Promise<unknown>((resolve) => waiting.set(calls, resolve));
      webSocket.send(JSON.stringify({ id: calls, method, params }));
      return answer as Promise<Result>;
    },
    close: () => webSocket.close(),
  };
}
