export default { async fetch(request: Request, env: any) {
  const u = new URL(request.url);
  if (u.pathname === '/x') { const r = env.API ? await env.API.fetch(new Request('http://localhost:8799/health/live')) : null; return Response.json({ ip: request.headers.get('cf-connecting-ip'), url: request.url, rl: await env.PREDICTIONS.limit({key:'a'}), r: r ? await r.text() : null, k: Object.keys(env)}); }
  return env.ASSETS.fetch(request); } };
