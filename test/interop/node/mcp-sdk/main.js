import { auth, discoverAuthorizationServerMetadata, refreshAuthorization } from '@modelcontextprotocol/sdk/client/auth.js';
import { ClientCredentialsProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { withOAuth } from '@modelcontextprotocol/sdk/client/middleware.js';
import { inspect } from 'node:util';
import { env, feature, report, sleep } from '../report.js';
import { resourceServer } from './resource.js';

const key = { clientId: env.CLIENT_ID, clientSecret: env.CLIENT_SECRET };
const provider = new ClientCredentialsProvider({ ...key, scope: env.SCOPE, expectedIssuer: env.ISSUER });
if (feature === 'post') {
  const method = { token_endpoint_auth_method: 'client_secret_post' };
  provider.saveClientInformation({ ...provider.clientInformation(), ...method });
}

async function renew() {
  const server = await resourceServer();
  const call = withOAuth(provider, env.ISSUER)(fetch);
  await call(server.url);
  const first = provider.tokens().access_token;
  await sleep(3000);
  await call(server.url);
  server.close();
  return { ...provider.tokens(), first };
}

await report(async () => {
  if (feature === 'renew') return renew();
  await auth(provider, { serverUrl: env.ISSUER });
  const { refresh_token: refreshToken, access_token: first } = provider.tokens();
  if (feature !== 'refresh') return provider.tokens();
  const metadata = await discoverAuthorizationServerMetadata(env.ISSUER);
  const options = { metadata, clientInformation: provider.clientInformation(), refreshToken };
  return { ...(await refreshAuthorization(env.ISSUER, options)), first };
}, (err) => inspect(err.toResponseObject?.() ?? err));
