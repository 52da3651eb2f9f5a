// Stands for Node's modules that the engine's glue imports only when it runs in Node (wrangler.toml, alias).
export {};
