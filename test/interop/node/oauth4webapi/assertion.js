// oauth4webapi with a JWT that it signs.
import { createPrivateKey } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import { env, report, scope } from '../report.js';

const der = createPrivateKey(env.PRIVATE_KEY).export({ type: 'pkcs8', format: 'der' });
const key = await crypto.subtle.importKey('pkcs8', der, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
const as = { issuer: env.ISSUER, token_endpoint: env.TOKEN_ENDPOINT };
const client = { client_id: env.CLIENT_ID };

await report(async () => {
  const response = await oauth.clientCredentialsGrantRequest(as, client, oauth.PrivateKeyJwt(key), scope);
  return oauth.processClientCredentialsResponse(as, client, response);
});
