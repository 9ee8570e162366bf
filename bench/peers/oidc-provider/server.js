// The peer oidc-provider: one process a core (Node's cluster), or as many as --workers says.
import cluster from 'node:cluster';
import { once } from 'node:events';
import http from 'node:http';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { generateKeyPairSync, randomBytes } from 'node:crypto';

import Provider from 'oidc-provider';

const secret = 'a-secret-of-the-benchmark-and-of-nothing-else';
const api = 'https://api.bench.example';

function configuration({ jwk, cookieKey }) {
  const client = {
    client_secret: secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: 'read',
  };
  return {
    clients: [
      { ...client, client_id: 'bench-jwt' },
      { ...client, client_id: 'bench-opaque' },
    ],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [jwk] },
    cookies: { keys: [cookieKey] },
    // That there is a scope the clients may not have makes the check of the scope a real one.
    scopes: ['read', 'write'],
    ttl: { ClientCredentials: 3600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      // A resource server is how oidc-provider is told to make the token a JWT.
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, client) => (client.clientId === 'bench-jwt' ? api : undefined),
        getResourceServerInfo: () => ({
          scope: 'read write',
          accessTokenFormat: 'jwt',
          accessTokenTTL: 3600,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}

// The workers have to agree on the key, so the primary makes it.
function newSecrets() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    jwk: { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'bench' },
    cookieKey: randomBytes(32).toString('hex'),
  };
}

async function serve() {
  const provider = new Provider('https://auth.bench.example', configuration(JSON.parse(process.env.PEER_SECRETS)));
  const server = http.createServer(provider.callback());
  server.listen(process.env.PORT, '127.0.0.1');
  await once(server, 'listening');
}

async function lead(count) {
  let ending = false;
  const end = () => {
    ending = true;
    for (const worker of Object.values(cluster.workers)) worker.process.kill();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  cluster.on('exit', () => {
    if (!ending) process.exit(1);
    if (Object.keys(cluster.workers).length === 0) process.exit(0);
  });
  const secrets = JSON.stringify(newSecrets());
  const workers = Array.from({ length: count }, () => cluster.fork({ PEER_SECRETS: secrets }));
  await Promise.all(workers.map((worker) => once(worker, 'listening')));
  console.log(`ready http://127.0.0.1:${process.env.PORT}`);
}

if (cluster.isPrimary) {
  const { values } = parseArgs({ options: { workers: { type: 'string', default: String(os.availableParallelism()) } } });
  await lead(Number(values.workers));
} else {
  await serve();
}
