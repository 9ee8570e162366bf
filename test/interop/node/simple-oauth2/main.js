import { ClientCredentials } from 'simple-oauth2';
import { env, feature, report, scope } from '../report.js';

// strict and loose are the library's words: form-encoded and raw credentials in Basic.
const mode = process.argv[2];
const client = new ClientCredentials({
  client: { id: env.CLIENT_ID, secret: env.CLIENT_SECRET },
  auth: { tokenHost: env.ISSUER, tokenPath: env.TOKEN_ENDPOINT, revokePath: env.REVOCATION_ENDPOINT },
  options: {
    credentialsEncodingMode: mode === 'loose' ? 'loose' : 'strict',
    authorizationMethod: feature === 'post' ? 'body' : 'header',
    bodyFormat: mode === 'json' || feature === 'json' ? 'json' : 'form',
  },
});

// The error's message has only the status; what the server said is its payload.
const explain = (err) => `${err.message}: ${JSON.stringify(err.data?.payload)}`;

await report(async () => {
  const token = await client.getToken(scope);
  // By default it takes only JSON for an answer, and that of a revocation is empty.
  if (feature === 'revoke') await token.revoke('access_token', { json: true });
  if (feature !== 'refresh') return token;
  return { ...(await token.refresh()).token, first: token.token.access_token };
}, explain);
