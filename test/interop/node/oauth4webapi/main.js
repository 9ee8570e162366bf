import * as oauth from 'oauth4webapi';
import { env, explainChallenge, feature, report, scope } from '../report.js';

const issuer = new URL(env.ISSUER);
const client = { client_id: env.CLIENT_ID };
const method = feature === 'post' ? oauth.ClientSecretPost : oauth.ClientSecretBasic;
const authentication = method(env.CLIENT_SECRET);

async function authorizationServer() {
  if (feature.startsWith('discovery_')) {
    const algorithm = feature === 'discovery_oidc' ? 'oidc' : 'oauth2';
    const response = await oauth.discoveryRequest(issuer, { algorithm });
    return oauth.processDiscoveryResponse(issuer, response);
  }
  return {
    issuer: env.ISSUER,
    token_endpoint: env.TOKEN_ENDPOINT,
    revocation_endpoint: env.REVOCATION_ENDPOINT,
    introspection_endpoint: env.INTROSPECTION_ENDPOINT,
  };
}

await report(async () => {
  const as = await authorizationServer();
  if (feature === 'introspect') {
    const response = await oauth.introspectionRequest(as, client, authentication, env.TOKEN);
    return oauth.processIntrospectionResponse(as, client, response);
  }
  const response = await oauth.clientCredentialsGrantRequest(as, client, authentication, scope);
  const token = await oauth.processClientCredentialsResponse(as, client, response);
  if (feature === 'revoke') {
    const revoked = await oauth.revocationRequest(as, client, authentication, token.access_token);
    await oauth.processRevocationResponse(revoked);
  }
  if (feature !== 'refresh') return token;
  const refreshed = await oauth.refreshTokenGrantRequest(as, client, authentication, token.refresh_token);
  const second = await oauth.processRefreshTokenResponse(as, client, refreshed);
  return { ...second, first: token.access_token };
}, explainChallenge);
