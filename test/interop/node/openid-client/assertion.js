// openid-client with a JWT that it signs.
import { createPrivateKey } from 'node:crypto';
import * as client from 'openid-client';
import { env, report, scope } from '../report.js';

const der = createPrivateKey(env.PRIVATE_KEY).export({ type: 'pkcs8', format: 'der' });
const key = await crypto.subtle.importKey('pkcs8', der, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);

await report(async () => {
  const server = { issuer: env.ISSUER, token_endpoint: env.TOKEN_ENDPOINT };
  const config = new client.Configuration(server, env.CLIENT_ID, undefined, client.PrivateKeyJwt(key));
  return client.clientCredentialsGrant(config, scope);
});
