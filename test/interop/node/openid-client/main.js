import * as client from 'openid-client';
import { env, explainChallenge, feature, report, scope } from '../report.js';

// Every method of client authentication is one function, named by the first argument.
const methods = {
  basic: () => client.ClientSecretBasic(env.CLIENT_SECRET),
  post: () => client.ClientSecretPost(env.CLIENT_SECRET),
};
const authentication = methods[process.argv[2]]();

async function configuration() {
  if (feature.startsWith('discovery_')) {
    const options = { algorithm: feature === 'discovery_oidc' ? 'oidc' : 'oauth2' };
    return client.discovery(new URL(env.ISSUER), env.CLIENT_ID, undefined, authentication, options);
  }
  const server = {
    issuer: env.ISSUER,
    token_endpoint: env.TOKEN_ENDPOINT,
    revocation_endpoint: env.REVOCATION_ENDPOINT,
    introspection_endpoint: env.INTROSPECTION_ENDPOINT,
  };
  return new client.Configuration(server, env.CLIENT_ID, undefined, authentication);
}

await report(async () => {
  const config = await configuration();
  if (feature === 'introspect') return client.tokenIntrospection(config, env.TOKEN);

  const token = await client.clientCredentialsGrant(config, scope);
  if (feature === 'revoke') await client.tokenRevocation(config, token.access_token);
  if (feature !== 'refresh') return token;
  const refreshed = await client.refreshTokenGrant(config, token.refresh_token);
  return { ...refreshed, first: token.access_token };
}, explainChallenge);
